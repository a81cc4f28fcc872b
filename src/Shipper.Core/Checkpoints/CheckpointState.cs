using Shipper.Batching;
using Shipper.Tailing;

namespace Shipper.Checkpoints;

/// <summary>All checkpoints in memory: what the files of the store, read in order, add up to.</summary>
/// <remarks>Not safe for concurrent use; <see cref="CheckpointStore"/> guards it.</remarks>
internal sealed class CheckpointState
{
    private readonly Dictionary<string, StreamCheckpoint> _streamsByKey = new(StringComparer.Ordinal);
    private readonly Dictionary<int, StreamCheckpoint> _streams = [];
    private readonly Dictionary<int, (StreamCheckpoint Stream, GenerationCheckpoint Generation)> _generations = [];
    private int _lastId;

    /// <summary>True once the agent's first start is over.</summary>
    public bool IsStarted { get; set; }

    public IReadOnlyCollection<StreamCheckpoint> Streams => _streams.Values;

    /// <summary>The stream with that key, made where there is none.</summary>
    public StreamCheckpoint GetStream(string key) =>
        _streamsByKey.TryGetValue(key, out StreamCheckpoint? stream) ? stream : AddStream(++_lastId, key);

    public StreamCheckpoint AddStream(int id, string key)
    {
        if (!_streams.TryGetValue(id, out StreamCheckpoint? stream))
        {
            stream = new StreamCheckpoint(id, key);
            _streams.Add(id, stream);
            _lastId = Math.Max(_lastId, id);
        }

        _streamsByKey[stream.Key] = stream;
        return stream;
    }

    public void SetClock(int streamId, StreamClock clock)
    {
        if (_streams.TryGetValue(streamId, out StreamCheckpoint? stream))
        {
            stream.Clock = clock;
        }
    }

    public GenerationCheckpoint AddGeneration(StreamCheckpoint stream, string logPath)
    {
        AddStream(stream);
        var generation = new GenerationCheckpoint(++_lastId, logPath);
        stream.Generations.Add(generation);
        _generations.Add(generation.Id, (stream, generation));
        return generation;
    }

    public void AddGeneration(int id, int streamId, string logPath)
    {
        if (_streams.TryGetValue(streamId, out StreamCheckpoint? stream) && !_generations.ContainsKey(id))
        {
            var generation = new GenerationCheckpoint(id, logPath);
            stream.Generations.Add(generation);
            _generations.Add(id, (stream, generation));
            _lastId = Math.Max(_lastId, id);
        }
    }

    /// <returns>False where these can't be a position.</returns>
    public bool SetPosition(int generationId, FileIdentity identity, ulong inode, Offsets acknowledged, long size)
    {
        if (identity.Length is < 0 or > FileIdentity.MaxLength || acknowledged.Min < 0)
        {
            return false;
        }

        if (_generations.TryGetValue(generationId, out var entry))
        {
            entry.Generation.Identity = identity;
            entry.Generation.Inode = inode;
            entry.Generation.Acknowledged = acknowledged;
            entry.Generation.Size = size;
        }

        return true;
    }

    /// <summary>Forgets a generation.</summary>
    /// <returns>The stream that it belonged to; null where it is not known.</returns>
    public StreamCheckpoint? RemoveGeneration(int generationId)
    {
        if (!_generations.Remove(generationId, out var entry))
        {
            return null;
        }

        entry.Stream.Generations.Remove(entry.Generation);
        return entry.Stream;
    }

    /// <summary>Forgets a stream without generations.</summary>
    public void RemoveIfEmpty(StreamCheckpoint stream)
    {
        if (stream.Generations.Count == 0)
        {
            _streams.Remove(stream.Id);

            // A later stream may have the same name: that of a pod that was created anew.
            if (_streamsByKey.TryGetValue(stream.Key, out StreamCheckpoint? named) && named == stream)
            {
                _streamsByKey.Remove(stream.Key);
            }

            stream.IsStored = false;
        }
    }

    /// <summary>Takes back a stream that was forgotten with its last generation while its lane still had it.</summary>
    private void AddStream(StreamCheckpoint stream)
    {
        _streams[stream.Id] = stream;
        _streamsByKey[stream.Key] = stream;
    }
}
