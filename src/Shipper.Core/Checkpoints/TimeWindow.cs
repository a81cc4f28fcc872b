namespace Shipper.Checkpoints;

/// <summary>
/// The times that Loki takes of a stream, as far as its refusals have shown them, and the times that other records get instead. All in nanoseconds since 1970. A batch
/// encodes all records of a stream with one window. The window is noted before the push, so that the same records get the same times after a crash.
/// </summary>
/// <param name="FromNs">Records before this are moved to <paramref name="OldToNs"/>; those before <see cref="FirstPlausibleNs"/> to <paramref name="PresentNs"/>.</param>
/// <param name="ToNs">Records after this are moved to <paramref name="PresentNs"/>.</param>
/// <param name="NewestToNs">A record after this does not count as the newest of its stream: Loki may refuse it.</param>
/// <param name="OldToNs">The time for records that are too old.</param>
/// <param name="PresentNs">The present by Loki's clock.</param>
/// <param name="MaxBehindNs">A record further behind the newest of its stream is moved behind that.</param>
internal readonly record struct TimeWindow(long FromNs, long ToNs, long NewestToNs, long OldToNs, long PresentNs, long MaxBehindNs)
{
    /// <summary>Kubernetes is younger: a clock that shows an earlier time was never set.</summary>
    public const long FirstPlausibleNs = 1_388_534_400_000_000_000;

    /// <summary>An hour less than Loki takes by default.</summary>
    private const long MaxAgeNs = 167L * 60 * 60 * 1_000_000_000;

    /// <summary>The window of records that no window was noted for: each was sent with its own time.</summary>
    public static TimeWindow Unbounded { get; } = new(long.MinValue, long.MaxValue, long.MaxValue, long.MinValue, long.MinValue, StreamClock.MaxBehindNs);

    /// <summary>The window while Loki has refused nothing.</summary>
    /// <param name="presentNs">The present.</param>
    public static TimeWindow At(long presentNs) =>
        Unbounded with { NewestToNs = presentNs > long.MaxValue - StreamClock.MaxFutureNs ? long.MaxValue : presentNs + StreamClock.MaxFutureNs };

    /// <summary>Behind a record that Loki may find too old (reject_old_samples_max_age, 7 days by default): the time from which it takes records.</summary>
    /// <param name="firstNs">The time of the record.</param>
    /// <returns><see cref="long.MaxValue"/> if the record is not that old, or if it is known which records Loki finds too old.</returns>
    public long YoungAfter(long firstNs) =>
        FromNs == long.MinValue && PresentNs != long.MinValue && firstNs < PresentNs - MaxAgeNs ? PresentNs - MaxAgeNs : long.MaxValue;

    /// <summary>The same window, except that records are moved behind those that were moved already.</summary>
    public TimeWindow Behind(long lastMovedNs) =>
        lastMovedNs == StreamClock.None ? this : this with { OldToNs = Math.Max(OldToNs, lastMovedNs + 1), PresentNs = Math.Max(PresentNs, lastMovedNs + 1) };

    /// <summary>The time for a record that is before or after the window.</summary>
    /// <param name="sentNs">The time that it would have been sent with.</param>
    /// <param name="lastMovedNs">The time that the last one was moved to.</param>
    public long Move(long sentNs, long lastMovedNs)
    {
        long targetNs = sentNs > ToNs || sentNs < FirstPlausibleNs ? PresentNs : OldToNs;
        return lastMovedNs == StreamClock.None ? targetNs : Math.Max(lastMovedNs + 1, targetNs);
    }
}
