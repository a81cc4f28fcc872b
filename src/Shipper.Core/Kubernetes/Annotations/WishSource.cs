namespace Shipper.Kubernetes.Annotations;

/// <summary>The agent whose annotation expresses a wish. Of two foreign agents, the one that comes first here takes precedence.</summary>
internal enum WishSource : byte
{
    Shipper,
    FluentBit,
    Elastic,
    Datadog,
    Vector,
    Grafana,
    OpenTelemetry,
}
