using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Losses;

/// <summary>The mark of an entry that reports a loss. The entry has no place in a file and is identified by its time.</summary>
internal sealed class LossMark : SourceMark
{
    public override void WriteIntent(Batch batch, CheckpointChanges changes)
    {
        Run run = Run!;
        if (run.MovedToNs is not { } movedToNs)
        {
            return;
        }

        Loss[] losses = [.. changes.LossesOf(run.Stream.Checkpoint)];
        int reported = Array.FindIndex(losses, loss => loss.SentNs == run.FirstOwnNs && loss.Attributes is not null);
        if (reported >= 0)
        {
            losses[reported] = losses[reported] with { SentNs = movedToNs };
            changes.Losses[run.Stream.Checkpoint] = losses;
            run.FirstOwnNs = movedToNs;
        }
    }

    public override void WriteAcknowledged(Batch batch, CheckpointChanges changes)
    {
        var stream = (TailedStream)Run!.Stream;
        changes.Losses[stream.Checkpoint] = changes.LossesOf(stream.Checkpoint)[1..];
        stream.LossesInFlight--;
    }
}
