using Shipper.Content;
using Shipper.Loki;

namespace Shipper.Checkpoints;

/// <summary>All checkpoints in memory: what the files of the store, read in order, add up to.</summary>
/// <remarks>Not safe for concurrent use; <see cref="CheckpointStore"/> guards it.</remarks>
internal sealed class CheckpointState
{
    private readonly Dictionary<string, StreamCheckpoint> _streamsByKey = new(StringComparer.Ordinal);
    private readonly Dictionary<int, StreamCheckpoint> _streams = [];
    private readonly Dictionary<int, (StreamCheckpoint Stream, GenerationCheckpoint Generation)> _generations = [];
    private readonly Dictionary<int, StreamAttributes> _attributes = [];
    private readonly Dictionary<StreamAttributes, int> _attributeIds = [];
    private readonly Dictionary<string, ExcludedOutputs> _decisions = new(StringComparer.Ordinal);
    private int _lastId;

    /// <summary>True once the agent's first start is over.</summary>
    public bool IsStarted { get; set; }

    /// <summary>
    /// The machine's boot in which positions were written; <see cref="Doubt.Ended"/> where all of them were on its disk when the agent ended,
    /// null where it is not known.
    /// </summary>
    public string? Boot { get; set; }

    /// <summary>The newest time of a record that may have been sent, in nanoseconds since 1970; <see cref="StreamClock.None"/> if none is known.</summary>
    public long NewestSentNs { get; set; } = StreamClock.None;

    /// <summary>What of logs was excluded when that was last known, by the path of their series.</summary>
    public IReadOnlyDictionary<string, ExcludedOutputs> Decisions => _decisions;

    /// <summary>The directories to which rotation moves files, by the path of their series.</summary>
    public Dictionary<string, string> Directories { get; } = new(StringComparer.Ordinal);

    public IReadOnlyCollection<StreamCheckpoint> Streams => _streams.Values;

    /// <summary>The stream with that key, made where there is none.</summary>
    public StreamCheckpoint GetStream(string key) =>
        _streamsByKey.TryGetValue(key, out StreamCheckpoint? stream) ? stream : AddStream(++_lastId, key);

    /// <summary>The stream with that key; null if there is none.</summary>
    public StreamCheckpoint? FindStream(string key) => _streamsByKey.GetValueOrDefault(key);

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
        if (streamId == CheckpointFormat.AllStreams)
        {
            NewestSentNs = Math.Max(NewestSentNs, clock.NewestNs);
        }
        else if (_streams.TryGetValue(streamId, out StreamCheckpoint? stream))
        {
            stream.Clock = clock;
        }
    }

    public void SetCursor(int streamId, string cursor)
    {
        if (_streams.TryGetValue(streamId, out StreamCheckpoint? stream))
        {
            stream.Cursor = cursor;
        }
    }

    public void SetSentCursor(int streamId, string cursor)
    {
        if (_streams.TryGetValue(streamId, out StreamCheckpoint? stream))
        {
            stream.SentCursor = cursor;
        }
    }

    public void SetSentWindow(int streamId, TimeWindow? window)
    {
        if (_streams.TryGetValue(streamId, out StreamCheckpoint? stream))
        {
            stream.SentWindow = window;
        }
    }

    public void SetLosses(int streamId, Loss[] losses)
    {
        if (_streams.TryGetValue(streamId, out StreamCheckpoint? stream))
        {
            stream.Losses = losses;
        }
    }

    /// <summary>The attributes with that number; null where they are not known.</summary>
    public StreamAttributes? FindAttributes(int id) => _attributes.GetValueOrDefault(id);

    /// <param name="path">Path of the series.</param>
    /// <param name="excluded">The decision; null to forget it.</param>
    public void SetDecision(string path, ExcludedOutputs? excluded)
    {
        if (excluded is { } decision)
        {
            _decisions[path] = decision;
        }
        else
        {
            _decisions.Remove(path);
        }
    }

    public void AddAttributes(int id, StreamAttributes attributes)
    {
        RemoveAttributes(id);
        _attributes[id] = attributes;
        _attributeIds[attributes] = id;
        _lastId = Math.Max(_lastId, id);
    }

    /// <summary>The number of attributes, added where they were not.</summary>
    /// <param name="attributes">The attributes.</param>
    /// <param name="isNew">True where they were not.</param>
    public int IdOf(StreamAttributes attributes, out bool isNew)
    {
        isNew = !_attributeIds.TryGetValue(attributes, out int id);
        if (isNew)
        {
            id = ++_lastId;
            AddAttributes(id, attributes);
        }

        return id;
    }

    /// <summary>Forgets all attributes but these: a snapshot has no others.</summary>
    public void KeepAttributes(IReadOnlySet<int> ids)
    {
        foreach (int id in _attributes.Keys.Where(known => !ids.Contains(known)).ToList())
        {
            RemoveAttributes(id);
        }
    }

    /// <returns>False where this can't be.</returns>
    public bool SetSent(int generationId, int attributesId, Offsets end, long baseNs)
    {
        if (end.Min < 0)
        {
            return false;
        }

        if (_generations.TryGetValue(generationId, out var entry) && _attributes.TryGetValue(attributesId, out StreamAttributes? attributes))
        {
            entry.Generation.SetSent(new SentRange(attributes, end, baseNs));
        }

        return true;
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

    /// <summary>Gives a generation to another stream, or to another log of the same.</summary>
    public void MoveGeneration(int generationId, int streamId, string logPath)
    {
        if (_generations.TryGetValue(generationId, out var entry) && _streams.TryGetValue(streamId, out StreamCheckpoint? stream))
        {
            entry.Generation.LogPath = logPath;
            if (stream != entry.Stream)
            {
                entry.Stream.Generations.Remove(entry.Generation);
                stream.Generations.Add(entry.Generation);
                _generations[generationId] = (stream, entry.Generation);
            }
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

    /// <returns>False if this can't be a proof.</returns>
    public bool SetProof(int generationId, FileProof proof)
    {
        if (proof.IsKnown && _generations.TryGetValue(generationId, out var entry))
        {
            entry.Generation.Proof = proof;
        }

        return proof.IsKnown;
    }

    /// <returns>False where this can't be.</returns>
    public bool SetBooking(int generationId, Booking booking)
    {
        if (booking.Bytes < 0)
        {
            return false;
        }

        if (_generations.TryGetValue(generationId, out var entry))
        {
            entry.Generation.SetBooking(booking);
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

    /// <summary>Forgets a stream of which nothing has to be kept.</summary>
    public void RemoveIfEmpty(StreamCheckpoint stream)
    {
        if (stream.IsEmpty)
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

    /// <summary>
    /// The same attributes may have had two numbers: one in a log that a crash left, another in the log that was begun behind it.
    /// </summary>
    private void RemoveAttributes(int id)
    {
        if (_attributes.Remove(id, out StreamAttributes? attributes) && _attributeIds.GetValueOrDefault(attributes) == id)
        {
            _attributeIds.Remove(attributes);
        }
    }

    /// <summary>Takes back a stream that was forgotten with its last generation while its lane still had it.</summary>
    public void AddStream(StreamCheckpoint stream)
    {
        _streams[stream.Id] = stream;
        _streamsByKey[stream.Key] = stream;
    }
}
