using Microsoft.Extensions.Logging;
using Shipper.Content;
using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Checkpoints;

/// <summary>
/// Keeps the positions that Loki acknowledged, so that a crash at any byte leaves valid ones. A snapshot holds all of
/// them, the log behind it what was acknowledged since: one small write an answer, which survives the process; each second it is made
/// to survive the machine. When the log is long, both are followed by the next number; the previous pair stays.
/// </summary>
/// <remarks>Thread-safe, except <see cref="Flush"/>: one caller at a time. If writing fails, no exception is thrown: the failure is logged and counted, the positions stay
/// in memory, and writing is tried again a second later.</remarks>
internal sealed class CheckpointStore : IDisposable
{
    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly CheckpointPair _pair;
    private readonly CheckpointState _state = new();
    private readonly CheckpointWriter _writer;

    private Doubt _doubt = null!;

    private CheckpointStore(string directory, ILogger logger, AgentMetrics metrics)
    {
        _pair = new CheckpointPair(directory, () => CheckpointFormat.EncodeSnapshot(_state), _lock, logger, metrics);
        _writer = new CheckpointWriter(_state, _pair);
    }

    /// <summary>True until the agent's first start on this directory is over; false if that is unknown.</summary>
    public bool IsFirstStart { get; private set; }

    /// <summary>True while anything behind the positions may have been sent, of what was there at the start.</summary>
    public bool IsInDoubt
    {
        get
        {
            lock (_lock)
            {
                return _doubt.IsOpen;
            }
        }
    }

    /// <summary>False until it is known whether there is doubt: nothing may be read before.</summary>
    public bool IsSettled
    {
        get
        {
            lock (_lock)
            {
                return _doubt.IsSettled;
            }
        }
    }

    /// <summary>True if there is doubt, and Loki can't be asked.</summary>
    public bool IsUnaskable
    {
        get
        {
            lock (_lock)
            {
                return _doubt.IsUnaskable;
            }
        }
    }

    /// <summary>The newest time of a record that may have been sent, in nanoseconds since 1970; <see cref="StreamClock.None"/> if none is known.</summary>
    public long NewestSentNs
    {
        get
        {
            lock (_lock)
            {
                return _state.Streams.Select(stream => stream.Clock.NewestNs).Append(_state.NewestSentNs).Max();
            }
        }
    }

    /// <summary>True if everything in memory has been written to the files.</summary>
    public bool IsSaved
    {
        get
        {
            lock (_lock)
            {
                return _pair.IsComplete;
            }
        }
    }

    /// <summary>True if the machine went down while the agent ran: files may be shorter than they were.</summary>
    public bool HasCrashed => _doubt.HasCrashed;

    /// <summary>Reads the checkpoints of a directory. What can't be read is logged and counted, never an error.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="logger">The stage's log.</param>
    /// <param name="metrics">The agent's.</param>
    /// <param name="boot">Tells this boot of the machine from all others; null to ask the kernel.</param>
    /// <param name="isUnsettled">True if it has to be settled with Loki whether the directory is older than what Loki has.</param>
    public static CheckpointStore Open(
        string directory, ILogger logger, AgentMetrics metrics, string? boot = null, bool isUnsettled = false)
    {
        var store = new CheckpointStore(directory, logger, metrics);
        var loader = new CheckpointLoader(directory, logger, metrics);
        loader.Load(store._state);
        store.IsFirstStart = !store._state.IsStarted && !loader.IsDamaged;
        store._doubt = new Doubt(store._state.Boot, boot ?? MachineBoot.Id, loader.IsDamaged, isUnsettled);
        if (store.HasCrashed)
        {
            CheckpointEvents.MachineWentDown(logger);
        }

        store._state.Boot = store._doubt.Boot;
        store._pair.Begin(loader.Number, loader.SnapshotNumber);
        return store;
    }

