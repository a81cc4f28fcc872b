using Shipper.Checkpoints.Operations;
using Shipper.Loki;

namespace Shipper.Checkpoints;

/// <summary>All checkpoints in memory: the content of the store's files, read in order.</summary>
/// <remarks>Not thread-safe; <see cref="CheckpointStore"/> guards it.</remarks>
/// <param name="operations">The operations that may occur in the files.</param>
internal sealed class CheckpointState(OperationTable operations)
{
    private readonly Dictionary<string, StreamCheckpoint> _streamsByKey = new(StringComparer.Ordinal);
    private readonly Dictionary<int, StreamCheckpoint> _streams = [];
    private readonly Dictionary<int, (StreamCheckpoint Stream, GenerationCheckpoint Generation)> _generations = [];
    private readonly Dictionary<int, StreamAttributes> _attributes = [];
    private readonly Dictionary<StreamAttributes, int> _attributeIds = [];
    private readonly Dictionary<int, string> _rules = [];
    private readonly Dictionary<string, int> _ruleIds = new(StringComparer.Ordinal);
    private int _lastId;

    /// <summary>Creates an empty state that knows all operations.</summary>
    public CheckpointState()
        : this(OperationTable.Default)
    {
    }

    /// <summary>The operations that may occur in the files.</summary>
    public OperationTable Operations { get; } = operations;

    /// <summary>True once the agent's first start is over.</summary>
    public bool IsFirstStartOver { get; set; }

    /// <summary>
    /// The machine's boot during which positions were written; null if unknown. <see cref="UncleanShutdown.CleanShutdown"/> if the agent shut down cleanly, with all positions
    /// on disk.
    /// </summary>
    public string? Boot { get; set; }

    /// <summary>Newest time of a record that may have been sent, in nanoseconds since 1970; <see cref="StreamClock.None"/> if unknown.</summary>
    public long NewestSentNs { get; set; } = StreamClock.None;

    /// <summary>The last known excluded outputs of each log, by the log's path.</summary>
    public Dictionary<string, ExcludedOutputs> ExcludedOutputsByPath { get; } = new(StringComparer.Ordinal);

    /// <summary>The directory to which rotation moves a log's files, by the log's path.</summary>
    public Dictionary<string, string> RotationDirectories { get; } = new(StringComparer.Ordinal);

    public IReadOnlyCollection<StreamCheckpoint> Streams => _streams.Values;

    /// <summary>Returns the stream with a key, and creates it if necessary.</summary>
    public StreamCheckpoint GetOrAddStream(string key) =>
        _streamsByKey.TryGetValue(key, out StreamCheckpoint? stream) ? stream : AddStream(++_lastId, key);

    /// <summary>Returns the stream with a key; null if there is none.</summary>
    public StreamCheckpoint? FindStream(string key) => _streamsByKey.GetValueOrDefault(key);

    /// <summary>Returns the stream with an id; null if there is none.</summary>
    public StreamCheckpoint? FindStream(int id) => _streams.GetValueOrDefault(id);

    /// <summary>Returns the generation with an id; null if there is none.</summary>
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

    /// <summary>Returns the attributes with an id; null if there are none.</summary>
    public StreamAttributes? FindAttributes(int id) => _attributes.GetValueOrDefault(id);

    /// <summary>Returns the last known excluded outputs of a log; null if they have never been known.</summary>
    /// <param name="path">Path of the log, under its unrotated name.</param>
    public ExcludedOutputs? FindExcludedOutputs(string path) => ExcludedOutputsByPath.TryGetValue(path, out ExcludedOutputs excluded) ? excluded : null;

    public void AddAttributes(int id, StreamAttributes attributes)
    {
        RemoveAttributes(id);
        _attributes[id] = attributes;
        _attributeIds[attributes] = id;
        _lastId = Math.Max(_lastId, id);
    }

    /// <summary>Returns the id of attributes, and assigns one if they are new.</summary>
    /// <param name="isNew">True if an id was assigned.</param>
    public int GetOrAddId(StreamAttributes attributes, out bool isNew)
    {
        isNew = !_attributeIds.TryGetValue(attributes, out int id);
        if (isNew)
        {
            id = ++_lastId;
            AddAttributes(id, attributes);
        }

        return id;
    }

    /// <summary>Returns the processing rules with an id, as <see cref="Processing.StreamRules.Text"/>; null if there are none.</summary>
    public string? FindRules(int id) => _rules.GetValueOrDefault(id);

    public void AddRules(int id, string text)
    {
        _rules[id] = text;
        _ruleIds[text] = id;
        _lastId = Math.Max(_lastId, id);
    }

    /// <summary>Returns the id of processing rules, and assigns one if they are new.</summary>
    /// <param name="isNew">True if an id was assigned.</param>
    public int GetOrAddRulesId(string text, out bool isNew)
    {
        isNew = !_ruleIds.TryGetValue(text, out int id);
        if (isNew)
        {
            id = ++_lastId;
            AddRules(id, text);
        }

        return id;
    }

    /// <summary>Forgets all rules except those with the given ids, which are the ones in the snapshot.</summary>
    public void RetainRules(IReadOnlySet<int> ids)
    {
        foreach ((int id, string text) in _rules.Where(known => !ids.Contains(known.Key)).ToList())
        {
            _rules.Remove(id);
            if (_ruleIds.GetValueOrDefault(text) == id)
            {
                _ruleIds.Remove(text);
            }
        }
    }

    /// <summary>Forgets all attributes except those with the given ids, which are the ones in the snapshot.</summary>
    public void RetainAttributes(IReadOnlySet<int> ids)
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

    /// <summary>Adds a generation that was read from a file, unless its id is already known.</summary>
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

    /// <summary>Moves a generation to another stream, or to another log of the same stream.</summary>
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
    /// <returns>The stream that it belonged to; null if the generation is not known.</returns>
    public StreamCheckpoint? RemoveGeneration(int generationId)
    {
        if (!_generations.Remove(generationId, out var entry))
        {
            return null;
        }

        entry.Stream.Generations.Remove(entry.Generation);
        return entry.Stream;
    }

    /// <summary>Forgets a stream if nothing about it must be kept.</summary>
    public void RemoveIfEmpty(StreamCheckpoint stream)
    {
        if (stream.IsEmpty)
        {
            _streams.Remove(stream.Id);

            // A newer stream may have the same key, for example that of a recreated pod.
            if (_streamsByKey.TryGetValue(stream.Key, out StreamCheckpoint? named) && named == stream)
            {
                _streamsByKey.Remove(stream.Key);
            }

            stream.IsStored = false;
        }
    }

    /// <summary>
    /// Removes attributes by id. The same attributes may have had two ids: one in a log that a crash left behind, and another in the next log.
    /// </summary>
    private void RemoveAttributes(int id)
    {
        if (_attributes.Remove(id, out StreamAttributes? attributes) && _attributeIds.GetValueOrDefault(attributes) == id)
        {
            _attributeIds.Remove(attributes);
        }
    }

    /// <summary>Restores a stream that was forgotten with its last generation while its lane was still using it.</summary>
    public void AddStream(StreamCheckpoint stream)
    {
        _streams[stream.Id] = stream;
        _streamsByKey[stream.Key] = stream;
    }
}
