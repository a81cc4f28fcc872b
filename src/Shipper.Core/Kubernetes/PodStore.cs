using Shipper.Kubernetes.Api;

namespace Shipper.Kubernetes;

/// <summary>The pods of this node, and for a while those that were.</summary>
/// <remarks>Safe for concurrent use. One watcher writes.</remarks>
internal sealed class PodStore : IResourceStore
{
    /// <summary>How long a deleted pod is found: its last lines are often read after it is gone.</summary>
    internal static readonly TimeSpan KeepsDeleted = TimeSpan.FromMinutes(10);

    /// <summary>So many deleted pods are kept at most; a node runs 110 at a time.</summary>
    internal const int MaxDeleted = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, PodInfo> _byUid = new(StringComparer.Ordinal);

    /// <summary>The newest pod of each name.</summary>
    private readonly Dictionary<(string Namespace, string Name), PodInfo> _byName = [];

    /// <summary>
    /// With namespace and name, because anybody may write the annotation: it must not lead to another pod's logs.
    /// </summary>
    private readonly Dictionary<(string Namespace, string Name, string Hash), PodInfo> _byHash = [];

    /// <summary>Deleted pods, the first one deleted first.</summary>
    private readonly Queue<(PodInfo Pod, long Deleted)> _deleted = new();

    private readonly MetadataNeeds _needs;
    private readonly SharedStrings _strings = new();
    private readonly TimeProvider _time;
    private long _version;
    private bool _isComplete;

    public PodStore(MetadataNeeds needs, TimeProvider time)
    {
        _needs = needs;
        _time = time;
    }

    /// <summary>Called after a pod was added, changed or deleted, by the watcher's loop: it must not block or throw.</summary>
    public event Action<PodInfo>? Changed;

    /// <summary>True once all pods were listed: one that is not there the API server does not know, for now.</summary>
    public bool IsComplete => Volatile.Read(ref _isComplete);

    /// <summary>Grows with each change of something that is kept.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Pods that there are, without deleted ones.</summary>
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

    /// <summary>Finds a pod, deleted ones for ten minutes.</summary>
    /// <param name="namespace">Its namespace.</param>
    /// <param name="pod">Its name.</param>
    /// <param name="uid">What stands in the path of its logs: its uid, or the hash of a static pod; empty: the newest of that name.</param>
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
        lock (_lock)
        {
            if (_byUid.TryGetValue(pod.Uid, out PodInfo? known) && known.IsSameAs(pod))
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

        Changed?.Invoke(pod);
    }

    private void Put(PodInfo pod)
    {
        // The annotation may change with each event, and must not leave something behind each time.
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

    /// <summary>Forgets what was deleted long ago. One that came back, or was deleted once more, is another object by now and stays.</summary>
    private void Forget()
    {
        while (_deleted.TryPeek(out (PodInfo Pod, long Deleted) first)
            && (_deleted.Count > MaxDeleted || _time.GetElapsedTime(first.Deleted) >= KeepsDeleted))
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
