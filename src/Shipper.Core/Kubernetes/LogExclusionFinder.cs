namespace Shipper.Kubernetes;

/// <summary>
/// Finds the logs that a pod excludes, by Shipper's own annotations and by those of agents that Shipper may have replaced.
/// </summary>
/// <remarks>
/// <para>
/// <c>shipper.io/exclude</c> and <c>fluentbit.io/exclude</c> (annotations; true, on, yes): <c>exclude[_stdout|_stderr][-CONTAINER]</c>. An annotation that
/// names a container overrides one that does not, whether it excludes or includes. Source: flb_kube_prop_set in plugins/filter_kubernetes/kube_property.c of
/// Fluent Bit. There are two differences. Fluent Bit compares only the beginning of a container's name, but Shipper compares the whole name. If two annotations
/// name no container, Fluent Bit uses the first that it finds, in no fixed order, but Shipper uses the one that names the output.
/// </para>
/// <para>
/// <c>vector.dev/exclude: "true"</c> (a label with exactly this value) and <c>vector.dev/exclude-containers: "a, b"</c> (an annotation).
/// Source: src/sources/kubernetes_logs of Vector.
/// </para>
/// <para>
/// <c>co.elastic.logs/enabled</c> and <c>co.elastic.logs.CONTAINER/enabled</c> (annotations; any value that Go's
/// strconv.ParseBool parses as false). Source: IsDisabled and GenerateHints in libbeat/autodiscover of Beats.
/// </para>
/// </remarks>
internal static class LogExclusionFinder
{
    private const string Shipper = "shipper.io/exclude";
    private const string FluentBit = "fluentbit.io/exclude";
    private const string Vector = "vector.dev/exclude";
    private const string VectorContainers = "vector.dev/exclude-containers";
    private const string Elastic = "co.elastic.logs";
    private const string ElasticEnabled = "/enabled";

    /// <summary>True if a label or annotation with this key may exclude logs.</summary>
    public static bool IsExclusionKey(string key) =>
        key.StartsWith(Shipper, StringComparison.Ordinal)
        || key.StartsWith(FluentBit, StringComparison.Ordinal)
        || key is Vector or VectorContainers
        || (key.StartsWith(Elastic, StringComparison.Ordinal) && key.EndsWith(ElasticEnabled, StringComparison.Ordinal));

    /// <summary>Returns the first rule that excludes both outputs of a container, else a rule that excludes one output, else null.</summary>
    public static LogExclusion? Find(IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> annotations, string container)
    {
        if (labels.Count == 0 && annotations.Count == 0)
        {
            return null;
        }

        LogExclusion? ours = FindByOutput(annotations, Shipper, container);
        LogExclusion? fluentBit = FindByOutput(annotations, FluentBit, container);
        LogExclusion? whole = ours is { ExcludesBoth: true } ? ours
            : fluentBit is { ExcludesBoth: true } ? fluentBit
            : FindVector(labels, annotations, container) ?? FindElastic(annotations, container);
        if (whole is not null || ours is null || fluentBit is null)
        {
            return whole ?? ours ?? fluentBit;
        }

        return new LogExclusion($"{ours.Rule}, {fluentBit.Rule}", ours.ExcludesStdout || fluentBit.ExcludesStdout, ours.ExcludesStderr || fluentBit.ExcludesStderr);
    }

    private static LogExclusion? FindByOutput(IReadOnlyDictionary<string, string> annotations, string prefix, string container)
    {
        string? stdout = FindOfOutput(annotations, prefix, "_stdout", container);
        string? stderr = FindOfOutput(annotations, prefix, "_stderr", container);
        return (stdout, stderr) switch
        {
            (null, null) => null,
            (not null, null) => new LogExclusion($"annotation {stdout}", ExcludesStderr: false),
            (null, not null) => new LogExclusion($"annotation {stderr}", ExcludesStdout: false),
            _ when stdout == stderr => new LogExclusion($"annotation {stdout}"),
            _ => new LogExclusion($"annotations {stdout} and {stderr}"),
        };
    }

    /// <summary>Returns the key that excludes one output; null if none does. The most specific key that is present decides.</summary>
    private static string? FindOfOutput(IReadOnlyDictionary<string, string> annotations, string prefix, string output, string container)
    {
        ReadOnlySpan<string> keys = [$"{prefix}{output}-{container}", $"{prefix}-{container}", prefix + output, prefix];
        foreach (string key in keys)
        {
            if (annotations.TryGetValue(key, out string? value))
            {
                return IsFluentBitTrue(value) ? key : null;
            }
        }

        return null;
    }

    private static LogExclusion? FindVector(IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> annotations, string container)
    {
        if (labels.GetValueOrDefault(Vector) == "true")
        {
            return new LogExclusion($"label {Vector}");
        }

        return annotations.TryGetValue(VectorContainers, out string? names) && names.Split(',', StringSplitOptions.TrimEntries).Contains(container)
            ? new LogExclusion($"annotation {VectorContainers}")
            : null;
    }

    private static LogExclusion? FindElastic(IReadOnlyDictionary<string, string> annotations, string container)
    {
        ReadOnlySpan<string> keys = [$"{Elastic}.{container}{ElasticEnabled}", Elastic + ElasticEnabled];
        foreach (string key in keys)
        {
            if (annotations.TryGetValue(key, out string? value))
            {
                return IsGoFalse(value) ? new LogExclusion($"annotation {key}") : null;
            }
        }

        return null;
    }

    /// <summary>True for the values that Fluent Bit's flb_utils_bool parses as true.</summary>
    private static bool IsFluentBitTrue(string value) =>
        value.Equals("true", StringComparison.OrdinalIgnoreCase)
        || value.Equals("on", StringComparison.OrdinalIgnoreCase)
        || value.Equals("yes", StringComparison.OrdinalIgnoreCase);

    private static bool IsGoFalse(string value) => value is "0" or "f" or "F" or "false" or "FALSE" or "False";
}
