namespace Shipper.Kubernetes.Api;

/// <summary>A container in a pod's <c>status</c>.</summary>
internal sealed class ContainerStatus
{
    public string? Name { get; set; }

    public int RestartCount { get; set; }

    /// <summary>Id of the current run with the runtime's name, for example <c>containerd://0a1b</c>.</summary>
    public string? ContainerId { get; set; }

    /// <summary>Id of the previous run: <c>lastState.terminated.containerID</c>.</summary>
    public string? LastContainerId { get; set; }
}
