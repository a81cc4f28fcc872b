using Shipper.Records;

namespace Shipper.Tailing.Streams;

/// <summary>Decides which of a lane's streams is read next, and when a quiet one is looked at.</summary>
/// <remarks>Owned by a lane; not safe for concurrent use.</remarks>
/// <param name="streams">The lane's streams.</param>
/// <param name="time">The clock.</param>
/// <param name="poll">Looks at a stream's files, at a timestamp.</param>
internal sealed class StreamSchedule(List<TailedStream> streams, TimeProvider time, Action<TailedStream, long> poll)
{
    /// <summary>Streams that lose bytes sooner come before the others.</summary>
    public const double UrgentSeconds = 120;

    /// <summary>How often a quiet stream is looked at: a new line is noticed within a second.</summary>
    private static readonly TimeSpan MaxPollInterval = TimeSpan.FromMilliseconds(900);

    /// <summary>What is read goes with the next batch, so that a look waits for it, but not longer.</summary>
    private static readonly TimeSpan MaxPushWait = TimeSpan.FromSeconds(1);

    /// <summary>Where no batch is awaited, a stream that goes on is looked at each fifth of what batches wait, within these.</summary>
    private static readonly (TimeSpan Least, TimeSpan Most) MinPollIntervals = (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200));

    private const int PollsPerBatchWait = 5;

    /// <summary>
    /// A look at one of 1,500 streams that go on, and the run that it makes, costs 16 µs however little it brings, as much as 25 lines. Where many go on at once, they are looked at less often, so that
    /// they cost no more than so many looks a second.
    /// </summary>
    private const int MaxPollsPerSecond = 500;

    /// <summary>A stream that grew within this time goes on.</summary>
    private static readonly TimeSpan GoingOn = TimeSpan.FromSeconds(2);

    /// <summary>How often it is asked whether what a stream waits for has come.</summary>
    private static readonly TimeSpan BlockedPollInterval = TimeSpan.FromMilliseconds(50);

    // Of all streams those that lose bytes soon, the first one first, as of the last maintenance.
    private readonly List<TailedStream> _urgent = [];
    private bool _wasUrgent;
    private int _next;
    private readonly TimeSpan _batchWait;
    private TimeSpan _minPollInterval = MinPollIntervals.Most;
    private TimeSpan _pollInterval = MinPollIntervals.Most;

    /// <summary>How long a batch waits for more.</summary>
    public TimeSpan BatchWait
    {
        init
        {
            _batchWait = value;
            _pollInterval = _minPollInterval = Clamp(value / PollsPerBatchWait, MinPollIntervals.Least, MinPollIntervals.Most);
        }
    }

    /// <summary>When the next batch goes, as a timestamp of the <see cref="TimeProvider"/>; in the past where that is at once.</summary>
    public long NextPush { get; set; }

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
    public bool IsReadable(TailedStream stream) => stream.IsReady && stream.IsReadable && stream.Policy.PausedUntil <= time.GetTimestamp();

    /// <summary>
    /// Finds the streams that lose bytes soon: held files go when the budget is used up, the others when their log is rotated. Also finds out how many
    /// go on.
    /// </summary>
    /// <param name="isHeldUrgent">True if much of the budget for held files is used.</param>
    public void Review(bool isHeldUrgent)
    {
        _urgent.Clear();
        int goingOn = 0;
        long now = time.GetTimestamp();
        foreach (TailedStream stream in streams)
        {
            goingOn += time.GetElapsedTime(stream.LastGrowth, now) < GoingOn ? 1 : 0;
            if (stream.LossDeadline.Seconds < UrgentSeconds && (!stream.LossDeadline.IsHeld || isHeldUrgent))
            {
                _urgent.Add(stream);
            }
        }

        _pollInterval = Clamp(TimeSpan.FromSeconds((double)goingOn / MaxPollsPerSecond), _minPollInterval, MaxPollInterval);
        _urgent.Sort(static (a, b) => (a.LossDeadline.Seconds, a.LastGrowth).CompareTo((b.LossDeadline.Seconds, b.LastGrowth)));
    }

    /// <summary>Sets when a stream that has nothing to read is looked at again.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="now">The present timestamp.</param>
    /// <param name="hasRead">True if something of it was read just now.</param>
    public void SetNextPoll(TailedStream stream, long now, bool hasRead)
    {
        TimeSpan interval = Clamp(time.GetElapsedTime(stream.LastGrowth, now) / 4, _pollInterval, MaxPollInterval);

        // What was read goes at once where nothing is awaited, and what follows it after the wait.
        long push = hasRead && NextPush <= now ? now + time.TimestampUnits(_batchWait) : NextPush;
        push = Math.Min(push, now + time.TimestampUnits(MaxPushWait));
        long next = now + time.TimestampUnits(interval);
        if (next <= push)
        {
            stream.NextPoll = push;
            return;
        }

        // In steps, so that streams are polled together: each on its own would wake the lane a thousand times a second.
        long step = time.TimestampUnits(interval < MaxPollInterval ? _minPollInterval : MaxPollInterval);
        stream.NextPoll = Math.Max(next / step * step, push);
    }

    private static TimeSpan Clamp(TimeSpan value, TimeSpan min, TimeSpan max) => value < min ? min : value > max ? max : value;

    private bool IsReady(TailedStream stream, long now)
    {
        if (!stream.IsReady && stream.NextPoll <= now)
        {
            poll(stream, now);
        }

        return stream.IsReady;
    }
}
