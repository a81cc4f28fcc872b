using Shipper.Checkpoints;

namespace Shipper.Batching;

/// <summary>
/// How far a batch reaches in its source. A mark writes itself into the checkpoints: before the batch is sent, and once the batch is settled.
/// </summary>
/// <remarks>A source makes one mark per turn of reading, not one per line, and gets it back when the batch is cleared.</remarks>
internal abstract class SourceMark
{
    /// <summary>The run that ends at the mark; null if the mark concerns the whole batch.</summary>
    public Run? Run { get; set; }

    /// <summary>Number of records that were read and dropped on the way to the mark.</summary>
    public virtual long DroppedRecords => 0;

    /// <summary>Writes what the next start must know if the agent crashes while the batch is in flight.</summary>
    /// <param name="changes">Receives the changes of the checkpoints.</param>
    public abstract void WriteIntent(Batch batch, CheckpointChanges changes);

    /// <summary>Writes that the batch is settled.</summary>
    /// <param name="changes">Receives the changes of the checkpoints.</param>
    public abstract void WriteAcknowledged(Batch batch, CheckpointChanges changes);

    /// <summary>Returns the mark to its source.</summary>
    public virtual void Release()
    {
    }
}
