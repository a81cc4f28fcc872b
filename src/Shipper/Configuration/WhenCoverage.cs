using Shipper.Discovery;
using Shipper.Processing.Rules;

namespace Shipper.Configuration;

/// <summary>Compares which records two conditions match, without looking at records. The answer true is certain; the answer false is not.</summary>
internal static class WhenCoverage
{
    /// <summary>More values than this are not compared: comparing all pairs would take too long.</summary>
    private const int MaxValues = 1_000;

    /// <summary>True if a condition has no part, so that it matches every record.</summary>
    public static bool IsEmpty(WhenOptions when) =>
        CountValues(when) + when.Source.Count + when.Stream.Count + when.Level.Count + when.Text.Regex.Length == 0;

    /// <summary>True if a condition on the text has no part.</summary>
    public static bool IsEmpty(TextOptions text) => text.Contains.Count + text.StartsWith.Count + text.Regex.Length == 0;

    /// <summary>True if <paramref name="wide"/> matches every record that <paramref name="narrow"/> matches.</summary>
    public static bool Covers(WhenOptions wide, WhenOptions narrow)
    {
        if (CountValues(wide) + CountValues(narrow) > MaxValues)
        {
            return false;
        }

        IReadOnlyList<string> sources = RecordSources.GetPossible(narrow);
        return (wide.Source.Count == 0 || sources.All(wide.Source.Contains))
            && CoversNames(wide.Namespace, narrow.Namespace, IsOnly(sources, RecordSources.Container))
            && CoversNames(wide.Pod, narrow.Pod, IsOnly(sources, RecordSources.Container))
            && CoversNames(wide.Container, narrow.Container, IsOnly(sources, RecordSources.Container))
            && CoversNames(wide.Unit, narrow.Unit, IsOnly(sources, RecordSources.Journal))
            && CoversFilenames(wide.Filename, narrow.Filename)
            && CoversWords(wide.Stream, narrow.Stream.Count == 0 && IsOnly(sources, RecordSources.Container) ? RecordSources.Outputs : narrow.Stream)
            && CoversWords(wide.Level, narrow.Level)
            && CoversText(wide.Text, narrow.Text)
            && wide.Field.All(field => narrow.Field.TryGetValue(field.Key, out string? glob) && GlobComparison.CoversName(field.Value, glob));
    }

    private static int CountValues(WhenOptions when) =>
        when.Namespace.Count + when.Pod.Count + when.Container.Count + when.Unit.Count + when.Filename.Count
        + when.Text.Contains.Count + when.Text.StartsWith.Count + when.Field.Count;

    private static bool IsOnly(IReadOnlyList<string> sources, string source) => sources.Count == 1 && sources[0] == source;

    /// <summary>Compares globs of names. An empty list stands for all records, also those without such a name.</summary>
    /// <param name="hasName">True if all records of the narrow condition have such a name.</param>
    private static bool CoversNames(List<string> wide, List<string> narrow, bool hasName) =>
        wide.Count == 0
        || (narrow.Count == 0 ? hasName && wide.Contains("*") : narrow.TrueForAll(name => wide.Exists(glob => GlobComparison.CoversName(glob, name))));

    /// <summary>Compares globs of paths. They count as covered only if a wildcard need not match a slash for it.</summary>
    private static bool CoversFilenames(List<string> wide, List<string> narrow) =>
        wide.Count == 0
        || (narrow.Count > 0
            && narrow.TrueForAll(name => wide.Exists(glob => glob == name || (GlobComparison.Covers(glob, name) && GlobComparison.CoversName(glob, name)))));

    private static bool CoversWords<TWord>(List<TWord> wide, IReadOnlyList<TWord> narrow) => wide.Count == 0 || (narrow.Count > 0 && narrow.All(wide.Contains));

    private static bool CoversText(TextOptions wide, TextOptions narrow)
    {
        // A record that contains or begins with a text also contains each part of the text.
        bool containsOne = wide.Contains.Count == 0 || IsPart(narrow.Contains) || IsPart(narrow.StartsWith);
        bool startsWithOne = wide.StartsWith.Count == 0
            || (narrow.StartsWith.Count > 0
                && narrow.StartsWith.TrueForAll(text => wide.StartsWith.Exists(start => text.StartsWith(start, StringComparison.Ordinal))));
        return containsOne && startsWithOne && (wide.Regex.Length == 0 || wide.Regex == narrow.Regex);

        bool IsPart(List<string> texts) => texts.Count > 0 && texts.TrueForAll(text => wide.Contains.Exists(part => text.Contains(part, StringComparison.Ordinal)));
    }
}
