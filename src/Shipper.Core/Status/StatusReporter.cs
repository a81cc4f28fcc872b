using System.Globalization;
using Shipper.Checkpoints;
using Shipper.Delivery;
using Shipper.Discovery;
using Shipper.Journal;
using Shipper.Kubernetes;
using Shipper.Lanes;
using Shipper.Native;
using Shipper.Records;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Status;

/// <summary>Reports what an agent is doing: for the status page, for <c>/api/status</c>, and for a readiness probe.</summary>
/// <remarks>Thread-safe. Until <see cref="SetSources"/> is called, there are no lanes to report on.</remarks>
internal sealed class StatusReporter(StatusOptions options, StatusHistory history, StageServices services, KubernetesMetadata? metadata, Sender sender)
{
    /// <summary>If there are too few file descriptors, logs take turns. If no waiting log gets a descriptor for this long, the agent is not ready.</summary>
    private static readonly TimeSpan MaxStandstill = TimeSpan.FromMinutes(1);

    private StatusSources _sources = StatusSources.None;
    private volatile bool _isListed;

    /// <summary>The pods of the node; null if the agent does not use the API server.</summary>
    public KubernetesMetadata? Metadata => metadata;

    /// <summary>The stages that are reported on.</summary>
    public StatusSources Sources => Volatile.Read(ref _sources);

    public IReadOnlyList<Lane> Lanes => Sources.Lanes;

    /// <summary>The journal; null if it is not read.</summary>
    public JournalSource? Journal => Sources.Journal;

    /// <summary>Number of existing logs that are not read because they are excluded.</summary>
    public int ExcludedLogs => Sources.PodLogFilter?.ExcludedCount ?? 0;

    /// <summary>Bytes that are written to the sources, but not acknowledged.</summary>
    public long LagBytes => Lanes.Sum(lane => lane.Status.LagBytes);

    /// <summary>Age of the oldest unacknowledged record, in seconds; 0 if there is none.</summary>
    public double LagSeconds
    {
        get
        {
            long oldestNs = Lanes.Select(lane => lane.OldestNs).DefaultIfEmpty(long.MaxValue).Min();
            return oldestNs == long.MaxValue ? 0 : Math.Max(0, (services.Time.GetUnixNanoseconds() - oldestNs) / 1e9);
        }
    }

    /// <summary>Estimated seconds until unacknowledged bytes are lost; infinite if none will be.</summary>
    public double LossDeadlineSeconds => Lanes.Select(lane => lane.Status.LossDeadlineSeconds).DefaultIfEmpty(LossDeadline.Never).Min();

    /// <summary>Reason why the agent is not ready: the sources have not been listed yet, or can't be read. Null if the agent is ready.</summary>
    public string? NotReadyReason => !_isListed ? "the sources have not been listed yet"
        : Sources.Discovery is { IsReady: false } discovery ? DescribeUnreadable(discovery.Unreadable)
        : Lanes.Any(lane => lane.Status.DescriptorWait > MaxStandstill)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{Lanes.Sum(lane => lane.Status.WaitingStreams)} logs are waiting for a file descriptor, and none has received one for over a minute: the limit is {OpenFileLimit.Current} open files. Raise the limit (ulimit -n)")
            : null;

    private Lag Lag => new(LagBytes, LagSeconds, LossDeadlineSeconds is var seconds && double.IsFinite(seconds) ? seconds : null);

    /// <summary>Adds the link to Grafana, if its address is configured.</summary>
    public static StreamStatus AddLink(StreamStatus stream, string grafana) => grafana.Length == 0 ? stream : stream with { Grafana = GrafanaLink.Create(grafana, stream.Labels) };

    /// <summary>Sets the stages to report on.</summary>
    public void SetSources(StatusSources sources) => Volatile.Write(ref _sources, sources);

    /// <summary>Records that the sources have been listed for the first time.</summary>
    public void SetListed() => _isListed = true;

    /// <summary>Returns what is to be said about the agent first. Call it often enough to notice since when its state is the same.</summary>
    public Verdict Judge() => Judge(Sources.Discovery?.Unreadable ?? []);

    /// <summary>Returns the state of the agent with all its streams and files, the streams in the order of their keys.</summary>
    public async Task<AgentStatus> GetStatusAsync(CancellationToken stopping)
    {
        AgentStatus status = await GetUnorderedAsync(stopping);
        return status with { Streams = [.. status.Streams.OrderBy(stream => stream.Key, StringComparer.Ordinal).Select(stream => AddLink(stream, options.Grafana))] };
    }

