namespace Shipper.Kubernetes.Api;

/// <summary>Where a watcher puts what it sees. Called by one watcher at a time.</summary>
internal interface IResourceStore
{
    /// <summary>An object was added or changed.</summary>
    /// <returns>False where the object makes no sense.</returns>
    bool Put(ApiObject item);

    /// <summary>An object was deleted; this is how it was last.</summary>
    /// <returns>False where the object makes no sense.</returns>
    bool Delete(ApiObject item);

    /// <summary>These are all objects that there are.</summary>
    /// <returns>How many of them make no sense.</returns>
    int Replace(IReadOnlyList<ApiObject> items);
}
