using System.Runtime.CompilerServices;

namespace Shipper.Checkpoints;

/// <summary>
/// The times of one stream's records. Loki stores an entry only once whose time, line and metadata equal those of another, and
/// refuses one that lies an hour behind its stream's newest; so times are made to differ and held near. What comes
/// out depends on nothing but the records and the clock they start from, which the checkpoint keeps: read again after a
/// restart, the same records get the same times.
/// </summary>
/// <param name="LastRawNs">The last record's own time, in nanoseconds since 1970; <see cref="None"/> before the first.</param>
/// <param name="LastSentNs">The time it was sent with.</param>
/// <param name="NewestNs">The newest time sent.</param>
internal readonly record struct StreamClock(long LastRawNs, long LastSentNs, long NewestNs)
{
    /// <summary>Stands for "no record yet".</summary>
    public const long None = long.MinValue;

    /// <summary>
    /// How far behind its stream's newest a record may lie: 10 minutes less than what Loki allows (half of max_chunk_age, 2 h).
    /// </summary>
    public const long MaxBehindNs = 50L * 60 * 1_000_000_000;

    /// <summary>
    /// How far ahead of its clock Loki takes a record by default (creation_grace_period). One further ahead may be refused, so it does not
    /// count for those that follow: a clock that was wrong for a moment must not take them with it.
    /// </summary>
    public const long MaxFutureNs = 10L * 60 * 1_000_000_000;

    /// <summary>
    /// How far the times of records that share a nanosecond may run ahead of the next record's own time before it
    /// is taken for a clock that moved back instead.
    /// </summary>
    private const long MaxAheadNs = 1_000_000_000;

    /// <summary>The clock of a stream without records.</summary>
    public static StreamClock Start => new(None, None, None);

    /// <summary>The clock without a newest time that Loki refused: compared with that, all later records would get times that Loki refuses, too.</summary>
    /// <param name="toNs">The latest time that Loki takes.</param>
    public StreamClock WithoutNewestBehind(long toNs) => NewestNs > toNs ? this with { NewestNs = None } : this;

    /// <summary>
    /// The time of lines that have none of their own: the present, and later than what was sent already, so that their order holds when
    /// the node's clock is set back a little. A time that is further ahead than Loki takes came from a wrong clock and no longer counts.
    /// </summary>
    /// <param name="presentNs">The present.</param>
    /// <param name="window">Which times Loki takes.</param>
    public long After(long presentNs, in TimeWindow window)
    {
        long timeNs = presentNs < window.FromNs || presentNs > window.ToNs ? window.PresentNs : presentNs;
        return LastSentNs != None && LastSentNs >= timeNs && LastSentNs - timeNs < MaxFutureNs && LastSentNs < window.ToNs ? LastSentNs + 1 : timeNs;
    }

    /// <summary>Gives the next record its time.</summary>
    /// <param name="rawNs">The record's own time.</param>
    /// <param name="window">Which times Loki takes.</param>
    /// <param name="moved">True if the record is so far behind that it got the time behind the newest.</param>
    /// <returns>The clock with that record as its last; <see cref="LastSentNs"/> is the time to send.</returns>
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

        return new StreamClock(rawNs, sentNs, sentNs <= window.NewestToNs ? Math.Max(NewestNs, sentNs) : NewestNs);
    }
}
