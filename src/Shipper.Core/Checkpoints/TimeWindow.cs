namespace Shipper.Checkpoints;

/// <summary>
/// The times that Loki accepts for a stream, as learned from its refusals, and the times that other records get instead. All in nanoseconds since 1970. A
/// batch encodes all records of a stream with the same window. The window is stored before the push, so that the same records get the same times after a
/// crash.
/// </summary>
/// <param name="FromNs">
/// Records before this are moved to <paramref name="TooOldTargetNs"/>; records before <see cref="FirstPlausibleNs"/> to <paramref name="PresentNs"/>.
/// </param>
/// <param name="ToNs">Records after this are moved to <paramref name="PresentNs"/>.</param>
/// <param name="MaxNewestNs">A record after this does not count as the newest of its stream, because Loki may refuse it.</param>
/// <param name="TooOldTargetNs">The time for records that are too old.</param>
/// <param name="PresentNs">The current time by Loki's clock.</param>
/// <param name="MaxBehindNs">A record that is older than the newest of its stream by more than this is moved to just after the newest.</param>
internal readonly record struct TimeWindow(long FromNs, long ToNs, long MaxNewestNs, long TooOldTargetNs, long PresentNs, long MaxBehindNs)
{
    /// <summary>2014-01-01. Kubernetes is younger than that, so a clock that shows an earlier time was never set.</summary>
    public const long FirstPlausibleNs = 1_388_534_400_000_000_000;

    /// <summary>An hour less than the age that Loki accepts by default (168 h).</summary>
    private const long MaxAgeNs = 167L * 60 * 60 * 1_000_000_000;

    /// <summary>The window of records without a stored window: each was sent with its own time.</summary>
    public static TimeWindow Unbounded { get; } = new(long.MinValue, long.MaxValue, long.MaxValue, long.MinValue, long.MinValue, StreamClock.MaxBehindNs);

    /// <summary>Returns the window to use as long as Loki has refused nothing.</summary>
    /// <param name="presentNs">The current time.</param>
    public static TimeWindow At(long presentNs) =>
        Unbounded with { MaxNewestNs = presentNs > long.MaxValue - StreamClock.MaxFutureNs ? long.MaxValue : presentNs + StreamClock.MaxFutureNs };

    /// <summary>
    /// Returns the time from which Loki accepts records, for use after a record that Loki may refuse as too old (reject_old_samples_max_age, 7 days by
    /// default).
    /// </summary>
    /// <param name="firstNs">The time of that record.</param>
    /// <returns><see cref="long.MaxValue"/> if the record is not that old, or if it is known which records are too old for Loki.</returns>
    public long AcceptedFromNs(long firstNs) =>
        FromNs == long.MinValue && PresentNs != long.MinValue && firstNs < PresentNs - MaxAgeNs ? PresentNs - MaxAgeNs : long.MaxValue;

    /// <summary>Returns the same window, but with records moved to times after those of previously moved records.</summary>
    public TimeWindow MovingAfter(long lastMovedNs) =>
        lastMovedNs == StreamClock.None ? this : this with { TooOldTargetNs = Math.Max(TooOldTargetNs, lastMovedNs + 1), PresentNs = Math.Max(PresentNs, lastMovedNs + 1) };

    /// <summary>Returns the time for a record outside the window.</summary>
    /// <param name="sentNs">The time that the record would have been sent with.</param>
    /// <param name="lastMovedNs">The time to which the last such record was moved.</param>
    public long Move(long sentNs, long lastMovedNs)
    {
        long targetNs = sentNs > ToNs || sentNs < FirstPlausibleNs ? PresentNs : TooOldTargetNs;
        return lastMovedNs == StreamClock.None ? targetNs : Math.Max(lastMovedNs + 1, targetNs);
    }
}
