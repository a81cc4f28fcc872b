using System.Text.Json.Serialization;
using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Lanes;

namespace Shipper.Status;

/// <summary>State of a running agent: the response of <c>/api/status</c>.</summary>
internal sealed record AgentStatus
{
    public required DateTimeOffset Time { get; init; }

    /// <summary>The version, for example 0.1.0.</summary>
    public required string Version { get; init; }

    /// <summary>The commit that was built.</summary>
    public required string Commit { get; init; }

    public required string Cluster { get; init; }

    public required string Environment { get; init; }

    public required string Node { get; init; }

    /// <summary>When the program started. <see cref="Configuration"/> says since when the configuration has been in use.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    public required double UptimeSeconds { get; init; }

    /// <summary>True if at least one lane is stalled.</summary>
    public required bool Stalled { get; init; }

    public required Verdict Verdict { get; init; }

    public required Rates Rates { get; init; }

    public required RateHistory History { get; init; }

    public required Lag Lag { get; init; }

    public required RecordTotals Records { get; init; }

    /// <summary>Lost bytes since the program started; only reasons that occurred.</summary>
    public required IReadOnlyList<ReasonBytes> Lost { get; init; }

    /// <summary>Dropped records since the program started; only reasons that occurred.</summary>
    public required IReadOnlyList<ReasonRecords> Dropped { get; init; }

    /// <summary>What the stages did since the program started; only rules that did something.</summary>
    public required IReadOnlyList<StageRecords> Processed { get; init; }

    /// <summary>Number of records by the level that they state; only levels that occurred.</summary>
    public required IReadOnlyDictionary<string, long> Levels { get; init; }

    public required LokiStatus Loki { get; init; }

    /// <summary>Unacknowledged data in memory.</summary>
    public required ByteUsage Buffer { get; init; }

    /// <summary>Disk space of deleted files that only the agent keeps.</summary>
    public required ByteUsage Held { get; init; }

    public required FileUsage Files { get; init; }

    public required ProcessUsage Process { get; init; }

    public required KubernetesStatus Kubernetes { get; init; }

    public required JournalStatus Journal { get; init; }

    /// <summary>Files and directories that can't be read.</summary>
    public required IReadOnlyList<UnreadableSource> Unreadable { get; init; }

    /// <summary>Number of existing logs that are not read because they are excluded.</summary>
    public required int ExcludedLogs { get; init; }

    /// <summary>The configuration in use; null if the agent has none from a file.</summary>
    public ConfigurationStatus? Configuration { get; init; }

    /// <summary>The last warnings and errors, oldest first.</summary>
    public IReadOnlyList<OwnLogEntry> Warnings { get; init; } = [];

    /// <summary>Address of Grafana; empty if it is not configured.</summary>
    public required string Grafana { get; init; }

    public required IReadOnlyList<LaneStatus> Lanes { get; init; }

    /// <summary>The ledger of all files, and of files that were deleted since the agent started.</summary>
    public required Ledger Totals { get; init; }

    /// <summary>The streams of all lanes; in an event, only those that have changed.</summary>
    public required IReadOnlyList<StreamStatus> Streams { get; init; }

    /// <summary>True in the first event of a connection, which has all streams; null in other responses.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? IsFull { get; init; }

    /// <summary>In an event, the keys of the streams that have disappeared; null in other responses.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Gone { get; init; }
}
