using System.Text.Json.Serialization;

namespace Shipper.Processing.Rules;

/// <summary>Conditions on the text of a record: <c>text</c> of <c>when</c>. All parts that are set must hold.</summary>
internal sealed class TextOptions
{
    /// <summary>The record contains one of these texts.</summary>
    public List<string> Contains { get; set; } = [];

    /// <summary>The record begins with one of these texts.</summary>
    public List<string> StartsWith { get; set; } = [];

    /// <summary>The record matches this regex (.NET, non-backtracking); empty for none.</summary>
    public string Regex { get; set; } = "";

    /// <summary>True if a pod asked for the regex: what it costs is bounded (<see cref="Patterns.BoundedPattern"/>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsFromPod { get; set; }
}
