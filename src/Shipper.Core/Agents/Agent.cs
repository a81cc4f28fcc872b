using Microsoft.Extensions.Logging;
using Shipper.Checkpoints;
using Shipper.Delivery;
using Shipper.Kubernetes;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Net;
using Shipper.Status;
using Shipper.Status.Explaining;
using Shipper.Tailing;
using Shipper.Tailing.Copies;
using Shipper.Tailing.Held;
using Shipper.Telemetry;

namespace Shipper.Agents;

/// <summary>
/// Runs the pipeline from start to stop: locks the state directory, starts the <see cref="Stages"/>, waits for a stop signal (<see cref="StopSignals"/>), and
/// finishes the work in progress. <c>shipper run</c> and <c>shipper demo</c> both run this class.
/// </summary>
/// <remarks>An agent runs once. When the configuration changes, a new agent takes over.</remarks>
internal sealed class Agent : IDisposable
{
    /// <summary>Maximum time for saving files that kubelet deletes once the agent has stopped. It is added to the grace period.</summary>
    private static readonly TimeSpan MaxSaveTime = TimeSpan.FromSeconds(2);

    private readonly AgentOptions _options;
    private readonly StageServices _services;
    private readonly ILogger _logger;
    private readonly long _startedAt;
    private readonly PushClient _client;
    private readonly BackOff _backOff;
    private readonly DeliveryServices _delivery;
    private readonly Sender _sender;
    private readonly KubernetesMetadata? _metadata;
    private readonly PodWatch _pods;
    private readonly StatusHistory _history;
    private Stages? _stages;

    /// <exception cref="System.Security.Cryptography.CryptographicException">A certificate file holds no certificate.</exception>
    /// <exception cref="IOException">A certificate file can't be read.</exception>
    /// <param name="history">The course of the rates, which outlives the agent.</param>
    public Agent(AgentOptions options, StageServices services, StatusHistory history)
    {
        _options = options;
        _services = services;
        (TimeProvider time, ILoggerFactory loggers, AgentMetrics metrics, _) = services;
        _logger = loggers.CreateLogger("Agent");
        _startedAt = time.GetTimestamp();
        _client = new PushClient(options.Loki, LanePlan.MaxLineBytes(options), time, loggers.CreateLogger("Loki"), metrics);
        _backOff = new BackOff(options.Loki.Retry.Initial, options.Loki.Retry.Max, time);
        _delivery = new DeliveryServices(options.Loki, _backOff, time, loggers.CreateLogger("Delivery"), metrics);
        _sender = new Sender(_client, _delivery);
        _metadata = options.Kubernetes.Enabled
            ? new KubernetesMetadata(options.Kubernetes, options.NodeName, time, loggers.CreateLogger("Kubernetes"), metrics)
            : null;
        _pods = new PodWatch(_metadata, services);
        _history = history;
        StatusOptions status = options.ToStatusOptions();
        Reporter = new StatusReporter(status, history, services, _metadata, _sender);
        Explainer = new LogExplainer(Reporter, status, _sender, time);
    }

    /// <summary>Reports what the agent is doing.</summary>
    public StatusReporter Reporter { get; }

    /// <summary>Explains where the logs of a pod are.</summary>
    public LogExplainer Explainer { get; }

    /// <summary>True if all positions have been written to disk.</summary>
    public bool IsSaved => Volatile.Read(ref _stages)?.Checkpoints.IsSaved ?? true;

    /// <summary>Starts the pod watch while the previous agent still runs, so that this agent can start reading immediately. Reads no logs.</summary>
    public Task PrepareAsync(CancellationToken stopping) => _pods.StartAsync(stopping);

    /// <summary>
    /// Runs until canceled, then sends the batched records: for at most the grace period, or before a handover for at most <c>loki.timeout</c> if that is
    /// shorter.
    /// </summary>
    /// <param name="predecessor">State that the previous agent in this process handed over; null if there was none.</param>
    /// <param name="started">Called after the sources have been listed for the first time.</param>
    /// <param name="handingOver">Canceled when this agent must end and hand everything over to a successor.</param>
    /// <param name="stopping">Canceled when the process stops.</param>
    /// <exception cref="StateUnavailableException">The state directory can't be used.</exception>
    public async Task<AgentResult> RunAsync(Handover? predecessor, Action started, CancellationToken handingOver, CancellationToken stopping)
    {
        AgentGauges.Add(_services.Metrics, Reporter, _options);
        AgentSeries.Add(_services.Metrics, _options);
        StateLock stateLock = predecessor?.StateLock
            ?? await StateLock.AcquireAsync(_options.State.Path, _services.Time, _services.Loggers.CreateLogger("Checkpoints"), stopping);
        if (predecessor is not null)
        {
            _sender.Health.Continue(predecessor.Health);
        }

        AgentResult? end = null;
        try
        {
            using var stages = new Stages(_options, _services, _delivery, _sender, _metadata, _startedAt, predecessor);
            using var signals = new StopSignals(_options, _backOff, _services.Time, handingOver, stopping);
            Volatile.Write(ref _stages, stages);
            Reporter.SetSources(new StatusSources(stages.Lanes, stages.Journal, stages.Discovery, stages.PodLogFilter, stages.Locations));
            end = await RunAsync(stages, signals, stateLock, started, stopping);
            return end;
        }
        finally
        {
            if (end?.Handover is null)
            {
                stateLock.Dispose();
            }
        }
    }

