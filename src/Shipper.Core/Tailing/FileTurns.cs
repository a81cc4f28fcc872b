using Shipper.Native;
using Shipper.Records;
using Shipper.Tailing.Files;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing;

/// <summary>
/// Lets the streams of a lane take turns with the descriptors if there are too few for all files. Parks files that have been read to their end, those that
/// have been quiet for longest first, and opens the files of waiting streams, those that have waited longest first.
/// </summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
/// <param name="files">The lane's share of the descriptors.</param>
/// <param name="directories">Finds parked files that have moved.</param>
internal sealed class FileTurns(
    List<TailedStream> streams, FileBudget.Share files, LogDirectories directories, TailingServices services)
{
    /// <summary>How often descriptors are reassigned.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>A stream that is never read to its end returns its descriptors after this long.</summary>
    private static readonly TimeSpan MaxTurn = TimeSpan.FromSeconds(10);

    /// <summary>A stream that will lose bytes soon is served before those that have waited up to this much longer.</summary>
    private static readonly TimeSpan UrgentLead = TimeSpan.FromSeconds(10);

    /// <summary>How long a stream waits if its file can't be opened for another reason.</summary>
    private static readonly TimeSpan FailureDelay = TimeSpan.FromSeconds(5);

    private readonly List<TailedStream> _waiting = [];
    private readonly List<(TailedStream Stream, int Rank, double Order)> _candidates = [];
    private long _lastReassignment = services.Time.GetTimestamp();
    private long _lastGrant;

    /// <summary>Number of streams that wait for a descriptor.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>How long streams have been waiting without any of them receiving a descriptor; zero if no stream waits.</summary>
    public TimeSpan TimeSinceLastGrant => _waiting.Count == 0 ? TimeSpan.Zero : services.Time.GetElapsedTime(_lastGrant);

    /// <summary>True if it is time to reassign descriptors.</summary>
    public bool IsDue => files.IsShort && services.Time.GetElapsedTime(_lastReassignment) >= Interval;

    /// <summary>Sets whether a stream needs a descriptor to be read further.</summary>
    public void SetWaiting(TailedStream stream, bool isWaiting, long now)
    {
        if (isWaiting == stream.WaitingSince.HasValue)
        {
            return;
        }

        stream.WaitingSince = isWaiting ? now : null;
        if (!isWaiting)
        {
            _waiting.Remove(stream);
            return;
        }

        _lastGrant = _waiting.Count == 0 ? now : _lastGrant;
        _waiting.Add(stream);
        services.Metrics.FileErrors.Add(FileErrorReasons.TooManyOpenFiles, 1);
        Report();
    }

    /// <summary>Reassigns descriptors.</summary>
    public void Reassign(long now)
    {
        _lastReassignment = now;
        Report();
        int wanted = Math.Max(_waiting.Count, files.Excess);
        if (wanted > 0)
        {
            Park(wanted, now);
            Report();
        }

        bool isFirst = true;
        foreach (TailedStream stream in _waiting.OrderBy(RankOf).ToList())
        {
            if ((files.Excess >= 0 && !HoldsUnread(stream)) || !TryOpen(stream, isFirst, now))
            {
                break;
            }

            isFirst = false;
        }

        Report();
    }

    private static int CountOpen(TailedStream stream)
    {
        int open = 0;
        foreach (Generation generation in stream.Generations)
        {
            open += generation.Handle is null ? 0 : 1;
        }

        return open;
    }

    private static bool IsUrgent(TailedStream stream) => stream.LossDeadline.Seconds < StreamSchedule.UrgentSeconds;

    private void Report()
    {
        int open = 0;
        streams.ForEach(stream => open += CountOpen(stream));
        if (files.Report(open, _waiting.Count))
        {
            TailingEvents.TooManyOpenFiles(services.Logger, OpenFileLimit.Current);
        }
    }

    private (bool IsSecond, double Since) RankOf(TailedStream stream) =>
        (!HoldsUnread(stream), stream.WaitingSince!.Value - (IsUrgent(stream) ? services.Time.ToTimestampUnits(UrgentLead) : 0));

    /// <summary>
    /// True if a stream has another open file with unread bytes: a line may begin there and continue in the file that the stream waits for. Such a stream
    /// needs both files at the same time, regardless of the lane's share, and comes first.
    /// </summary>
    private static bool HoldsUnread(TailedStream stream) => stream.Generations.Exists(static generation => generation.Handle is not null && generation.IsUnread);

    /// <summary>Parks files until enough descriptors are free or no stream has a descriptor to spare.</summary>
    private void Park(int wanted, long now)
    {
        bool hasUrgent = _waiting.Exists(IsUrgent);
        TailedStream? first = _waiting.MinBy(RankOf);
        _candidates.Clear();
        foreach (TailedStream stream in streams)
        {
            if (stream.WaitingSince is not null)
            {
                _candidates.Add((stream, 0, 0));
            }
            else if (!stream.IsReady && stream.NextPoll > now && !stream.Generations.Exists(static generation => generation.HasUnscanned))
            {
                _candidates.Add((stream, 1, stream.LastGrowth));
            }
            else if ((services.Time.GetElapsedTime(stream.TurnSince, now) >= MaxTurn || (hasUrgent && !IsUrgent(stream)))
                && stream.Queue.FindUnread() is not { IsGzip: true, ReadPosition.Max: > 0 })
            {
                // Resuming at a position in a .gz means decompressing the file again up to there.
                _candidates.Add((stream, 2, -stream.LossDeadline.Seconds));
            }
        }

        _candidates.Sort(static (a, b) => (a.Rank, a.Order).CompareTo((b.Rank, b.Order)));
        foreach ((TailedStream stream, _, _) in _candidates)
        {
            wanted -= wanted > 0 ? Park(stream, isFirst: stream == first) : 0;
        }
    }

    /// <summary>Parks all files of a stream. The stream that is next in line keeps the files that it needs together with the file that it waits for.</summary>
    /// <returns>Number of parked files.</returns>
    private static int Park(TailedStream stream, bool isFirst)
    {
        Generation? blocking = isFirst ? stream.Queue.FindBlocking() : null;
        bool isBehind = false;
        int parked = 0;
        foreach (Generation generation in stream.Generations)
        {
            isBehind |= generation == blocking;
            if (generation.CanPark && (blocking is null || isBehind || !generation.IsUnread))
            {
                generation.Park();
                parked++;
            }
        }

        return parked;
    }

    /// <summary>Opens the file that a stream waits for.</summary>
    /// <returns>False if there is no room for it.</returns>
    private bool TryOpen(TailedStream stream, bool isFirst, long now)
    {
        stream.NextPoll = now;
        bool mustOpen = isFirst && HoldsUnread(stream);
        if (stream.Queue.FindBlocking() is { } blocking)
        {
            int error = blocking.Reopen();
            if (error is Libc.ErrorTooManyOpenFiles or Libc.ErrorTooManyOpenFilesInSystem)
            {
                return false;
            }

            // A line that continues in more files than may be open gets a reserved descriptor: otherwise it would wait forever.
            if (error == 0 && !files.TryKeep(blocking.Handle!) && !mustOpen)
            {
                blocking.Park();
                return false;
            }

            if (error == Libc.ErrorNotFound)
            {
                directories.Scan(blocking.Log.Directory, blocking.Log);
            }
            else if (error != 0)
            {
                // The scan reports the reason.
                directories.Scan(blocking.Log.Directory, blocking.Log);
                stream.NextPoll = now + services.Time.ToTimestampUnits(FailureDelay);
            }

            stream.HasFileChanges |= stream.Queue.IsFinal(blocking);
        }

        stream.TurnSince = now;
        _lastGrant = now;
        SetWaiting(stream, isWaiting: false, now);
        return true;
    }
}
