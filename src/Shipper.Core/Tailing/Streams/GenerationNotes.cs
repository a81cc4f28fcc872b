using Shipper.Checkpoints;
using Shipper.Content;

namespace Shipper.Tailing.Streams;

/// <summary>Writes generations down.</summary>
internal static class GenerationNotes
{
    /// <summary>True if the checkpoint identifies the file after a restart, and does not claim more bytes than it has.</summary>
    public static bool IsWritten(this Generation generation) =>
        generation.Checkpoint.IsStored && generation.Checkpoint.Identity == generation.Identity
        && generation.Checkpoint.Inode == generation.Status.Inode && generation.Checkpoint.Size <= generation.Size;

    /// <summary>Writes down who the file is, and how many bytes it has.</summary>
    public static void Touch(this Generation generation, StreamCheckpoint stream, CheckpointChanges changes) => changes.Updates.Add(
        (stream, new CheckpointUpdate(generation.Checkpoint, generation.Identity, generation.Status.Inode, Acknowledged: null, generation.Size)));

    /// <summary>Writes down that everything before a position is done with.</summary>
    public static void Advance(this Generation generation, StreamCheckpoint stream, Offsets position, FileProof proof, CheckpointChanges changes) => changes.Updates.Add(
        (stream, new CheckpointUpdate(generation.Checkpoint, generation.Identity, generation.Status.Inode, position, generation.Size, proof)));

    /// <summary>What became of its bytes.</summary>
    public static void AddTo(this Generation generation, Ledger ledger) => ledger.Add(generation.Checkpoint, generation.Size, generation.Read.Min);

    /// <summary>
    /// What was seen and is not acknowledged goes into the checkpoint, so that the next start can count it where it is gone by then.
    /// </summary>
    public static void KeepSize(this Generation generation, StreamCheckpoint stream, CheckpointChanges changes)
    {
        GenerationCheckpoint checkpoint = generation.Checkpoint;
        if (generation.HasFile && generation.Identity.Length > 0 && generation.Size > Math.Max(checkpoint.Size, checkpoint.Acknowledged.Min))
        {
            generation.Touch(stream, changes);
        }
    }
}
