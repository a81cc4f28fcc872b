using Microsoft.Extensions.Logging;
using Shipper.Checkpoints;
using Shipper.Delivery;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Enrichment;
using Shipper.Journal;
using Shipper.Kubernetes;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Records;
using Shipper.Tailing;
using Shipper.Tailing.Copies;
using Shipper.Tailing.Files;
using Shipper.Tailing.Held;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Agents;

/// <summary>
/// Constructs all stages. This is the table of contents: the stages in the order in which a line passes them.
/// <list type="number">
/// <item><see cref="Discovery"/> finds logs: <see cref="LogLocation"/> resolves the globs, <see cref="LogDiscovery"/> watches the directories.</item>
/// <item><see cref="Enrichment"/> decides which logs are read, and with which labels: <see cref="PodLogFilter"/>, <see cref="AttributeBuilder"/>.</item>
/// <item><see cref="Tailing"/> reads files (<see cref="FileSource"/>), and <see cref="Journal"/> the systemd journal (<see cref="JournalSource"/>).</item>
/// <item><see cref="Parsing"/> turns bytes into lines.</item>
/// <item><see cref="Processing"/> turns lines into records.</item>
/// <item><see cref="Batching"/> encodes records into push requests.</item>
/// <item><see cref="Delivery"/> pushes to <see cref="Shipper.Loki"/> and decides what each response means.</item>
/// <item><see cref="Checkpoints"/> record how far each log was acknowledged.</item>
/// </list>
/// A <see cref="Lane"/> runs stages 3 to 7 for its share of the streams. <see cref="Agent"/> starts and stops all of them.
/// </summary>
/// <remarks>The stages are constructed from the last to the first, because each stage takes the next one as an argument.</remarks>
internal sealed class Stages : IDisposable
{
    private readonly AgentOptions _options;
    private readonly StageServices _services;
    private readonly TailingServices _tailing;
    private readonly (Lane Lane, FileSource Source)[] _files;
    private readonly long _startedAt;
    private volatile bool _isListed;
    /// <param name="services">The services that every stage uses.</param>
    /// <param name="sender">Pushes to Loki.</param>
    /// <param name="metadata">The pods of the node; null if the agent does not use the API server.</param>
    /// <param name="startedAt">When the agent was created, as a timestamp of the clock.</param>
    /// <param name="predecessor">State that the previous agent in this process handed over; null if there was none.</param>
    public Stages(AgentOptions options, StageServices services, DeliveryServices delivery, Sender sender, KubernetesMetadata? metadata, long startedAt, Handover? predecessor)
    {
        _options = options;
        _services = services;
        _startedAt = startedAt;
        (TimeProvider time, ILoggerFactory loggers, AgentMetrics metrics, Heartbeat heartbeat) = services;

        // 8. The checkpoints: what the agent knows after a crash.
        ILogger checkpointLogger = loggers.CreateLogger("Checkpoints");
        Checkpoints = CheckpointStore.Open(options.State.Path, checkpointLogger, metrics, isUnsettled: predecessor is not { IsSettled: true });
        Copies = HeldCopies.Open(options.State.Path, Checkpoints, predecessor?.Files, checkpointLogger, metrics);
        StartQuery = new StartQuery(sender, delivery, Checkpoints, options.Selector, options.State.Path, checkpointLogger);

        // 3 to 7. The sources, and the lanes that read and send them.
        if (options.Journal.Enabled)
        {
            // Open the journal first, because the log files may use up the file descriptors.
            Journal = new JournalSource(options.Journal, options.BaseLabels, options.Processing, Checkpoints, time, loggers.CreateLogger("Journal"), metrics, services.Taps);
            Journal.Open();
        }

        _tailing = new TailingServices(Checkpoints, Copies, time, loggers.CreateLogger("Tailing"), metrics) { Taps = services.Taps };
        var held = new HeldBudget(options.Containers.Tailer.HeldBytes);
        var openFiles = new FileBudget();
        _files = [.. Enumerable.Range(0, LanePlan.CountLanes(options)).Select(number =>
        {
            LaneOptions plan = LanePlan.FileLaneOptions(options);
            var source = new FileSource(plan, held, openFiles, _tailing, loggers.CreateLogger("Lanes"));
            return (new Lane($"lane-{number}", plan, source, sender, Checkpoints, services), source);
        })];
        Lanes = [.. _files.Select(file => file.Lane)];
        if (Journal is not null)
        {
            Lanes = [.. Lanes, new Lane("journal", LanePlan.JournalLaneOptions(options), Journal, sender, Checkpoints, services)];
        }

        sender.Health.SetWaiting(() => Lanes.Sum(lane => lane.BufferedRecords));

        // 2. Which logs are read, and with which labels.
        PodLogFilter = new PodLogFilter(new LaneRouter(_files), options.Kubernetes.Namespaces, Checkpoints, loggers.CreateLogger("Kubernetes"));
        if (metadata is not null)
        {
            metadata.Pods.Changed += PodLogFilter.Update;
            metadata.NamespaceWishesChanged += PodLogFilter.UpdateNamespace;
        }

        // 1. Which logs exist.
        Locations = CreateLocations(metadata is { IsConfigured: true } ? metadata : null);
        if (Locations.Length > 0)
        {
            Discovery = new LogDiscovery(Locations, options.Containers.ScanInterval, PodLogFilter, time, loggers.CreateLogger("Discovery"), metrics, heartbeat);
        }
    }

