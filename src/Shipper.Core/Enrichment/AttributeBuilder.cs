using System.Text;
using Microsoft.Extensions.Logging;
using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Kubernetes;
using Shipper.Kubernetes.Annotations;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Processing.Redaction;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Enrichment;

/// <summary>
/// Builds the labels and the structured metadata of a container's logs from the configuration, the container's name and the facts of its
/// pod. Values that exceed Loki's limits are cut or moved, so that Loki never refuses the stream because of them.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class AttributeBuilder
{
    /// <summary>Maximum length of a value of structured metadata in bytes: the same as for a label's value.</summary>
    public const int MaxValueBytes = StreamLabels.MaxValueBytes;

    private const string NamespaceLabel = "namespace";
    private const string PodLabel = "pod";
    private const string ContainerLabel = "container";

    private readonly IReadOnlyDictionary<string, string> _baseLabels;
    private readonly KubernetesMetadata? _metadata;
    private readonly (string Name, PodFact Fact)[] _labels;
    private readonly (string Name, PodFact Fact)[] _structured;
    private readonly ProcessingOptions _processing;
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics;

    /// <param name="baseLabels">Labels of all streams: the configured ones, and cluster, environment and node.</param>
    /// <param name="options">Section <c>kubernetes</c>.</param>
    /// <param name="processing">Section <c>processing</c>.</param>
    /// <param name="metadata">The pods of the node; null if the agent does not use the API server.</param>
    public AttributeBuilder(
        IReadOnlyDictionary<string, string> baseLabels, KubernetesOptions options, ProcessingOptions processing, KubernetesMetadata? metadata, ILogger logger, AgentMetrics metrics)
    {
        _processing = processing;
        _baseLabels = baseLabels;
        _metadata = metadata;
        _labels = metadata is null ? [] : [.. options.Labels.Select(rule => (rule.Key, PodFact.Parse(rule.Value)))];
        _structured = metadata is null ? [] : [.. options.StructuredMetadata.Select(rule => (rule.Key, PodFact.Parse(rule.Value)))];
        _logger = logger;
        _metrics = metrics;
    }

    /// <summary>Labels that identify the container of a log. A pod can't change them: configured labels must not have these names.</summary>
    public static IReadOnlyList<string> IdentityLabels { get; } = [NamespaceLabel, PodLabel, ContainerLabel];

    /// <summary>Builds the attributes of a log.</summary>
    /// <param name="container">The container, as the file's name and path identify it.</param>
    /// <param name="pod">The pod; null if the API server has not returned it.</param>
    /// <param name="remembered">
    /// The outputs that were excluded by the last known version of the pod. Used if <paramref name="pod"/> is null, or its namespace is not known.
    /// </param>
    /// <param name="restart">Number of restarts of the container before the file was created.</param>
    public StreamAttributes Create(ContainerName container, PodInfo? pod, int restart, ExcludedOutputs remembered = ExcludedOutputs.None)
    {
        var labels = new Dictionary<string, string>(_baseLabels, StringComparer.Ordinal)
        {
            [NamespaceLabel] = container.Namespace,
            [PodLabel] = container.Pod,
            [ContainerLabel] = container.Container,
        };
        if (pod is null)
        {
            return new StreamAttributes(StreamLabels.Create(labels), [], hasOutput: true, RulesOf(container, ContainerWishes.None, SingleExcluded(remembered)));
        }

        var metadata = new List<(string Name, string Value)>();
        int names = labels.Count(label => label.Value.Length > 0);
        foreach ((string name, PodFact fact) in _labels)
        {
            if (_metadata!.GetFact(fact, pod, container.Container, restart) is not { Length: > 0 } value)
            {
                continue;
            }

            if (labels.ContainsKey(name) || names < StreamLabels.MaxNames)
            {
                names += labels.ContainsKey(name) ? 0 : 1;
                labels[name] = Cut(value, StreamLabels.MaxValueBytes, container, name);
            }
            else
            {
                ReportAdjusted("moved", container, name, "the stream has the maximum number of labels, so the value is sent as structured metadata");
                metadata.Add((name, value));
            }
        }

        foreach ((string name, PodFact fact) in _structured)
        {
            if (_metadata!.GetFact(fact, pod, container.Container, restart) is { Length: > 0 } value)
            {
                metadata.Add((name, value));
            }
        }

        ContainerWishes wishes = _metadata?.GetWishes(pod, container.Container) ?? ContainerWishes.None;
        ExcludedOutputs excluded = wishes.Exclusion?.Outputs ?? (_metadata?.HasWishes(pod) == false ? remembered : ExcludedOutputs.None);
        return new StreamAttributes(StreamLabels.Create(labels), Encode(Redact(metadata, wishes), container), hasOutput: true, RulesOf(container, wishes, SingleExcluded(excluded)));
    }

    /// <summary>Removes from values of pod facts what is removed from records: secrets, personal data and patterns.</summary>
    private List<(string Name, string Value)> Redact(List<(string Name, string Value)> metadata, ContainerWishes wishes)
    {
        RedactOptions options = PodProcessing.Merge(PodProcessing.Merge(_processing.Redact, wishes.Stdout.Redaction), wishes.Stderr.Redaction);
        return options.IsEmpty || metadata.Count == 0 ? metadata : [.. metadata.Select(pair => (pair.Name, StreamRulesFactory.RedactStageOf(options).Redact(pair.Value)))];
    }

    private StreamRules RulesOf(ContainerName container, ContainerWishes wishes, LogOutput? excluded)
    {
        var origin = new RecordOrigin { Source = RecordOrigin.Containers, Namespace = container.Namespace, Pod = container.Pod, Container = container.Container };
        ProcessingOptions stdout = PodProcessing.Merge(_processing, wishes.Stdout, origin);
        return StreamRulesFactory.Create(stdout, origin, excluded, wishes.Stderr.Equals(wishes.Stdout) ? null : PodProcessing.Merge(_processing, wishes.Stderr, origin));
    }

    /// <summary>Returns the excluded output; null if none or both are excluded. A log with both outputs excluded is not read at all.</summary>
    private static LogOutput? SingleExcluded(ExcludedOutputs excluded) => excluded switch
    {
        ExcludedOutputs.Stdout => LogOutput.Stdout,
        ExcludedOutputs.Stderr => LogOutput.Stderr,
        _ => null,
    };

    private byte[] Encode(List<(string Name, string Value)> metadata, ContainerName container)
    {
        using var encoded = new MemoryStream();
        foreach ((string name, string value) in metadata)
        {
            byte[] pair = EntryMetadata.Encode(
                Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(Cut(value, MaxValueBytes, container, name)));

            // The readers add stream, truncated_bytes and original_timestamp to the entry later.
            if (encoded.Length + pair.Length > EntryMetadata.MaxBytes - PushRequestWriter.StderrMetadata.Length)
            {
                ReportAdjusted("left_out", container, name, "the entry has the maximum size of structured metadata");
                continue;
            }

            encoded.Write(pair);
        }

        return encoded.ToArray();
    }

    private string Cut(string value, int maxBytes, ContainerName container, string name)
    {
        string cut = Utf8Text.Cut(value, maxBytes);
        if (cut.Length < value.Length)
        {
            ReportAdjusted("cut", container, name, "the value is longer than Loki accepts");
        }

        return cut;
    }

    private void ReportAdjusted(string how, ContainerName container, string name, string reason)
    {
        _metrics.LabelsAdjusted.Add(how, 1);
        KubernetesEvents.LabelAdjusted(_logger, name, container.Key, how, reason);
    }
}
