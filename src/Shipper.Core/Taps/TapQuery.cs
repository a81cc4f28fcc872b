using System.Diagnostics.CodeAnalysis;
using Shipper.Processing;

namespace Shipper.Taps;

/// <summary>
/// Selects the records that a tap shows: a LogQL stream selector and line filters, such as <c>{namespace="shop"} |= "error" !~ "time ?out"</c>. Regexes are
/// those of .NET, non-backtracking. Immutable and thread-safe.
/// </summary>
/// <param name="labels">The conditions on the labels of a stream. All must hold.</param>
/// <param name="lines">The conditions on a line. All must hold.</param>
internal sealed class TapQuery(LabelMatcher[] labels, LineFilter[] lines)
{
    /// <summary>Matches every record.</summary>
    public static TapQuery Everything { get; } = new([], []);

    /// <summary>Number of conditions on a line.</summary>
    public int LineFilters => lines.Length;

    /// <summary>True if a condition on a line needs a regex.</summary>
    public bool HasLineRegex { get; } = Array.Exists(lines, line => line.Regex is not null);

    /// <summary>Parses a query. An empty text matches every record.</summary>
    /// <param name="error">What is wrong, with its column; null if nothing is.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out TapQuery? query, [NotNullWhen(false)] out string? error) =>
        new TapQueryParser(text).TryParse(out query, out error);

    public bool MatchesLabels(IReadOnlyDictionary<string, string> streamLabels) => Array.TrueForAll(labels, label => label.Matches(streamLabels));

    /// <param name="line">A line in UTF-8.</param>
    /// <param name="context">Decodes the line for a regex.</param>
    public bool MatchesLine(ReadOnlySpan<byte> line, StageContext context)
    {
        foreach (LineFilter filter in lines)
        {
            if (!filter.Matches(line, context))
            {
                return false;
            }
        }

        return true;
    }
}
