using Shipper.Native;

namespace Shipper.Content;

/// <summary>
/// A file as a directory listing shows it. If name, inode, length and modification time are the same, the content is assumed to be the same without opening
/// the file.
/// </summary>
internal readonly record struct FileSignature(string Name, ulong Inode, long Size, long ModifiedNs)
{
    public static FileSignature Of(string name, FileStatus status) => new(name, status.Inode, status.Size, status.ModifiedNs);
}
