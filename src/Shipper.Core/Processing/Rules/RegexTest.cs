using System.Text.RegularExpressions;
using Shipper.Processing.Literals;

namespace Shipper.Processing.Rules;

/// <summary>
/// Tests whether a text matches a regex. A regex works on decoded text and is slow, so if every match must have some literal, the bytes are searched for it
/// first.
/// </summary>
internal sealed class RegexTest
{
    private readonly Regex _regex;
    private readonly LiteralTest? _required;

    /// <param name="pattern">A valid pattern that .NET can match without backtracking.</param>
    public RegexTest(string pattern)
    {
        _regex = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        Required = RegexLiterals.Find(pattern);
        _required = Required.Length > 0 ? new LiteralTest(Required) : null;
    }

    /// <summary>Literals of which each match has at least one; empty if nothing is known.</summary>
    public Literal[] Required { get; }

    public bool IsMatch(ReadOnlySpan<byte> text, StageContext context) =>
        (_required is null || _required.IsIn(text)) && _regex.IsMatch(context.Decode(text));
}
