namespace Shipper.Kubernetes.Api;

/// <summary>One container of a pod's <c>status</c>.</summary>
internal sealed class ContainerStatus
{
    public string? Name { get; set; }

    public int RestartCount { get; set; }

    /// <summary>As in <c>containerd://</c> and the id.</summary>
    public string? ContainerId { get; set; }

    /// <summary>That of <c>lastState.terminated</c>.</summary>
    public string? LastContainerId { get; set; }
}
