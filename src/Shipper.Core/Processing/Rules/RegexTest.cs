using Shipper.Processing.Literals;
using Shipper.Processing.Patterns;

namespace Shipper.Processing.Rules;

/// <summary>
/// Tests whether a text matches a regex. A regex works on decoded text and is slow, so if every match must have some literal, the bytes are searched for it
/// first.
/// </summary>
internal sealed class RegexTest
{
    private readonly TextPattern _pattern;
    private readonly LiteralTest? _required;

    /// <param name="pattern">A valid pattern that .NET can match without backtracking.</param>
    /// <param name="isFromPod">True to bound what the regex costs.</param>
    public RegexTest(string pattern, bool isFromPod = false)
    {
        _pattern = new TextPattern(pattern, isFromPod);
        Required = RegexLiterals.Find(pattern);
        _required = Required.Length > 0 ? new LiteralTest(Required) : null;
    }

    /// <summary>Literals of which each match has at least one; empty if nothing is known.</summary>
    public Literal[] Required { get; }

    public bool IsMatch(ReadOnlySpan<byte> text, StageContext context) =>
        (_required is null || _required.IsIn(text)) && _pattern.IsMatch(context.Decode(text));
}
