namespace Shipper.Kubernetes.Api;

/// <summary>What a watcher watches.</summary>
/// <param name="Name">The resource, as in a rule of RBAC: pods, nodes, namespaces.</param>
/// <param name="FieldSelector">Which of them; empty: all.</param>
/// <param name="IsMetadataOnly">True to be sent <c>metadata</c> alone.</param>
/// <param name="IsListed">
/// True to begin with a list, so that it is known when everything was seen. False to begin with a watch that sends what there is as
/// additions: one request less.
/// </param>
internal sealed record WatchedResource(string Name, string FieldSelector, bool IsMetadataOnly, bool IsListed)
{
    /// <summary>The pods of a node.</summary>
    public static WatchedResource Pods(string node) => new("pods", $"spec.nodeName={node}", IsMetadataOnly: false, IsListed: true);

    /// <summary>A node's own object.</summary>
    public static WatchedResource Node(string node) => new("nodes", $"metadata.name={node}", IsMetadataOnly: true, IsListed: false);

    /// <summary>All namespaces.</summary>
    public static WatchedResource Namespaces() => new("namespaces", "", IsMetadataOnly: true, IsListed: false);

    /// <summary>The media type of a watch.</summary>
    public string Accept => IsMetadataOnly ? "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" : "application/json";

    /// <summary>Path and query of a list from the API server's cache, as it is: exactly as new as the cache, and without a load on etcd.</summary>
    public string ListPath => $"/api/v1/{Name}?{Selector}resourceVersion=0";

    /// <summary>Path and query of a watch.</summary>
    public string WatchPath(string resourceVersion, int timeoutSeconds) =>
        $"/api/v1/{Name}?watch=1&allowWatchBookmarks=true&resourceVersion={Uri.EscapeDataString(resourceVersion)}&{Selector}timeoutSeconds={timeoutSeconds}";

    private string Selector => FieldSelector.Length > 0 ? $"fieldSelector={Uri.EscapeDataString(FieldSelector)}&" : "";
}
