using Microsoft.Extensions.Logging;
using Shipper.Checkpoints.Operations;
using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Checkpoints;

/// <summary>
/// Stores the acknowledged positions so that they are valid after a crash at any byte. A snapshot holds all positions; the log after it holds what
/// was acknowledged since. Each response of Loki costs one small write, which survives a crash of the process; once a second the log is flushed, so that it
/// survives a crash of the machine. When the log is too long, a pair with the next number replaces both files; the previous pair stays.
/// </summary>
/// <remarks>Thread-safe, except <see cref="Flush"/>: one caller at a time. One lock guards the memory and the files. A failed write throws no exception: the
/// failure is logged and counted, the positions stay in memory, and the agent retries a second later.</remarks>
internal sealed class CheckpointStore : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CheckpointState _state = new();
    private readonly CheckpointPair _pair;
    private readonly CheckpointWriter _writer;

    private Doubt _doubt = null!;

    private CheckpointStore(string directory, ILogger logger, AgentMetrics metrics)
    {
        _pair = new CheckpointPair(directory, () => SnapshotWriter.Encode(_state), logger, metrics);
        _writer = new CheckpointWriter(_state, _pair);
    }

    /// <summary>True until the agent's first start on this directory is over; false if that is unknown.</summary>
    public bool IsFirstStart { get; private set; }

    /// <summary>True while there may be unconfirmed records of earlier runs: sent, but beyond the positions on disk.</summary>
    public bool IsInDoubt => Read(static store => store._doubt.IsOpen);

    /// <summary>True once it is known whether there are unconfirmed records. Nothing may be read before.</summary>
    public bool IsSettled => Read(static store => store._doubt.IsSettled);

    /// <summary>True if there may be unconfirmed records and Loki can't be asked for them.</summary>
    public bool IsUnaskable => Read(static store => store._doubt.IsUnaskable);

    /// <summary>True if the machine went down while the agent was running: files may be shorter than they were.</summary>
    public bool HasCrashed => _doubt.HasCrashed;

    /// <summary>Newest time of a record that may have been sent, in nanoseconds since 1970; <see cref="StreamClock.None"/> if none is known.</summary>
    public long NewestSentNs => Read(static store => store._state.Streams.Select(stream => stream.Clock.NewestNs).Append(store._state.NewestSentNs).Max());

    /// <summary>True if everything in memory has been written to the files.</summary>
    public bool IsSaved => Read(static store => store._pair.IsComplete);

    /// <summary>Reads the checkpoints of a directory. Whatever can't be read is logged and counted; it is never an error.</summary>
    /// <param name="directory">The state directory.</param>
    /// <param name="logger">The stage's logger.</param>
    /// <param name="metrics">The agent's metrics.</param>
    /// <param name="boot">Identifies this boot of the machine; null to read it from the kernel.</param>
    /// <param name="isUnsettled">True if Loki has to be asked whether it has newer records than the directory knows of.</param>
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

    /// <summary>Ends the first start: everything that existed has its position. From now on new files are read from their beginning.</summary>
    public void EndFirstStart() => Commit(default(Started));

    /// <summary>Records whether Loki has more than the checkpoints know of. Does nothing if that was known already.</summary>
    /// <param name="isOlder">True if Loki has, or may have, records that the checkpoints don't know of.</param>
    /// <param name="isUnaskable">True if Loki can't be asked which records these are.</param>
    /// <returns>True if there are unconfirmed records for this reason.</returns>
    public bool Settle(bool isOlder, bool isUnaskable)
    {
        lock (_lock)
        {
            if (_doubt.IsSettled)
            {
                return false;
            }

            _doubt.Settle(isOlder, isUnaskable);
            _writer.Write(new Boot(_doubt.Boot));
            return isOlder;
        }
    }

    /// <summary>Records that everything that may have been sent without the checkpoints' knowledge is acknowledged.</summary>
    public void EndDoubt()
    {
        lock (_lock)
        {
            _doubt.End();
            _writer.Write(new Boot(_doubt.Boot));
        }
    }

    /// <summary>
    /// Records a clean shutdown, unless there are unconfirmed records of earlier runs, and flushes. Call once nothing more will be acknowledged.
    /// </summary>
    /// <param name="isCertain">True if everything that may have been sent without the checkpoints' knowledge is acknowledged.</param>
    /// <returns>False if something in memory is not in the files.</returns>
    public bool End(bool isCertain = false)
    {
        lock (_lock)
        {
            // Until that is settled nothing is read, so nothing was sent either.
            if (isCertain || !_doubt.IsOpen || !_doubt.IsSettled)
            {
                _writer.Write(new Boot(Doubt.Ended));
            }
        }

        return Flush();
    }

    /// <summary>Returns the checkpoint of a stream; creates it if there is none.</summary>
    public StreamCheckpoint GetStream(string key) => Read(key, static (state, key) => state.GetStream(key));

    /// <summary>Returns the checkpoint of a stream; null if there is none.</summary>
    public StreamCheckpoint? FindStream(string key) => Read(key, static (state, key) => state.FindStream(key));

    /// <summary>Returns all streams.</summary>
    public IReadOnlyList<StreamCheckpoint> GetStreams() => Read(static store => store._state.Streams.ToList());

    /// <summary>Reads something else from memory, under the lock.</summary>
    /// <param name="key">Passed to <paramref name="read"/>.</param>
    /// <param name="read">Reads the value. It must not return anything that changes later.</param>
    public TResult Read<TKey, TResult>(TKey key, Func<CheckpointState, TKey, TResult> read)
    {
        lock (_lock)
        {
            return read(_state, key);
        }
    }

    /// <summary>Adds a generation to a stream, in memory only; it is written together with its first position.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="logPath">Path of the generation's log, under its unrotated name.</param>
    /// <param name="acknowledged">Everything before this was acknowledged as part of another generation.</param>
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

    /// <summary>Applies the changes and writes them with one write.</summary>
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
