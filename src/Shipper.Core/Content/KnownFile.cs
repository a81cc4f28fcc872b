namespace Shipper.Content;

/// <summary>A copy of what the checkpoints currently have of a generation.</summary>
/// <param name="Key">Key of its stream.</param>
/// <param name="LogPath">Path of its log, under its unrotated name.</param>
/// <param name="Inode">The file's inode when it was last stored.</param>
/// <param name="Identity">Identity of the file.</param>
/// <param name="Proof">Proof of the content before a position in the file.</param>
/// <param name="WrittenNs">
/// When the previous run of the agent last wrote the checkpoint files, in nanoseconds since 1970; 0 if that run did not know the file.
/// </param>
internal sealed record KnownFile(string Key, string LogPath, ulong Inode, FileIdentity Identity, FileProof Proof, long WrittenNs);
