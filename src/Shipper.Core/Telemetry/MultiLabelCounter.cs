using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Shipper.Telemetry;

/// <summary>A number that only grows, with one value for each combination of label values. Thread-safe.</summary>
/// <param name="name">Name of the metric, ending in <c>_total</c>.</param>
/// <param name="labels">Names of the labels.</param>
internal sealed class MultiLabelCounter(string name, string help, params string[] labels) : Metric(name, help, "counter")
{
    /// <summary>Separates the label values in a key. No label value contains it.</summary>
    private const char Separator = '\n';

    private readonly ConcurrentDictionary<string, StrongBox<long>> _values = new(StringComparer.Ordinal);

    /// <summary>Adds to the count of one combination. The values are in the order of the labels.</summary>
    public void Add(long amount, params ReadOnlySpan<string?> labelValues) =>
        Interlocked.Add(ref _values.GetOrAdd(string.Join(Separator, labelValues), static _ => new StrongBox<long>()).Value, amount);

    /// <summary>Returns the count of one combination.</summary>
    public long Get(params ReadOnlySpan<string?> labelValues) =>
        _values.TryGetValue(string.Join(Separator, labelValues), out StrongBox<long>? value) ? Interlocked.Read(ref value.Value) : 0;

    /// <summary>Returns the counts above 0 by label values, in ordinal order.</summary>
    public IEnumerable<(string[] LabelValues, long Value)> GetCounts() =>
        _values.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => (value.Key.Split(Separator), Interlocked.Read(ref value.Value.Value))).Where(count => count.Item2 > 0);

    public override void Write(PrometheusText text)
    {
        foreach ((string key, StrongBox<long> value) in _values.OrderBy(value => value.Key, StringComparer.Ordinal))
        {
            text.WriteSample(Name, labels.Zip(key.Split(Separator)), Interlocked.Read(ref value.Value));
        }
    }
}
