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

    /// <summary>Fills a batch with what there is to read. Its marks say how far that reaches.</summary>
    /// <param name="nextPush">
    /// When the next partial batch is sent, as a timestamp of the <see cref="TimeProvider"/>: reading earlier sends nothing earlier. If the time is past, what
    /// is read now is sent at once.
    /// </param>
    /// <param name="wait">Time until there may be more to read, if the batch is not full.</param>
    /// <returns>True if something was read.</returns>
    bool Fill(Batch batch, long nextPush, out TimeSpan wait);

    /// <summary>Rewinds a stream that Loki refused for now: its unacknowledged records are read again once its pause is over.</summary>
    /// <param name="stream">The stream, which is in no batch anymore.</param>
    /// <param name="mayBeStored">True if Loki may have some of the records.</param>
    /// <param name="changes">Receives the stream's position, if the checkpoints don't have it.</param>
    void Rewind(LogStream stream, bool mayBeStored, CheckpointChanges changes);

    /// <summary>Adds the ledger of its files to the status. Does nothing if it has no files.</summary>
    void Describe(LaneStatus status);

    /// <summary>Closes files that are no longer needed, and updates <see cref="Status"/>. Called every second.</summary>
    void Maintain();

    /// <summary>Saves a piece of the data that would be gone after a shutdown. Called repeatedly during a shutdown.</summary>
    /// <returns>False if nothing is left to save.</returns>
    bool SaveStep();
}
