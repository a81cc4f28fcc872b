namespace Shipper.Taps;

/// <summary>The records that a tap shows: a stream selector and line filters of LogQL.</summary>
/// <param name="Matchers">The matchers; a stream must match all of them.</param>
/// <param name="Filters">The line filters; a line must pass all of them.</param>
internal sealed record TapQuery(IReadOnlyList<LabelMatcher> Matchers, IReadOnlyList<LineFilter> Filters)
{
    /// <summary>Parses a query.</summary>
    /// <param name="text"><c>{namespace="default"} |= "error"</c>; empty for everything.</param>
    /// <param name="error">What is wrong and in which column; null if nothing is.</param>
    public static bool TryParse(string text, out TapQuery query, out string? error)
    {
        try
        {
            query = new TapQueryParser(text).Parse();
            error = null;
            return true;
        }
        catch (FormatException e)
        {
            query = new TapQuery([], []);
            error = e.Message;
            return false;
        }
    }

    /// <summary>True if the records of a stream with these labels are wanted.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels) => Matchers.All(matcher => matcher.IsMatch(labels));

    /// <summary>True if a line is wanted.</summary>
    public bool Matches(ReadOnlySpan<byte> line)
    {
        foreach (LineFilter filter in Filters)
        {
            if (!filter.IsMatch(line))
            {
                return false;
            }
        }

        return true;
    }
}
