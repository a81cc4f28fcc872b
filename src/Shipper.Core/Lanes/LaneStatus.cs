using System.Text.Json.Serialization;
using Shipper.Checkpoints;

namespace Shipper.Lanes;

/// <summary>The state of a lane, for the status page.</summary>
internal sealed class LaneStatus(string name)
{
    public string Name { get; } = name;

    /// <summary>True if the lane did not answer in time. Then only <see cref="Stalled"/> and <see cref="LastAnswer"/> are known.</summary>
    public bool Blocked { get; init; }

    /// <summary>True if Loki has acknowledged nothing for five minutes although there is data to send.</summary>
    public bool Stalled { get; init; }

    /// <summary>Unacknowledged bytes in memory.</summary>
    public long BufferBytes { get; init; }

    /// <summary>The push in flight; null if there is none.</summary>
    public PushStatus? Push { get; init; }

    /// <summary>Loki's last response, followed by the remedy if there is one; null before the first.</summary>
    public string? LastAnswer { get; init; }

    /// <summary>The streams that it reads from files.</summary>
    [JsonIgnore]
    public List<StreamStatus> Streams { get; } = [];

    /// <summary>Streams whose files have all gone.</summary>
    [JsonIgnore]
    public List<GoneStream> Gone { get; } = [];

    /// <summary>The ledger of its files, deleted files included.</summary>
    [JsonIgnore]
    public Ledger Totals { get; } = new();
}
