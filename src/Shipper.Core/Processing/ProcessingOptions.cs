using System.Text.Json.Serialization;
using Shipper.Processing.Fields;
using Shipper.Processing.Limits;
using Shipper.Processing.Multiline;
using Shipper.Processing.Redaction;
using Shipper.Processing.Rules;

namespace Shipper.Processing;

/// <summary>What happens to a record on the node: section <c>processing</c> of the configuration.</summary>
internal sealed class ProcessingOptions
{
    /// <summary>Maximum number of <see cref="Fields"/>.</summary>
    public const int MaxFields = FieldsStage.MaxFields;

    /// <summary>Which lines are joined to one record.</summary>
    public MultilineOptions Multiline { get; set; } = MultilineOptions.Traces;

    /// <summary>What happens to ANSI escape sequences, such as colors.</summary>
    public AnsiAction Ansi { get; set; } = AnsiAction.Keep;

    /// <summary>Whether structured metadata <c>detected_level</c> is added.</summary>
    public DetectMode Level { get; set; } = DetectMode.Detect;

    /// <summary>Whether structured metadata <c>trace_id</c> and <c>span_id</c> are added.</summary>
    public DetectMode Trace { get; set; } = DetectMode.Off;

    /// <summary>Names of structured metadata, and the paths in a JSON or logfmt line from which their values come.</summary>
    public Dictionary<string, string> Fields { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Which records are dropped, kept or sampled. The first rule that matches a record decides.</summary>
    public List<RuleOptions> Rules { get; set; } = [];

    /// <summary>How much a container may send. The first limit that matches a record applies.</summary>
    public List<LimitOptions> Limits { get; set; } = [];

    /// <summary>What is removed from records before they leave the node.</summary>
    public RedactOptions Redact { get; set; } = new();

    /// <summary>True if nothing happens to any record.</summary>
    [JsonIgnore]
    public bool IsEmpty =>
        Multiline.Mode == MultilineMode.Off && Ansi == AnsiAction.Keep && Level == DetectMode.Off && Trace == DetectMode.Off
        && Fields.Count == 0 && Rules.Count == 0 && Limits.Count == 0 && Redact.IsEmpty;
}
