namespace Shipper.Kubernetes;

/// <summary>What the agent reads from the API server: section <c>kubernetes</c> of the configuration.</summary>
internal sealed class KubernetesOptions
{
    /// <summary>False if labels come from file names only.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Path of a kubeconfig. If it is empty, the agent uses the pod's service account.</summary>
    public string Kubeconfig { get; set; } = "";

    public NamespaceOptions Namespaces { get; set; } = new();

    /// <summary>What happens to the logs of a pod whose annotations are not known yet.</summary>
    public UnknownPodAction WhenUnknown { get; set; } = UnknownPodAction.Ship;

    public AnnotationOptions Annotations { get; set; } = new();

    /// <summary>Names of stream labels, and the facts that their values come from.</summary>
    public Dictionary<string, string> Labels { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Names of structured metadata, and the facts that its values come from.</summary>
    public Dictionary<string, string> StructuredMetadata { get; set; } = new(StringComparer.Ordinal);
}
