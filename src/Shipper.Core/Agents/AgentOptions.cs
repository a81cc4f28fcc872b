using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Journal;
using Shipper.Kubernetes;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Processing.Cases;
using Shipper.Status;

namespace Shipper.Agents;

/// <summary>The whole configuration of the agent. The class of each section is in the folder of the code that uses it.</summary>
internal sealed class AgentOptions
{
    /// <summary>Label <c>cluster</c>.</summary>
    public string Cluster { get; set; } = "app-cluster";

    /// <summary>Label <c>environment</c>.</summary>
    public string Environment { get; set; } = "production";

    /// <summary>Label <c>node</c>. If it is empty, the agent uses $NODE_NAME, or else the host name.</summary>
    public string Node { get; set; } = "";

    /// <summary>Additional labels of all streams.</summary>
    public Dictionary<string, string> Labels { get; set; } = new(StringComparer.Ordinal);

    public ContainerSourceOptions Containers { get; set; } = new();

    public JournalOptions Journal { get; set; } = new();

    public List<FileSourceOptions> Files { get; set; } = [];

    public KubernetesOptions Kubernetes { get; set; } = new();

    /// <summary>What happens to records on the node.</summary>
    public ProcessingOptions Processing { get; set; } = new();

    /// <summary>Tests of the processing, for <c>shipper test</c>. The agent ignores them.</summary>
    public List<RecordTest> Tests { get; set; } = [];

    public LokiOptions Loki { get; set; } = new();

    /// <summary>
    /// How long the agent keeps sending batched records after the stop signal. By default Kubernetes kills a pod after 30 s.
    /// </summary>
    public TimeSpan GracePeriod { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>Upper bound of unacknowledged data in memory, in bytes.</summary>
    public long BufferMemory { get; set; } = 32 * 1024 * 1024;

    public StateOptions State { get; set; } = new();

    /// <summary>Address and port of the HTTP endpoints. Without an address, they listen on all IPv4 and IPv6 addresses.</summary>
    public string Listen { get; set; } = ":2020";

    /// <summary>Address of Grafana, for links to queries; empty for no links.</summary>
    public string Grafana { get; set; } = "";

    /// <summary>Lowest level of events in the agent's own log.</summary>
    public OwnLogSeverity LogLevel { get; set; } = OwnLogSeverity.Info;

    /// <summary>Format of the agent's own log; null for JSON, or text if stderr is a terminal.</summary>
    public OwnLogFormat? LogFormat { get; set; }

    /// <summary>Labels of all streams: <see cref="Labels"/>, <c>cluster</c>, <c>environment</c> and <c>node</c>.</summary>
    public IReadOnlyDictionary<string, string> BaseLabels => new Dictionary<string, string>(Labels, StringComparer.Ordinal)
    {
        ["cluster"] = Cluster,
        ["environment"] = Environment,
        ["node"] = NodeName,
    };

    /// <summary>LogQL selector of this agent's streams. No other agent's streams match it.</summary>
    public string Selector =>
        StreamLabels.Create(new Dictionary<string, string>(StringComparer.Ordinal) { ["cluster"] = Cluster, ["node"] = NodeName }).Selector;

    /// <summary>Name of the node: <see cref="Node"/> with its defaults applied.</summary>
    public string NodeName =>
        Node.Length > 0 ? Node
        : System.Environment.GetEnvironmentVariable("NODE_NAME") is { Length: > 0 } name ? name
        : System.Environment.MachineName;

    /// <summary>Returns what the status repeats from the configuration.</summary>
    public StatusOptions ToStatusOptions() =>
        new(Cluster, Environment, NodeName, Loki.PushUrl, Loki.Tenant, BufferMemory, Containers.Tailer.HeldBytes, Grafana);
}
