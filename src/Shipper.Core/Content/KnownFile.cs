namespace Shipper.Content;

/// <summary>A copy of the checkpoints' current data about a generation.</summary>
/// <param name="Key">Key of the generation's stream.</param>
/// <param name="LogPath">Path of the generation's log, under its unrotated name.</param>
/// <param name="Inode">The file's inode when the generation was last stored.</param>
/// <param name="Identity">Identity of the file.</param>
/// <param name="Proof">Proof of the content before a position in the file.</param>
/// <param name="CheckpointWrittenNs">
/// When the previous run of the agent last wrote the checkpoint files, in nanoseconds since 1970; 0 if they did not contain the file.
/// </param>
internal sealed record KnownFile(string Key, string LogPath, ulong Inode, FileIdentity Identity, FileProof Proof, long CheckpointWrittenNs);
