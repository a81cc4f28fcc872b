namespace Shipper.Native;

/// <summary>One name in a directory.</summary>
/// <param name="Name">The name without its directory.</param>
/// <param name="Inode">Inode of the name itself: for a symbolic link, the inode of the link and not of its target.</param>
/// <param name="IsValidName">False if the name is not UTF-8, so that <paramref name="Name"/> does not lead to the file.</param>
/// <param name="IsLink">True if the file system reports a symbolic link.</param>
internal readonly record struct DirectoryEntry(string Name, ulong Inode, bool IsValidName, bool IsLink = false);
