namespace Shipper.Telemetry;

/// <summary>One metric family of <c>/metrics</c>.</summary>
internal abstract class Metric(string name, string help, string type)
{
    public string Name { get; } = name;

    public string Help { get; } = help;

    public string Type { get; } = type;

    /// <summary>Writes the family's samples.</summary>
    public abstract void Write(PrometheusText text);
}
