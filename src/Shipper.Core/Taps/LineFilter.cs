using System.Text;
using System.Text.RegularExpressions;

namespace Shipper.Taps;

/// <summary>A line filter of LogQL: <c>|= != |~ !~</c> with a text or a regex.</summary>
/// <param name="text">The text that the line must contain, as UTF-8; null for a regex.</param>
/// <param name="regex">The regex that the line must match; null for a text.</param>
/// <param name="isNegated">True if the line must not.</param>
internal sealed class LineFilter(byte[]? text, Regex? regex, bool isNegated)
{
    /// <summary>True if a line passes.</summary>
    public bool IsMatch(ReadOnlySpan<byte> line) =>
        (text is not null ? line.IndexOf(text) >= 0 : regex!.IsMatch(Encoding.UTF8.GetString(line))) != isNegated;
}
