using Shipper.Checkpoints;
using Shipper.Records;

namespace Shipper.Batching;

/// <summary>
/// Estimates which times Loki accepts. The date in Loki's responses shows its clock, and its refusals show the bounds. Until Loki refuses something, every
/// record is sent with its own time. A bound expires after ten minutes, because clocks and limits change.
/// </summary>
/// <remarks>Thread-safe: all lanes share it.</remarks>
internal sealed class AcceptedTimes(TimeProvider time)
{
    private const long Second = 1_000_000_000;
    private const long NanosecondsPerMicrosecond = 1000;

    /// <summary>A record that is too old gets a time that Loki keeps accepting for this long.</summary>
    private const long MarginNs = 5 * 60 * Second;

    /// <summary>If the clock in the responses jumps by more than this, somebody has set it.</summary>
    private const long MaxJumpNs = 60 * Second;

    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();

    // The time in the last response and when it came, and a correction for a gateway whose clock is not Loki's.
    private (long Ns, long At)? _date;
    private long _correctionNs;
    private long _stepNs;

    // The latest and the oldest time that Loki accepts, each with the moment when the agent learned it.
    private (long Ns, long At)? _latest;
    private (long Ns, long At)? _oldest;

    /// <summary>The current time by Loki's clock, in nanoseconds since 1970; by this node's clock until Loki has answered.</summary>
    public long PresentNs
    {
        get
        {
            lock (_lock)
            {
                return GetPresent();
            }
        }
    }

    /// <summary>How far this node's clock is ahead of Loki's.</summary>
    public TimeSpan NodeClockAhead => TimeSpan.FromMicroseconds((time.GetUnixNanoseconds() - PresentNs) / NanosecondsPerMicrosecond);

    /// <summary>Notes the time in a response.</summary>
    public void OnResponse(DateTimeOffset? date)
    {
        if (date is { } now)
        {
            lock (_lock)
            {
                long nowNs = UnixTime.ToNanoseconds(now);
                if (_date is not null && Math.Abs(GetPresent() - _correctionNs - nowNs) > MaxJumpNs)
                {
                    Forget();
                }

                _date = (nowNs, time.GetMonotonicMicroseconds());
            }
        }
    }

    /// <summary>Notes that Loki has refused records as too new.</summary>
    /// <param name="earliestNs">The earliest time that it refused.</param>
    public void OnTooNew(long earliestNs)
    {
        lock (_lock)
        {
            long presentNs = GetPresent();
            if (earliestNs <= presentNs + Second)
            {
                // Loki's clock is behind the one in its responses. Go back in growing steps, but not so far that records are too old.
                _stepNs = Math.Max(StreamClock.MaxFutureNs, _stepNs * 2);
                long wantedNs = Since(_oldest) is { } oldestNs && oldestNs < earliestNs ? Math.Max(earliestNs - _stepNs, oldestNs + ((earliestNs - oldestNs) / 2)) : earliestNs - _stepNs;
                _correctionNs += wantedNs - presentNs;
                presentNs = wantedNs;
            }

            _latest = (Math.Min(earliestNs - 1, presentNs + StreamClock.MaxFutureNs), time.GetMonotonicMicroseconds());
        }
    }

    /// <summary>Notes that Loki has refused records as too old.</summary>
    /// <param name="oldestNs">The oldest time that Loki accepts, rounded down to the second.</param>
    public void OnTooOld(long oldestNs)
    {
        lock (_lock)
        {
            _oldest = (oldestNs + Second, time.GetMonotonicMicroseconds());
            long presentNs = GetPresent();
            if (presentNs <= oldestNs)
            {
                // Loki's clock is ahead of the one in its responses.
                _correctionNs += oldestNs + Second + MarginNs - presentNs;
            }
        }
    }

    /// <summary>Notes that Loki has records with the given time, so that its clock can't be much earlier.</summary>
    /// <returns>
    /// True if the estimate of Loki's clock was too early. False if the estimate already allows for that time: if Loki still refuses records, its clock was set
    /// back.
    /// </returns>
    public bool TryLearnFrom(long timeNs)
    {
        lock (_lock)
        {
            if (_correctionNs == 0 || timeNs <= GetPresent() + StreamClock.MaxFutureNs)
            {
                return false;
            }

            Forget();
            return true;
        }
    }

    /// <summary>Notes that Loki accepted the times of a request: the search for its clock is over.</summary>
    public void OnAccepted()
    {
        if (Volatile.Read(ref _stepNs) > 0)
        {
            lock (_lock)
            {
                _stepNs = 0;
            }
        }
    }

    /// <summary>Returns the window for the records of a stream that are read now.</summary>
    public TimeWindow WindowOf(LogStream stream)
    {
        lock (_lock)
        {
            long presentNs = GetPresent();
            long nodeNs = time.GetUnixNanoseconds();
            long fromNs = Math.Max(Since(_oldest) ?? long.MinValue, stream.EarliestNs);
            long toNs = Since(_latest) ?? long.MaxValue;
            return new TimeWindow(
                fromNs, toNs, Math.Min(toNs, Math.Min(nodeNs, presentNs) + StreamClock.MaxFutureNs), TimeForTooOld(stream, fromNs, presentNs), presentNs, stream.MaxBehindNs);
        }
    }

    /// <summary>
    /// Returns the time for records of a stream that are too old. If they were written recently, their clock was wrong, and they get the current time.
    /// Otherwise they really are old, and newer ones may follow, so they get the oldest time that Loki accepts plus five minutes. If Loki has newer records
    /// of the stream, they get the time right after those.
    /// </summary>
    /// <param name="fromNs">The oldest time that Loki accepts for the stream.</param>
    /// <param name="presentNs">The current time by Loki's clock.</param>
    public static long TimeForTooOld(LogStream stream, long fromNs, long presentNs) =>
        fromNs == long.MinValue ? presentNs
        : fromNs == stream.EarliestNs ? Math.Max(Math.Max(stream.Clock.NewestNs, stream.LastMovedNs), fromNs + stream.MaxBehindNs) + 1
        : stream.IsRecentlyWritten ? presentNs : Math.Max(fromNs, Math.Min(presentNs, fromNs + MarginNs));

    private void Forget()
    {
        _correctionNs = 0;
        _stepNs = 0;
        _latest = null;
        _oldest = null;
    }

    private long GetPresent() => (_date is { } date ? date.Ns + ((time.GetMonotonicMicroseconds() - date.At) * NanosecondsPerMicrosecond) : time.GetUnixNanoseconds()) + _correctionNs;

    /// <summary>Returns the current value of a bound, which advances with time; null if it is unknown or has expired.</summary>
    private long? Since((long Ns, long At)? bound) =>
        bound is { } known && time.GetMonotonicMicroseconds() - known.At is var age && age < MaxAge.TotalMicroseconds ? known.Ns + (age * NanosecondsPerMicrosecond) : null;
}