    /// <summary>The places where the agent looks for logs.</summary>
    public LogLocation[] Locations { get; }

    /// <summary>Finds logs; null if none are configured.</summary>
    public LogDiscovery? Discovery { get; }

    /// <summary>Filters out the logs that are excluded.</summary>
    public PodLogFilter PodLogFilter { get; }

    /// <summary>The journal; null if it is not read.</summary>
    public JournalSource? Journal { get; }

    /// <summary>All lanes. The journal's lane is the last.</summary>
    public Lane[] Lanes { get; }

    /// <summary>The logs that the lanes read, one element per lane of files.</summary>
    public IEnumerable<TailedLogs> Logs => _files.Select(file => file.Source.Logs);

    /// <summary>Asks Loki at the start whether it has newer records than the checkpoints do.</summary>
    public StartQuery StartQuery { get; }

    /// <summary>The positions up to which each log was acknowledged.</summary>
    public CheckpointStore Checkpoints { get; }

    /// <summary>Saved copies of deleted files.</summary>
    public HeldCopies Copies { get; }

    /// <summary>True if Loki has acknowledged everything that an earlier agent may have sent without recording it in the checkpoints.</summary>
    public bool IsConfirmed => _isListed && Array.TrueForAll(Lanes, lane => !lane.Status.HasUnconfirmed);

    /// <summary>Lists the sources for the first time and passes all logs to their lanes.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was canceled.</exception>
    public void ListSources(CancellationToken stopping)
    {
        DuplicateRotatedFiles.Merge(Checkpoints);
        if (Discovery is null)
        {
            _isListed = true;
            return;
        }

        Discovery.Scan(isFull: true, Checkpoints.IsFirstStart);
        _isListed = true;
        Drain(stopping);
        Checkpoints.EndFirstStart();
        OrphanedStreams.Resume(_tailing, Discovery.LogPaths.ToHashSet(StringComparer.Ordinal), Discovery.CanReappear, TryResume);
        PodLogFilter.RemoveStaleDecisions();
        Drain(stopping);

        // Reports the lag immediately, although nothing has been read yet and Loki may be unavailable.
        foreach (TailedLogs logs in Logs)
        {
            logs.Maintain();
        }
    }

    public void Dispose()
    {
        Array.ForEach(Lanes, lane => lane.Dispose());
        Discovery?.Dispose();
        Checkpoints.Dispose();
    }

    private void Drain(CancellationToken stopping)
    {
        foreach (TailedLogs logs in Logs)
        {
            logs.DrainInbox(stopping);
        }
    }

    /// <summary>Resumes a log that no path leads to any longer, but that still has unacknowledged data.</summary>
    /// <returns>False if no source includes the log, or it is excluded.</returns>
    private bool TryResume(string key, string path) =>
        Locations.Select(location => location.IdentifyDeleted(key, path)).FirstOrDefault(found => found is not null) is { } found && PodLogFilter.TryPublishDeleted(found);

    private LogLocation[] CreateLocations(KubernetesMetadata? metadata)
    {
        var owners = new FileOwners(Checkpoints, _services.Time);
        IEnumerable<LogLocation> files = _options.Files.Select(file => new FileLocation(file, _options.BaseLabels, owners, _options.Processing));
        if (!_options.Containers.Enabled)
        {
            return [.. files];
        }

        var own = OwnPod.Find();
        var rules = new AttributeBuilder(_options.BaseLabels, _options.Kubernetes, _options.Processing, metadata, _services.Loggers.CreateLogger("Kubernetes"), _services.Metrics);
        return [new ContainerLocation(_options.Containers, (container, logPath) => metadata is null
            ? new FixedAttributes(rules.Create(container, null, 0), own.Contains(container))
            : new PodAttributes(
                container, rules, metadata, Checkpoints.GetExcludedOutputs(logPath), _options.Kubernetes.WhenUnknown == UnknownPodAction.Hold, Deadline(), _services.Time, _services.Metrics, own.Contains(container)), owners), .. files];
    }

    /// <summary>
    /// Returns the timestamp until which a new log waits for its pod. For logs that existed when the agent started, the wait began at the start.
    /// </summary>
    private long Deadline() =>
        (_isListed ? _services.Time.GetTimestamp() : _startedAt) + _services.Time.ToTimestampUnits(PodAttributes.MaxWait);
}
