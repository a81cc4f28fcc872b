using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Journal;
using Shipper.Kubernetes;
using Shipper.Loki;

namespace Shipper.Agents;

/// <summary>The agent's whole configuration. Each section stands beside the code that uses it.</summary>
internal sealed class AgentOptions
{
    /// <summary>Label <c>cluster</c>.</summary>
    public string Cluster { get; set; } = "app-cluster";

    /// <summary>Label <c>environment</c>.</summary>
    public string Environment { get; set; } = "production";

    /// <summary>Label <c>node</c>; empty: $NODE_NAME, else the host name.</summary>
    public string Node { get; set; } = "";

    /// <summary>More labels of all streams.</summary>
    public Dictionary<string, string> Labels { get; set; } = new(StringComparer.Ordinal);

    public ContainerSourceOptions Containers { get; set; } = new();

    public JournalOptions Journal { get; set; } = new();

    public List<FileSourceOptions> Files { get; set; } = [];

    public KubernetesOptions Kubernetes { get; set; } = new();

    public LokiOptions Loki { get; set; } = new();

    /// <summary>
    /// How long batched records are still sent after the signal to stop: Kubernetes kills after 30 s unless told otherwise.
    /// </summary>
    public TimeSpan GracePeriod { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>Bytes read and not acknowledged, at the most.</summary>
    public long BufferMemory { get; set; } = 32 * 1024 * 1024;

    public StateOptions State { get; set; } = new();

    /// <summary>Address and port of the HTTP endpoints; without an address, all of IPv4 and IPv6.</summary>
    public string Listen { get; set; } = ":2020";

    /// <summary>Least severe level of the agent's own log.</summary>
    public LogSeverity LogLevel { get; set; } = LogSeverity.Info;

    /// <summary>Format of the agent's own log.</summary>
    public LogFormat LogFormat { get; set; } = LogFormat.Json;

    /// <summary>The labels that all streams have.</summary>
    public IReadOnlyDictionary<string, string> BaseLabels => new Dictionary<string, string>(Labels, StringComparer.Ordinal)
    {
        ["cluster"] = Cluster,
        ["environment"] = Environment,
        ["node"] = NodeName,
    };

    /// <summary>Selects the streams of this agent, and of no other.</summary>
    public string Selector =>
        StreamLabels.Create(new Dictionary<string, string>(StringComparer.Ordinal) { ["cluster"] = Cluster, ["node"] = NodeName }).Selector;

    /// <summary>The node's name, as it is used.</summary>
    public string NodeName =>
        Node.Length > 0 ? Node
        : System.Environment.GetEnvironmentVariable("NODE_NAME") is { Length: > 0 } name ? name
        : System.Environment.MachineName;
}
