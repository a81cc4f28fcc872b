namespace Shipper.Kubernetes;

/// <summary>Which namespaces' logs are sent: section <c>kubernetes.namespaces</c> of the configuration.</summary>
internal sealed class NamespaceOptions
{
    /// <summary>Globs of namespaces to send.</summary>
    public List<string> Include { get; set; } = ["*"];

    /// <summary>Globs of namespaces to leave out of them.</summary>
    public List<string> Exclude { get; set; } = [];
}
