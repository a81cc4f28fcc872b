namespace Shipper.Kubernetes.Api;

/// <summary>Stores the objects that a watcher receives. Called by one watcher at a time.</summary>
internal interface IResourceStore
{
    /// <summary>Adds or replaces an object.</summary>
    /// <returns>False if the object is malformed.</returns>
    bool Put(ApiObject item);

    /// <summary>Deletes an object.</summary>
    /// <param name="item">The object's last state.</param>
    /// <returns>False if the object is malformed.</returns>
    bool Delete(ApiObject item);

    /// <summary>Replaces all objects.</summary>
    /// <returns>The number of malformed objects.</returns>
    int Replace(IReadOnlyList<ApiObject> items);
}
