using System.Globalization;
using System.Text.RegularExpressions;

namespace Shipper.Processing.Patterns;

/// <summary>A regex that tests texts: on the engine of .NET, or on one with bounded costs. Immutable and thread-safe.</summary>
internal sealed class TextPattern
{
    /// <summary>How .NET compiles regexes: matching takes linear time, and does not depend on the node's language.</summary>
    public const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private readonly BoundedPattern? _bounded;
    private readonly Regex? _regex;

    /// <param name="pattern">A regex that .NET can match without backtracking.</param>
    /// <param name="isFromPod">
    /// True to bound what the regex costs. If its automaton is too large, .NET's engine is used: a checkpoint may have rules that another version accepted.
    /// </param>
    /// <exception cref="ArgumentException">The pattern is not a regex.</exception>
    /// <exception cref="NotSupportedException">The pattern needs backtracking.</exception>
    public TextPattern(string pattern, bool isFromPod)
    {
        _bounded = isFromPod ? PodPatterns.OfNode.Get(pattern, findsAll: false) : null;
        _regex = _bounded is null ? new Regex(pattern, Options) : null;
    }

    /// <summary>Describes an error in a regex for a message: <c>not enough )'s at character 3</c>.</summary>
    public static string Describe(RegexParseException error)
    {
        // The message is "Invalid pattern 'P' at offset N. Reason."
        string marker = string.Create(CultureInfo.InvariantCulture, $" at offset {error.Offset}. ");
        int end = error.Message.LastIndexOf(marker, StringComparison.Ordinal);
        string reason = (end < 0 ? error.Message : error.Message[(end + marker.Length)..]).TrimEnd('.');
        return string.Create(CultureInfo.InvariantCulture, $"{char.ToLowerInvariant(reason[0])}{reason[1..]} at character {Math.Max(error.Offset, 1)}");
    }

    /// <summary>Returns true if a text has a match.</summary>
    public bool IsMatch(ReadOnlySpan<char> text) => _bounded is not null ? _bounded.IsMatch(text) : _regex!.IsMatch(text);
}
