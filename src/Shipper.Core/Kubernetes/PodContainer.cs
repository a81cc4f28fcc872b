namespace Shipper.Kubernetes;

/// <summary>A container of a pod: one of its containers, init containers or ephemeral containers.</summary>
/// <param name="Name">The container's name, unique in the pod.</param>
/// <param name="Image">The image in the pod's spec.</param>
/// <param name="ContainerId">Id of the current run, without the runtime's name; null if the container has not started yet.</param>
/// <param name="RestartCount">Number of the current run, counted from 0.</param>
/// <param name="LastContainerId">Id of the previous run; null if unknown.</param>
internal sealed record PodContainer(string Name, string? Image, string? ContainerId, int RestartCount, string? LastContainerId);
