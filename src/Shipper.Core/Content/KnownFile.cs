namespace Shipper.Content;

/// <summary>A generation as the checkpoints have it at the moment.</summary>
/// <param name="Key">What its stream is.</param>
/// <param name="LogPath">Path of its log, under its unrotated name.</param>
/// <param name="Inode">The file's inode when it was last written down.</param>
/// <param name="Identity">Who the file is.</param>
/// <param name="Proof">What stands before a position in it.</param>
internal sealed record KnownFile(string Key, string LogPath, ulong Inode, FileIdentity Identity, FileProof Proof);
