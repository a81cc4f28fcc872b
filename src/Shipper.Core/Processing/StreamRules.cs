using Shipper.Records;

namespace Shipper.Processing;

/// <summary>
/// How the records of a stream are processed. The rules are part of the stream's attributes. So records that are under way keep their rules, and records that
/// are read again after a crash get the rules with which they were sent.
/// </summary>
/// <param name="excluded">The output whose lines are dropped; null if both are sent.</param>
/// <param name="stages">The stages, in the order in which a record passes them.</param>
internal sealed class StreamRules(LogOutput? excluded, params Stage[] stages)
{
    private static readonly StreamRules WithoutStdout = new(LogOutput.Stdout);
    private static readonly StreamRules WithoutStderr = new(LogOutput.Stderr);

    /// <summary>The rules of nearly every stream: everything is sent unchanged.</summary>
    public static StreamRules None { get; } = new(excluded: null);

    /// <summary>The output whose lines are dropped; null if both are sent.</summary>
    public LogOutput? Excluded { get; } = excluded;

    /// <summary>The stages, in the order in which a record passes them.</summary>
    public Stage[] Stages { get; } = stages;

    /// <summary>Returns the rules that drop the lines of one output, or of none if it is null.</summary>
    public static StreamRules Excluding(LogOutput? output) => output switch
    {
        LogOutput.Stdout => WithoutStdout,
        LogOutput.Stderr => WithoutStderr,
        _ => None,
    };
}
