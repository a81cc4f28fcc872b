namespace Shipper.Kubernetes.Api;

/// <summary>
/// What is read of a pod, a node or a namespace. One type for all: what a resource does not have is null, and
/// everything else in the answer is skipped unread.
/// </summary>
internal sealed class ApiObject
{
    public ObjectMetadata? Metadata { get; set; }

    public PodSpec? Spec { get; set; }

    public PodStatus? Status { get; set; }
}
