using Shipper.Processing;
using Shipper.Processing.Rules;

namespace Shipper.Taps;

/// <summary>A condition on a line, such as <c>|= "error"</c>.</summary>
/// <param name="Text">The text to search for, in UTF-8; unused if there is a regex.</param>
/// <param name="Regex">A regex to search for; null to search for the text.</param>
/// <param name="IsNegated">True for <c>!=</c> and <c>!~</c>.</param>
internal sealed record LineFilter(byte[] Text, RegexTest? Regex, bool IsNegated)
{
    /// <param name="context">Decodes the line for a regex.</param>
    public bool Matches(ReadOnlySpan<byte> line, StageContext context) =>
        (Regex is null ? line.IndexOf(Text) >= 0 : Regex.IsMatch(line, context)) != IsNegated;
}
