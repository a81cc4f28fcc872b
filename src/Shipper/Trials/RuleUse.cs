namespace Shipper.Trials;

/// <summary>What a rule, a limit, a kind of groups or a kind of redaction did.</summary>
/// <param name="Stage">What it is, for display: <c>rule</c>, <c>limit</c>, <c>multiline</c> or <c>redact</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Effect">Describes what happens to the records that it matches.</param>
internal sealed record RuleUse(string Stage, string Name, Func<RuleUse, string> Effect)
{
    /// <summary>Number of records that it matched.</summary>
    public long Matched { get; set; }

    /// <summary>Number of records that it dropped or, for a limit that slows a container down, delayed.</summary>
    public long Affected { get; set; }

    /// <summary>A record that it matched, redacted; null if there is none to show.</summary>
    public string? Example { get; set; }
}
