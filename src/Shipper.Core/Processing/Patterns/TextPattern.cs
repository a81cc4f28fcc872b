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

    /// <summary>Returns true if a text has a match.</summary>
    public bool IsMatch(ReadOnlySpan<char> text) => _bounded is not null ? _bounded.IsMatch(text) : _regex!.IsMatch(text);
}
