namespace Shipper.Processing.Rules;

/// <summary>A rule: an element of <c>processing.rules</c>.</summary>
internal sealed class RuleOptions
{
    /// <summary>Name of the rule, unique in the configuration: the reason under which its records are counted.</summary>
    public string Name { get; set; } = "";

    /// <summary>Name of a built-in condition (<see cref="HealthChecksPreset"/>), in addition to <see cref="When"/>; empty for none.</summary>
    public string Preset { get; set; } = "";

    /// <summary>The records that the rule matches.</summary>
    public WhenOptions When { get; set; } = new();

    /// <summary>What happens to them.</summary>
    public RuleAction Do { get; set; } = new(RuleActionKind.Drop);

    /// <summary>The preset for requests of health checks.</summary>
    public const string HealthChecksPreset = "health-checks";
}
