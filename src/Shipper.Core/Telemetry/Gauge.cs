namespace Shipper.Telemetry;

/// <summary>A number that goes up and down and is read each time <c>/metrics</c> is requested. Thread-safe if <paramref name="read"/> is.</summary>
/// <param name="read">Returns the current value.</param>
/// <param name="type">The Prometheus type; <c>counter</c> if the value only grows.</param>
internal sealed class Gauge(string name, string help, Func<double> read, string type = "gauge") : Metric(name, help, type)
{
    public override void Write(PrometheusText text) => text.WriteSample(Name, null, "", read());
}
