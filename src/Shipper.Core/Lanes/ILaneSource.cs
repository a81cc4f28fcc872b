using Shipper.Batching;
using Shipper.Checkpoints;

namespace Shipper.Lanes;

/// <summary>The source that a lane reads from. Owned by the lane; only <see cref="Status"/> is thread-safe.</summary>
internal interface ILaneSource : IDisposable
{
    /// <summary>What the source has to read, as of the last maintenance.</summary>
    SourceStatus Status { get; }

    /// <summary>Processes the events that other threads have posted since the last call.</summary>
    /// <returns>True if there were any.</returns>
    bool DrainInbox();

    /// <summary>Fills a batch with unread records. The batch's marks say how far they reach in the source.</summary>
    /// <param name="nextPush">
    /// When the next partial batch is sent, as a timestamp of the <see cref="TimeProvider"/>: records that are read earlier are not sent earlier. If the time
    /// is past, records that are read now are sent immediately.
    /// </param>
    /// <param name="wait">Time until there may be more to read, if the batch is not full.</param>
    /// <returns>True if something was read.</returns>
    bool Fill(Batch batch, long nextPush, out TimeSpan wait);

    /// <summary>Rewinds a stream that Loki refused for now: its unacknowledged records are read again once its pause is over.</summary>
    /// <param name="stream">The stream, which is no longer in any batch.</param>
    /// <param name="isUnconfirmed">True if Loki may have some of the records.</param>
    /// <param name="changes">Receives the stream's position, if the checkpoints don't have it.</param>
    void Rewind(LogStream stream, bool isUnconfirmed, CheckpointChanges changes);

    /// <summary>Adds the ledger of its files to the status. Does nothing if it has no files.</summary>
    void Describe(LaneStatus status);

    /// <summary>Closes files that are no longer needed, and updates <see cref="Status"/>. Called every second.</summary>
    void Maintain();

    /// <summary>Saves a part of the data that would be lost after a shutdown. Called repeatedly during a shutdown.</summary>
    /// <returns>False if nothing is left to save.</returns>
    bool TrySaveNext();
}
