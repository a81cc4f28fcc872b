namespace Shipper.Native;

/// <summary>One name in a directory.</summary>
/// <param name="Name">The name without its directory.</param>
/// <param name="Inode">Inode of what the name itself is: of the link, not of its target.</param>
/// <param name="IsValidName">False where the name is not UTF-8, so that <paramref name="Name"/> does not lead to it.</param>
/// <param name="IsLink">True if the file system says that it is a symbolic link.</param>
internal readonly record struct DirectoryEntry(string Name, ulong Inode, bool IsValidName, bool IsLink = false);
