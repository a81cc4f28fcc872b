using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Shipper.Processing.Patterns;

/// <summary>Finds out which UTF-16 units an element of a regex matches. It asks .NET, so each class means what it means there.</summary>
internal static class CharClass
{
    /// <summary>Classes that many regexes have. Others are not kept: pods may write any number of them.</summary>
    private static readonly string[] Common = [".", @"\d", @"\D", @"\w", @"\W", @"\s", @"\S"];

    private static readonly ConcurrentDictionary<string, (char First, char Last)[]> Known = new(StringComparer.Ordinal);

    /// <summary>The units of words, for <c>\b</c>: letters, digits, and the two characters that join or separate letters.</summary>
    public static (char First, char Last)[] Word { get; } = Ask(@"[\w\u200C\u200D]", RegexOptions.None);

    /// <summary>Returns true if a unit is in one of the ranges.</summary>
    public static bool Contains((char First, char Last)[] ranges, char unit)
    {
        int low = 0;
        int high = ranges.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = ranges[middle].Last < unit ? (middle + 1, high) : (low, middle);
        }

        return low < ranges.Length && ranges[low].First <= unit;
    }

    /// <summary>Returns the units as ranges, in ascending order.</summary>
    /// <param name="element">A valid element that matches one unit: <c>a</c>, <c>\d</c>, <c>[^,]</c>.</param>
    public static (char First, char Last)[] Find(string element, bool ignoresCase, bool isSingleLine)
    {
        bool isLiteral = (element.Length == 1 && element != ".") || (element.Length == 2 && element[0] == '\\' && !char.IsAsciiLetterOrDigit(element[1]));
        if (isLiteral && !(ignoresCase && char.IsLetter(element[^1])))
        {
            return [(element[^1], element[^1])];
        }

        return !isSingleLine && Common.Contains(element) ? Known.GetOrAdd(element, static key => Ask(key, RegexOptions.None))
            : Ask(element, (ignoresCase ? RegexOptions.IgnoreCase : RegexOptions.None) | (isSingleLine ? RegexOptions.Singleline : RegexOptions.None));
    }

    private static (char First, char Last)[] Ask(string element, RegexOptions options)
    {
        var units = new char[char.MaxValue + 1];
        for (int i = 0; i < units.Length; i++)
        {
            units[i] = (char)i;
        }

        var ranges = new List<(char First, char Last)>();
        foreach (ValueMatch match in new Regex($"(?:{element})+", options | RegexOptions.CultureInvariant).EnumerateMatches(units))
        {
            ranges.Add(((char)match.Index, (char)(match.Index + match.Length - 1)));
        }

        return [.. ranges];
    }
}
