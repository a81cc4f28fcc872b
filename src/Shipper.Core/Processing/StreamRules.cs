using Shipper.Records;

namespace Shipper.Processing;

/// <summary>
/// What is done with the records of a stream. Part of the stream's attributes, and so what is under way keeps its rules, and what is read again
/// after a crash gets the rules that it was sent with.
/// </summary>
/// <param name="excluded">The output whose lines are dropped; null if both are sent.</param>
/// <param name="stages">The stages, in the order in which a record passes them.</param>
internal sealed class StreamRules(LogOutput? excluded, params Stage[] stages)
{
    private static readonly StreamRules WithoutStdout = new(LogOutput.Stdout);
    private static readonly StreamRules WithoutStderr = new(LogOutput.Stderr);

    /// <summary>Those of nearly every stream: all is sent as it is.</summary>
    public static StreamRules None { get; } = new(excluded: null);

    /// <summary>The output whose lines are dropped; null if both are sent.</summary>
    public LogOutput? Excluded { get; } = excluded;

    /// <summary>The stages, in the order in which a record passes them.</summary>
    public Stage[] Stages { get; } = stages;

    /// <summary>The rules that drop the lines of one output, or none.</summary>
    public static StreamRules Excluding(LogOutput? output) => output switch
    {
        LogOutput.Stdout => WithoutStdout,
        LogOutput.Stderr => WithoutStderr,
        _ => None,
    };
}
