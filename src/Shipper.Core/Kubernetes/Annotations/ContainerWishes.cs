using Shipper.Records;

namespace Shipper.Kubernetes.Annotations;

/// <summary>What a pod and its namespace ask for, for one container.</summary>
internal sealed record ContainerWishes(OutputWishes Stdout, OutputWishes Stderr)
{
    /// <summary>The wishes of nearly every pod: none.</summary>
    public static ContainerWishes None { get; } = new(OutputWishes.None, OutputWishes.None);

    /// <summary>The wishes for an output.</summary>
    public OutputWishes this[LogOutput output] => output == LogOutput.Stdout ? Stdout : Stderr;

    /// <summary>The outputs that are left out; null if there are none.</summary>
    public LogExclusion? Exclusion
    {
        get
        {
            string? stdout = Stdout.Exclusion is { IsExcluded: true } first ? first.Rule : null;
            string? stderr = Stderr.Exclusion is { IsExcluded: true } second ? second.Rule : null;
            return (stdout, stderr) switch
            {
                (null, null) => null,
                (not null, null) => new LogExclusion(stdout, ExcludesStderr: false),
                (null, not null) => new LogExclusion(stderr, ExcludesStdout: false),
                _ => new LogExclusion(stdout == stderr ? stdout : $"{stdout}, {stderr}"),
            };
        }
    }

    /// <summary>Returns these wishes, completed by others that give way to them.</summary>
    public ContainerWishes Over(ContainerWishes other) =>
        ReferenceEquals(other, None) ? this : ReferenceEquals(this, None) ? other : new(Stdout.Over(other.Stdout), Stderr.Over(other.Stderr));
}
