using Shipper.Checkpoints;
using Shipper.Lanes;
using Shipper.Records;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing;

/// <summary>Summarizes a lane's files for gauges and for the status page.</summary>
internal static class FileReports
{
    /// <summary>Adds up the state of a lane's files.</summary>
    /// <param name="heldBytes">Bytes on disk that only open handles keep alive.</param>
    /// <param name="untilFull">Seconds until no more deleted files can be held.</param>
    public static SourceStatus Sum(List<TailedStream> streams, long heldBytes, double untilFull, TimeProvider time)
    {
        long lagBytes = 0;
        int openFiles = 0;
        bool isUnconfirmed = false;
        double deadline = LossDeadline.Never;
        long oldestNs = OldestUnread.Find(streams);
        foreach (TailedStream stream in streams)
        {
            deadline = Math.Min(deadline, stream.LossDeadline.SecondsUntilLoss(untilFull));
            if (stream.WaitingSince is { } since)
            {
                oldestNs = Math.Min(oldestNs, time.GetUnixNanoseconds() - (long)time.GetElapsedTime(since).TotalNanoseconds);
            }

            foreach (Generation generation in stream.Generations)
            {
                lagBytes += generation.LagBytes;
                isUnconfirmed |= generation.Resend.UnconfirmedUntil > generation.Checkpoint.Acknowledged.Max;
                openFiles += generation.Handle is null ? 0 : 1;
            }
        }

        return new SourceStatus(lagBytes, oldestNs, heldBytes, openFiles, streams.Count, isUnconfirmed, deadline);
    }

    /// <summary>Describes each stream with its files.</summary>
    /// <param name="status">Receives the descriptions and the ledger of all files.</param>
    /// <param name="untilFull">Seconds until no more deleted files can be held.</param>
    public static void Describe(LaneStatus status, List<TailedStream> streams, double untilFull)
    {
        foreach (TailedStream stream in streams)
        {
            GenerationStatus[] generations = [.. stream.Generations.Select(Describe)];
            Array.ForEach(generations, generation => status.Totals.Add(generation.Ledger));
            status.Streams.Add(new StreamStatus(
                status.Name, stream.Checkpoint.Key, stream.Selector, stream.Generations.Sum(generation => generation.LagBytes),
                stream.LossDeadline.SecondsUntilLoss(untilFull) is var seconds && double.IsInfinity(seconds) ? null : seconds, stream.LastAcknowledged, generations));
        }
    }

    private static GenerationStatus Describe(Generation generation)
    {
        var ledger = new Ledger();
        generation.AddTo(ledger);
        return new GenerationStatus(generation.Path, generation.Size, generation.Handle is not null, generation.IsDeleted, generation.IsGzip, ledger);
    }
}
