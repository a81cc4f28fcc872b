using System.Text.RegularExpressions;

namespace Shipper.Taps;

/// <summary>A matcher of a LogQL stream selector: <c>= != =~ !~</c>. As in Loki, a label that is missing has an empty value.</summary>
/// <param name="Name">The label.</param>
/// <param name="Value">The value; for a regex, its text.</param>
/// <param name="Regex">The anchored regex; null to compare with the value.</param>
/// <param name="IsNegated">True if the value must not match.</param>
internal sealed record LabelMatcher(string Name, string Value, Regex? Regex, bool IsNegated)
{
    public bool IsMatch(IReadOnlyDictionary<string, string> labels)
    {
        string value = labels.TryGetValue(Name, out string? found) ? found : "";
        return (Regex?.IsMatch(value) ?? value == Value) != IsNegated;
    }
}
