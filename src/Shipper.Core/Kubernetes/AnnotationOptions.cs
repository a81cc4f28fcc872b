namespace Shipper.Kubernetes;

/// <summary>What pods may ask for with annotations: section <c>kubernetes.annotations</c> of the configuration.</summary>
internal sealed class AnnotationOptions
{
    /// <summary>Globs of the annotations to obey, without <c>shipper.io/</c>; empty for none.</summary>
    public List<string> Allow { get; set; } = ["*"];

    /// <summary>True if the annotations of a namespace are the defaults of its pods.</summary>
    public bool Namespaces { get; set; }

    /// <summary>True to obey the annotations of other log agents too.</summary>
    public bool Foreign { get; set; } = true;
}