    /// <summary>Everything that was there at the first start has its position. New files are read whole from now on.</summary>
    public void EndFirstStart()
    {
        lock (_lock)
        {
            if (_state.IsStarted)
            {
                return;
            }

            _state.IsStarted = true;
            _writer.Write(CheckpointFormat.WriteStarted);
        }
    }

    /// <summary>Settles whether there is doubt. Does nothing if that is settled already.</summary>
    /// <param name="isOlder">True if Loki has, or may have, what the checkpoints don't know of.</param>
    /// <param name="isUnaskable">True if Loki can't be asked what that is.</param>
    /// <returns>True if there is doubt because of that.</returns>
    public bool Settle(bool isOlder, bool isUnaskable)
    {
        lock (_lock)
        {
            if (_doubt.IsSettled)
            {
                return false;
            }

            _doubt.Settle(isOlder, isUnaskable);
            WriteBoot(_doubt.Boot);
            return isOlder;
        }
    }

    /// <summary>All that may have been sent unknown to the checkpoints is acknowledged.</summary>
    public void EndDoubt()
    {
        lock (_lock)
        {
            _doubt.End();
            WriteBoot(_doubt.Boot);
        }
    }

    /// <summary>Flushes, then records a clean shutdown. Call once nothing more will be acknowledged.</summary>
    /// <param name="isCertain">True if all that may have been sent unknown to the checkpoints is acknowledged.</param>
    /// <returns>False if something in memory is not in the files.</returns>
    public bool End(bool isCertain = false)
    {
        lock (_lock)
        {
            // While nothing is settled, nothing is read either.
            if (isCertain || !_doubt.IsOpen || !_doubt.IsSettled)
            {
                WriteBoot(Doubt.Ended);
            }
        }

        return Flush();
    }

    /// <summary>The checkpoint of a stream, made if there is none.</summary>
    public StreamCheckpoint GetStream(string key)
    {
        lock (_lock)
        {
            return _state.GetStream(key);
        }
    }

    /// <summary>The checkpoint of a stream; null if there is none.</summary>
    public StreamCheckpoint? FindStream(string key)
    {
        lock (_lock)
        {
            return _state.FindStream(key);
        }
    }

    /// <summary>All streams.</summary>
    public IReadOnlyList<StreamCheckpoint> GetStreams()
    {
        lock (_lock)
        {
            return [.. _state.Streams];
        }
    }

    /// <summary>Finds the generations that had an inode when they were last written down.</summary>
    public List<KnownFile> FindFiles(ulong inode) => FindFiles(generation => generation.Inode == inode);

    /// <summary>Finds the generations of a log.</summary>
    public List<KnownFile> FindFiles(string logPath) => FindFiles(generation => generation.LogPath == logPath);

    /// <summary>Finds the generations of the logs of a name, in whatever directory.</summary>
    public List<KnownFile> FindFilesNamed(string name) => FindFiles(generation => Path.GetFileName(generation.LogPath.AsSpan()).SequenceEqual(name));

    /// <summary>Finds the generations of the logs of a directory, and of those with whose name another begins.</summary>
    public List<KnownFile> FindFilesLike(string directory, string name) => FindFiles(
        generation => Path.GetDirectoryName(generation.LogPath.AsSpan()).SequenceEqual(directory)
            || name.AsSpan().StartsWith(Path.GetFileNameWithoutExtension(generation.LogPath.AsSpan()), StringComparison.Ordinal));

    /// <summary>The directory to which rotation moved files of a log; null if it is not known to do so.</summary>
    public string? GetDirectory(string path)
    {
        lock (_lock)
        {
            return _state.Directories.GetValueOrDefault(path);
        }
    }

    /// <summary>Remembers, over restarts, the directory to which rotation moves files of a log.</summary>
    /// <param name="path">Path of its series.</param>
    /// <param name="directory">The directory.</param>
    public void SetDirectory(string path, string directory)
    {
        lock (_lock)
        {
            if (_state.Directories.GetValueOrDefault(path) != directory)
            {
                _state.Directories[path] = directory;
                _writer.Write(frame => CheckpointFormat.WriteDirectory(frame, path, directory));
            }
        }
    }