    public void Dispose()
    {
        _pods.Dispose();
        _metadata?.Dispose();
        _backOff.Dispose();
        _client.Dispose();
    }

    private async Task<AgentResult> RunAsync(Stages stages, StopSignals signals, StateLock stateLock, Action started, CancellationToken stopping)
    {
        var loops = new List<Task>();
        var files = new Dictionary<int, InheritedFile>();
        OwnLogTail? ownLogTail = null;
        bool hasEnded = false;
        Start(stages.Checkpoints.RunAsync(() => stages.IsConfirmed, _services.Time, signals.StopFlushing));
        Start(_history.RunAsync(Reporter, signals.StopDiscovery));
        Start(stages.StartQuery.SettleAsync(() => Array.ForEach(stages.Lanes, lane => lane.Wake()), signals.StopDiscovery));
        try
        {
            await _pods.StartAsync(stopping);
            Start(_pods.Task);
            stages.ListSources(stopping);
            Reporter.SetListed();
            if (stages.Discovery is { } discovery)
            {
                Start(discovery.RunAsync(signals.StopDiscovery));
            }

            Start(stages.Copies.CloseUnclaimedAsync(_services.Time, signals.StopDiscovery));
            started();
            Start(new IdleMemoryReleaser(_services.Metrics, _services.Time).RunAsync(signals.StopDiscovery));
            await using CancellationTokenRegistration announcing = stopping.Register(() => AnnounceStop(stages, signals));
            await Task.WhenAll(stages.Lanes.Select(lane => signals.StopIfFailedAsync(
                Task.Run(() => lane.RunAsync(signals.StopReading, signals.Stop, signals.StopSending), CancellationToken.None))));
            hasEnded = true;
            ReportUnacknowledged(stages, signals.IsHandingOver);
        }
        finally
        {
            // Discovery runs as long as the lanes do: a file that appears now may be deleted before the successor can open it.
            await signals.StopRemainingAsync();
            await _pods.StopAsync();
            await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (hasEnded && signals.IsHandingOver)
            {
                HandOver(stages, files);
            }
            else
            {
                ownLogTail = SaveVanishingFiles(stages);
            }

            ReportUnsaved(stages);
        }

        // Throws the exception of a loop that has failed.
        await Task.WhenAll(loops);
        bool isSettled = stages.Checkpoints.IsSettled;
        bool isSaved = stages.Checkpoints.RecordShutdown(stages.IsConfirmed);
        return new AgentResult(isSaved, signals.IsHandingOver ? new Handover(stateLock, files, isSettled, _sender.Health) : null, ownLogTail);

        void Start(Task loop) => loops.Add(signals.StopIfFailedAsync(loop));
    }

    private static void HandOver(Stages stages, Dictionary<int, InheritedFile> files)
    {
        stages.Discovery?.Scan(isFull: false);
        foreach (TailedLogs logs in stages.Logs)
        {
            logs.HandOver(files);
        }

        stages.Copies.HandOver(files);
    }

    /// <summary>Saves the files that kubelet deletes once the agent has stopped.</summary>
    /// <returns>An object that saves the last lines of the agent's own log; null if the agent does not read its own log.</returns>
    private OwnLogTail? SaveVanishingFiles(Stages stages)
    {
        OwnLogTail? ownLogTail = null;
        long start = _services.Time.GetTimestamp();
        foreach (TailedLogs logs in stages.Logs)
        {
            ownLogTail = logs.ShutdownFiles.SavePendingDeletion(MaxSaveTime - _services.Time.GetElapsedTime(start)) ?? ownLogTail;
        }

        return ownLogTail;
    }

    /// <summary>Says that the stop takes a while, unless Loki has acknowledged everything.</summary>
    private void AnnounceStop(Stages stages, StopSignals signals)
    {
        if (!signals.IsHandingOver && Array.Exists(stages.Lanes, lane => lane.BufferedRecords > 0))
        {
            AgentEvents.WaitingForLoki(_logger, _options.GracePeriod.TotalSeconds);
        }
    }

    private void ReportUnacknowledged(Stages stages, bool isHandingOver)
    {
        int records = stages.Lanes.Sum(lane => lane.UnacknowledgedRecords);
        if (records > 0 && isHandingOver)
        {
            AgentEvents.HandedOverUnacknowledged(_logger, records);
        }
        else if (records > 0)
        {
            AgentEvents.StoppedUnacknowledged(_logger, records);
        }
    }

    private void ReportUnsaved(Stages stages)
    {
        long unsavedBytes = stages.Logs.Sum(logs => logs.ShutdownFiles.UnsavedBytes);
        if (unsavedBytes > 0)
        {
            HeldEvents.HeldFilesLost(_services.Loggers.CreateLogger("Tailing"), unsavedBytes);
        }
    }
}
