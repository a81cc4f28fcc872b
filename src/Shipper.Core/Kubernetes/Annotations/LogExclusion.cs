using Shipper.Checkpoints;

namespace Shipper.Kubernetes.Annotations;

/// <summary>A label or annotation by which a pod excludes logs.</summary>
/// <param name="Rule">Name of the rule for messages, for example <c>annotation fluentbit.io/exclude</c>.</param>
/// <param name="ExcludesStdout">True if standard output is excluded.</param>
/// <param name="ExcludesStderr">True if standard error is excluded.</param>
internal sealed record LogExclusion(string Rule, bool ExcludesStdout = true, bool ExcludesStderr = true)
{
    /// <summary>The excluded outputs.</summary>
    public ExcludedOutputs Outputs => (ExcludesStdout ? ExcludedOutputs.Stdout : 0) | (ExcludesStderr ? ExcludedOutputs.Stderr : 0);

    /// <summary>True if both outputs of the container are excluded.</summary>
    public bool ExcludesBoth => ExcludesStdout && ExcludesStderr;
}
