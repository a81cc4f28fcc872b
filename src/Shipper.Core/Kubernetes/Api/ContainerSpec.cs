namespace Shipper.Kubernetes.Api;

/// <summary>A container in a pod's <c>spec</c>.</summary>
internal sealed class ContainerSpec
{
    public string? Name { get; set; }

    public string? Image { get; set; }
}
