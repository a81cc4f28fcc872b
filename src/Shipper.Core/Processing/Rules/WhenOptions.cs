using Shipper.Processing.Levels;

namespace Shipper.Processing.Rules;

/// <summary>
/// A condition on records: <c>when</c> of a rule or limit. All parts must hold; a part with several values holds if one of them does, and an empty part always
/// holds.
/// </summary>
internal sealed class WhenOptions
{
    /// <summary>Sources: <c>container</c>, <c>journal</c>, <c>file</c>.</summary>
    public List<string> Source { get; set; } = [];

    /// <summary>Globs of namespaces.</summary>
    public List<string> Namespace { get; set; } = [];

    /// <summary>Globs of pods.</summary>
    public List<string> Pod { get; set; } = [];

    /// <summary>Globs of containers.</summary>
    public List<string> Container { get; set; } = [];

    /// <summary>Globs of the label <c>unit</c>.</summary>
    public List<string> Unit { get; set; } = [];

    /// <summary>Globs of the label <c>filename</c>.</summary>
    public List<string> Filename { get; set; } = [];

    /// <summary>Outputs: <c>stdout</c>, <c>stderr</c>.</summary>
    public List<string> Stream { get; set; } = [];

    /// <summary>Levels; <see cref="RecordLevel.None"/> stands for records without a level.</summary>
    public List<RecordLevel> Level { get; set; } = [];

    /// <summary>Conditions on the text of the record.</summary>
    public TextOptions Text { get; set; } = new();

    /// <summary>Paths in a JSON or logfmt line, and globs that their values must match.</summary>
    public Dictionary<string, string> Field { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Returns the parts that are asked of each record, not of its stream.</summary>
    public WhenOptions WithoutOrigin() => new() { Stream = Stream, Level = Level, Text = Text, Field = Field };
}
