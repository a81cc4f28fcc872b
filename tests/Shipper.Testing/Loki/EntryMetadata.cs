using System.Text;
using Shipper.Protocol;

namespace Shipper.Testing.Loki;

/// <summary>Structured metadata of an entry, as the distributor accepts it and as a query shows it.</summary>
internal static class EntryMetadata
{
    /// <summary>Returns the bytes of an entry that count towards limits: the line and the metadata, without the level that Loki adds.</summary>
    public static long CountBytes(EntryAdapter entry) =>
        Encoding.UTF8.GetByteCount(entry.Line) + entry.StructuredMetadata.Sum(pair => (long)Encoding.UTF8.GetByteCount(pair.Name) + Encoding.UTF8.GetByteCount(pair.Value));

    /// <summary>Checks the names of the metadata.</summary>
    /// <exception cref="FormatException">A name is empty after normalization. Loki then refuses the whole request.</exception>
    public static void Check(IEnumerable<LabelPairAdapter> pairs)
    {
        foreach (LabelPairAdapter pair in pairs)
        {
            NormaliseName(pair.Name);
        }
    }

    /// <summary>
    /// Returns the labels of a stream in the response to a query: its own labels, the entry's metadata, and the level. Loki detects the level when an entry
    /// arrives; the double does it here, because few entries are queried.
    /// </summary>
    public static SortedDictionary<string, string> GetQueriedLabels(IReadOnlyList<KeyValuePair<string, string>> labels, StoredEntry entry, bool discoversLevels)
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

    /// <summary>Normalizes the names to those that Prometheus allows. If two names become equal, the one that was changed wins.</summary>
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
