using System.Globalization;

namespace Shipper.Telemetry;

/// <summary>Counts durations in buckets, in seconds. Thread-safe.</summary>
/// <param name="bounds">Upper bounds of the buckets in seconds, ascending.</param>
internal sealed class Histogram(string name, string help, params double[] bounds) : Metric(name, help, "histogram")
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _sum;

    public void Observe(TimeSpan duration)
    {
        double seconds = duration.TotalSeconds;
        int bucket = 0;
        while (bucket < bounds.Length && seconds > bounds[bucket])
        {
            bucket++;
        }

        lock (_lock)
        {
            _counts[bucket]++;
            _sum += seconds;
        }
    }

    public override void Write(PrometheusText text)
    {
        lock (_lock)
        {
            long count = 0;
            for (int i = 0; i < bounds.Length; i++)
            {
                count += _counts[i];
                text.WriteSample(Name + "_bucket", "le", bounds[i].ToString(CultureInfo.InvariantCulture), count);
            }

            count += _counts[^1];
            text.WriteSample(Name + "_bucket", "le", "+Inf", count);
            text.WriteSample(Name + "_sum", null, "", _sum);
            text.WriteSample(Name + "_count", null, "", count);
        }
    }
}
