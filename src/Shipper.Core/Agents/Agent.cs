using System.Globalization;
using System.Text;
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
using Shipper.Native;
using Shipper.Records;
using Shipper.Tailing;
using Shipper.Tailing.Copies;
using Shipper.Tailing.Files;
using Shipper.Tailing.Held;
using Shipper.Tailing.Losses;
using Shipper.Telemetry;

namespace Shipper.Agents;

/// <summary>
/// The pipeline in the order of its flow: discovery finds logs, lanes read them and push to Loki, checkpoints remember
/// what was acknowledged. <c>shipper run</c> and <c>shipper demo</c> run the same.
/// </summary>
/// <remarks>Runs once: with another configuration another one takes its place. <see cref="Unready"/>, <see cref="Describe"/> and
/// <see cref="GetStatusAsync"/> are safe for concurrent use.</remarks>
internal sealed class Agent : IDisposable
{
    private const int MaxLanes = 4;

    /// <summary>With too few descriptors logs take turns. If none gets a turn for this long, the agent is not ready.</summary>
    private static readonly TimeSpan MaxStandstill = TimeSpan.FromMinutes(1);

    /// <summary>Upper bound of the time for saving files that kubelet deletes once the agent has stopped. It comes on top of the grace time.</summary>
    private static readonly TimeSpan MaxSaveTime = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan MetadataPollInterval = TimeSpan.FromMilliseconds(20);

    private readonly AgentOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly AgentMetrics _metrics;
    private readonly Heartbeat _heartbeat;
    private readonly PushClient _client;
    private readonly BackOff _backOff;
    private readonly Sender _sender;
    private readonly KubernetesMetadata? _metadata;
    private readonly long _startedAt;
    private readonly CancellationTokenSource _watchEnd = new();
    private Task? _watch;
    private Lane[] _lanes = [];
    private LogDiscovery? _discovery;
    private CheckpointStore? _checkpoints;

    public Agent(AgentOptions options, TimeProvider time, ILoggerFactory loggers, AgentMetrics metrics, Heartbeat heartbeat)
    {
        _options = options;
        _time = time;
        _startedAt = time.GetTimestamp();
        _loggers = loggers;
        _metrics = metrics;
        _heartbeat = heartbeat;
        _client = new PushClient(options.Loki, MaxLineBytes(options), time, loggers.CreateLogger("Loki"), metrics);
        _backOff = new BackOff(options.Loki.Retry, time);
        _sender = new Sender(_client, options.Loki, _backOff, time, loggers.CreateLogger("Delivery"), metrics);
        if (options.Kubernetes.Enabled)
        {
            _metadata = new KubernetesMetadata(options.Kubernetes, options.NodeName, time, loggers.CreateLogger("Kubernetes"), metrics);
        }
    }

    /// <summary>What the agent left whose place this one takes; null where there was none in this process.</summary>
    public Handover? Predecessor { get; set; }

    /// <summary>What is left to the agent that takes the place of this one; null until it ended for that.</summary>
    public Handover? Handover { get; private set; }

    /// <summary>Why the agent is not ready: the sources were not listed yet, or can't be read. Null if it is ready.</summary>
    public string? Unready => !(Volatile.Read(ref _discovery)?.IsReady ?? _hasNoSource)
        ? "the sources are not read yet; the log says why"
        : _lanes.Any(lane => lane.Status.Standstill > MaxStandstill)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{_lanes.Sum(lane => lane.Status.Waiting)} logs wait for a file descriptor, and none gets one: only {OpenFileLimit.Current} files may be open. Raise the limit of open files (ulimit -n)")
            : null;

    /// <summary>Saves what is logged after the agent has ended; null if the agent does not read its own log, or another agent took its place.</summary>
    public LastWords? LastWords { get; private set; }

    /// <summary>True where the positions are in the files, where another agent finds them.</summary>
    public bool IsSaved => Volatile.Read(ref _checkpoints)?.IsSaved ?? true;

    private bool _hasNoSource;

    // Set when the first listing is over.
    private volatile bool _isStarted;
    private bool _isSettled;
    private JournalSource? _journal;
    private PodLogs? _podLogs;

    /// <summary>How many lanes fit the memory that may hold what is read and not acknowledged.</summary>
    /// <returns>0 where not even one does.</returns>
    public static int CountLanes(AgentOptions options) =>
        (int)Math.Clamp((options.BufferMemory - JournalMemoryBytes(options)) / LaneOptions.MemoryBytes(options.Loki.Batch, MaxLineBytes(options)), 0, MaxLanes);

