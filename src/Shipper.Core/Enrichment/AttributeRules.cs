using System.Text;
using Microsoft.Extensions.Logging;
using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Kubernetes;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Enrichment;

/// <summary>
/// Makes the labels and the structured metadata of a container's logs: what the configuration says, what the pod's facts are, and last
/// what no pod can choose. What exceeds Loki's limits is cut or moved, so that it never costs the stream.
/// </summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class AttributeRules
{
    /// <summary>The longest value of structured metadata, in bytes: as long as a label's may be.</summary>
    public const int MaxValueBytes = StreamLabels.MaxValueBytes;

    private const string NamespaceLabel = "namespace";
    private const string PodLabel = "pod";
    private const string ContainerLabel = "container";

    private readonly IReadOnlyDictionary<string, string> _baseLabels;
    private readonly KubernetesMetadata? _metadata;
    private readonly (string Name, PodFact Fact)[] _labels;
    private readonly (string Name, PodFact Fact)[] _structured;
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics;

    /// <param name="baseLabels">Labels of all streams: those of the configuration, and cluster, environment and node.</param>
    /// <param name="options">Section <c>kubernetes</c>.</param>
    /// <param name="metadata">What the API server tells; null where it is not asked.</param>
    /// <param name="logger">The stage's log.</param>
    /// <param name="metrics">The agent's.</param>
    public AttributeRules(
        IReadOnlyDictionary<string, string> baseLabels, KubernetesOptions options, KubernetesMetadata? metadata, ILogger logger, AgentMetrics metrics)
    {
        _baseLabels = baseLabels;
        _metadata = metadata;
        _labels = metadata is null ? [] : [.. options.Labels.Select(rule => (rule.Key, PodFact.Parse(rule.Value)))];
        _structured = metadata is null ? [] : [.. options.StructuredMetadata.Select(rule => (rule.Key, PodFact.Parse(rule.Value)))];
        _logger = logger;
        _metrics = metrics;
    }

    /// <summary>The labels that tell where a log comes from; no pod can choose them.</summary>
    public static IReadOnlyList<string> OwnLabels { get; } = [NamespaceLabel, PodLabel, ContainerLabel];

    /// <summary>Makes the attributes of a log.</summary>
    /// <param name="container">What the file's name and path tell.</param>
    /// <param name="pod">What the API server tells; null where it does not.</param>
    /// <param name="remembered">What was excluded when the API server could last be asked; holds where the pod is not known.</param>
    /// <param name="restart">How often the container had been restarted when the file was begun.</param>
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
            return new StreamAttributes(StreamLabels.Create(labels), [], hasOutput: true, StreamRules.Excluding(OneOf(remembered)));
        }

        var metadata = new List<(string Name, string Value)>();
        int names = labels.Count(label => label.Value.Length > 0);
        foreach ((string name, PodFact fact) in _labels)
        {
            if (_metadata!.Get(fact, pod, container.Container, restart) is not { Length: > 0 } value)
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
                Adjusted("moved", container, name, "a stream can't have more labels; it is sent as structured metadata");
                metadata.Add((name, value));
            }
        }

        foreach ((string name, PodFact fact) in _structured)
        {
            if (_metadata!.Get(fact, pod, container.Container, restart) is { Length: > 0 } value)
            {
                metadata.Add((name, value));
            }
        }

        ExcludedOutputs excluded = KubernetesMetadata.FindExclusion(pod, container.Container)?.Outputs ?? ExcludedOutputs.None;
        return new StreamAttributes(StreamLabels.Create(labels), Encode(metadata, container), hasOutput: true, StreamRules.Excluding(OneOf(excluded)));
    }

    /// <summary>The one output that is left out; a log of which both are is not read at all.</summary>
    private static LogOutput? OneOf(ExcludedOutputs excluded) => excluded switch
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
            byte[] pair = PushRequestWriter.EncodeMetadata(
                Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(Cut(value, MaxValueBytes, container, name)));

            // Which output it was, how much was cut and when it was come on top of it.
            if (encoded.Length + pair.Length > PushRequestWriter.MaxMetadataBytes - PushRequestWriter.StderrMetadata.Length)
            {
                Adjusted("left_out", container, name, "an entry can't have more structured metadata");
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
            Adjusted("cut", container, name, "its value is longer than Loki takes");
        }

        return cut;
    }

    private void Adjusted(string how, ContainerName container, string name, string reason)
    {
        _metrics.LabelsAdjusted.Add(how, 1);
        KubernetesEvents.LabelAdjusted(_logger, name, container.Key, how, reason);
    }
}
