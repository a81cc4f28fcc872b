namespace Shipper.Kubernetes;

/// <summary>What the API server is asked for: section <c>kubernetes</c> of the configuration.</summary>
internal sealed class KubernetesOptions
{
    /// <summary>False: labels come from file names alone.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Path of a kubeconfig; empty: the pod's service account.</summary>
    public string Kubeconfig { get; set; } = "";

    public NamespaceOptions Namespaces { get; set; } = new();

    /// <summary>What happens to the logs of a pod whose annotations could not be read yet.</summary>
    public UnknownPod WhenUnknown { get; set; } = UnknownPod.Ship;

    /// <summary>Stream labels, and where their values come from.</summary>
    public Dictionary<string, string> Labels { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Structured metadata, and where its values come from.</summary>
    public Dictionary<string, string> StructuredMetadata { get; set; } = new(StringComparer.Ordinal);
}
