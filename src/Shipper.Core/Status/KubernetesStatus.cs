namespace Shipper.Status;

/// <summary>Whether the agent knows the pods of the node.</summary>
/// <param name="State"><c>connected</c>, <c>not connected</c> or <c>off</c>.</param>
/// <param name="Text">The same with details.</param>
internal sealed record KubernetesStatus(string State, string Text);
