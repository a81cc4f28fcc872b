namespace Shipper.Kubernetes.Api;

/// <summary>
/// The parts of a pod, a node or a namespace that are read; all other properties of the response are skipped. One type serves all
/// resources: a part that a resource does not have is null.
/// </summary>
internal sealed class ApiObject
{
    public ObjectMetadata? Metadata { get; set; }

    public PodSpec? Spec { get; set; }

    public PodStatus? Status { get; set; }
}
