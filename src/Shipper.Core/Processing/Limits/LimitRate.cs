namespace Shipper.Processing.Limits;

/// <summary>One of the two rates of a limit, in the time that bytes or records take at this rate.</summary>
/// <param name="perSecond">Bytes or records per second; 0 for no limit.</param>
/// <param name="maxAmount">Bytes or records of the largest record.</param>
/// <param name="burst"><see cref="LimitOptions.Burst"/>.</param>
/// <param name="maxDelay">How much longer than the burst the bucket may take to empty if records over the limit are read later; zero if they are dropped.</param>
internal readonly struct LimitRate(long perSecond, int maxAmount, TimeSpan burst, TimeSpan maxDelay)
{
    private const long SecondNs = 1_000_000_000;

    // If records over the limit are dropped, the bucket never takes longer to empty than the burst and one record do. A longer time is from another
    // configuration of the limit, and is forgotten.
    private readonly long _maxFillNs =
        LimitClock.Add(LimitClock.ToNs(burst), maxDelay > TimeSpan.Zero ? LimitClock.ToNs(maxDelay) : CostNs(maxAmount, perSecond));

    /// <summary>Returns when the records before this one will have passed: a time from <paramref name="now"/> on.</summary>
    /// <param name="dueNs">The time in memory.</param>
    public long DueNs(long dueNs, long now) => Math.Clamp(dueNs, now, LimitClock.Add(now, _maxFillNs));

    /// <summary>Returns how long bytes or records take at this rate, in nanoseconds, rounded up; 0 if there is no limit.</summary>
    public long CostNs(int amount) => CostNs(amount, perSecond);

    /// <summary>Returns how long bytes or records take at a rate, in nanoseconds, rounded up; 0 if there is no limit.</summary>
    public static long CostNs(int amount, long perSecond)
    {
        if (perSecond <= 0)
        {
            return 0;
        }

        (long cost, long rest) = Math.DivRem(amount * SecondNs, perSecond);
        return rest == 0 ? cost : cost + 1;
    }
}
