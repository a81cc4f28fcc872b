using System.Text.Json.Serialization;
using Shipper.Checkpoints;

namespace Shipper.Lanes;

/// <summary>The state of a lane, for the status page.</summary>
internal sealed class LaneStatus(string name)
{
    public string Name { get; } = name;

    /// <summary>True if the lane did not answer. Then nothing else is known of it and its streams.</summary>
    public bool Blocked { get; init; }

    /// <summary>True if nothing was acknowledged for five minutes though there is something to send.</summary>
    public bool Stalled { get; init; }

    /// <summary>Unacknowledged bytes in memory.</summary>
    public long BufferBytes { get; init; }

    /// <summary>The push under way; null if there is none.</summary>
    public PushStatus? Push { get; init; }

    /// <summary>Loki's last response, with the remedy if it was a failure that has one; null if there was none yet.</summary>
    public string? LastAnswer { get; init; }

    /// <summary>The streams that it reads from files.</summary>
    [JsonIgnore]
    public List<StreamStatus> Streams { get; } = [];

    /// <summary>Counts what became of the bytes of its files, deleted files included.</summary>
    [JsonIgnore]
    public Ledger Totals { get; } = new();
}
