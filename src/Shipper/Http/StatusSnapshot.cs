using System.IO.Hashing;
using System.Text.Json;
using Shipper.Lanes;
using Shipper.Status;

namespace Shipper.Http;

/// <summary>The state of the agent at one moment, shared by all clients that watch it.</summary>
internal sealed class StatusSnapshot
{
    private readonly ulong[] _hashes;

    public StatusSnapshot(AgentStatus status)
    {
        Status = status with { Streams = [.. status.Streams.Select(stream => stream with { Generations = [] })] };
        _hashes = [.. Status.Streams.Select(stream => XxHash64.HashToUInt64(JsonSerializer.SerializeToUtf8Bytes(stream, StatusJson.Readable.StreamStatus)))];
    }

    /// <summary>The state; the streams have no files.</summary>
    public AgentStatus Status { get; }

    /// <summary>Returns what has changed since the client was last told.</summary>
    /// <param name="known">What the client knows: the hash of each stream by its key. Receives the new hashes.</param>
    public AgentStatus Since(Dictionary<string, ulong> known)
    {
        bool isFull = known.Count == 0;
        var changed = new List<StreamStatus>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < _hashes.Length; i++)
        {
            StreamStatus stream = Status.Streams[i];
            keys.Add(stream.Key);
            if (!known.TryGetValue(stream.Key, out ulong hash) || hash != _hashes[i])
            {
                known[stream.Key] = _hashes[i];
                changed.Add(stream);
            }
        }

        string[] gone = [.. known.Keys.Where(key => !keys.Contains(key))];
        Array.ForEach(gone, key => known.Remove(key));
        return Status with { Streams = changed, IsFull = isFull ? true : null, Gone = gone };
    }
}
