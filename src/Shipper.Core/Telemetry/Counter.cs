using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Shipper.Telemetry;

/// <summary>A number that only grows, with one value for each value of its label, if it has one. Thread-safe.</summary>
/// <param name="name">Name of the metric, ending in <c>_total</c>.</param>
/// <param name="label">Name of the label; null if the counter has none.</param>
internal sealed class Counter(string name, string help, string? label = null) : Metric(name, help, "counter")
{
    private readonly ConcurrentDictionary<string, StrongBox<long>> _values = new(StringComparer.Ordinal);

    /// <summary>Adds to a counter that has no label.</summary>
    public void Add(long amount) => Add("", amount);

    /// <summary>Adds to the count of one label value. Adding 0 makes the label value appear in <c>/metrics</c>.</summary>
    public void Add(string labelValue, long amount) =>
        Interlocked.Add(ref _values.GetOrAdd(labelValue, static _ => new StrongBox<long>()).Value, amount);

    /// <summary>Makes label values appear in <c>/metrics</c>. Those that exist keep their counts.</summary>
    public void Show(IEnumerable<string> labelValues)
    {
        foreach (string labelValue in labelValues)
        {
            Add(labelValue, 0);
        }
    }

    /// <summary>Returns the count of one label value.</summary>
    public long Get(string labelValue = "") => _values.TryGetValue(labelValue, out StrongBox<long>? value) ? Interlocked.Read(ref value.Value) : 0;

    /// <summary>Returns the sum of all label values.</summary>
    public long GetTotal() => _values.Values.Sum(value => Interlocked.Read(ref value.Value));

    /// <summary>Returns the counts above 0 by label value, in ordinal order.</summary>
    public IEnumerable<(string LabelValue, long Value)> GetCounts() =>
        _values.Select(value => (LabelValue: value.Key, Value: Interlocked.Read(ref value.Value.Value))).Where(count => count.Value > 0).OrderBy(count => count.LabelValue, StringComparer.Ordinal);

    public override void Write(PrometheusText text)
    {
        foreach ((string labelValue, StrongBox<long> value) in _values.OrderBy(value => value.Key, StringComparer.Ordinal))
        {
            text.WriteSample(Name, label, labelValue, Interlocked.Read(ref value.Value));
        }

        if (label is null && _values.IsEmpty)
        {
            text.WriteSample(Name, null, "", 0);
        }
    }
}
