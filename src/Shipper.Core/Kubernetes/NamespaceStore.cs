using System.Collections.Concurrent;
using Shipper.Kubernetes.Annotations;
using Shipper.Kubernetes.Api;

namespace Shipper.Kubernetes;

/// <summary>Stores the labels of namespaces, and what their annotations ask for.</summary>
/// <remarks>Thread-safe, with one watcher as the only writer.</remarks>
/// <param name="reporter">Receives the annotations that are not obeyed.</param>
/// <param name="changed">Called with the name of a namespace that has changed, and whether its wishes have.</param>
internal sealed class NamespaceStore(MetadataNeeds needs, AnnotationReporter reporter, Action<string, bool> changed) : IResourceStore
{
    /// <summary>Maximum number of deleted namespaces whose wishes are kept.</summary>
    private const int MaxDeleted = 256;

    private readonly LabelStore _labels = new(needs.NamespaceLabels, () => { });
    private readonly ConcurrentDictionary<string, Entry> _wishes = new(StringComparer.Ordinal);
    private readonly Queue<string> _deleted = new();

    /// <summary>Returns the labels of a namespace; null if the namespace is not known.</summary>
    public IReadOnlyDictionary<string, string>? FindLabels(string name) => _labels.Find(name);

    /// <summary>Returns the wishes of a namespace; null if the namespace is not known, or its annotations are not read.</summary>
    public AnnotationSet? FindWishes(string name) => _wishes.GetValueOrDefault(name)?.Wishes;

    /// <summary>
    /// As <see cref="FindWishes"/>. Reports the annotations that are not obeyed, once after each change. Every node sees all namespaces, but only the nodes of
    /// their pods report them.
    /// </summary>
    public AnnotationSet? UseWishes(string name)
    {
        if (_wishes.GetValueOrDefault(name) is not { } entry)
        {
            return null;
        }

        if (entry.MustReport())
        {
            reporter.Report($"namespace {name}", entry.Wishes.Errors);
        }

        return entry.Wishes;
    }

    public bool Put(ApiObject item)
    {
        if (item.Metadata is not { Name.Length: > 0 } metadata)
        {
            return false;
        }

        IReadOnlyDictionary<string, string>? labels = FindLabels(metadata.Name);
        _labels.Put(item);
        bool haveLabelsChanged = !ReferenceEquals(labels, FindLabels(metadata.Name));
        bool haveWishesChanged = needs.ReadsNamespaceAnnotations && SetWishes(metadata.Name, Read(metadata));
        if (haveLabelsChanged || haveWishesChanged)
        {
            changed(metadata.Name, haveWishesChanged);
        }

        return true;
    }

    /// <summary>Forgets a namespace, except for its wishes: the last lines of its pods are often read after it is gone.</summary>
    public bool Delete(ApiObject item)
    {
        if (item.Metadata is not { Name.Length: > 0 } metadata)
        {
            return false;
        }

        _labels.Delete(item);
        _deleted.Enqueue(metadata.Name);
        if (_deleted.Count > MaxDeleted)
        {
            // A namespace that came back is known by its labels.
            string name = _deleted.Dequeue();
            if (FindLabels(name) is null)
            {
                _wishes.TryRemove(name, out _);
            }
        }

        changed(metadata.Name, false);
        return true;
    }

    public int Replace(IReadOnlyList<ApiObject> items)
    {
        int invalid = items.Count(item => !Put(item));
        _labels.Replace(items);
        return invalid;
    }

    private AnnotationSet Read(ObjectMetadata metadata) =>
        needs.Annotations.ReadNamespace(metadata.Labels ?? MetadataNeeds.NoPairs, metadata.Annotations ?? MetadataNeeds.NoPairs);

    /// <returns>True if the wishes are different ones.</returns>
    private bool SetWishes(string name, AnnotationSet wishes)
    {
        Entry? known = _wishes.GetValueOrDefault(name);
        if (wishes.Equals(known?.Wishes))
        {
            return false;
        }

        _wishes[name] = new Entry(wishes);
        return true;
    }

    private sealed class Entry(AnnotationSet wishes)
    {
        private bool _isReported = wishes.Errors.Count == 0;

        public AnnotationSet Wishes => wishes;

        /// <summary>True for the first call, if there is something to report.</summary>
        public bool MustReport() => !Volatile.Read(ref _isReported) && !Interlocked.Exchange(ref _isReported, true);
    }
}
