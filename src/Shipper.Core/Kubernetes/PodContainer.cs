namespace Shipper.Kubernetes;

/// <summary>A container of a pod: one of its containers, init containers or ephemeral containers.</summary>
/// <param name="Name">Its name, unique in the pod.</param>
/// <param name="Image">The image that the pod asks for.</param>
/// <param name="ContainerId">Id of its present run, without the runtime's name; null: none was started yet.</param>
/// <param name="RestartCount">Which run that is, counted from 0.</param>
/// <param name="LastContainerId">Id of the run before that one; null: not known.</param>
/// <param name="Exclusion">Which of its logs are not wanted; null: all are.</param>
internal sealed record PodContainer(
    string Name, string? Image, string? ContainerId, int RestartCount, string? LastContainerId, LogExclusion? Exclusion);
