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

/// <summary>Reports what an agent is doing: as text for people, as JSON for programs, and for a readiness probe.</summary>
/// <remarks>Thread-safe. Until <see cref="SetStages"/> is called, there are no lanes to report on.</remarks>
internal sealed class StatusPage(AgentOptions options, StageServices services, KubernetesMetadata? metadata, Sender sender)
{
    /// <summary>If there are too few file descriptors, logs take turns. If no waiting log gets a descriptor for this long, the agent is not ready.</summary>
    private static readonly TimeSpan MaxStandstill = TimeSpan.FromMinutes(1);

    private readonly long _startedAt = services.Time.GetTimestamp();
    private Stages? _stages;
    private volatile bool _isListed;

    /// <summary>The pods of the node; null if the agent does not use the API server.</summary>
    public KubernetesMetadata? Metadata => metadata;

    public IReadOnlyList<Lane> Lanes => Volatile.Read(ref _stages)?.Lanes ?? [];

    /// <summary>The journal; null if it is not read.</summary>
    public JournalSource? Journal => Volatile.Read(ref _stages)?.Journal;

    /// <summary>Number of existing logs that are not read because they are excluded.</summary>
    public int ExcludedLogs => Volatile.Read(ref _stages)?.PodLogFilter.ExcludedCount ?? 0;

    /// <summary>Age of the oldest unacknowledged record, in seconds; 0 if there is none.</summary>
    public double LagSeconds
    {
        get
        {
            long oldestNs = Lanes.Select(lane => lane.OldestNs).DefaultIfEmpty(long.MaxValue).Min();
            return oldestNs == long.MaxValue ? 0 : Math.Max(0, (services.Time.GetUnixNanoseconds() - oldestNs) / 1e9);
        }
    }

    /// <summary>Reason why the agent is not ready: the sources have not been listed yet, or can't be read. Null if the agent is ready.</summary>
    public string? NotReadyReason => !_isListed || Volatile.Read(ref _stages)?.Discovery is { IsReady: false }
        ? "the sources have not been listed yet or cannot be read; the agent's own log says why"
        : Lanes.Any(lane => lane.Status.DescriptorWait > MaxStandstill)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{Lanes.Sum(lane => lane.Status.WaitingStreams)} logs are waiting for a file descriptor, and none has received one for over a minute: the limit is {OpenFileLimit.Current} open files. Raise the limit (ulimit -n)")
            : null;

    /// <summary>Sets the stages to report on.</summary>
    public void SetStages(Stages stages) => Volatile.Write(ref _stages, stages);

    /// <summary>Records that the sources have been listed for the first time.</summary>
    public void SetListed() => _isListed = true;

    /// <summary>Returns the state of the agent with all its streams and files, for programs.</summary>
    public async Task<AgentStatus> GetStatusAsync(CancellationToken stopping)
    {
        LaneStatus[] lanes = await Task.WhenAll(Lanes.Select(lane => lane.DescribeAsync(stopping)));
        var totals = new Ledger();
        Array.ForEach(lanes, lane => totals.Add(lane.Totals));
        return new AgentStatus(
            BuildInfo.Version, BuildInfo.Commit, options.Cluster, options.NodeName, services.Time.GetElapsedTime(_startedAt).TotalSeconds, lanes.Any(lane => lane.Stalled),
            lanes, [.. lanes.SelectMany(lane => lane.Streams).OrderBy(stream => stream.Key, StringComparer.Ordinal)], totals);
    }

    /// <summary>Describes what the agent is doing and what is wrong, as text for people.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        IReadOnlyList<Lane> lanes = Lanes;
        Line($"shipper {BuildInfo.Version} ({BuildInfo.Commit}), cluster {options.Cluster}, node {options.NodeName}");
        Line($"logs        {lanes.Sum(lane => lane.Status.Streams)} streams followed, {ExcludedLogs} logs excluded, {lanes.Sum(lane => lane.Status.LagBytes)} bytes and {LagSeconds:0} s behind");
        Line($"Kubernetes  {DescribeKubernetes()}");
        if (lanes.Sum(lane => lane.Status.WaitingStreams) is > 0 and int waiting)
        {
            Line($"files       {waiting} logs are waiting for a file descriptor: the limit is {OpenFileLimit.Current} open files");
        }

        if (Journal is { } journal)
        {
            foreach ((string directory, bool isReading) in journal.Directories)
            {
                Line($"journal     {directory}: {(isReading ? "reading" : "not reading")}");
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

        Line($"Loki        {options.Loki.PushUrl}, {services.Metrics.SentRecords.Get()} records acknowledged, last response: {sender.LastAnswer ?? "none yet"}");
        if (lanes.FirstOrDefault(lane => lane.IsStalled) is { } stalled)
        {
            Line($"stalled     Loki has acknowledged nothing for at least five minutes although there is data to send. Last response: {stalled.LastAnswer ?? "none"}");
        }

        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private string DescribeKubernetes() =>
        metadata is null ? "off: kubernetes.enabled is false"
        : !metadata.IsConfigured ? "off: no kubeconfig is set, and the agent does not run in a pod"
        : metadata.IsConnected ? string.Create(CultureInfo.InvariantCulture, $"connected, {metadata.Pods.Count} pods")
        : "not connected: labels come from file names only; the agent's own log says why";
}
