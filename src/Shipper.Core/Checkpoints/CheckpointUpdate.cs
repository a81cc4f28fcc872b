using Shipper.Tailing;

namespace Shipper.Checkpoints;

/// <summary>What is new of one generation.</summary>
/// <param name="Generation">The generation.</param>
/// <param name="Identity">Who the file is; it becomes more certain while the file is short and grows.</param>
/// <param name="Inode">The file's inode.</param>
/// <param name="Acknowledged">The new position; null where it is the old one.</param>
/// <param name="Size">Bytes of uncompressed content that the file is known to have.</param>
internal readonly record struct CheckpointUpdate(
    GenerationCheckpoint Generation, FileIdentity Identity, ulong Inode, Offsets? Acknowledged, long Size);
