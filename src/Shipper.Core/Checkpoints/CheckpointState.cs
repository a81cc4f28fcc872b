using Shipper.Checkpoints.Operations;
using Shipper.Loki;

namespace Shipper.Checkpoints;

/// <summary>All checkpoints in memory: what the files of the store, read in order, add up to.</summary>
/// <remarks>Not safe for concurrent use; <see cref="CheckpointStore"/> guards it.</remarks>
/// <param name="operations">What the files may hold.</param>
internal sealed class CheckpointState(OperationTable operations)
{
    private readonly Dictionary<string, StreamCheckpoint> _streamsByKey = new(StringComparer.Ordinal);
    private readonly Dictionary<int, StreamCheckpoint> _streams = [];
    private readonly Dictionary<int, (StreamCheckpoint Stream, GenerationCheckpoint Generation)> _generations = [];
    private readonly Dictionary<int, StreamAttributes> _attributes = [];
    private readonly Dictionary<StreamAttributes, int> _attributeIds = [];
    private int _lastId;

    /// <summary>An empty state that knows all operations.</summary>
    public CheckpointState()
        : this(OperationTable.Default)
    {
    }

    /// <summary>What the files may hold.</summary>
    public OperationTable Operations { get; } = operations;

    /// <summary>True once the agent's first start is over.</summary>
    public bool IsStarted { get; set; }

    /// <summary>
    /// The machine's boot in which positions were written; <see cref="Doubt.Ended"/> where all of them were on its disk when the agent ended,
    /// null where it is not known.
    /// </summary>
    public string? Boot { get; set; }

    /// <summary>The newest time of a record that may have been sent, in nanoseconds since 1970; <see cref="StreamClock.None"/> if none is known.</summary>
    public long NewestSentNs { get; set; } = StreamClock.None;

    /// <summary>Which outputs of logs were excluded when that was last known, by the path of their series.</summary>
    public Dictionary<string, ExcludedOutputs> Decisions { get; } = new(StringComparer.Ordinal);

    /// <summary>The directories to which rotation moves files, by the path of their series.</summary>
    public Dictionary<string, string> Directories { get; } = new(StringComparer.Ordinal);

    public IReadOnlyCollection<StreamCheckpoint> Streams => _streams.Values;

    /// <summary>The stream with that key, made where there is none.</summary>
    public StreamCheckpoint GetStream(string key) =>
        _streamsByKey.TryGetValue(key, out StreamCheckpoint? stream) ? stream : AddStream(++_lastId, key);

    /// <summary>The stream with that key; null if there is none.</summary>
    public StreamCheckpoint? FindStream(string key) => _streamsByKey.GetValueOrDefault(key);

    /// <summary>The stream with that id; null if there is none.</summary>
    public StreamCheckpoint? FindStream(int id) => _streams.GetValueOrDefault(id);

    /// <summary>The generation with that id; null if there is none.</summary>
    public GenerationCheckpoint? FindGeneration(int id) => _generations.GetValueOrDefault(id).Generation;

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

    /// <summary>The attributes with that id; null if there are none.</summary>
    public StreamAttributes? FindAttributes(int id) => _attributes.GetValueOrDefault(id);

    /// <summary>The decision about a log; null if there is none.</summary>
    /// <param name="path">Path of the series.</param>
    public ExcludedOutputs? FindDecision(string path) => Decisions.TryGetValue(path, out ExcludedOutputs excluded) ? excluded : null;

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

    public GenerationCheckpoint AddGeneration(StreamCheckpoint stream, string logPath)
    {
        AddStream(stream);
        var generation = new GenerationCheckpoint(++_lastId, logPath);
        stream.Generations.Add(generation);
        _generations.Add(generation.Id, (stream, generation));
        return generation;
    }

    /// <summary>Adds a generation that was read, unless its id is known already.</summary>
    public void AddGeneration(int id, StreamCheckpoint stream, string logPath)
    {
        if (!_generations.ContainsKey(id))
        {
            var generation = new GenerationCheckpoint(id, logPath);
            stream.Generations.Add(generation);
            _generations.Add(id, (stream, generation));
            _lastId = Math.Max(_lastId, id);
        }
    }

    /// <summary>Gives a generation to another stream, or to another log of the same.</summary>
    public void MoveGeneration(int generationId, StreamCheckpoint stream, string logPath)
    {
        if (_generations.TryGetValue(generationId, out var entry))
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
