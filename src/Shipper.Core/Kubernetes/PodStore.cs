using Shipper.Kubernetes.Annotations;
using Shipper.Kubernetes.Api;

namespace Shipper.Kubernetes;

/// <summary>Stores the pods of this node, and deleted pods for a while.</summary>
/// <remarks>Thread-safe, with one watcher as the only writer.</remarks>
internal sealed class PodStore : IResourceStore
{
    /// <summary>How long a deleted pod is kept: its last lines are often read after it is gone.</summary>
    internal static readonly TimeSpan DeletedPodRetention = TimeSpan.FromMinutes(10);

    /// <summary>Maximum number of deleted pods to keep; a node runs 110 pods at a time.</summary>
    internal const int MaxDeletedPods = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, PodInfo> _byUid = new(StringComparer.Ordinal);

    /// <summary>The newest pod of each name.</summary>
    private readonly Dictionary<(string Namespace, string Name), PodInfo> _byName = [];

    /// <summary>
    /// Static pods by hash. Namespace and name are part of the key because anyone may set the annotation: it must not lead to another pod's logs.
    /// </summary>
    private readonly Dictionary<(string Namespace, string Name, string Hash), PodInfo> _byHash = [];

    /// <summary>Deleted pods, in the order of their deletion.</summary>
    private readonly Queue<(PodInfo Pod, long Deleted)> _deleted = new();

    private readonly MetadataNeeds _needs;
    private readonly StringPool _strings = new();
    private readonly TimeProvider _time;
    private readonly AnnotationReporter? _reporter;
    private long _version;
    private bool _isComplete;

    /// <param name="reporter">Receives the annotations that are not obeyed; null to report none.</param>
    public PodStore(MetadataNeeds needs, TimeProvider time, AnnotationReporter? reporter = null)
    {
        _needs = needs;
        _time = time;
        _reporter = reporter;
    }

    /// <summary>Raised by the watcher's loop after a pod was added, changed or deleted. Handlers must not block or throw.</summary>
    public event Action<PodInfo>? Changed;

    /// <summary>True once all pods have been listed. A pod that is not in the store is then unknown to the API server, for now.</summary>
    public bool IsComplete => Volatile.Read(ref _isComplete);

    /// <summary>Increases with each change of the stored metadata.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Number of pods, without deleted ones.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byUid.Count - CountDeleted();
            }
        }
    }

    /// <summary>Finds a pod. Deleted pods are found for ten minutes.</summary>
    /// <param name="namespace">The pod's namespace.</param>
    /// <param name="pod">The pod's name.</param>
    /// <param name="uid">The uid in the path of the pod's logs, or the hash of a static pod. If it is empty, the newest pod with the name is returned.</param>
    public PodInfo? Find(string @namespace, string pod, string uid)
    {
        lock (_lock)
        {
            Forget();
            return uid.Length == 0 ? _byName.GetValueOrDefault((@namespace, pod))
                : _byUid.TryGetValue(uid, out PodInfo? found) && found.Namespace == @namespace && found.Name == pod ? found
                : _byHash.GetValueOrDefault((@namespace, pod, uid));
        }
    }

    public bool Put(ApiObject item)
    {
        if (PodReader.Read(item, _needs, _strings) is not { } pod)
        {
            return false;
        }

        Set(pod);
        return true;
    }

    public bool Delete(ApiObject item)
    {
        if (PodReader.Read(item, _needs, _strings) is not { } pod)
        {
            return false;
        }

        Set(pod.AsDeleted());
        return true;
    }

    public int Replace(IReadOnlyList<ApiObject> items)
    {
        int invalid = 0;
        var present = new HashSet<string>(StringComparer.Ordinal);
        foreach (ApiObject item in items)
        {
            if (PodReader.Read(item, _needs, _strings) is { } pod)
            {
                present.Add(pod.Uid);
                Set(pod);
            }
            else
            {
                invalid++;
            }
        }

        List<PodInfo> absent;
        lock (_lock)
        {
            absent = [.. _byUid.Values.Where(pod => !pod.IsDeleted && !present.Contains(pod.Uid))];
        }

        foreach (PodInfo pod in absent)
        {
            Set(pod.AsDeleted());
        }

        if (!IsComplete)
        {
            Volatile.Write(ref _isComplete, true);
            Interlocked.Increment(ref _version);
        }

        return invalid;
    }

    private void Set(PodInfo pod)
    {
        PodInfo? known;
        lock (_lock)
        {
            if (_byUid.TryGetValue(pod.Uid, out known) && known.IsSameAs(pod))
            {
                return;
            }

            Put(pod);
            if (pod.IsDeleted)
            {
                _deleted.Enqueue((pod, _time.GetTimestamp()));
            }

            Forget();
            Interlocked.Increment(ref _version);
        }

        if (!pod.Wishes.Equals(known?.Wishes))
        {
            // Pods of one owner have the same annotations, and new names all the time.
            _reporter?.Report($"{pod.Namespace}/{pod.OwnerName ?? pod.Name}", pod.Wishes.Errors);
        }

        Changed?.Invoke(pod);
    }

    private void Put(PodInfo pod)
    {
        // The annotation may change with each event. Remove the old key, or the dictionary would grow each time.
        if (_byUid.TryGetValue(pod.Uid, out PodInfo? known) && known.ConfigHash != pod.ConfigHash)
        {
            RemoveIf(_byHash, (known.Namespace, known.Name, known.ConfigHash), known);
        }

        _byUid[pod.Uid] = pod;
        SetIfNewest(_byName, (pod.Namespace, pod.Name), pod);
        if (pod.ConfigHash.Length > 0)
        {
            SetIfNewest(_byHash, (pod.Namespace, pod.Name, pod.ConfigHash), pod);
        }
    }

    /// <summary>Removes pods that were deleted long ago. A pod that came back or was deleted again is a different object by now and stays.</summary>
    private void Forget()
    {
        while (_deleted.TryPeek(out (PodInfo Pod, long Deleted) first)
            && (_deleted.Count > MaxDeletedPods || _time.GetElapsedTime(first.Deleted) >= DeletedPodRetention))
        {
            _deleted.Dequeue();
            PodInfo pod = first.Pod;
            RemoveIf(_byUid, pod.Uid, pod);
            RemoveIf(_byName, (pod.Namespace, pod.Name), pod);
            RemoveIf(_byHash, (pod.Namespace, pod.Name, pod.ConfigHash), pod);
        }
    }

    private static void SetIfNewest<TKey>(Dictionary<TKey, PodInfo> pods, TKey key, PodInfo pod)
        where TKey : notnull
    {
        if (!pods.TryGetValue(key, out PodInfo? newest) || pod.Uid == newest.Uid || pod.Created >= newest.Created)
        {
            pods[key] = pod;
        }
    }

    private int CountDeleted() => _byUid.Values.Count(pod => pod.IsDeleted);

    private static void RemoveIf<TKey>(Dictionary<TKey, PodInfo> pods, TKey key, PodInfo pod)
        where TKey : notnull
    {
        if (pods.TryGetValue(key, out PodInfo? found) && ReferenceEquals(found, pod))
        {
            pods.Remove(key);
        }
    }
}
