using System.Text.Json.Serialization;

namespace Shipper.Processing.Redaction;

/// <summary>A pattern of text to remove: an element of <c>processing.redact.patterns</c>.</summary>
internal sealed class RedactPattern
{
    /// <summary>Name of the pattern. What it matches becomes <c>[redacted:NAME]</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>A regex (.NET, non-backtracking).</summary>
    public string Pattern { get; set; } = "";

    /// <summary>True if a pod asked for the pattern: what it costs is bounded, and its name is not a value of a metric's label.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsFromPod { get; set; }
}
