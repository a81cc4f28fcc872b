namespace Shipper.Telemetry;

/// <summary>A number that goes up and down, asked for when it is wanted. Safe for concurrent use if its source is.</summary>
/// <param name="name">Name of the metric.</param>
/// <param name="help">What it tells.</param>
/// <param name="read">Gives the value.</param>
/// <param name="type">The Prometheus type, where something that is asked for only grows.</param>
internal sealed class Gauge(string name, string help, Func<double> read, string type = "gauge") : Metric(name, help, type)
{
    public override void Write(PrometheusText text) => text.Sample(Name, null, "", read());
}
