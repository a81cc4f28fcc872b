using Shipper.Discovery.Rotation;
using Shipper.Processing.Assembling;
using Shipper.Records;
using Shipper.Tailing.Files;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing;

/// <summary>Polls the files of a stream, and decides whether there is something to read.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class StreamPolls(
    LogDirectories directories, NulRecorder nuls, FileTurns turns, StreamFailures failures, LimitReports reports, TailingServices services)
{
    private readonly List<Generation> _replaced = [];
    private readonly HashSet<RotatedLog> _deletedFrom = [];

    /// <summary>Polls a stream. An error in its files must not stop the other streams.</summary>
    /// <returns>False if the stream was suspended.</returns>
    public bool TryPoll(TailedStream stream, long now)
    {
        try
        {
            Poll(stream, now);
            return true;
        }
#pragma warning disable CA1031 // Logged and counted; the stream is retried.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failures.Suspend(stream, e);
            return false;
        }
    }

    private void Poll(TailedStream stream, long now)
    {
        _replaced.Clear();
        _deletedFrom.Clear();
        stream.IsReady = stream.Poll(now, _replaced, _deletedFrom) || stream.NextUnreportedLoss() is not null;
        foreach (Generation generation in _replaced)
        {
            // An earlier scan in this loop checks all files of the log, so this file may be closed by now.
            if (generation.Handle is not null)
            {
                Truncations.Replace(services, stream, generation);
                directories.Scan(generation.Log.Directory, generation.Log);
            }

            stream.IsReady = true;
        }

        foreach (RotatedLog rotatedLog in _deletedFrom)
        {
            directories.Scan(rotatedLog.Directory, rotatedLog);
        }

        foreach (Generation generation in stream.Generations)
        {
            nuls.SkipLeading(stream, generation);
        }

        Generation? parked = stream.Queue.FindBlocking();
        if (stream.Queue.FindUnread() is { UnfinishedSince: not null } unfinished)
        {
            stream.IsReady = !unfinished.IsUnfinished(services.Time) || stream.NextUnreportedLoss() is not null;
        }
        else if (!stream.IsReady && parked is null && stream.Queue.FindUnread() is { } unread)
        {
            stream.Flush = HasWaited(stream, unread, PartialLine.MaxWait, now) ? QuietFlush.Everything
                : stream.HoldsGroup && HasWaited(stream, unread, LineGroup.MaxWait, now) ? QuietFlush.Groups
                : QuietFlush.None;
            stream.IsReady = stream.Flush != QuietFlush.None;
        }

        stream.IsReportDue = !stream.IsReady && reports.IsDue(stream, now);
        stream.IsReady |= stream.IsReportDue;
        turns.SetWaiting(stream, parked is not null && (parked.HasUnscanned || stream.Queue.IsFinal(parked) || HasWaited(stream, parked, PartialLine.MaxWait, now)), now);
    }

    /// <summary>
    /// True if nothing was written for some time, so that what is held is sent as it is. If a file has not grown since it was opened, its age comes from
    /// its modification time. For any other file, a change of the clock would make that time wrong.
    /// </summary>
    private bool HasWaited(TailedStream stream, Generation unread, TimeSpan wait, long now) =>
        services.Time.GetElapsedTime(stream.LastGrowth, now) >= wait
        || (unread.LastGrowth == 0 && services.Time.GetUnixNanoseconds() - unread.Status.ModifiedNs >= wait.TotalNanoseconds);
}
