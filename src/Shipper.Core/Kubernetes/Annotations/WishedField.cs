namespace Shipper.Kubernetes.Annotations;

/// <summary>A field to send as structured metadata.</summary>
/// <param name="Name">Name of the structured metadata.</param>
/// <param name="Path">Path in a JSON or logfmt line.</param>
internal sealed record WishedField(string Name, string Path);