    /// <summary>Bytes that must be allowed for what is read and not acknowledged: one lane's, and the journal's.</summary>
    public static long MinMemoryBytes(AgentOptions options) =>
        LaneOptions.MemoryBytes(options.Loki.Batch, MaxLineBytes(options)) + JournalMemoryBytes(options);

    /// <summary>The largest line of any source, in bytes.</summary>
    public static int MaxLineBytes(AgentOptions options) =>
        options.Files.Select(file => file.Tailer).Append(options.Containers.Tailer).Max(tailer => tailer.MaxLineBytes);

    /// <summary>Learns of the pods while another agent still runs, so that this one can begin at once. Nothing is read.</summary>
    public async Task PrepareAsync(CancellationToken stopping)
    {
        if (_metadata is not null)
        {
            await WaitForPodsAsync(_metadata, stopping);
        }
    }

    /// <summary>Runs until told to end, then sends what is batched: for at most the grace period where it goes, and for as long as a request may take where
    /// another one takes its place.</summary>
    /// <param name="started">Called when the sources were listed for the first time.</param>
    /// <param name="handingOver">Tells to end and to leave everything to another agent, as <see cref="Handover"/>.</param>
    /// <param name="stopping">Tells to stop.</param>
    /// <returns>False where positions could not be saved.</returns>
    /// <exception cref="StateUnavailableException">The state directory can't be used.</exception>
    public async Task<bool> RunAsync(Action started, CancellationToken handingOver, CancellationToken stopping)
    {
        AddGauges();
        ILogger checkpointLogger = _loggers.CreateLogger("Checkpoints");
        StateLock stateLock = Predecessor?.StateLock ?? await StateLock.AcquireAsync(_options.State.Path, _time, checkpointLogger, stopping);
        try
        {
            var files = new Dictionary<int, OpenFile>();
            bool isSaved = await RunAsync(started, files, handingOver, stopping);
            if (handingOver.IsCancellationRequested)
            {
                Handover = new Handover(stateLock, files, _isSettled);
            }

            return isSaved;
        }
        finally
        {
            if (Handover is null)
            {
                stateLock.Dispose();
            }
        }
    }

