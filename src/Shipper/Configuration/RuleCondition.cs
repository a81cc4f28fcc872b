using Shipper.Processing;
using Shipper.Processing.Rules;

namespace Shipper.Configuration;

/// <summary>The condition of a rule or a limit, and where it is in the configuration.</summary>
/// <param name="Path">Path of the rule or limit, such as <c>processing.rules[0]</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Preset">The built-in condition; empty for none.</param>
/// <param name="When">The condition.</param>
internal sealed record RuleCondition(string Path, string Name, string Preset, WhenOptions When)
{
    /// <summary>Path of the condition.</summary>
    public string WhenPath => $"{Path}.when";

    /// <summary>True if the condition matches every record.</summary>
    public bool IsAlwaysTrue => Preset.Length == 0 && WhenCoverage.IsEmpty(When);

    /// <summary>Returns the conditions of all rules.</summary>
    public static IReadOnlyList<RuleCondition> OfRules(ProcessingOptions processing) =>
        [.. processing.Rules.Select((rule, i) => new RuleCondition($"processing.rules[{i}]", rule.Name, rule.Preset, rule.When))];

    /// <summary>Returns the conditions of all limits.</summary>
    public static IReadOnlyList<RuleCondition> OfLimits(ProcessingOptions processing) =>
        [.. processing.Limits.Select((limit, i) => new RuleCondition($"processing.limits[{i}]", limit.Name, "", limit.When))];

    /// <summary>True if this condition certainly matches every record that another one matches.</summary>
    public bool Covers(RuleCondition other) => (Preset.Length == 0 || Preset == other.Preset) && WhenCoverage.Covers(When, other.When);
}
