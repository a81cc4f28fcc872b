namespace Shipper.Kubernetes.Api;

/// <summary>An element of <c>metadata.ownerReferences</c>.</summary>
internal sealed class OwnerReference
{
    public string? Kind { get; set; }

    public string? Name { get; set; }

    /// <summary>True for the owner that manages the object; other owners only prevent its garbage collection.</summary>
    public bool? Controller { get; set; }
}
