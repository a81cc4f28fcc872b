namespace Shipper.Kubernetes.Annotations;

/// <summary>How much a container may send. One of the two numbers is positive, the other is 0.</summary>
/// <param name="BytesPerSecond">Bytes of text per second.</param>
/// <param name="LinesPerSecond">Records per second.</param>
internal sealed record WishedLimit(long BytesPerSecond, long LinesPerSecond);
