using System.Text;
using Shipper.Protocol;

namespace Shipper.Testing.Loki;

/// <summary>Structured metadata of an entry, as the distributor takes it and as a query shows it.</summary>
internal static class EntryMetadata
{
    /// <summary>Of what counts in limits: without the level that Loki adds itself.</summary>
    public static long CountBytes(EntryAdapter entry) =>
        Encoding.UTF8.GetByteCount(entry.Line) + entry.StructuredMetadata.Sum(pair => (long)Encoding.UTF8.GetByteCount(pair.Name) + Encoding.UTF8.GetByteCount(pair.Value));

    /// <summary>Checks the names.</summary>
    /// <exception cref="FormatException">A name that nothing is left of: Loki refuses the whole request.</exception>
    public static void Check(IEnumerable<LabelPairAdapter> pairs)
    {
        foreach (LabelPairAdapter pair in pairs)
        {
            NormaliseName(pair.Name);
        }
    }

    /// <summary>
    /// The labels of a stream in a query's answer: its own, the entry's metadata beside them, and the level that Loki found when the
    /// entry came (it is found here, where few entries are looked at).
    /// </summary>
    public static SortedDictionary<string, string> Show(IReadOnlyList<KeyValuePair<string, string>> labels, StoredEntry entry, bool discoversLevels)
    {
        SortedDictionary<string, string> metadata = Normalise(entry.Pairs);
        if (discoversLevels && !metadata.ContainsKey("detected_level"))
        {
            metadata["detected_level"] = LevelDetection.Detect(labels, metadata, entry.Line);
        }

        var shown = new SortedDictionary<string, string>(labels.ToDictionary(), StringComparer.Ordinal);
        foreach ((string name, string value) in metadata.Where(pair => pair.Value.Length > 0))
        {
            shown[labels.Any(label => label.Key == name) ? name + "_extracted" : name] = value;
        }

        return shown;
    }

    /// <summary>Makes the names such as Prometheus knows; of two that become equal the changed one stays.</summary>
    private static SortedDictionary<string, string> Normalise(IReadOnlyList<KeyValuePair<string, string>> pairs)
    {
        var normalised = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, string value) in pairs)
        {
            normalised[name] = value;
        }

        foreach ((string name, string value) in pairs.Where(pair => NormaliseName(pair.Key) != pair.Key))
        {
            normalised.Remove(name);
            normalised[NormaliseName(name)] = value;
        }

        return normalised;
    }

    private static string NormaliseName(string name)
    {
        if (name.Length == 0)
        {
            throw new FormatException("label name is empty");
        }

        string normalised = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        if (char.IsAsciiDigit(normalised[0]))
        {
            normalised = "key_" + normalised;
        }

        return normalised.Any(c => c != '_') ? normalised : throw new FormatException($"normalization for label name \"{name}\" resulted in invalid name \"_\"");
    }
}
