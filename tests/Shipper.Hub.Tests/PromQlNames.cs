using System.Text.RegularExpressions;

namespace Shipper.Hub.Tests;

/// <summary>Extracts the names of metrics and labels from PromQL. It does not check the syntax: promtool does that.</summary>
internal static partial class PromQlNames
{
    private static readonly HashSet<string> Words = ["and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring", "group_left", "group_right", "inf", "nan"];

    public static IReadOnlyList<string> MetricsOf(string query)
    {
        string bare = Grouping().Replace(Selector().Replace(Text().Replace(query, "\"\""), " "), " ");
        return [.. Name().Matches(bare).Select(match => match.Value).Where(name => !Words.Contains(name)).Distinct()];
    }

    public static IReadOnlyList<string> LabelsOf(string query)
    {
        string bare = Text().Replace(query, "\"\"");
        return
        [
            .. Selector().Matches(bare).SelectMany(selector => SelectedLabel().Matches(selector.Value)).Select(match => match.Groups[1].Value)
                .Concat(Grouping().Matches(bare).SelectMany(group => group.Groups[1].Value.Split(',')).Select(name => name.Trim()))
                .Where(name => name.Length > 0).Distinct(),
        ];
    }

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Text();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]")]
    private static partial Regex Selector();

    [GeneratedRegex(@"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"(?<![A-Za-z0-9_:.])[A-Za-z_:][A-Za-z0-9_:]*(?!\s*\(|[A-Za-z0-9_:])")]
    private static partial Regex Name();

    [GeneratedRegex(@"([A-Za-z_][A-Za-z0-9_]*)\s*(?:=|!)")]
    private static partial Regex SelectedLabel();
}
