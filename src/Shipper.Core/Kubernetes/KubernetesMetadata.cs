using Microsoft.Extensions.Logging;
using Shipper.Kubernetes.Api;
using Shipper.Net;
using Shipper.Telemetry;

namespace Shipper.Kubernetes;

/// <summary>What the API server tells of this node's pods, kept up to date.</summary>
/// <remarks>Safe for concurrent use. <see cref="RunAsync"/> is called once.</remarks>
internal sealed class KubernetesMetadata : IDisposable
{
    private readonly string _node;
    private readonly ILogger _logger;
    private readonly ApiAccess _access;
    private readonly ApiClient _client;
    private readonly BackOff _backOff;
    private readonly LabelStore _nodes;
    private readonly LabelStore _namespaces;
    private readonly ResourceWatcher _pods;
    private readonly List<ResourceWatcher> _watchers = [];
    private readonly string _resources;
    private long _labelVersion;

    /// <param name="options">The section of the configuration.</param>
    /// <param name="node">Name of the node whose pods are watched.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    /// <param name="metrics">Gets the counts.</param>
    /// <exception cref="FormatException">A rule is nothing that a pod has.</exception>
    public KubernetesMetadata(KubernetesOptions options, string node, TimeProvider time, ILogger logger, AgentMetrics metrics)
        : this(
            options, node, time, logger, metrics,
            new ApiAccess(options.Kubeconfig, ApiAccess.ServiceAccountDirectory, Environment.GetEnvironmentVariable))
    {
    }

    internal KubernetesMetadata(
        KubernetesOptions options, string node, TimeProvider time, ILogger logger, AgentMetrics metrics, ApiAccess access)
    {
        _node = node;
        _logger = logger;
        _access = access;
        _client = new ApiClient(access, time: time);
        _backOff = RequestTrouble.CreateBackOff(time);
        Needs = new MetadataNeeds(options);
        Pods = new PodStore(Needs, time);
        _nodes = new LabelStore(Needs.NodeLabels, () => Interlocked.Increment(ref _labelVersion));
        _namespaces = new LabelStore(Needs.NamespaceLabels, () => Interlocked.Increment(ref _labelVersion));

        _pods = Watch(WatchedResource.Pods(node), Pods, Needs.ReadsOfPod);
        var resources = new List<string> { "pods" };
        if (Needs.NodeLabels.Count > 0)
        {
            Watch(WatchedResource.Node(node), _nodes, Needs.NodeLabels.Contains);
            resources.Add("node");
        }

        if (Needs.NamespaceLabels.Count > 0)
        {
            Watch(WatchedResource.Namespaces(), _namespaces, Needs.NamespaceLabels.Contains);
            resources.Add("namespaces");
        }

        _resources = string.Join(", ", resources);

        ResourceWatcher Watch(WatchedResource resource, IResourceStore store, Func<string, bool> keeps)
        {
            var watcher = new ResourceWatcher(resource, store, _client, new ObjectReader(keeps), _backOff, time, logger, metrics);
            _watchers.Add(watcher);
            return watcher;
        }
    }

    /// <summary>What the rules ask for.</summary>
    public MetadataNeeds Needs { get; }

    /// <summary>The pods.</summary>
    public PodStore Pods { get; }

    /// <summary>True while all pods are known and a watch tells what changes.</summary>
    public bool IsConnected => Pods.IsComplete && _pods.IsWatching;

    /// <summary>False where there is no API server to ask, and never will be: neither a kubeconfig nor a pod around the agent.</summary>
    public bool IsConfigured => _access.IsConfigured;

    /// <summary>Grows with each change of the labels of the node and of namespaces.</summary>
    public long LabelVersion => Interlocked.Read(ref _labelVersion);

    /// <summary>Grows with each change of anything that a fact or an exclusion may come from.</summary>
    public long Version => Pods.Version + Interlocked.Read(ref _labelVersion);

    /// <summary>Watches until it is stopped, where there is an API server. Nothing that it does ends it before.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        if (!_access.IsConfigured)
        {
            KubernetesEvents.NoCluster(_logger);
            return;
        }

        KubernetesEvents.Watching(_logger, _resources);
        await Task.WhenAll(_watchers.Select(watcher => watcher.RunAsync(stopping)));
    }

    /// <summary>The value of a fact.</summary>
    /// <param name="fact">What is asked for.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="container">Name of the container that wrote the log.</param>
    /// <param name="restart">Which run of it: the number in the log file's name.</param>
    /// <returns>Null where the pod has no such thing, or it is not known.</returns>
    public string? Get(PodFact fact, PodInfo pod, string container, int restart) => fact.Kind switch
    {
        PodFactKind.Label => pod.Labels.GetValueOrDefault(fact.Key),
        PodFactKind.Annotation => pod.Annotations.GetValueOrDefault(fact.Key),
        PodFactKind.NamespaceLabel => _namespaces.Find(pod.Namespace)?.GetValueOrDefault(fact.Key),
        PodFactKind.NodeLabel => _nodes.Find(_node)?.GetValueOrDefault(fact.Key),
        PodFactKind.OwnerKind => pod.OwnerKind,
        PodFactKind.OwnerName => pod.OwnerName,
        PodFactKind.PodUid => pod.Uid,
        PodFactKind.ContainerId => FindContainerId(pod, container, restart),
        PodFactKind.Image => pod.FindContainer(container)?.Image,
        PodFactKind.PodIp => pod.PodIp,
        _ => throw new ArgumentOutOfRangeException(nameof(fact)),
    };

    /// <summary>
    /// False while something that a rule asks for is still to come: an address, the id of a container that was just started, or the
    /// labels of the node or namespace. What a pod that ended does not have is not waited for.
    /// </summary>
    public bool IsSettled(PodInfo pod, string container, int restart) => Needs.Facts.All(fact => fact.Kind switch
    {
        PodFactKind.PodIp => pod.IsEnded || pod.PodIp is not null,
        PodFactKind.ContainerId => pod.IsEnded || FindContainerId(pod, container, restart) is not null || restart < RestartCount(pod, container),
        PodFactKind.NamespaceLabel => pod.IsDeleted || _namespaces.Find(pod.Namespace) is not null,
        PodFactKind.NodeLabel => _nodes.Find(_node) is not null,
        _ => true,
    });

    /// <summary>Which logs of a container its pod does not want to be sent.</summary>
    /// <returns>Null where all are wanted.</returns>
    public static LogExclusion? FindExclusion(PodInfo pod, string container) =>
        pod.FindContainer(container) is { } found ? found.Exclusion : pod.Exclusion;

    public void Dispose()
    {
        _client.Dispose();
        _backOff.Dispose();
    }

    private static int RestartCount(PodInfo pod, string container) => pod.FindContainer(container)?.RestartCount ?? 0;

    private static string? FindContainerId(PodInfo pod, string container, int restart)
    {
        PodContainer? found = pod.FindContainer(container);
        return found is null ? null
            : restart == found.RestartCount ? found.ContainerId
            : restart == found.RestartCount - 1 ? found.LastContainerId
            : null;
    }
}
