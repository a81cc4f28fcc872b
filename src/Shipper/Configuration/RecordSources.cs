using Shipper.Processing.Cases;
using Shipper.Processing.Rules;

namespace Shipper.Configuration;

/// <summary>The sources of records, and which of them have which properties.</summary>
internal static class RecordSources
{
    public const string Container = "container";
    public const string Journal = "journal";
    public const string File = "file";

    public static IReadOnlyList<string> All { get; } = [Container, Journal, File];

    public static IReadOnlyList<string> Outputs { get; } = ["stdout", "stderr"];

    /// <summary>Returns the keys of a condition that hold only for records of one source, with this source.</summary>
    public static IEnumerable<(string Key, string Source)> GetBoundKeys(WhenOptions when)
    {
        (string Key, string Source, int Count)[] keys =
        [
            ("namespace", Container, when.Namespace.Count), ("pod", Container, when.Pod.Count), ("container", Container, when.Container.Count),
            ("unit", Journal, when.Unit.Count), ("filename", File, when.Filename.Count), ("stream", Container, when.Stream.Count),
        ];
        return keys.Where(key => key.Count > 0).Select(key => (key.Key, key.Source));
    }

    /// <summary>Returns the keys of a test's origin that are set and that only one source has, with this source.</summary>
    public static IEnumerable<(string Key, string Source)> GetBoundKeys(TestOrigin from)
    {
        (string Key, string Source, string Value)[] keys =
        [
            ("namespace", Container, from.Namespace), ("pod", Container, from.Pod), ("container", Container, from.Container), ("unit", Journal, from.Unit),
            ("filename", File, from.Filename), ("stream", Container, from.Stream == default ? "" : "stderr"),
        ];
        return keys.Where(key => key.Value.Length > 0).Select(key => (key.Key, key.Source));
    }

    /// <summary>Returns the sources of the records that a condition can match.</summary>
    public static IReadOnlyList<string> GetPossible(WhenOptions when)
    {
        string[] bound = [.. GetBoundKeys(when).Select(key => key.Source).Distinct()];
        IEnumerable<string> possible = when.Source.Count > 0 ? when.Source : All;
        return bound.Length == 0 ? [.. possible] : [.. possible.Intersect(bound)];
    }

    /// <summary>Adds a problem if keys of different sources are combined.</summary>
    /// <param name="path">The section with the keys.</param>
    /// <param name="sources">The sources that the section names; empty for any.</param>
    /// <param name="keys">The keys that only one source has.</param>
    public static void Check(string path, IReadOnlyList<string> sources, IEnumerable<(string Key, string Source)> keys, ConfigBinder binder)
    {
        (string Key, string Source)[] bound = [.. keys];
        if (bound.Length == 0)
        {
            return;
        }

        (string firstKey, string firstSource) = bound[0];
        if (Array.Find(bound, key => key.Source != firstSource) is { Key: not null } other)
        {
            binder.Add(
                $"{path}.{other.Key}",
                $"{path}.{other.Key} can't be combined with {firstKey}: only records of {Describe(other.Source)} have a {other.Key}, "
                + $"and only records of {Describe(firstSource)} have a {firstKey}; remove one of them");
        }
        else if (sources.FirstOrDefault(source => source != firstSource) is { } wrong)
        {
            string remedy = sources.Contains(firstSource) ? $"remove {wrong}" : $"write {firstSource}";
            binder.Add($"{path}.source", $"{path}.source has {wrong}, but only records of {Describe(firstSource)} have a {firstKey}; {remedy}, or remove {firstKey}");
        }
    }

    private static string Describe(string source) => source switch
    {
        Container => "containers",
        Journal => "the journal",
        _ => "other files",
    };
}
