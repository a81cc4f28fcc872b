using System.Runtime.CompilerServices;

namespace Shipper.Checkpoints;

/// <summary>
/// Determines the times of one stream's records. Loki stores two entries with the same time, line and metadata only once, and refuses an entry that is an
/// hour older than the newest of its stream. So the clock makes times distinct and keeps them close together. The result depends only on the records and on
/// the clock's initial state, which the checkpoint keeps. So records that are read again after a restart get the same times.
/// </summary>
/// <param name="LastRawNs">The last record's own time, in nanoseconds since 1970; <see cref="None"/> before the first record.</param>
/// <param name="LastSentNs">The time that the last record was sent with, in nanoseconds since 1970.</param>
/// <param name="NewestNs">The newest time that was sent, in nanoseconds since 1970.</param>
internal readonly record struct StreamClock(long LastRawNs, long LastSentNs, long NewestNs)
{
    /// <summary>Stands for "no record yet".</summary>
    public const long None = long.MinValue;

    /// <summary>How much older a record may be than the newest one of its stream: 10 minutes less than Loki allows (half of max_chunk_age, 2 h).</summary>
    public const long MaxBehindNs = 50L * 60 * 1_000_000_000;

    /// <summary>
    /// How far in the future Loki accepts a record by default (creation_grace_period). Loki may refuse a record beyond that, so later records are not
    /// compared with it: a clock that was wrong for a moment must not affect them.
    /// </summary>
    public const long MaxFutureNs = 10L * 60 * 1_000_000_000;

    /// <summary>
    /// How far the times of records within the same nanosecond may run ahead of the next record's own time. If they are further ahead, the clock was probably
    /// set back.
    /// </summary>
    private const long MaxAheadNs = 1_000_000_000;

    /// <summary>The clock of a stream without records.</summary>
    public static StreamClock Start => new(None, None, None);

    /// <summary>
    /// Returns the clock without a newest time that Loki has refused. If later records were compared with that time, they would get times that Loki refuses,
    /// too.
    /// </summary>
    /// <param name="toNs">The latest time that Loki accepts.</param>
    public StreamClock WithoutNewestAfter(long toNs) => NewestNs > toNs ? this with { NewestNs = None } : this;

    /// <summary>
    /// Returns the time for lines without a timestamp: the current time, but later than anything already sent, so that their order survives if the node's clock
    /// is set back a little. A sent time further in the future than Loki accepts came from a wrong clock and is ignored.
    /// </summary>
    /// <param name="presentNs">The current time.</param>
    /// <param name="window">The times that Loki accepts.</param>
    public long TimeForUntimedLine(long presentNs, in TimeWindow window)
    {
        long timeNs = presentNs < window.FromNs || presentNs > window.ToNs ? window.PresentNs : presentNs;
        return LastSentNs != None && LastSentNs >= timeNs && LastSentNs - timeNs < MaxFutureNs && LastSentNs < window.ToNs ? LastSentNs + 1 : timeNs;
    }

    /// <summary>Determines the time of the next record.</summary>
    /// <param name="rawNs">The record's own time.</param>
    /// <param name="window">The times that Loki accepts.</param>
    /// <param name="moved">True if the record was too old for its stream and got the time after the newest record's.</param>
    /// <returns>The clock after that record; <see cref="LastSentNs"/> is the time to send.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public StreamClock Next(long rawNs, in TimeWindow window, out bool moved)
    {
        moved = NewestNs != None && rawNs < NewestNs - window.MaxBehindNs;
        long sentNs = rawNs;
        if (moved)
        {
            sentNs = NewestNs + 1;
        }
        else if (rawNs == LastRawNs || (rawNs > LastRawNs && rawNs <= LastSentNs && LastSentNs - rawNs < MaxAheadNs))
        {
            sentNs = LastSentNs + 1;
        }

        return new StreamClock(rawNs, sentNs, sentNs <= window.MaxNewestNs ? Math.Max(NewestNs, sentNs) : NewestNs);
    }
}
