using Shipper.Processing;
using Shipper.Processing.Multiline;

namespace Shipper.Kubernetes.Annotations;

/// <summary>
/// What a pod and its namespace ask for, for one output of one container. What is null was not asked for. All regexes are valid, and were
/// admitted to <see cref="Shipper.Processing.Patterns.PodPatterns"/>.
/// </summary>
internal sealed record OutputWishes
{
    /// <summary>The wishes of nearly every pod: none.</summary>
    public static OutputWishes None { get; } = new();

    /// <summary>Whether the log is left out.</summary>
    public WishedExclusion? Exclusion { get; init; }

    /// <summary>Which lines are joined.</summary>
    public MultilineOptions? Multiline { get; init; }

    public AnsiAction? Ansi { get; init; }

    public DetectMode? Level { get; init; }

    public DetectMode? Trace { get; init; }

    /// <summary>Fields to send as structured metadata; their names are valid, and differ.</summary>
    public ValueList<WishedField>? Fields { get; init; }

    /// <summary>Regexes. A record that matches one of them is dropped.</summary>
    public ValueList<string>? Drop { get; init; }

    /// <summary>Regexes. A record that matches none of them is dropped.</summary>
    public ValueList<string>? Include { get; init; }

    /// <summary>N to keep one of N records; at least 1.</summary>
    public int? Sample { get; init; }

    /// <summary>How much the container may send.</summary>
    public WishedLimit? Limit { get; init; }

    /// <summary>What to remove, in addition to what the operator removes.</summary>
    public WishedRedaction? Redaction { get; init; }

    /// <summary>Returns these wishes, completed by others that give way to them.</summary>
    public OutputWishes Over(OutputWishes other) => ReferenceEquals(other, None) ? this : ReferenceEquals(this, None) ? other : new()
    {
        Exclusion = Exclusion ?? other.Exclusion,
        Multiline = Multiline ?? other.Multiline,
        Ansi = Ansi ?? other.Ansi,
        Level = Level ?? other.Level,
        Trace = Trace ?? other.Trace,
        Fields = Fields ?? other.Fields,
        Drop = Drop ?? other.Drop,
        Include = Include ?? other.Include,
        Sample = Sample ?? other.Sample,
        Limit = Limit ?? other.Limit,
        Redaction = WishedRedaction.Combine(Redaction, other.Redaction),
    };
}
