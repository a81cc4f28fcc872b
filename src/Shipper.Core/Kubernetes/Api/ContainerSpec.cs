namespace Shipper.Kubernetes.Api;

/// <summary>One container of a pod's <c>spec</c>.</summary>
internal sealed class ContainerSpec
{
    public string? Name { get; set; }

    public string? Image { get; set; }
}
