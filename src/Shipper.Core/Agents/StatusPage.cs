using System.Globalization;
using System.Text;
using Shipper.Checkpoints;
using Shipper.Delivery;
using Shipper.Journal;
using Shipper.Kubernetes;
using Shipper.Lanes;
using Shipper.Native;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Agents;

/// <summary>Shows from outside what an agent is doing: for people, for programs, and for a readiness probe.</summary>
/// <remarks>Thread-safe. Before the agent has its stages, there is nothing to show.</remarks>
internal sealed class StatusPage(AgentOptions options, StageServices services, KubernetesMetadata? metadata, Sender sender)
{
    /// <summary>With too few descriptors logs take turns. If none gets a turn for this long, the agent is not ready.</summary>
    private static readonly TimeSpan MaxStandstill = TimeSpan.FromMinutes(1);

    private readonly long _startedAt = services.Time.GetTimestamp();
    private Stages? _stages;
    private volatile bool _isListed;

    /// <summary>What the API server knows; null if it is not asked.</summary>
    public KubernetesMetadata? Metadata => metadata;

    public IReadOnlyList<Lane> Lanes => Volatile.Read(ref _stages)?.Lanes ?? [];

    /// <summary>The journal; null if it is not read.</summary>
    public JournalSource? Journal => Volatile.Read(ref _stages)?.Journal;

    /// <summary>Logs that are there and not read.</summary>
    public int ExcludedLogs => Volatile.Read(ref _stages)?.Pods.ExcludedCount ?? 0;

    /// <summary>Age of the oldest record that is not acknowledged; 0 if there is none.</summary>
    public double LagSeconds
    {
        get
        {
            long oldestNs = Lanes.Select(lane => lane.OldestNs).DefaultIfEmpty(long.MaxValue).Min();
            return oldestNs == long.MaxValue ? 0 : Math.Max(0, (services.Time.GetUnixNanoseconds() - oldestNs) / 1e9);
        }
    }

    /// <summary>Why the agent is not ready: the sources were not listed yet, or can't be read. Null if it is ready.</summary>
    public string? Unready => !_isListed || Volatile.Read(ref _stages)?.Discovery is { IsReady: false }
        ? "the sources are not read yet; the log says why"
        : Lanes.Any(lane => lane.Status.Standstill > MaxStandstill)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{Lanes.Sum(lane => lane.Status.Waiting)} logs wait for a file descriptor, and none gets one: only {OpenFileLimit.Current} files may be open. Raise the limit of open files (ulimit -n)")
            : null;

    /// <summary>The agent has its stages.</summary>
    public void Show(Stages stages) => Volatile.Write(ref _stages, stages);

    /// <summary>The sources were listed for the first time.</summary>
    public void ShowListed() => _isListed = true;

    /// <summary>What the agent is doing, with all streams and files: for programs.</summary>
    public async Task<AgentStatus> GetStatusAsync(CancellationToken stopping)
    {
        LaneStatus[] lanes = await Task.WhenAll(Lanes.Select(lane => lane.DescribeAsync(stopping)));
        var totals = new Ledger();
        Array.ForEach(lanes, lane => totals.Add(lane.Totals));
        return new AgentStatus(
            BuildInfo.Version, BuildInfo.Commit, options.Cluster, options.NodeName, services.Time.GetElapsedTime(_startedAt).TotalSeconds, lanes.Any(lane => lane.Stalled),
            lanes, [.. lanes.SelectMany(lane => lane.Streams).OrderBy(stream => stream.Key, StringComparer.Ordinal)], totals);
    }

    /// <summary>What the agent is doing and what keeps it from doing more, for people.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        IReadOnlyList<Lane> lanes = Lanes;
        Line($"shipper {BuildInfo.Version} ({BuildInfo.Commit}), cluster {options.Cluster}, node {options.NodeName}");
        Line($"logs        {lanes.Sum(lane => lane.Status.Streams)} streams followed, {ExcludedLogs} logs excluded, {lanes.Sum(lane => lane.Status.LagBytes)} bytes and {LagSeconds:0} s behind");
        Line($"Kubernetes  {DescribeKubernetes()}");
        if (lanes.Sum(lane => lane.Status.Waiting) is > 0 and int waiting)
        {
            Line($"files       {waiting} logs wait for their turn: only {OpenFileLimit.Current} files may be open");
        }

        if (Journal is { } journal)
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

        Line($"Loki        {options.Loki.PushUrl}, {services.Metrics.SentRecords.Get()} records acknowledged, last answer: {sender.LastAnswer ?? "none yet"}");
        if (lanes.FirstOrDefault(lane => lane.IsStalled) is { } stalled)
        {
            Line($"stalled     nothing was acknowledged for five minutes or more though there is something to send. Last answer: {stalled.LastAnswer ?? "none"}");
        }

        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private string DescribeKubernetes() =>
        metadata is null ? "off: kubernetes.enabled is false"
        : !metadata.IsConfigured ? "off: no kubeconfig, and this is no pod of a cluster"
        : metadata.IsConnected ? string.Create(CultureInfo.InvariantCulture, $"connected, {metadata.Pods.Count} pods")
        : "not connected: labels come from file names; the log says why";
}
