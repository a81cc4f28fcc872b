using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Shipper.Telemetry;

/// <summary>A number that only grows, in all or for each value of one label. Safe for concurrent use.</summary>
/// <param name="name">Name of the metric, ending in <c>_total</c>.</param>
/// <param name="help">What it counts.</param>
/// <param name="label">Name of its label; null where it has none.</param>
internal sealed class Counter(string name, string help, string? label = null) : Metric(name, help, "counter")
{
    private readonly ConcurrentDictionary<string, StrongBox<long>> _values = new(StringComparer.Ordinal);

    /// <summary>Adds to a counter without a label.</summary>
    public void Add(long amount) => Add("", amount);

    /// <summary>Adds to the count of one label value. An amount of 0 makes the value visible.</summary>
    public void Add(string labelValue, long amount) =>
        Interlocked.Add(ref _values.GetOrAdd(labelValue, static _ => new StrongBox<long>()).Value, amount);

    /// <summary>The count of one label value.</summary>
    public long Get(string labelValue = "") => _values.TryGetValue(labelValue, out StrongBox<long>? value) ? Interlocked.Read(ref value.Value) : 0;

    public override void Write(PrometheusText text)
    {
        foreach ((string labelValue, StrongBox<long> value) in _values.OrderBy(value => value.Key, StringComparer.Ordinal))
        {
            text.Sample(Name, label, labelValue, Interlocked.Read(ref value.Value));
        }

        if (label is null && _values.IsEmpty)
        {
            text.Sample(Name, null, "", 0);
        }
    }
}