    private async Task<bool> RunAsync(Action started, Dictionary<int, OpenFile> files, CancellationToken handingOver, CancellationToken stopping)
    {
        ILogger checkpointLogger = _loggers.CreateLogger("Checkpoints");
        using var checkpoints = CheckpointStore.Open(_options.State.Path, checkpointLogger, _metrics, open: Predecessor?.Files, isUnsettled: Predecessor is not { IsSettled: true });
        Volatile.Write(ref _checkpoints, checkpoints);
        using var going = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(going.Token, handingOver);
        using var stopped = new CancellationTokenSource();
        using var looping = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var givingUp = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        await using CancellationTokenRegistration registration = ending.Token.Register(() =>
        {
            // Who takes over asks for what is left open, where it can; an answer is better.
            givingUp.CancelAfter(going.IsCancellationRequested || _options.GracePeriod < _options.Loki.Timeout ? _options.GracePeriod : _options.Loki.Timeout);
            _backOff.Hurry();
        });
        await using CancellationTokenRegistration stop = going.Token.Register(() => givingUp.CancelAfter(_options.GracePeriod));

        var laneOptions = new LaneOptions(_options.Loki.Batch, MaxLineBytes(_options));
        var budget = new HeldBudget(_options.Containers.Tailer.HeldBytes);
        var openFiles = new FileBudget();
        (Lane Lane, Tailer Tailer)[] tailing = [.. Enumerable.Range(0, CountLanes(_options)).Select(number =>
        {
            var source = new TailingSource(laneOptions, budget, openFiles, checkpoints, _time, _loggers, _metrics);
            return (new Lane($"lane-{number}", laneOptions, source, _sender, checkpoints, _time, _loggers, _metrics, _heartbeat), source.Tailer);
        })];
        _lanes = [.. tailing.Select(lane => lane.Lane)];
        if (_options.Journal.Enabled)
        {
            JournalSource journal = CreateJournal(checkpoints);
            journal.Open();
            _lanes = [.. _lanes, new Lane("journal", new LaneOptions(JournalBatch(_options), JournalSource.MaxLineBytes), journal, _sender, checkpoints, _time, _loggers, _metrics, _heartbeat)];
            Volatile.Write(ref _journal, journal);
        }

        bool hasEnded = false;
        var others = new List<Task> { EndAllIfFailedAsync(checkpoints.RunAsync(IsCertain, _time, stopped.Token)) };
        var question = new StartQuestion(_sender, checkpoints, Selector(), _options.State.Path, checkpointLogger);
        others.Add(EndAllIfFailedAsync(question.SettleAsync(() => Array.ForEach(_lanes, lane => lane.Wake()), looping.Token)));
        try
        {
            var pods = new PodLogs(new LaneSink(tailing), _options.Kubernetes.Namespaces, checkpoints, _loggers.CreateLogger("Kubernetes"));
            Volatile.Write(ref _podLogs, pods);
            if (_metadata is { } metadata)
            {
                metadata.Pods.Changed = pods.Update;
                await WaitForPodsAsync(metadata, stopping);
                others.Add(EndAllIfFailedAsync(_watch!));
            }

            RotatedTwice.Merge(checkpoints);
            LogLocation[] locations = CreateLocations(checkpoints);
            if (locations.Length > 0)
            {
                var discovery = new LogDiscovery(
                    locations, _options.Containers.ScanInterval, pods, _time, _loggers.CreateLogger("Discovery"), _metrics, _heartbeat);
                discovery.Scan(isFull: true, checkpoints.IsFirstStart);
                _isStarted = true;
                Array.ForEach(tailing, lane => lane.Tailer.TakeNews(stopping));
                checkpoints.EndFirstStart();
                Leftovers.TakeUp(
                    checkpoints, discovery.SeriesPaths.ToHashSet(StringComparer.Ordinal), discovery.MayComeBack,
                    (key, path) => locations.Select(location => location.DescribeGone(key, path)).FirstOrDefault(found => found is not null) is { } found && pods.TryAddGone(found),
                    _loggers.CreateLogger("Tailing"), _metrics);
                pods.ForgetGone();
                Array.ForEach(tailing, lane => lane.Tailer.TakeNews(stopping));

                // Shows the lag from the first moment, though Loki may be away and nothing is read yet.
                Array.ForEach(tailing, lane => lane.Tailer.Maintain());
                Volatile.Write(ref _discovery, discovery);
                others.Add(EndAllIfFailedAsync(discovery.RunAsync(looping.Token)));
            }
            else
            {
                _hasNoSource = true;
                _isStarted = true;
            }

            others.Add(EndAllIfFailedAsync(checkpoints.Held.CloseUntakenAsync(_time, looping.Token)));
            started();
            others.Add(EndAllIfFailedAsync(new IdleMemory(_metrics, _time).RunAsync(looping.Token)));
            await Task.WhenAll(_lanes.Select(lane => EndAllIfFailedAsync(
                Task.Run(() => lane.RunAsync(ending.Token, going.Token, givingUp.Token), CancellationToken.None))));
            hasEnded = true;
        }
        finally
        {
            // Files are found, and opened, for as long as the lanes run: also those that are gone before another agent could look.
            await looping.CancelAsync();
            await stopped.CancelAsync();
            await _watchEnd.CancelAsync();
            await Task.WhenAll(others).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (hasEnded && handingOver.IsCancellationRequested)
            {
                _discovery?.Scan(isFull: false);
                Array.ForEach(tailing, lane => lane.Tailer.HandOver(files));
                checkpoints.Held.HandOver(files);
            }
            else
            {
                long saving = _time.GetTimestamp();
                Array.ForEach(tailing, lane => LastWords = lane.Tailer.SaveGoing(MaxSaveTime - _time.GetElapsedTime(saving)) ?? LastWords);
            }

            _isSettled = checkpoints.IsSettled;
            long unsavedBytes = tailing.Sum(lane => lane.Tailer.UnsavedBytes);
            if (unsavedBytes > 0)
            {
                TailingEvents.HeldFilesLost(_loggers.CreateLogger("Tailing"), unsavedBytes);
            }

            Array.ForEach(_lanes, lane => lane.Dispose());
            _discovery?.Dispose();
        }

        // Why it ended, where it was not told to.
        await Task.WhenAll(others);
        return checkpoints.End(IsCertain());

        // True if everything that may have been sent without the checkpoints knowing is acknowledged.
        bool IsCertain() => _isStarted && Array.TrueForAll(_lanes, lane => !lane.Status.IsInDoubt);

        // Where one loop fails, the others stop as they do when the agent is told to.
        async Task EndAllIfFailedAsync(Task loop)
        {
            try
            {
                await loop;
            }
            catch
            {
                await going.CancelAsync();
                throw;
            }
        }
    }