    /// <summary>
    /// Returns the same without the order, and without links to Grafana. The object of a stream that has not changed is the same as before.
    /// </summary>
    public async Task<AgentStatus> GetUnorderedAsync(CancellationToken stopping)
    {
        LaneStatus[] lanes = await Task.WhenAll(Lanes.Select(lane => lane.DescribeAsync(stopping)));
        var totals = new Ledger();
        Array.ForEach(lanes, lane => totals.Add(lane.Totals));
        StreamStatus[] streams = [.. lanes.SelectMany(lane => lane.Streams)];
        UnreadableSource[] unreadable = [.. (Sources.Discovery?.Unreadable ?? []).Concat(streams.Select(stream => stream.Details?.Problem).OfType<UnreadableSource>())];
        AgentMetrics metrics = services.Metrics;
        return new AgentStatus
        {
            Time = services.Time.GetUtcNow(),
            Version = BuildInfo.Version,
            Commit = BuildInfo.Commit,
            Cluster = options.Cluster,
            Environment = options.Environment,
            Node = options.Node,
            StartedAt = history.StartedAt,
            UptimeSeconds = history.Uptime.TotalSeconds,
            Stalled = lanes.Any(lane => lane.Stalled),
            Verdict = Judge(unreadable),
            Rates = history.Rates,
            History = history.Describe(),
            Lag = Lag,
            Records = new RecordTotals(metrics.ReadRecords.GetTotal(), metrics.SentRecords.GetTotal(), metrics.PossibleDuplicates.GetTotal()),
            Lost = [.. metrics.LostBytes.GetCounts().Select(count => new ReasonBytes(count.LabelValue, count.Value))],
            Dropped = [.. metrics.DroppedRecords.GetCounts().Select(count => new ReasonRecords(count.LabelValue, count.Value))],
            Processed = [.. metrics.ProcessedRecords.GetCounts().Select(count => new StageRecords(count.LabelValues[0], count.LabelValues[1], count.Value))],
            Levels = metrics.LevelRecords.GetCounts().ToDictionary(),
            Loki = DescribeLoki(),
            Buffer = new ByteUsage(Lanes.Sum(lane => lane.BufferedBytes), options.BufferMemory),
            Held = new ByteUsage(Lanes.Sum(lane => lane.Status.HeldBytes), options.HeldBytes),
            Files = new FileUsage(Lanes.Sum(lane => lane.Status.OpenFiles), (long)OpenFileLimit.Current),
            Process = new ProcessUsage(history.CpuPercent, ProcessMetrics.ResidentBytes),
            Kubernetes = DescribeKubernetes(),
            Journal = DescribeJournal(),
            Unreadable = unreadable,
            ExcludedLogs = ExcludedLogs,
            Grafana = options.Grafana,
            Lanes = lanes,
            Totals = totals,
            Streams = streams,
        };
    }

    private static string DescribeUnreadable(IReadOnlyList<UnreadableSource> unreadable) =>
        unreadable is [var first, ..] ? $"{first.Path}: {first.Text}. {first.Remedy}" : "a directory can't be listed; the agent's own log says why";

    private Verdict Judge(IReadOnlyList<UnreadableSource> unreadable) =>
        VerdictRules.Judge(_isListed, NotReadyReason, unreadable, sender.Health.Failure, Lag, Lanes.Sum(lane => lane.Status.Streams), options.PushUrl, history.Note);

    private LokiStatus DescribeLoki()
    {
        LokiHealth health = sender.Health;
        LokiFailing? failing = health.Failure is { } failure
            ? new LokiFailing(failure.Since, failure.IsUnavailable ? LokiFailing.Unavailable : LokiFailing.Refused, failure.Response, failure.NextRetry, failure.WaitingRecords)
            : null;
        return new LokiStatus(
            options.PushUrl, options.Tenant, health.LastSuccess, sender.LastAnswer, failing, health.LatencySeconds is { } latency ? new LokiLatency(latency.P50, latency.P99) : null,
            services.Metrics.PushRetries.GetTotal(), [.. services.Metrics.PushRequests.GetCounts().Select(count => new ResponseCount(count.LabelValue, count.Value))]);
    }

    private KubernetesStatus DescribeKubernetes() =>
        metadata is null ? new KubernetesStatus("off", "off: kubernetes.enabled is false")
        : !metadata.IsConfigured ? new KubernetesStatus("off", "off: no kubeconfig is set, and the agent does not run in a pod")
        : metadata.IsConnected ? new KubernetesStatus("connected", string.Create(CultureInfo.InvariantCulture, $"connected, {metadata.Pods.Count} pods"))
        : new KubernetesStatus("not connected", "not connected: labels come from file names only; the agent's own log says why");

    private JournalStatus DescribeJournal() => Journal is not { } journal
        ? new JournalStatus("off", [], [])
        : new JournalStatus(
            journal.Directories.Any(directory => directory.IsReading) ? "reading" : "not reading",
            [.. journal.Directories.Select(directory => new JournalDirectoryStatus(directory.Directory, directory.IsReading))],
            [.. journal.Problems.Select(problem => new JournalProblemStatus(problem.Path, problem.Reason, problem.Text, problem.Remedy))]);
}
