using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Shipper.Telemetry;

/// <summary>A number that only grows, for each combination of several labels' values. Safe for concurrent use.</summary>
/// <param name="name">Name of the metric, ending in <c>_total</c>.</param>
/// <param name="help">What it counts.</param>
/// <param name="labels">Names of its labels.</param>
internal sealed class LabelledCounter(string name, string help, params string[] labels) : Metric(name, help, "counter")
{
    /// <summary>Between the values in a key; none of them has it.</summary>
    private const char Separator = '\n';

    private readonly ConcurrentDictionary<string, StrongBox<long>> _values = new(StringComparer.Ordinal);

    /// <summary>Adds to the count of one combination; its values stand in the order of the labels.</summary>
    public void Add(long amount, params ReadOnlySpan<string?> labelValues) =>
        Interlocked.Add(ref _values.GetOrAdd(string.Join(Separator, labelValues), static _ => new StrongBox<long>()).Value, amount);

    /// <summary>The count of one combination.</summary>
    public long Get(params ReadOnlySpan<string?> labelValues) =>
        _values.TryGetValue(string.Join(Separator, labelValues), out StrongBox<long>? value) ? Interlocked.Read(ref value.Value) : 0;

    public override void Write(PrometheusText text)
    {
        foreach ((string key, StrongBox<long> value) in _values.OrderBy(value => value.Key, StringComparer.Ordinal))
        {
            text.Sample(Name, labels.Zip(key.Split(Separator)), Interlocked.Read(ref value.Value));
        }
    }
}
