using System.Text.Json.Serialization;

namespace Shipper.Kubernetes.Api;

/// <summary><c>terminated</c> of a container's state.</summary>
internal sealed class TerminatedState
{
    /// <summary>As in <c>containerd://</c> and the id.</summary>
    [JsonPropertyName("containerID")]
    public string? ContainerId { get; set; }
}
