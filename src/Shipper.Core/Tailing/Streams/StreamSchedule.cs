using Shipper.Records;

namespace Shipper.Tailing.Streams;

/// <summary>Decides which of a lane's streams is read next, and when quiet streams are polled.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
/// <param name="poll">Polls the files of a stream at a given timestamp.</param>
internal sealed class StreamSchedule(List<TailedStream> streams, TimeProvider time, Action<TailedStream, long> poll)
{
    /// <summary>Streams that will lose bytes within this time are read before the others.</summary>
    public const double UrgentSeconds = 120;

    /// <summary>Maximum time between two polls of a quiet stream, so that a new line is noticed within a second.</summary>
    private static readonly TimeSpan MaxPollInterval = TimeSpan.FromMilliseconds(900);

    /// <summary>A poll waits for the next push, because new lines are sent only after that push. This is the longest wait.</summary>
    private static readonly TimeSpan MaxPushWait = TimeSpan.FromSeconds(1);

    /// <summary>Limits for the poll interval of an active stream. Without a pending batch, the interval is a fifth of <c>batch.wait</c>.</summary>
    private static readonly (TimeSpan Least, TimeSpan Most) MinPollIntervals = (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200));

    private const int PollsPerBatchWait = 5;

    /// <summary>
    /// Maximum number of polls per second for all streams together. With 1,500 active streams, polling one and starting its run costs 16 µs even if
    /// little is read: the time of 25 lines. So if many streams are active, each is polled less often.
    /// </summary>
    private const int MaxPollsPerSecond = 500;

    /// <summary>A stream that grew within this time is active.</summary>
    private static readonly TimeSpan ActiveTime = TimeSpan.FromSeconds(2);

    /// <summary>Interval between the checks of a stream that is waiting for something.</summary>
    private static readonly TimeSpan BlockedPollInterval = TimeSpan.FromMilliseconds(50);

    // The streams that will lose bytes soon, most urgent first, as of the last maintenance.
    private readonly List<TailedStream> _urgent = [];
    private bool _wasUrgent;
    private int _next;
    private readonly TimeSpan _batchWait;
    private TimeSpan _minPollInterval = MinPollIntervals.Most;
    private TimeSpan _pollInterval = MinPollIntervals.Most;

    /// <summary>How long a batch waits for more records (<c>batch.wait</c>).</summary>
    public TimeSpan BatchWait
    {
        init
        {
            _batchWait = value;
            _pollInterval = _minPollInterval = Clamp(value / PollsPerBatchWait, MinPollIntervals.Least, MinPollIntervals.Most);
        }
    }

    /// <summary>When the next batch is sent, as a timestamp of the <see cref="TimeProvider"/>; a time in the past means immediately.</summary>
    public long NextPush { get; set; }

    /// <summary>Returns the next stream with something to read, in rotation; null if there is none. The most urgent stream gets every second turn.</summary>
    /// <param name="wait">If no stream is ready, how long to wait until one may be.</param>
    public TailedStream? FindReady(out TimeSpan wait)
    {
        long now = time.GetTimestamp();
        wait = MaxPollInterval;
        _wasUrgent = !_wasUrgent;
        for (int i = 0; _wasUrgent && i < _urgent.Count; i++)
        {
            if (IsReady(_urgent[i], now) && _urgent[i].IsReadable)
            {
                _urgent[i].HasFileChanges = false;
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
                    stream.HasFileChanges = false;
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

    /// <summary>Checks whether a stream may be read now.</summary>
    public bool IsReadable(TailedStream stream) => stream.IsReady && stream.IsReadable && Math.Max(stream.Policy.PausedUntil, stream.HeldBackUntil) <= time.GetTimestamp();

    /// <summary>
    /// Finds the streams that will lose bytes soon. Held files are released when the budget is used up; other files are lost when rotation deletes them. Also
    /// counts the active streams.
    /// </summary>
    /// <param name="isHeldUrgent">True if much of the budget for held files is used.</param>
    public void UpdateUrgency(bool isHeldUrgent)
    {
        _urgent.Clear();
        int active = 0;
        long now = time.GetTimestamp();
        foreach (TailedStream stream in streams)
        {
            active += time.GetElapsedTime(stream.LastGrowth, now) < ActiveTime ? 1 : 0;
            if (stream.LossDeadline.Seconds < UrgentSeconds && (!stream.LossDeadline.IsHeld || isHeldUrgent))
            {
                _urgent.Add(stream);
            }
        }

        _pollInterval = Clamp(TimeSpan.FromSeconds((double)active / MaxPollsPerSecond), _minPollInterval, MaxPollInterval);
        _urgent.Sort(static (a, b) => (a.LossDeadline.Seconds, a.LastGrowth).CompareTo((b.LossDeadline.Seconds, b.LastGrowth)));
    }

    /// <summary>Sets when to poll a stream again that has nothing to read.</summary>
    /// <param name="now">The current timestamp.</param>
    /// <param name="hasRead">True if the stream has just been read.</param>
    public void SetNextPoll(TailedStream stream, long now, bool hasRead)
    {
        TimeSpan interval = Clamp(time.GetElapsedTime(stream.LastGrowth, now) / 4, _pollInterval, MaxPollInterval);

        // If no batch is pending, what was read is sent immediately, and the next lines after batch.wait.
        long push = hasRead && NextPush <= now ? now + time.ToTimestampUnits(_batchWait) : NextPush;
        push = Math.Min(push, now + time.ToTimestampUnits(MaxPushWait));
        long next = now + time.ToTimestampUnits(interval);
        if (next <= push)
        {
            stream.NextPoll = push;
            return;
        }

        // Round to steps, so that streams are polled together. Polled one by one, they would wake the lane a thousand times per second.
        long step = time.ToTimestampUnits(interval < MaxPollInterval ? _minPollInterval : MaxPollInterval);
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
