using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Delivery;

namespace Shipper.Lanes;

/// <summary>What a lane reads from. Owned by the lane; only <see cref="Status"/> is safe for concurrent use.</summary>
internal interface ILaneSource : IDisposable
{
    /// <summary>What there is to read, as of the last maintenance.</summary>
    TailerStatus Status { get; }

    /// <summary>Takes in what happened outside.</summary>
    /// <returns>True where there was something.</returns>
    bool TakeNews();

    /// <summary>Fills a batch as far as there is something to read.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="nextPush">
    /// When the next partial batch goes, as a timestamp of the <see cref="TimeProvider"/>: nothing that is read sooner gets there sooner. Where it is past,
    /// what is read now goes at once.
    /// </param>
    /// <param name="wait">How long until there may be more, where the batch is not full.</param>
    /// <returns>True where something was read.</returns>
    bool Fill(Batch batch, long nextPush, out TimeSpan wait);

    /// <summary>A batch is about to be sent. What has to be known of it after a crash, beside its marks, goes into the checkpoint with them.</summary>
    void Note(Batch batch, CheckpointChanges changes);

    /// <summary>
    /// Loki refused a stream for now: what both batches have of it goes back, and is read again when its pause is over.
    /// </summary>
    /// <param name="refusal">The stream.</param>
    /// <param name="underWay">The batch that was sent.</param>
    /// <param name="filling">The batch that is being filled.</param>
    /// <param name="changes">Gets the stream's position.</param>
    void GoBack(Refusal refusal, Batch underWay, Batch filling, CheckpointChanges changes);

    /// <summary>A batch is done with. What it means beside the marks of its runs goes into the checkpoint with them.</summary>
    void Acknowledge(Batch batch, CheckpointChanges changes);

    /// <summary>Adds the ledger of its files to the status. Does nothing if it has no files.</summary>
    void Describe(LaneStatus status);

    /// <summary>Lets go of what is done with, and takes stock; each second.</summary>
    void Maintain();

    /// <summary>Told to stop, saves a piece of what would go with the agent.</summary>
    /// <returns>False where nothing is left to save.</returns>
    bool Save();
}
