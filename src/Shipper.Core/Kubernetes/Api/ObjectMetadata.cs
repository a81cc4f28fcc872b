namespace Shipper.Kubernetes.Api;

/// <summary>The <c>metadata</c> of an object.</summary>
internal sealed class ObjectMetadata
{
    public string? Name { get; set; }

    public string? Namespace { get; set; }

    public string? Uid { get; set; }

    public string? ResourceVersion { get; set; }

    public DateTimeOffset? CreationTimestamp { get; set; }

    /// <summary>True if the object has a <c>deletionTimestamp</c>, which means that it is being deleted.</summary>
    public bool IsTerminating { get; set; }

    /// <summary>The pairs that an <see cref="ObjectReader"/> kept; null if it kept none.</summary>
    public Dictionary<string, string>? Labels { get; set; }

    /// <summary>The pairs that an <see cref="ObjectReader"/> kept; null if it kept none.</summary>
    public Dictionary<string, string>? Annotations { get; set; }

    public List<OwnerReference>? OwnerReferences { get; set; }
}
