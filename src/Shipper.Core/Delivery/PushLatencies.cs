namespace Shipper.Delivery;

/// <summary>The durations of the last successful pushes.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class PushLatencies
{
    /// <summary>Number of pushes that are kept.</summary>
    private const int Capacity = 256;

    private readonly double[] _seconds = new double[Capacity];
    private int _count;
    private int _next;

    public void Add(TimeSpan duration)
    {
        _seconds[_next] = duration.TotalSeconds;
        _next = (_next + 1) % Capacity;
        _count = Math.Min(_count + 1, Capacity);
    }

    /// <summary>Returns the median and the 99th percentile in seconds; null if there was no push.</summary>
    public (double P50, double P99)? GetPercentiles()
    {
        if (_count == 0)
        {
            return null;
        }

        double[] sorted = _seconds[.._count];
        Array.Sort(sorted);
        return (At(0.50), At(0.99));

        double At(double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}
