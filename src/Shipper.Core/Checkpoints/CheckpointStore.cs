using Microsoft.Extensions.Logging;
using Shipper.Checkpoints.Operations;
using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Checkpoints;

/// <summary>
/// Stores the acknowledged positions so that a crash at any byte leaves them valid. A snapshot has all positions; the log after it has everything
/// acknowledged since. Each response of Loki costs one small write, which survives a crash of the process. The log is flushed once a second, so that it
/// survives a crash of the machine. When the log is too long, a pair of files with the next number replaces both, and the previous pair is kept.
/// </summary>
/// <remarks>Thread-safe, except <see cref="Flush"/>: one caller at a time. One lock guards the memory and the files. A failed write throws no exception: the
/// failure is logged and counted, the positions stay in memory, and the agent retries a second later.</remarks>
internal sealed class CheckpointStore : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CheckpointState _state = new();
    private readonly CheckpointPair _pair;
    private readonly CheckpointWriter _writer;

    private UncleanShutdown _uncleanShutdown = null!;

    private CheckpointStore(string directory, ILogger logger, AgentMetrics metrics)
    {
        _pair = new CheckpointPair(directory, () => SnapshotWriter.Encode(_state), logger, metrics);
        _writer = new CheckpointWriter(_state, _pair);
    }

    /// <summary>True until the agent's first start with this directory is complete; false if this is unknown.</summary>
    public bool IsFirstStart { get; private set; }

    /// <summary>True while there may be unconfirmed records of earlier runs: sent, but beyond the positions on disk.</summary>
    public bool HasUnconfirmed => Read(static store => store._uncleanShutdown.HasUnconfirmed);

    /// <summary>True once it is known whether there are unconfirmed records. Nothing may be read before that.</summary>
    public bool IsSettled => Read(static store => store._uncleanShutdown.IsSettled);

    /// <summary>True if there may be unconfirmed records and Loki can't be asked about them.</summary>
    public bool CannotAskLoki => Read(static store => store._uncleanShutdown.CannotAskLoki);

    /// <summary>True if the machine went down while the agent was running: files may be shorter than they were.</summary>
    public bool HasCrashed => _uncleanShutdown.HasCrashed;

    /// <summary>Newest time of a record that may have been sent, in nanoseconds since 1970; <see cref="StreamClock.None"/> if unknown.</summary>
    public long NewestSentNs => Read(static store => store._state.Streams.Select(stream => stream.Clock.NewestNs).Append(store._state.NewestSentNs).Max());

    /// <summary>True if everything in memory has been written to the files.</summary>
    public bool IsSaved => Read(static store => store._pair.IsComplete);

    /// <summary>Reads the checkpoints of a directory. Anything unreadable is logged and counted, and is never an error.</summary>
    /// <param name="boot">Identifies the current boot of the machine; null to read it from the kernel.</param>
    /// <param name="isUnsettled">True if Loki must be asked whether it has newer records than the directory.</param>
    public static CheckpointStore Open(
        string directory, ILogger logger, AgentMetrics metrics, string? boot = null, bool isUnsettled = false)
    {
        var store = new CheckpointStore(directory, logger, metrics);
        var loader = new CheckpointLoader(directory, logger, metrics);
        loader.Load(store._state);
        store.IsFirstStart = !store._state.IsFirstStartOver && !loader.IsDamaged;
        store._uncleanShutdown = new UncleanShutdown(store._state.Boot, boot ?? MachineBoot.Id, loader.IsDamaged, isUnsettled);
        if (store.HasCrashed)
        {
            CheckpointEvents.MachineWentDown(logger);
        }

        store._state.Boot = store._uncleanShutdown.Boot;
        store._pair.Begin(loader.Number, loader.SnapshotNumber);
        return store;
    }

    /// <summary>Ends the first start: everything that existed has a position. From now on new files are read from their beginning.</summary>
    public void EndFirstStart() => Commit(default(FirstStartEnd));

    /// <summary>Records whether Loki has records that the checkpoints don't know of. Does nothing if this was already known.</summary>
    /// <param name="isOlder">True if Loki has, or may have, records that the checkpoints don't know of.</param>
    /// <param name="cannotAskLoki">True if Loki can't be asked which records these are.</param>
    /// <returns>True if there are unconfirmed records for this reason.</returns>
    public bool Settle(bool isOlder, bool cannotAskLoki)
    {
        lock (_lock)
        {
            if (_uncleanShutdown.IsSettled)
            {
                return false;
            }

            _uncleanShutdown.Settle(isOlder, cannotAskLoki);
            _writer.Write(new Boot(_uncleanShutdown.Boot));
            return isOlder;
        }
    }

    /// <summary>
    /// Records that nothing is unconfirmed any more: Loki has acknowledged every record that may have been sent without the checkpoints' knowledge.
    /// </summary>
    public void MarkConfirmed()
    {
        lock (_lock)
        {
            _uncleanShutdown.MarkConfirmed();
            _writer.Write(new Boot(_uncleanShutdown.Boot));
        }
    }

    /// <summary>
    /// Records a clean shutdown, unless there are unconfirmed records of earlier runs, and flushes. Call once nothing more will be acknowledged.
    /// </summary>
    /// <param name="isCertain">True if every record that may have been sent without the checkpoints' knowledge is acknowledged.</param>
    /// <returns>False if something in memory is not in the files.</returns>
    public bool RecordShutdown(bool isCertain = false)
    {
        lock (_lock)
        {
            // Nothing is read before this is settled, so nothing was sent, either.
            if (isCertain || !_uncleanShutdown.HasUnconfirmed || !_uncleanShutdown.IsSettled)
            {
                _writer.Write(new Boot(UncleanShutdown.CleanShutdown));
            }
        }

        return Flush();
    }

    /// <summary>Returns the checkpoint of a stream, and creates it if necessary.</summary>
    public StreamCheckpoint GetOrAddStream(string key) => Read(key, static (state, key) => state.GetOrAddStream(key));

    /// <summary>Returns the checkpoint of a stream; null if there is none.</summary>
    public StreamCheckpoint? FindStream(string key) => Read(key, static (state, key) => state.FindStream(key));

    /// <summary>Returns all streams.</summary>
    public IReadOnlyList<StreamCheckpoint> GetStreams() => Read(static store => store._state.Streams.ToList());

    /// <summary>Reads from the memory under the lock.</summary>
    /// <param name="key">Passed to <paramref name="read"/>.</param>
    /// <param name="read">Returns the value. It must not return an object that changes later.</param>
    public TResult Read<TKey, TResult>(TKey key, Func<CheckpointState, TKey, TResult> read)
    {
        lock (_lock)
        {
            return read(_state, key);
        }
    }

    /// <summary>Adds a generation to a stream, in memory only; it is written together with its first position.</summary>
    /// <param name="logPath">Path of the generation's log, under its unrotated name.</param>
    /// <param name="acknowledged">Everything before this position was acknowledged as part of another generation.</param>
    public GenerationCheckpoint AddGeneration(StreamCheckpoint stream, string logPath, FilePosition acknowledged = default)
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

    /// <summary>Applies changes, and writes all of them in a single write.</summary>
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

    /// <summary>Applies one change and writes it.</summary>
    public void Commit<TChange>(TChange change)
        where TChange : struct, ICheckpointChange<TChange>
    {
        lock (_lock)
        {
            _writer.Write(change);
        }
    }

    /// <summary>Flushes all changes to disk, so that they survive a crash of the machine. One caller at a time.</summary>
    /// <returns>False if something in memory is not in the files.</returns>
    public bool Flush()
    {
        DiskWork? work;
        lock (_lock)
        {
            if (!_pair.TryBeginFlush(out work))
            {
                return false;
            }
        }

        if (work is null)
        {
            return true;
        }

        work.Execute();
        lock (_lock)
        {
            return _pair.EndFlush(work);
        }
    }

    /// <inheritdoc cref="FlushLoop.RunAsync"/>
    public Task RunAsync(Func<bool> isCertain, TimeProvider time, CancellationToken stopping) => FlushLoop.RunAsync(this, isCertain, time, stopping);

    public void Dispose()
    {
        Flush();
        _pair.Dispose();
        _writer.Dispose();
    }

    private TResult Read<TResult>(Func<CheckpointStore, TResult> read)
    {
        lock (_lock)
        {
            return read(this);
        }
    }
}
