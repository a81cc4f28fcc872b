using Shipper.Agents;
using Shipper.Enrichment;
using Shipper.Loki;
using Shipper.Proxies;

namespace Shipper.Configuration;

/// <summary>Checks combinations of keys. An error is something that can't work; a warning is something that may be unintended.</summary>
internal static class OptionsValidator
{
    public static void Validate(AgentOptions options, ConfigBinder binder)
    {
        ValidateLabels(options, binder);
        SourceChecks.Validate(options, binder);
        ProcessingChecks.Validate(options, binder);
        LokiChecks.Validate(options.Loki, binder);
        ValidateMemory(options, binder);
    }

    /// <summary>Warns if <c>cluster</c> is not set. Call only for a valid configuration: on a first try the errors matter more.</summary>
    public static void WarnIfClusterIsDefault(AgentOptions options, ConfigBinder binder)
    {
        if (!binder.IsSet("cluster"))
        {
            binder.AddWarning(
                "cluster", $"cluster is not set, so the label cluster is \"{options.Cluster}\"; set it to the name of this cluster, because the logs of two clusters with the same name can't be told apart");
        }
    }

    private static void ValidateLabels(AgentOptions options, ConfigBinder binder)
    {
        int names = options.BaseLabels.Count + AttributeBuilder.IdentityLabels.Count;
        if (names > StreamLabels.MaxNames)
        {
            binder.Add("labels", $"with these, a stream has {names} labels, but Loki accepts at most {StreamLabels.MaxNames}; remove some");
            return;
        }

        foreach (string label in options.Kubernetes.Labels.Keys.Where(options.Labels.ContainsKey))
        {
            binder.AddWarning(
                $"kubernetes.labels.{label}",
                $"kubernetes.labels.{label} replaces labels.{label} for pods that have a value; rename one of them, or remove the static one");
        }

        int withPods = names + options.Kubernetes.Labels.Count(label => !options.Labels.ContainsKey(label.Key));
        if (withPods > StreamLabels.MaxNames)
        {
            binder.AddWarning(
                "kubernetes.labels",
                $"a pod that has all of these would get {withPods} labels, but Loki accepts at most {StreamLabels.MaxNames}; the last ones would become structured metadata");
        }

        if (!options.Kubernetes.Enabled && options.Kubernetes.Labels.Count + options.Kubernetes.StructuredMetadata.Count > 0)
        {
            binder.AddWarning("kubernetes.enabled", "kubernetes.labels and kubernetes.structuredMetadata need the API server, but kubernetes.enabled is false; set it to true, or remove them");
        }

        if (!options.Kubernetes.Enabled && options.Kubernetes.Annotations.Namespaces)
        {
            binder.AddWarning(
                "kubernetes.annotations.namespaces", "kubernetes.annotations.namespaces needs the API server, but kubernetes.enabled is false; set it to true, or remove annotations.namespaces");
        }

        if (!binder.IsInvalid("loki.url") && EnvironmentProxies.Current.FindProblem(options.Loki.PushUrl) is { } problem)
        {
            binder.Add("loki.url", $"requests to {options.Loki.PushUrl.Host} go through a proxy, but {problem}");
        }
    }

    private static void ValidateMemory(AgentOptions options, ConfigBinder binder)
    {
        long needed = LanePlan.MinMemoryBytes(options);
        if (needed > options.BufferMemory && !binder.IsInvalid("buffer.memory"))
        {
            const long MiB = 1024 * 1024;
            binder.Add(
                "buffer.memory",
                $"buffer.memory ({Units.FormatSize(options.BufferMemory)}) is too small for loki.batch.size and maxLineSize, which need {(needed + MiB - 1) / MiB}MiB; raise it or lower them");
        }
    }
}
