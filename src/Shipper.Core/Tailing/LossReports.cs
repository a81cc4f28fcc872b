using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Records;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing;

/// <summary>Adds entries that report losses to the streams that lost bytes.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class LossReports(TailingServices services)
{
    /// <summary>Adds the entry that reports a loss to the batch.</summary>
    public void Report(Batch batch, TailedStream stream, Loss loss)
    {
        long presentNs = services.Time.GetUnixNanoseconds();
        bool isUnconfirmed = loss.Attributes is not null;
        if (loss.Attributes is null)
        {
            // Save the entry's attributes and time in the checkpoint first, as for a push, so that the entry can be resent unchanged.
            loss = loss with { Attributes = stream.Attributes, SentNs = TimeOfLoss(stream, presentNs) };
            var changes = new CheckpointChanges();
            Loss[] losses = [.. stream.Checkpoint.Losses];
            losses[stream.LossesInFlight] = loss;
            changes.Losses.Add(stream.Checkpoint, losses);
            services.Checkpoints.Commit(changes);
        }

        StreamClock clock = stream.Clock;
        TimeWindow window = isUnconfirmed ? TimeWindow.Unbounded : stream.WindowFor(batch, isUnconfirmed, services.Time);
        batch.BeginRun(
            stream, loss.Attributes, in window, services.Time.GetMonotonicMicroseconds(), stream.Kind.HasHeaders ? 0 : batch.BaseOf(stream) ?? clock.TimeForUntimedLine(presentNs, in window), isUnconfirmed, isLoss: true);

        // The entry must not move the stream's clock. Otherwise the times of other records would depend on when the entry is sent.
        stream.Clock = StreamClock.Start;
        batch.Append(new LogRecord(loss.SentNs, LossNotice.Metadata(loss), LossNotice.Line(loss), truncatedBytes: 0));
        stream.Clock = clock;
        stream.LossesInFlight++;
        batch.EndRun(new LossMark());
    }

    /// <summary>Returns the time of the entry: right after the last record or, if there was none, right before the first unread record.</summary>
    private static long TimeOfLoss(TailedStream stream, long presentNs) =>
        stream.Clock.LastRawNs is not StreamClock.None and var last
            ? stream.Clock.Next(last, TimeWindow.At(presentNs), out _).LastSentNs
            : Math.Min(presentNs, OldestUnread.Find([stream])) - 1;
}