    /// <summary>What the agent is doing, with all streams and files: for programs.</summary>
    public async Task<AgentStatus> GetStatusAsync(CancellationToken stopping)
    {
        LaneStatus[] lanes = await Task.WhenAll(_lanes.Select(lane => lane.DescribeAsync(stopping)));
        var totals = new Ledger();
        Array.ForEach(lanes, lane => totals.Add(lane.Totals));
        return new AgentStatus(
            BuildInfo.Version, BuildInfo.Commit, _options.Cluster, _options.NodeName, _time.GetElapsedTime(_startedAt).TotalSeconds, lanes.Any(lane => lane.Stalled),
            lanes, [.. lanes.SelectMany(lane => lane.Streams).OrderBy(stream => stream.Key, StringComparer.Ordinal)], totals);
    }

    /// <summary>What the agent is doing and what keeps it from doing more, for people: the status page.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        Line($"shipper {BuildInfo.Version} ({BuildInfo.Commit}), cluster {_options.Cluster}, node {_options.NodeName}");
        Line($"logs        {_lanes.Sum(lane => lane.Status.Streams)} streams followed, {_podLogs?.ExcludedCount ?? 0} logs excluded, {_lanes.Sum(lane => lane.Status.LagBytes)} bytes and {LagSeconds():0} s behind");
        Line($"Kubernetes  {(_metadata is null ? "off: kubernetes.enabled is false" : !_metadata.IsConfigured ? "off: no kubeconfig, and this is no pod of a cluster" : _metadata.IsConnected ? $"connected, {_metadata.Pods.Count} pods" : "not connected: labels come from file names; the log says why")}");
        if (_lanes.Sum(lane => lane.Status.Waiting) is > 0 and int waiting)
        {
            Line($"files       {waiting} logs wait for their turn: only {OpenFileLimit.Current} files may be open");
        }

        if (Volatile.Read(ref _journal) is { } journal)
        {
            foreach ((string directory, bool isReading) in journal.Directories)
            {
                Line($"journal     {directory}: {(isReading ? "read" : "not read")}");
            }

            foreach (JournalProblem problem in journal.Problems)
            {
                Line($"journal     {problem.Path}: {problem.Text} ({problem.Reason}). {problem.Remedy}");
            }
        }
        else
        {
            Line($"journal     off: sources.journal.enabled is false");
        }

        Line($"Loki        {_options.Loki.PushUrl}, {_metrics.SentRecords.Get()} records acknowledged, last answer: {_sender.LastAnswer ?? "none yet"}");
        if (_lanes.FirstOrDefault(lane => lane.IsStalled) is { } stalled)
        {
            Line($"stalled     nothing was acknowledged for five minutes or more though there is something to send. Last answer: {stalled.LastAnswer ?? "none"}");
        }

        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    public void Dispose()
    {
        _watchEnd.Cancel();
        _watchEnd.Dispose();
        _metadata?.Dispose();
        _backOff.Dispose();
        _client.Dispose();
    }

    private static long JournalMemoryBytes(AgentOptions options) =>
        options.Journal.Enabled ? LaneOptions.MemoryBytes(JournalBatch(options), JournalSource.MaxLineBytes) : 0;

    private static BatchOptions JournalBatch(AgentOptions options) =>
        new() { Size = Math.Min(options.Loki.Batch.Size, JournalSource.MaxBatchBytes), Wait = options.Loki.Batch.Wait };

    private JournalSource CreateJournal(CheckpointStore checkpoints) =>
        new(_options.Journal, BaseLabels(), checkpoints, _time, _loggers.CreateLogger("Journal"), _metrics);

    private LogLocation[] CreateLocations(CheckpointStore checkpoints)
    {
        var owners = new FileOwners(checkpoints, _time);
        IEnumerable<LogLocation> files = _options.Files.Select(file => new FileLocation(file, BaseLabels(), owners));
        if (!_options.Containers.Enabled)
        {
            return [.. files];
        }

        KubernetesMetadata? metadata = _metadata is { IsConfigured: true } ? _metadata : null;
        var own = OwnPod.Find();
        var rules = new AttributeRules(BaseLabels(), _options.Kubernetes, metadata, _loggers.CreateLogger("Kubernetes"), _metrics);
        return [new ContainerLocation(_options.Containers, (container, seriesPath) => metadata is null
            ? new FixedAttributes(rules.Create(container, null, 0), own.Has(container))
            : new PodAttributes(
                container, rules, metadata, checkpoints.GetDecision(seriesPath), _options.Kubernetes.WhenUnknown == UnknownPod.Hold, Deadline(), _time, _metrics, own.Has(container)), owners), .. files];
    }

