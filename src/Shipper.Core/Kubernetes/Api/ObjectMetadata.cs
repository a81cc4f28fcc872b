namespace Shipper.Kubernetes.Api;

/// <summary><c>metadata</c> of an object.</summary>
internal sealed class ObjectMetadata
{
    public string? Name { get; set; }

    public string? Namespace { get; set; }

    public string? Uid { get; set; }

    public string? ResourceVersion { get; set; }

    public DateTimeOffset? CreationTimestamp { get; set; }

    /// <summary>True if it has a <c>deletionTimestamp</c>: it is being deleted.</summary>
    public bool IsTerminating { get; set; }

    /// <summary>Those that an <see cref="ObjectReader"/> kept; null: none.</summary>
    public Dictionary<string, string>? Labels { get; set; }

    /// <summary>Those that an <see cref="ObjectReader"/> kept; null: none.</summary>
    public Dictionary<string, string>? Annotations { get; set; }

    public List<OwnerReference>? OwnerReferences { get; set; }
}
