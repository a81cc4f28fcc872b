using Shipper.Checkpoints;

namespace Shipper.Kubernetes;

/// <summary>A rule by which a pod says that logs of it are not wanted.</summary>
/// <param name="Rule">The rule, for messages: <c>annotation fluentbit.io/exclude</c>.</param>
/// <param name="Stdout">True where it holds for standard output.</param>
/// <param name="Stderr">True where it holds for standard error.</param>
internal sealed record LogExclusion(string Rule, bool Stdout = true, bool Stderr = true)
{
    /// <summary>The outputs that it holds for.</summary>
    public ExcludedOutputs Outputs => (Stdout ? ExcludedOutputs.Stdout : 0) | (Stderr ? ExcludedOutputs.Stderr : 0);

    /// <summary>True where it holds for everything that the container writes.</summary>
    public bool IsWhole => Stdout && Stderr;
}