    /// <summary>What was there when the agent started was waited for already.</summary>
    private long Deadline() =>
        (_isStarted ? _time.GetTimestamp() : _startedAt) + (long)(PodAttributes.MaxWait.TotalSeconds * _time.TimestampFrequency);

    /// <summary>So that logs which are excluded are not opened, and the others have their labels from the first record. Once: while another agent runs, or at the start.</summary>
    private async Task WaitForPodsAsync(KubernetesMetadata metadata, CancellationToken stopping)
    {
        if (_watch is not null)
        {
            return;
        }

        _watch = metadata.RunAsync(_watchEnd.Token);
        long start = _time.GetTimestamp();
        while (metadata.IsConfigured && !metadata.Pods.IsComplete)
        {
            if (_time.GetElapsedTime(start) >= PodAttributes.MaxWait)
            {
                KubernetesEvents.StartingWithout(_loggers.CreateLogger("Kubernetes"), PodAttributes.MaxWait.TotalSeconds);
                return;
            }

            // The list comes within a few tenths of a second, once: not worth a signal from the watcher to here.
            await Task.Delay(MetadataPollInterval, _time, stopping);
        }
    }

    private Dictionary<string, string> BaseLabels() => new(_options.Labels, StringComparer.Ordinal)
    {
        ["cluster"] = _options.Cluster,
        ["environment"] = _options.Environment,
        ["node"] = _options.NodeName,
    };

    /// <summary>Selects the streams of this agent, and of no other.</summary>
    private string Selector() =>
        StreamLabels.Create(new Dictionary<string, string>(StringComparer.Ordinal) { ["cluster"] = _options.Cluster, ["node"] = _options.NodeName }).Selector;

    private void AddGauges()
    {
        _metrics.AddGauge("shipper_kubernetes_connected", "1 while the pods of the node are known and watched, else 0.", () => _metadata?.IsConnected == true ? 1 : 0);
        _metrics.AddGauge("shipper_buffer_bytes", "Bytes read and not yet acknowledged.", () => _lanes.Sum(lane => lane.BufferedBytes));
        _metrics.AddGauge("shipper_buffer_limit_bytes", "The most bytes that may be read and not yet acknowledged.", () => _options.BufferMemory);
        _metrics.AddGauge("shipper_lag_bytes", "Bytes written to the sources and not yet acknowledged.", () => _lanes.Sum(lane => lane.Status.LagBytes));
        _metrics.AddGauge("shipper_lag_seconds", "Age of the oldest record not yet acknowledged.", LagSeconds);
        _metrics.AddGauge("shipper_loss_deadline_seconds", "Estimate of the time until bytes are lost that are not acknowledged: rotation deletes them, and no more deleted files can be held. +Inf if no stream is behind, or if all that are catch up.", () => _lanes.Select(lane => lane.Status.LossDeadlineSeconds).DefaultIfEmpty(LossDeadline.Never).Min());
        _metrics.AddGauge("shipper_held_bytes", "Bytes on the disk of deleted files that are held open, or as a saved copy.", () => _lanes.Sum(lane => lane.Status.HeldBytes));
        _metrics.AddGauge("shipper_open_files", "Log files that are open.", () => _lanes.Sum(lane => lane.Status.OpenFiles));
        _metrics.AddGauge("shipper_journal_reading", "1 while a journal is read, else 0.", () => _journal?.Directories.Any(directory => directory.IsReading) == true ? 1 : 0);
        _metrics.AddGauge("shipper_excluded_logs", "Logs of containers that are there and not read, because they are excluded.", () => _podLogs?.ExcludedCount ?? 0);
        _metrics.AddGauge("shipper_stalled", "1 while nothing was acknowledged for five minutes though there is something to send, else 0.", () => _lanes.Any(lane => lane.IsStalled) ? 1 : 0);
        _metrics.AddGauge("shipper_streams", "Streams whose logs are followed.", () => _lanes.Sum(lane => lane.Status.Streams));
    }

    private double LagSeconds()
    {
        long oldestNs = _lanes.Select(lane => lane.OldestNs).DefaultIfEmpty(long.MaxValue).Min();
        return oldestNs == long.MaxValue
            ? 0
            : Math.Max(0, (_time.GetUnixNanoseconds() - oldestNs) / 1e9);
    }
}