    /// <summary>Adds a generation to a stream, in memory; its first position writes it down.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="logPath">Path of the log that it is a generation of, under its unrotated name.</param>
    /// <param name="acknowledged">Everything below was acknowledged as part of another generation.</param>
    public GenerationCheckpoint AddGeneration(StreamCheckpoint stream, string logPath, Offsets acknowledged = default)
    {
        lock (_lock)
        {
            GenerationCheckpoint generation = _state.AddGeneration(stream, logPath);
            generation.Acknowledged = acknowledged;
            return generation;
        }
    }

    /// <summary>Forgets a stream that has no generation.</summary>
    public void Forget(StreamCheckpoint stream)
    {
        lock (_lock)
        {
            _state.RemoveIfEmpty(stream);
        }
    }

    /// <summary>What of a log was excluded when that was last known; null if it never was.</summary>
    public ExcludedOutputs? GetDecision(string path)
    {
        lock (_lock)
        {
            return _state.Decisions.TryGetValue(path, out ExcludedOutputs excluded) ? excluded : null;
        }
    }

    /// <summary>Remembers what of a log is excluded, over restarts.</summary>
    /// <param name="path">Path of its series.</param>
    /// <param name="excluded">The decision; null if the log is gone.</param>
    public void SetDecision(string path, ExcludedOutputs? excluded)
    {
        lock (_lock)
        {
            if (excluded == (_state.Decisions.TryGetValue(path, out ExcludedOutputs known) ? known : null))
            {
                return;
            }

            _state.SetDecision(path, excluded);
            _writer.Write(frame => CheckpointFormat.WriteDecision(frame, path, excluded));
        }
    }

    /// <summary>Paths of the logs of which it is known whether they are excluded.</summary>
    public IReadOnlyList<string> GetDecidedPaths()
    {
        lock (_lock)
        {
            return [.. _state.Decisions.Keys];
        }
    }

    /// <summary>Makes the changes and writes them with one write.</summary>
    public void Commit(CheckpointChanges changes)
    {
        if (changes.IsEmpty)
        {
            return;
        }

        lock (_lock)
        {
            _writer.Write(changes);
        }
    }

    /// <summary>Makes what was written survive the machine. One at a time.</summary>
    /// <returns>False if something in memory is not in the files.</returns>
    public bool Flush() => _pair.Flush();

    /// <summary>Flushes each second until cancelled.</summary>
    /// <param name="isCertain">Tells whether all that may have been sent unknown to the checkpoints is acknowledged.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopping">Tells to stop.</param>
    public async Task RunAsync(Func<bool> isCertain, TimeProvider time, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(FlushInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                if (IsInDoubt && isCertain())
                {
                    EndDoubt();
                }

                Flush();
            }
        }
        catch (OperationCanceledException)
        {
            // The caller saves what the lanes still acknowledge, and disposes.
        }
    }

    public void Dispose()
    {
        Flush();
        _pair.Dispose();
        _writer.Dispose();
    }

    private List<KnownFile> FindFiles(Predicate<GenerationCheckpoint> isWanted)
    {
        var found = new List<KnownFile>();
        lock (_lock)
        {
            foreach (StreamCheckpoint stream in _state.Streams)
            {
                foreach (GenerationCheckpoint generation in stream.Generations)
                {
                    if (isWanted(generation))
                    {
                        found.Add(new KnownFile(stream.Key, generation.LogPath, generation.Inode, generation.Identity, generation.Proof));
                    }
                }
            }
        }

        return found;
    }

    private void WriteBoot(string boot)
    {
        _state.Boot = boot;
        _writer.Write(frame => CheckpointFormat.WriteBoot(frame, boot));
    }
}
