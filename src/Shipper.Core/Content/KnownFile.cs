namespace Shipper.Content;

/// <summary>A generation as the checkpoints have it at the moment.</summary>
/// <param name="Key">What its stream is.</param>
/// <param name="LogPath">Path of its log, under its unrotated name.</param>
/// <param name="Inode">The file's inode when it was last written down.</param>
/// <param name="Identity">Who the file is.</param>
/// <param name="Proof">What stands before a position in it.</param>
/// <param name="WrittenNs">When the agent before last wrote anything down, in nanoseconds since 1970; 0 if it did not know the file.</param>
internal sealed record KnownFile(string Key, string LogPath, ulong Inode, FileIdentity Identity, FileProof Proof, long WrittenNs);
