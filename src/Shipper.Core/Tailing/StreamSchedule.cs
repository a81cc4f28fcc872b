namespace Shipper.Tailing;

/// <summary>Decides which of a lane's streams is read next, and when a quiet one is looked at.</summary>
/// <remarks>Owned by a lane; not safe for concurrent use.</remarks>
/// <param name="streams">The lane's streams.</param>
/// <param name="time">The clock.</param>
/// <param name="poll">Looks at a stream's files, at a timestamp.</param>
internal sealed class StreamSchedule(List<TailedStream> streams, TimeProvider time, Action<TailedStream, long> poll)
{
    /// <summary>Streams that lose bytes sooner come before the others.</summary>
    private const double UrgentSeconds = 120;

    /// <summary>How often a quiet stream is looked at: between these, the longer the longer it has been quiet.</summary>
    private static readonly TimeSpan MinPollInterval = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan MaxPollInterval = TimeSpan.FromMilliseconds(750);

    /// <summary>How often it is asked whether what a stream waits for has come.</summary>
    private static readonly TimeSpan BlockedPollInterval = TimeSpan.FromMilliseconds(50);

    // Of all streams those that lose bytes soon, the first one first, as of the last maintenance.
    private readonly List<TailedStream> _urgent = [];
    private bool _wasUrgent;
    private int _next;

    /// <summary>
    /// Finds the next stream with something to read, each in its turn. The one whose files go next has one between two others.
    /// </summary>
    /// <param name="wait">How long until there may be one, where there is none now.</param>
    public TailedStream? FindReady(out TimeSpan wait)
    {
        long now = time.GetTimestamp();
        wait = MaxPollInterval;
        _wasUrgent = !_wasUrgent;
        for (int i = 0; _wasUrgent && i < _urgent.Count; i++)
        {
            if (IsReady(_urgent[i], now) && _urgent[i].IsReadable)
            {
                _urgent[i].HasNews = false;
                return _urgent[i];
            }
        }

        _wasUrgent = false;
        for (int i = 0; i < streams.Count; i++)
        {
            _next = _next + 1 < streams.Count ? _next + 1 : 0;
            TailedStream stream = streams[_next];
            if (IsReady(stream, now))
            {
                if (IsReadable(stream))
                {
                    stream.HasNews = false;
                    return stream;
                }

                wait = BlockedPollInterval < wait ? BlockedPollInterval : wait;
                continue;
            }

            TimeSpan untilPoll = time.GetElapsedTime(now, stream.NextPoll);
            wait = untilPoll < wait ? untilPoll : wait;
        }

        return null;
    }

    /// <summary>Tells whether a stream may be read now.</summary>
    public bool IsReadable(TailedStream stream) => stream.IsReady && stream.IsReadable && stream.PausedUntil <= time.GetTimestamp();

    /// <summary>Finds the streams that lose bytes soon: held files go when the budget is used up, the others when their log is rotated.</summary>
    /// <param name="isHeldUrgent">True where much of the budget for held files is used.</param>
    public void FindUrgent(bool isHeldUrgent)
    {
        _urgent.Clear();
        foreach (TailedStream stream in streams)
        {
            if (stream.LossDeadline.Seconds < UrgentSeconds && (!stream.LossDeadline.IsHeld || isHeldUrgent))
            {
                _urgent.Add(stream);
            }
        }

        _urgent.Sort(static (a, b) => (a.LossDeadline.Seconds, a.LastGrowth).CompareTo((b.LossDeadline.Seconds, b.LastGrowth)));
    }

    /// <summary>Sets when a stream that has nothing to read is looked at again.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="now">The present timestamp.</param>
    public void SetNextPoll(TailedStream stream, long now)
    {
        TimeSpan interval = time.GetElapsedTime(stream.LastGrowth, now) / 4;
        interval = interval < MinPollInterval ? MinPollInterval : interval > MaxPollInterval ? MaxPollInterval : interval;

        // In steps, so that streams are polled together: each on its own would wake the lane a thousand times a second.
        long step = (long)(MinPollInterval.TotalSeconds * time.TimestampFrequency);
        long next = now + (long)(interval.TotalSeconds * time.TimestampFrequency);
        stream.NextPoll = (next + step - 1) / step * step;
    }

    private bool IsReady(TailedStream stream, long now)
    {
        if (!stream.IsReady && stream.NextPoll <= now)
        {
            poll(stream, now);
        }

        return stream.IsReady;
    }
}
