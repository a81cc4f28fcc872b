using System.Globalization;
using System.Text;

namespace Shipper.Telemetry;

/// <summary>
/// Writes the Prometheus text exposition format, version 0.0.4:
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format.
/// </summary>
internal sealed class PrometheusText
{
    /// <summary>The media type of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    /// <summary>Writes a metric family with its samples.</summary>
    public void WriteFamily(Metric metric)
    {
        _text.Append("# HELP ").Append(metric.Name).Append(' ').Append(metric.Help).Append('\n');
        _text.Append("# TYPE ").Append(metric.Name).Append(' ').Append(metric.Type).Append('\n');
        metric.Write(this);
    }

    /// <summary>Writes one sample with at most one label.</summary>
    public void WriteSample(string name, string? label, string labelValue, double value)
    {
        _text.Append(name);
        if (label is not null)
        {
            _text.Append('{').Append(label).Append("=\"").Append(Escape(labelValue)).Append("\"}");
        }

        _text.Append(' ').Append(Format(value)).Append('\n');
    }

    /// <summary>Writes one sample with several labels.</summary>
    public void WriteSample(string name, IEnumerable<(string Name, string Value)> labels, double value)
    {
        IEnumerable<string> pairs = labels.Select(pair => $"{pair.Name}=\"{Escape(pair.Value)}\"");
        _text.Append(name).Append('{').AppendJoin(',', pairs).Append("} ");
        _text.Append(Format(value)).Append('\n');
    }

    public override string ToString() => _text.ToString();

    private static string Format(double value) => double.IsPositiveInfinity(value) ? "+Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
}
