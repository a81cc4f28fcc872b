namespace Shipper.Kubernetes.Api;

/// <summary>The <c>spec</c> of a pod.</summary>
internal sealed class PodSpec
{
    public List<ContainerSpec>? InitContainers { get; set; }

    public List<ContainerSpec>? Containers { get; set; }

    public List<ContainerSpec>? EphemeralContainers { get; set; }
}
