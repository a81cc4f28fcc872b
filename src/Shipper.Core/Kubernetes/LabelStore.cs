using System.Collections.Concurrent;
using Shipper.Kubernetes.Api;

namespace Shipper.Kubernetes;

/// <summary>Stores the labels of objects by the objects' names: of the node, or of the namespaces.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="keys">Keys of the labels to keep: those that rules name.</param>
internal sealed class LabelStore(IReadOnlySet<string> keys, Action changed) : IResourceStore
{
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string>> _labels = new(StringComparer.Ordinal);

    /// <summary>Returns the labels of an object; null if the object is not known.</summary>
    public IReadOnlyDictionary<string, string>? Find(string name) => _labels.GetValueOrDefault(name);

    public bool Put(ApiObject item)
    {
        if (item.Metadata is not { Name.Length: > 0 } metadata)
        {
            return false;
        }

        IReadOnlyDictionary<string, string> labels = metadata.Labels is null ? MetadataNeeds.NoPairs : PodReader.FilterPairs(metadata.Labels, keys);
        bool isSame = _labels.TryGetValue(metadata.Name, out IReadOnlyDictionary<string, string>? known) && AreSame(labels, known);
        if (!isSame)
        {
            _labels[metadata.Name] = labels;
            changed();
        }

        return true;
    }

    public bool Delete(ApiObject item)
    {
        if (item.Metadata is not { Name.Length: > 0 } metadata)
        {
            return false;
        }

        if (_labels.TryRemove(metadata.Name, out _))
        {
            changed();
        }

        return true;
    }

    public int Replace(IReadOnlyList<ApiObject> items)
    {
        int invalid = items.Count(item => !Put(item));
        foreach (string name in _labels.Keys.Except(items.Select(item => item.Metadata?.Name ?? ""), StringComparer.Ordinal))
        {
            if (_labels.TryRemove(name, out _))
            {
                changed();
            }
        }

        return invalid;
    }

    /// <summary>True if two sets contain the same pairs.</summary>
    internal static bool AreSame(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(pair => other.TryGetValue(pair.Key, out string? value) && value == pair.Value);
}
