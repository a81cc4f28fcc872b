namespace Shipper.Benchmarks.Receiving;

/// <summary>Counts durations in milliseconds, up to a minute. Not thread-safe.</summary>
internal sealed class LatencyHistogram
{
    private const int MaxMs = 60_000;

    private readonly long[] _counts = new long[MaxMs + 1];
    private long _total;

    public void Add(long microseconds)
    {
        _counts[Math.Clamp(microseconds / 1000, 0, MaxMs)]++;
        _total++;
    }

    public LatencySummary Summarise() => new(Quantile(0.5), Quantile(0.99), Quantile(1));

    private int Quantile(double part)
    {
        long rest = (long)Math.Ceiling(_total * part);
        int ms = 0;
        while (ms < MaxMs && (rest -= _counts[ms]) > 0)
        {
            ms++;
        }

        return ms;
    }
}
