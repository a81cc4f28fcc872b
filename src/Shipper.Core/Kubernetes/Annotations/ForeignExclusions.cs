using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Kubernetes.Annotations;

/// <summary>Parses labels and annotations of other agents that can only leave out logs.</summary>
/// <remarks>
/// <para>
/// <c>fluentbit.io/exclude[_stdout|_stderr][-CONTAINER]</c> (true, on, yes; anything else means false). Source: flb_kube_prop_set in
/// plugins/filter_kubernetes/kube_property.c of Fluent Bit. There are two differences. Fluent Bit compares only the beginning of a container's name, but
/// Shipper compares the whole name. If two annotations name no container, Fluent Bit uses the first that it finds, in no fixed order, but Shipper uses the one
/// that names the output.
/// </para>
/// <para>
/// <c>vector.dev/exclude: "true"</c> (a label with exactly this value) and <c>vector.dev/exclude-containers: "a, b"</c> (an annotation).
/// Source: src/sources/kubernetes_logs of Vector.
/// </para>
/// <para><c>logs.grafana.com/pods.enabled</c>: false, no, skip. Source: charts/feature-pod-logs-via-loki of k8s-monitoring-helm.</para>
/// <para>
/// <c>io.opentelemetry.discovery.logs[.CONTAINER]/enabled</c>: true, false. Source: receiver/receivercreator of opentelemetry-collector-contrib.
/// </para>
/// </remarks>
internal static class ForeignExclusions
{
    public const string VectorLabel = "vector.dev/exclude";
    public const string FluentBit = "fluentbit.io/exclude";

    private const string FluentBitPrefix = "fluentbit.io/";
    private const string VectorContainers = "vector.dev/exclude-containers";
    private const string Grafana = "logs.grafana.com/pods.enabled";
    private const string OpenTelemetry = "io.opentelemetry.discovery.logs";
    private const string Enabled = "enabled";

    private static readonly string[] FluentBitKeys = [OwnAnnotations.Exclude];

    /// <summary>True for the key of an annotation or label that is parsed here.</summary>
    public static bool IsKey(string key) =>
        IsFluentBit(key) || key is VectorLabel or VectorContainers or Grafana
        || (ScopedKey.TryParse(key, OpenTelemetry, out ScopedKey scoped) && scoped.Name == Enabled);

    /// <summary>Parses one annotation.</summary>
    public static void Parse(string annotation, string value, WishCollector collector)
    {
        if (IsFluentBit(annotation))
        {
            ParseFluentBit(annotation, value, collector);
        }
        else if (annotation == VectorContainers && collector.Allows(annotation, OwnAnnotations.Exclude))
        {
            foreach (string container in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                Add(WishSource.Vector, container, isExcluded: true);
            }
        }
        else if (annotation == Grafana && collector.Allows(annotation, OwnAnnotations.Exclude))
        {
            Add(WishSource.Grafana, "", value is "false" or "no" or "skip");
        }
        else if (ScopedKey.TryParse(annotation, OpenTelemetry, out ScopedKey scoped) && collector.Allows(annotation, OwnAnnotations.Exclude))
        {
            if (value is "true" or "false")
            {
                Add(WishSource.OpenTelemetry, scoped.Container, value == "false");
            }
            else
            {
                collector.AddError(AnnotationErrorReasons.Unsupported, annotation, value, "must be true or false");
            }
        }

        void Add(WishSource source, string container, bool isExcluded) =>
            AddExclusion(source, null, container, isExcluded, collector.RuleOf(annotation), collector);
    }

    /// <summary>Parses Vector's label.</summary>
    public static void ParseVectorLabel(string value, WishCollector collector)
    {
        if (value == "true" && collector.Allows(VectorLabel, OwnAnnotations.Exclude))
        {
            AddExclusion(WishSource.Vector, null, "", isExcluded: true, $"label {VectorLabel}", collector);
        }
    }

    private static bool IsFluentBit(string key) =>
        key.StartsWith(FluentBit, StringComparison.Ordinal) && (key.Length == FluentBit.Length || key[FluentBit.Length] is '_' or '-');

    private static void ParseFluentBit(string annotation, string value, WishCollector collector)
    {
        if (!OwnName.TryParse(annotation[FluentBitPrefix.Length..], FluentBitKeys, out OwnName name))
        {
            collector.AddError(AnnotationErrorReasons.Unsupported, annotation, "has another ending than _stdout, _stderr and -CONTAINER");
        }
        else if (collector.Allows(annotation, OwnAnnotations.Exclude))
        {
            bool isExcluded = value.ToUpperInvariant() is "TRUE" or "ON" or "YES";
            AddExclusion(WishSource.FluentBit, name.Output, name.Container, isExcluded, collector.RuleOf(annotation), collector);
        }
    }

    private static void AddExclusion(WishSource source, LogOutput? output, string container, bool isExcluded, string rule, WishCollector collector) =>
        collector.Add(new Wish(source, output, container, new OutputWishes { Exclusion = new WishedExclusion(isExcluded, rule) }));
}
