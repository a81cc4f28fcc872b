using Shipper.Records;

namespace Shipper.Processing;

/// <summary>
/// The processing rules for the records of a stream. The rules are part of the stream's attributes, so records in flight keep their rules, and records that
/// are read again after a crash get the rules that they were sent with.
/// </summary>
/// <param name="excluded">The output with lines to drop; null if both outputs are sent.</param>
/// <param name="stages">The stages, in the order in which a record passes them.</param>
internal sealed class StreamRules(LogOutput? excluded, params ProcessingStage[] stages)
{
    private static readonly StreamRules WithoutStdout = new(LogOutput.Stdout);
    private static readonly StreamRules WithoutStderr = new(LogOutput.Stderr);

    /// <summary>The rules of nearly every stream: everything is sent unchanged.</summary>
    public static StreamRules None { get; } = new(excluded: null);

    /// <summary>The output with lines to drop; null if both outputs are sent.</summary>
    public LogOutput? Excluded { get; } = excluded;

    /// <summary>The stages, in the order in which a record passes them.</summary>
    public ProcessingStage[] Stages { get; } = stages;

    /// <summary>Returns the rules that drop the lines of one output; null drops none.</summary>
    public static StreamRules Excluding(LogOutput? output) => output switch
    {
        LogOutput.Stdout => WithoutStdout,
        LogOutput.Stderr => WithoutStderr,
        _ => None,
    };
}
