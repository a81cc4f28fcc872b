using System.Text.Json.Serialization;
using Shipper.Checkpoints;

namespace Shipper.Lanes;

/// <summary>What a lane is doing.</summary>
internal sealed class LaneStatus(string name)
{
    public string Name { get; } = name;

    /// <summary>True where the lane did not answer: nothing else is known of it then, and none of its streams.</summary>
    public bool Blocked { get; init; }

    /// <summary>True where nothing was acknowledged for five minutes though there is something to send.</summary>
    public bool Stalled { get; init; }

    /// <summary>Bytes read and not acknowledged.</summary>
    public long BufferBytes { get; init; }

    /// <summary>The push under way; null where there is none.</summary>
    public PushStatus? Push { get; init; }

    /// <summary>Loki's last answer, and what can be done where it was none to be glad of; null where there was none yet.</summary>
    public string? LastAnswer { get; init; }

    /// <summary>Its streams that are read from files.</summary>
    [JsonIgnore]
    public List<StreamStatus> Streams { get; } = [];

    /// <summary>What became of the bytes of its files, those included that are gone.</summary>
    [JsonIgnore]
    public Ledger Totals { get; } = new();
}
