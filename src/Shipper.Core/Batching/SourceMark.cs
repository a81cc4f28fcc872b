using Shipper.Checkpoints;

namespace Shipper.Batching;

/// <summary>
/// How far a batch has come in its source. A mark writes itself into the checkpoints: before the batch is sent, and once the batch is done with.
/// </summary>
/// <remarks>There is one for each turn of reading, and none for a single line. The source makes marks, and gets them back when their batch is cleared.</remarks>
internal abstract class SourceMark
{
    /// <summary>The run that the mark stands behind; null if it concerns the whole batch.</summary>
    public Run? Run { get; set; }

    /// <summary>Records that were read and dropped on the way here.</summary>
    public virtual long DroppedRecords => 0;

    /// <summary>Writes what must be known after a crash while the batch is under way.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="changes">Gets what goes into the checkpoints.</param>
    public abstract void WriteIntent(Batch batch, CheckpointChanges changes);

    /// <summary>Writes that the batch is done with.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="changes">Gets what goes into the checkpoints.</param>
    public abstract void WriteAcknowledged(Batch batch, CheckpointChanges changes);

    /// <summary>Gives the mark back to its source.</summary>
    public virtual void Release()
    {
    }
}
