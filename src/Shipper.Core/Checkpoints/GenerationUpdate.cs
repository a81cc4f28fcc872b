using Shipper.Content;

namespace Shipper.Checkpoints;

/// <summary>New facts about one generation.</summary>
/// <param name="Identity">Identity of the file. It is extended while a short file grows.</param>
/// <param name="Inode">The file's inode.</param>
/// <param name="Acknowledged">The new position; null if it has not changed.</param>
/// <param name="Size">Bytes of uncompressed content that the file is known to have.</param>
/// <param name="Proof">Proof of the content before the new position; no proof if it is unknown or if the old proof still holds.</param>
internal readonly record struct GenerationUpdate(
    GenerationCheckpoint Generation, FileIdentity Identity, ulong Inode, FilePosition? Acknowledged, long Size, FileProof Proof = default);
