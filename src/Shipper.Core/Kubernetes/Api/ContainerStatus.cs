using System.Text.Json.Serialization;

namespace Shipper.Kubernetes.Api;

/// <summary>One container of a pod's <c>status</c>.</summary>
internal sealed class ContainerStatus
{
    public string? Name { get; set; }

    public int RestartCount { get; set; }

    /// <summary>As in <c>containerd://</c> and the id.</summary>
    [JsonPropertyName("containerID")]
    public string? ContainerId { get; set; }

    public LastState? LastState { get; set; }
}
