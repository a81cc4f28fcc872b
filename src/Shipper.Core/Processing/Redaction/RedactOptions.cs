using System.Text.Json.Serialization;

namespace Shipper.Processing.Redaction;

/// <summary>What is removed from records: <c>processing.redact</c>.</summary>
internal sealed class RedactOptions
{
    /// <summary>True to remove secrets: keys, tokens and passwords that have a known form.</summary>
    public bool Secrets { get; set; }

    /// <summary>The kinds of personal data to remove.</summary>
    public PersonalData Personal { get; set; }

    /// <summary>Further patterns.</summary>
    public List<RedactPattern> Patterns { get; set; } = [];

    /// <summary>True if nothing is removed.</summary>
    [JsonIgnore]
    public bool IsEmpty => !Secrets && Personal == PersonalData.None && Patterns.Count == 0;
}
