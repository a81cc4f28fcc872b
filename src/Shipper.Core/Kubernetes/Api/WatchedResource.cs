namespace Shipper.Kubernetes.Api;

/// <summary>A resource that a watcher watches.</summary>
/// <param name="Name">Name of the resource as in an RBAC rule: pods, nodes or namespaces.</param>
/// <param name="FieldSelector">Field selector of the objects; empty for all objects.</param>
/// <param name="IsMetadataOnly">True to request only <c>metadata</c>.</param>
/// <param name="StartsWithList">
/// True to start with a list, so that the watcher knows when it has seen all objects. False to start with a watch that sends the existing
/// objects as additions, which saves one request.
/// </param>
internal sealed record WatchedResource(string Name, string FieldSelector, bool IsMetadataOnly, bool StartsWithList)
{
    /// <summary>The pods of a node.</summary>
    public static WatchedResource Pods(string node) => new("pods", $"spec.nodeName={node}", IsMetadataOnly: false, StartsWithList: true);

    /// <summary>The object of a node.</summary>
    public static WatchedResource Node(string node) => new("nodes", $"metadata.name={node}", IsMetadataOnly: true, StartsWithList: false);

    /// <summary>All namespaces.</summary>
    public static WatchedResource Namespaces() => new("namespaces", "", IsMetadataOnly: true, StartsWithList: false);

    /// <summary>The media type of the responses.</summary>
    public string Accept => IsMetadataOnly ? "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" : "application/json";

    /// <summary>Path and query of a list. The API server answers it from its cache, without load on etcd; the list is as recent as the cache.</summary>
    public string ListPath => $"/api/v1/{Name}?{Selector}resourceVersion=0";

    /// <summary>Path and query of a watch.</summary>
    public string WatchPath(string resourceVersion, int timeoutSeconds) =>
        $"/api/v1/{Name}?watch=1&allowWatchBookmarks=true&resourceVersion={Uri.EscapeDataString(resourceVersion)}&{Selector}timeoutSeconds={timeoutSeconds}";

    private string Selector => FieldSelector.Length > 0 ? $"fieldSelector={Uri.EscapeDataString(FieldSelector)}&" : "";
}
