using System.Text.Json.Serialization;

namespace Shipper.Processing.Multiline;

/// <summary>Which lines are joined to one record: <c>processing.multiline</c>.</summary>
/// <param name="Mode">How the beginning of a record is recognized.</param>
/// <param name="Languages">What is joined in the mode <see cref="MultilineMode.Languages"/>.</param>
/// <param name="Pattern">The regex of the modes <see cref="MultilineMode.Start"/> and <see cref="MultilineMode.Continue"/>; empty in other modes.</param>
internal sealed record MultilineOptions(MultilineMode Mode, TraceLanguages Languages = TraceLanguages.None, string Pattern = "")
{
    /// <summary>The default: stack traces are joined.</summary>
    public static MultilineOptions Traces { get; } = new(MultilineMode.Traces);

    /// <summary>Each line is a record.</summary>
    public static MultilineOptions Off { get; } = new(MultilineMode.Off);

    /// <summary>True if a pod asked for the pattern: what it costs is bounded (<see cref="Patterns.BoundedPattern"/>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsFromPod { get; init; }
}
