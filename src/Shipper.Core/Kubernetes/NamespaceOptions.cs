namespace Shipper.Kubernetes;

/// <summary>Namespaces whose logs are sent: section <c>kubernetes.namespaces</c> of the configuration.</summary>
internal sealed class NamespaceOptions
{
    /// <summary>Globs of namespaces to include.</summary>
    public List<string> Include { get; set; } = ["*"];

    /// <summary>Globs of namespaces to exclude from the included ones.</summary>
    public List<string> Exclude { get; set; } = [];
}
