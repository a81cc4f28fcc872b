using System.Text.Json.Serialization;

namespace Shipper.Lanes;

/// <summary>The state of a stream.</summary>
/// <param name="Lane">The name of its lane.</param>
/// <param name="Key">Its identity, which does not depend on labels: <c>namespace/pod/container</c> for a container.</param>
/// <param name="Labels">Its labels, as a selector.</param>
/// <param name="LagBytes">Bytes that are written to its files, but not acknowledged; 0 for the journal.</param>
/// <param name="LossDeadlineSeconds">Estimated seconds until unacknowledged bytes are lost; null if none will be.</param>
/// <param name="LastAcknowledged">When Loki last acknowledged records of it; null if it has not since the agent started.</param>
/// <param name="Generations">Its files, oldest first; empty if they are left out.</param>
internal sealed record StreamStatus(
    string Lane, string Key, string Labels, long LagBytes, double? LossDeadlineSeconds, DateTimeOffset? LastAcknowledged,
    IReadOnlyList<GenerationStatus> Generations)
{
    /// <summary><c>container</c>, <c>journal</c> or <c>file</c>.</summary>
    public required string Source { get; init; }

    /// <summary>One of <see cref="StreamStates"/>.</summary>
    public string State { get; init; } = StreamStates.Idle;

    public string? Namespace { get; init; }

    public string? Pod { get; init; }

    public string? Container { get; init; }

    /// <summary>Age of the oldest record that Loki has not acknowledged, in seconds; 0 if there is none.</summary>
    public double LagSeconds { get; init; }

    /// <summary>Acknowledged records per second, over about the last ten seconds.</summary>
    public double RecordsPerSecond { get; init; }

    /// <summary>Acknowledged bytes per second, uncompressed, over about the last ten seconds.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>Number of acknowledged records since the agent started.</summary>
    public long Records { get; init; }

    /// <summary>Number of records that were read and not sent since the agent started.</summary>
    public long DroppedRecords { get; init; }

    /// <summary>Number of records since the agent started that were over a limit: held back or dropped.</summary>
    public long LimitedRecords { get; init; }

    /// <summary>Bytes that were lost since the agent started, before they could be read.</summary>
    public long LostBytes { get; init; }

    /// <summary>Number of records that were read since the agent started, by the level that they state; only levels that occurred.</summary>
    public IReadOnlyDictionary<string, long> Levels { get; init; } = new Dictionary<string, long>();

    /// <summary>Loki's words when it last refused the stream or some of its records; null if it has not.</summary>
    public string? LastResponse { get; init; }

    /// <summary>Address of a query for the stream in Grafana; empty if Grafana's address is not configured.</summary>
    public string Grafana { get; init; } = "";

    /// <summary>What <c>explain</c> needs in addition; null for a stream of the journal.</summary>
    [JsonIgnore]
    public StreamDetails? Details { get; init; }
}
