namespace Shipper.Kubernetes.Api;

/// <summary>One of <c>metadata.ownerReferences</c>.</summary>
internal sealed class OwnerReference
{
    public string? Kind { get; set; }

    public string? Name { get; set; }

    /// <summary>True for the one owner that manages the object; others only keep it from being collected.</summary>
    public bool? Controller { get; set; }
}
