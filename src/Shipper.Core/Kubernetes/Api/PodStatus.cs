namespace Shipper.Kubernetes.Api;

/// <summary>The <c>status</c> of a pod.</summary>
internal sealed class PodStatus
{
    public string? Phase { get; set; }

    public string? PodIp { get; set; }

    public List<ContainerStatus>? InitContainerStatuses { get; set; }

    public List<ContainerStatus>? ContainerStatuses { get; set; }

    public List<ContainerStatus>? EphemeralContainerStatuses { get; set; }
}
