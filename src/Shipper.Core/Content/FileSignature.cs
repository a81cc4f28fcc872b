using Shipper.Native;

namespace Shipper.Content;

/// <summary>
/// A file as a listing shows it. The same name with the same inode, length and modification time is taken for the same
/// content without opening it.
/// </summary>
internal readonly record struct FileSignature(string Name, ulong Inode, long Size, long ModifiedNs)
{
    public static FileSignature Of(string name, FileStatus status) => new(name, status.Inode, status.Size, status.ModifiedNs);
}
