using Microsoft.Extensions.Logging;
using Shipper.Kubernetes.Annotations;
using Shipper.Kubernetes.Api;
using Shipper.Net;
using Shipper.Telemetry;

namespace Shipper.Kubernetes;

/// <summary>Keeps the metadata of this node's pods up to date with the API server.</summary>
/// <remarks>Thread-safe. <see cref="RunAsync"/> is called once.</remarks>
internal sealed class KubernetesMetadata : IDisposable
{
    private readonly string _node;
    private readonly ILogger _logger;
    private readonly ApiAccess _access;
    private readonly ApiClient _client;
    private readonly BackOff _backOff;
    private readonly LabelStore _nodes;
    private readonly NamespaceStore _namespaces;
    private readonly WishPool _wishes = new();
    private readonly ResourceWatcher _pods;
    private readonly List<ResourceWatcher> _watchers = [];
    private readonly string _resources;
    private long _labelVersion;

    /// <param name="options">Section <c>kubernetes</c> of the configuration.</param>
    /// <param name="node">Name of the node whose pods are watched.</param>
    /// <param name="logger">The agent's own log.</param>
    /// <exception cref="FormatException">A rule names no pod fact.</exception>
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
        _backOff = RequestFailures.CreateBackOff(time);
        Needs = new MetadataNeeds(options);
        var reporter = new AnnotationReporter(logger, metrics);
        Pods = new PodStore(Needs, time, reporter);
        _nodes = new LabelStore(Needs.NodeLabels, () => Interlocked.Increment(ref _labelVersion));
        _namespaces = new NamespaceStore(Needs, reporter, OnNamespaceChanged);

        _pods = Watch(WatchedResource.Pods(node), Pods, Needs.IsReadFromPod);
        var resources = new List<string> { "pods" };
        if (Needs.NodeLabels.Count > 0)
        {
            Watch(WatchedResource.Node(node), _nodes, Needs.NodeLabels.Contains);
            resources.Add("node");
        }

        if (Needs.WatchesNamespaces)
        {
            Watch(WatchedResource.Namespaces(), _namespaces, Needs.IsReadFromNamespace);
            resources.Add("namespaces");
        }

        _resources = string.Join(", ", resources);

        ResourceWatcher Watch(WatchedResource resource, IResourceStore store, Func<string, bool> shouldKeep)
        {
            var watcher = new ResourceWatcher(resource, store, _client, new ObjectReader(shouldKeep), _backOff, time, logger, metrics);
            _watchers.Add(watcher);
            return watcher;
        }
    }

    /// <summary>
    /// Raised with a namespace's name by the watcher's loop, after the annotations of the namespace have changed. Handlers must not block or throw.
    /// </summary>
    public event Action<string>? NamespaceWishesChanged;

    /// <summary>Facts and keys that the configured rules need.</summary>
    public MetadataNeeds Needs { get; }

    /// <summary>The pods of the node.</summary>
    public PodStore Pods { get; }

    /// <summary>True while all pods are known and a watch reports their changes.</summary>
    public bool IsConnected => Pods.IsComplete && _pods.IsWatching;

    /// <summary>False if there is no API server to ask and never will be: no kubeconfig is set and the agent does not run in a pod.</summary>
    public bool IsConfigured => _access.IsConfigured;

    /// <summary>Increases with each change of the labels of the node, or of the labels or annotations of a namespace.</summary>
    public long LabelVersion => Interlocked.Read(ref _labelVersion);

    /// <summary>Increases with each change of data that facts and wishes are derived from.</summary>
    public long Version => Pods.Version + Interlocked.Read(ref _labelVersion);

    /// <summary>Watches until canceled. Returns immediately if there is no API server; a failure never ends the watch.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        if (!_access.IsConfigured)
        {
            KubernetesEvents.NotInCluster(_logger);
            return;
        }

        KubernetesEvents.Watching(_logger, _resources);
        await Task.WhenAll(_watchers.Select(watcher => watcher.RunAsync(stopping)));
    }

    /// <summary>Returns the value of a fact.</summary>
    /// <param name="container">Name of the container that wrote the log.</param>
    /// <param name="restart">Number of the container's run, from the log file's name.</param>
    /// <returns>Null if the pod does not have the fact, or it is not known yet.</returns>
    public string? GetFact(PodFact fact, PodInfo pod, string container, int restart) => fact.Kind switch
    {
        PodFactKind.Label => pod.Labels.GetValueOrDefault(fact.Key),
        PodFactKind.Annotation => pod.Annotations.GetValueOrDefault(fact.Key),
        PodFactKind.NamespaceLabel => _namespaces.FindLabels(pod.Namespace)?.GetValueOrDefault(fact.Key),
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
    /// False while a fact that a rule needs is still missing: the pod's address, the id of a container that has just started, or the labels of
    /// the node or namespace, or the annotations of the namespace. Facts that an ended pod does not have are not missing: they will never come.
    /// </summary>
    public bool HasAllFacts(PodInfo pod, string container, int restart) => HasWishes(pod) && Needs.Facts.All(fact => fact.Kind switch
    {
        PodFactKind.PodIp => pod.IsEnded || pod.PodIp is not null,
        PodFactKind.ContainerId => pod.IsEnded || FindContainerId(pod, container, restart) is not null || restart < RestartCount(pod, container),
        PodFactKind.NamespaceLabel => pod.IsDeleted || _namespaces.FindLabels(pod.Namespace) is not null,
        PodFactKind.NodeLabel => _nodes.Find(_node) is not null,
        _ => true,
    });

    /// <summary>False while the namespace, whose annotations are the defaults of the pod, is not known yet.</summary>
    public bool HasWishes(PodInfo pod) => !Needs.ReadsNamespaceAnnotations || pod.IsDeleted || _namespaces.FindWishes(pod.Namespace) is not null;

    /// <summary>
    /// Returns what a pod and its namespace ask for, for one container. Equal wishes are the same object, until 1,024 different ones have been returned. They
    /// may change whenever <see cref="Version"/> changes.
    /// </summary>
    public ContainerWishes GetWishes(PodInfo pod, string container)
    {
        ContainerWishes wishes = pod.Wishes.For(container);
        return _wishes.Intern(_namespaces.UseWishes(pod.Namespace) is { } defaults ? wishes.Over(defaults.For(container)) : wishes);
    }

    /// <summary>Returns the annotations of a pod and of its namespace that are not obeyed, each with what is wrong with it, in one line.</summary>
    public IReadOnlyList<string> GetAnnotationErrors(PodInfo pod) =>
    [
        .. pod.Wishes.Errors.Select(error => error.Text),
        .. (_namespaces.FindWishes(pod.Namespace)?.Errors ?? []).Select(error => $"namespace {pod.Namespace}: {error.Text}"),
    ];

    public void Dispose()
    {
        _client.Dispose();
        _backOff.Dispose();
    }

    private void OnNamespaceChanged(string name, bool haveWishesChanged)
    {
        Interlocked.Increment(ref _labelVersion);
        if (haveWishesChanged)
        {
            NamespaceWishesChanged?.Invoke(name);
        }
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
