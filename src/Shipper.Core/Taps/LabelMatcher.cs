using System.Text.RegularExpressions;

namespace Shipper.Taps;

/// <summary>A condition on a label, such as <c>pod=~"web-.*"</c>. A label that a stream does not have counts as empty.</summary>
/// <param name="Name">Name of the label.</param>
/// <param name="Value">The value to compare with; unused if there is a regex.</param>
/// <param name="Regex">A regex for the whole value; null to compare values.</param>
/// <param name="IsNegated">True for <c>!=</c> and <c>!~</c>.</param>
internal sealed record LabelMatcher(string Name, string Value, Regex? Regex, bool IsNegated)
{
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        string value = labels.GetValueOrDefault(Name, "");
        return (Regex?.IsMatch(value) ?? value == Value) != IsNegated;
    }
}
