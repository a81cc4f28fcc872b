using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Records;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing;

/// <summary>Tells streams of what they lost.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class LossReports(TailingServices services)
{
    /// <summary>Puts the entry into the batch that tells of a loss.</summary>
    public void Tell(Batch batch, TailedStream stream, Loss loss)
    {
        long presentNs = services.Time.GetUnixNanoseconds();
        bool isLeftOpen = loss.Attributes is not null;
        if (loss.Attributes is null)
        {
            // Noted first, like a push, so that it goes out again as it was.
            loss = loss with { Attributes = stream.Attributes, SentNs = TimeOfLoss(stream, presentNs) };
            var changes = new CheckpointChanges();
            Loss[] losses = [.. stream.Checkpoint.Losses];
            losses[stream.LossesUnderWay] = loss;
            changes.Losses.Add(stream.Checkpoint, losses);
            services.Checkpoints.Commit(changes);
        }

        StreamClock clock = stream.Clock;
        TimeWindow window = isLeftOpen ? TimeWindow.Unbounded : stream.WindowFor(batch, isLeftOpen, services.Time);
        batch.BeginRun(
            stream, loss.Attributes, in window, services.Time.GetSteadyMicroseconds(), stream.Source.HasHeaders ? 0 : batch.BaseOf(stream) ?? clock.After(presentNs, in window), isLeftOpen, isLoss: true);

        // Its time does not count, so that the times of other records don't depend on when it is sent.
        stream.Clock = StreamClock.Start;
        batch.Append(new LogRecord(loss.SentNs, LossNotice.Metadata(loss), LossNotice.Line(loss), truncatedBytes: 0));
        stream.Clock = clock;
        stream.LossesUnderWay++;
        batch.EndRun(new LossMark(services.Time));
    }

    /// <summary>Right behind the last record; where there was none, before the first that comes.</summary>
    private static long TimeOfLoss(TailedStream stream, long presentNs) =>
        stream.Clock.LastRawNs is not StreamClock.None and var last
            ? stream.Clock.Next(last, TimeWindow.At(presentNs), out _).LastSentNs
            : Math.Min(presentNs, OldestUnread.Find([stream])) - 1;
}
