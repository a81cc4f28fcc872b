using Shipper.Processing.Limits;
using Shipper.Records;

namespace Shipper.Processing;

/// <summary>
/// The processing rules for the records of a stream. The rules are part of the stream's attributes, so records in flight keep their rules, and records that
/// are read again after a crash get the rules that they were sent with. Immutable; equal rules are the same object.
/// </summary>
internal sealed class StreamRules
{
    private static readonly StreamRules WithoutStdout = new(LogOutput.Stdout, OutputRules.None, OutputRules.None);
    private static readonly StreamRules WithoutStderr = new(LogOutput.Stderr, OutputRules.None, OutputRules.None);

    /// <param name="excluded">The output with lines to drop; null if both outputs are sent.</param>
    /// <param name="stdout">The rules for lines of stdout, and of logs that have one output.</param>
    /// <param name="stderr">The rules for lines of stderr.</param>
    public StreamRules(LogOutput? excluded, OutputRules stdout, OutputRules stderr)
    {
        Excluded = excluded;
        Stdout = stdout;
        Stderr = stderr;
    }

    /// <summary>Nothing happens to any record.</summary>
    public static StreamRules None { get; } = new(excluded: null, OutputRules.None, OutputRules.None);

    /// <summary>The output with lines to drop; null if both outputs are sent.</summary>
    public LogOutput? Excluded { get; }

    /// <summary>The rules for lines of stdout, and of logs that have one output.</summary>
    public OutputRules Stdout { get; }

    /// <summary>The rules for lines of stderr.</summary>
    public OutputRules Stderr { get; }

    /// <summary>The names of the limits, in the order of their numbers in <see cref="StageMemory.Limits"/>.</summary>
    public IReadOnlyList<string> LimitNames { get; init; } = [];

    /// <summary>The stages that apply limits.</summary>
    public LimitStage[] Limits { get; init; } = [];

    /// <summary>True if the rules remember something from one record to the next (<see cref="StageMemory"/>).</summary>
    public bool HasMemory { get; init; }

    /// <summary>The rules in the form in which a checkpoint stores them; empty if there are none but <see cref="Excluded"/>.</summary>
    public string Text { get; init; } = "";

    /// <summary>Returns the rules for an output.</summary>
    public OutputRules this[LogOutput output] => output == LogOutput.Stdout ? Stdout : Stderr;

    /// <summary>Returns the rules that drop the lines of one output, and do nothing else; null drops none.</summary>
    public static StreamRules Excluding(LogOutput? output) => output switch
    {
        LogOutput.Stdout => WithoutStdout,
        LogOutput.Stderr => WithoutStderr,
        _ => None,
    };
}
