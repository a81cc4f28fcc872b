using Shipper.Checkpoints;
using Shipper.Content;

namespace Shipper.Tailing.Streams;

/// <summary>Writes the state of generations to the checkpoint.</summary>
internal static class GenerationPersistence
{
    /// <summary>True if the checkpoint is sufficient to identify the file after a restart, and does not claim more bytes than the file has.</summary>
    public static bool IsCheckpointed(this Generation generation) =>
        generation.Checkpoint.IsStored && generation.Checkpoint.Identity == generation.Identity
        && generation.Checkpoint.Inode == generation.Status.Inode && generation.Checkpoint.Size <= generation.Size;

    /// <summary>Records the identity, inode and size of the file.</summary>
    public static void SaveIdentity(this Generation generation, StreamCheckpoint stream, CheckpointChanges changes) => changes.Updates.Add(
        (stream, new GenerationUpdate(generation.Checkpoint, generation.Identity, generation.Status.Inode, Acknowledged: null, generation.Size)));

    /// <summary>Records that everything before a position has been processed.</summary>
    public static void SavePosition(this Generation generation, StreamCheckpoint stream, FilePosition position, FileProof proof, CheckpointChanges changes) => changes.Updates.Add(
        (stream, new GenerationUpdate(generation.Checkpoint, generation.Identity, generation.Status.Inode, position, generation.Size, proof)));

    /// <summary>Adds the bytes of the generation to the ledger.</summary>
    public static void AddTo(this Generation generation, Ledger ledger) => ledger.Add(generation.Checkpoint, generation.Size, generation.ReadPosition.Min);

    /// <summary>Records the size of a file with unacknowledged bytes. If these are gone at the next start, the agent can then count them.</summary>
    public static void SaveSize(this Generation generation, StreamCheckpoint stream, CheckpointChanges changes)
    {
        GenerationCheckpoint checkpoint = generation.Checkpoint;
        if (generation.HasFile && generation.Identity.Length > 0 && generation.Size > Math.Max(checkpoint.Size, checkpoint.Acknowledged.Min))
        {
            generation.SaveIdentity(stream, changes);
        }
    }
}
