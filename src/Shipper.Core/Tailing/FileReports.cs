using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Lanes;
using Shipper.Parsing;
using Shipper.Processing;
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
    public static void Describe(LaneStatus status, List<TailedStream> streams, double untilFull, TimeProvider time)
    {
        var timestamps = new TimestampParser();
        foreach (TailedStream stream in streams)
        {
            if (stream.LastStatus is { } last && last.Facts.Equals(StreamFacts.Of(stream)))
            {
                // Nearly always, nearly all logs are quiet: describing 1,500 of them every two seconds would take 2 % of a core.
                status.Streams.Add(last.Status);
            }
            else
            {
                StreamStatus described = Describe(status, stream, timestamps, untilFull, time);
                stream.LastStatus = described.State == StreamStates.Idle ? (described, StreamFacts.Of(stream)) : null;
                status.Streams.Add(described);
            }

            foreach (GenerationStatus generation in status.Streams[^1].Generations)
            {
                status.Totals.Add(generation.Ledger);
            }
        }
    }

    private static StreamStatus Describe(LaneStatus status, TailedStream stream, TimestampParser timestamps, double untilFull, TimeProvider time)
    {
        GenerationStatus[] generations = [.. stream.Generations.Select(Describe)];
        long lagBytes = stream.Generations.Sum(generation => generation.LagBytes);
        long oldestNs = Math.Min(OldestUnread.Find(stream, timestamps), stream.RunsInBatches > 0 ? stream.OldestBufferedNs : long.MaxValue);
        double lagSeconds = lagBytes == 0 || oldestNs == long.MaxValue ? 0 : Math.Max(0, (time.GetUnixNanoseconds() - oldestNs) / 1e9);
        StreamActivity activity = stream.Activity;
        StageMemory? memory = stream.Memory ?? stream.Checkpoint.Memory;
        string[] names = stream.Kind.HasHeaders ? stream.Checkpoint.Key.Split('/') : [];
        var details = new StreamDetails(
            stream.Attributes, [.. activity.Dropped], [.. activity.Processed], activity.LastRefusal, stream.Problem,
            memory is null ? default : (memory[LogOutput.Stdout].Learned, memory[LogOutput.Stderr].Learned),
            TimeUntil(stream.Policy.Refusals > 0 ? stream.Policy.PausedUntil : 0, time), TimeUntil(stream.HeldBackUntil, time),
            stream.WaitingSince is not null ? "a file descriptor" : lagBytes > 0 && !stream.IsReadable && !stream.AwaitsResponse ? "the API server" : null,
            stream.Logs.TrueForAll(log => log.IsUnlinked));
        return new StreamStatus(
            status.Name, stream.Checkpoint.Key, stream.Selector, lagBytes,
            stream.LossDeadline.SecondsUntilLoss(untilFull) is var seconds && double.IsInfinity(seconds) ? null : seconds, activity.LastAcknowledged, generations)
        {
            Source = stream.SourceName,
            State = StateOf(details, lagBytes, lagSeconds, activity.RecordsPerSecond),
            Namespace = names is [var ns, _, _] ? ns : null,
            Pod = names is [_, var pod, _] ? pod : null,
            Container = names is [_, _, var container] ? container : null,
            LagSeconds = lagSeconds,
            RecordsPerSecond = activity.RecordsPerSecond,
            BytesPerSecond = activity.BytesPerSecond,
            Records = activity.Records,
            DroppedRecords = activity.LeftOut,
            LimitedRecords = activity.Processed.Where(count => count.Stage == "limit").Sum(count => count.Records),
            LostBytes = activity.LostBytes,
            Levels = activity.DescribeLevels(),
            LastResponse = activity.LastRefusal?.Message,
            Details = details,
        };
    }

    private static string StateOf(StreamDetails details, long lagBytes, double lagSeconds, double recordsPerSecond) =>
        details.Problem is not null ? StreamStates.Unreadable
        : details.PausedFor > TimeSpan.Zero ? StreamStates.Paused
        : details.HeldBackFor > TimeSpan.Zero ? StreamStates.Limited
        : details.WaitsFor is not null ? StreamStates.Waiting
        : details.IsUnlinked ? StreamStates.Gone
        : lagSeconds > StreamStates.MaxInFlight.TotalSeconds ? StreamStates.CatchingUp
        : lagBytes > 0 || recordsPerSecond > 0 ? StreamStates.Shipping
        : StreamStates.Idle;

    private static TimeSpan TimeUntil(long timestamp, TimeProvider time) =>
        timestamp > time.GetTimestamp() ? time.GetElapsedTime(time.GetTimestamp(), timestamp) : TimeSpan.Zero;

    private static GenerationStatus Describe(Generation generation)
    {
        var ledger = new Ledger();
        generation.AddTo(ledger);
        return new GenerationStatus(generation.Path, generation.Size, generation.Handle is not null, generation.IsDeleted, generation.IsGzip, ledger);
    }
}
