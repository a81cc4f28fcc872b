using Shipper.Batching;
using Shipper.Checkpoints;

namespace Shipper.Lanes;

/// <summary>What a lane reads from. Owned by the lane; only <see cref="Status"/> is thread-safe.</summary>
internal interface ILaneSource : IDisposable
{
    /// <summary>What there is to read, as of the last maintenance.</summary>
    SourceStatus Status { get; }

    /// <summary>Takes in what happened outside.</summary>
    /// <returns>True if there was something.</returns>
    bool DrainInbox();

    /// <summary>Fills a batch as far as there is something to read. Its marks say how far that is.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="nextPush">
    /// When the next partial batch goes, as a timestamp of the <see cref="TimeProvider"/>: nothing that is read sooner gets there sooner. If it is past,
    /// what is read now goes at once.
    /// </param>
    /// <param name="wait">How long until there may be more, if the batch is not full.</param>
    /// <returns>True if something was read.</returns>
    bool Fill(Batch batch, long nextPush, out TimeSpan wait);

    /// <summary>Loki refused a stream for now: what was read of it and is not acknowledged is read again once its pause is over.</summary>
    /// <param name="stream">The stream. It is in no batch any more.</param>
    /// <param name="mayBeStored">True if Loki may have some of it.</param>
    /// <param name="changes">Gets the stream's position, if the checkpoints don't have it.</param>
    void Rewind(LogStream stream, bool mayBeStored, CheckpointChanges changes);

    /// <summary>Adds the ledger of its files to the status. Does nothing if it has no files.</summary>
    void Describe(LaneStatus status);

    /// <summary>Closes what is done with, and takes stock; each second.</summary>
    void Maintain();

    /// <summary>Told to stop, saves a piece of what would go with the agent.</summary>
    /// <returns>False if nothing is left to save.</returns>
    bool SaveStep();
}
