using Shipper.Lanes;
using Shipper.Status;

namespace Shipper.Http;

/// <summary>The state of the agent at one moment, shared by all clients that watch it.</summary>
/// <param name="status">The state. The object of a stream that has not changed must be the same as in the last snapshot.</param>
internal sealed class StatusSnapshot(AgentStatus status)
{
    /// <summary>Returns what has changed since the client was last told.</summary>
    /// <param name="known">What the client knows: the streams by their keys. Receives the new ones.</param>
    public AgentStatus Since(Dictionary<string, StreamStatus> known)
    {
        bool isFull = known.Count == 0;
        var changed = new List<StreamStatus>();
        var keys = new HashSet<string>(status.Streams.Count, StringComparer.Ordinal);
        foreach (StreamStatus stream in status.Streams)
        {
            keys.Add(stream.Key);
            if (!known.TryGetValue(stream.Key, out StreamStatus? before) || !ReferenceEquals(before, stream))
            {
                known[stream.Key] = stream;
                changed.Add(StatusReporter.AddLink(stream, status.Grafana) with { Generations = [] });
            }
        }

        string[] gone = known.Count == keys.Count ? [] : [.. known.Keys.Where(key => !keys.Contains(key))];
        Array.ForEach(gone, key => known.Remove(key));
        return status with { Streams = changed, IsFull = isFull ? true : null, Gone = gone };
    }
}
