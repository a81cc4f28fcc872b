using Microsoft.Extensions.Logging;
using Shipper.Checkpoints.Operations;
using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Checkpoints;

/// <summary>
/// Keeps the positions that Loki acknowledged, so that a crash at any byte leaves valid ones. A snapshot holds all of
/// them, the log behind it what was acknowledged since: one small write an answer, which survives the process; each second it is made
/// to survive the machine. When the log is long, both are followed by the next number; the previous pair stays.
/// </summary>
/// <remarks>Thread-safe, except <see cref="Flush"/>: one caller at a time. One lock guards the memory and the files. If writing fails, no exception is thrown: the
/// failure is logged and counted, the positions stay in memory, and writing is tried again a second later.</remarks>
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

    /// <summary>True while anything behind the positions may have been sent, of what was there at the start.</summary>
    public bool IsInDoubt => Read(static store => store._doubt.IsOpen);

    /// <summary>False until it is known whether there is doubt: nothing may be read before.</summary>
    public bool IsSettled => Read(static store => store._doubt.IsSettled);

    /// <summary>True if there is doubt, and Loki can't be asked.</summary>
    public bool IsUnaskable => Read(static store => store._doubt.IsUnaskable);

    /// <summary>True if the machine went down while the agent ran: files may be shorter than they were.</summary>
    public bool HasCrashed => _doubt.HasCrashed;

    /// <summary>The newest time of a record that may have been sent, in nanoseconds since 1970; <see cref="StreamClock.None"/> if none is known.</summary>
    public long NewestSentNs => Read(static store => store._state.Streams.Select(stream => stream.Clock.NewestNs).Append(store._state.NewestSentNs).Max());

    /// <summary>True if everything in memory has been written to the files.</summary>
    public bool IsSaved => Read(static store => store._pair.IsComplete);

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
    public void EndFirstStart() => Commit(default(Started));

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
            _writer.Write(new Boot(_doubt.Boot));
            return isOlder;
        }
    }

    /// <summary>All that may have been sent unknown to the checkpoints is acknowledged.</summary>
    public void EndDoubt()
    {
        lock (_lock)
        {
            _doubt.End();
            _writer.Write(new Boot(_doubt.Boot));
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
                _writer.Write(new Boot(Doubt.Ended));
            }
        }

        return Flush();
    }

    /// <summary>The checkpoint of a stream, made if there is none.</summary>
    public StreamCheckpoint GetStream(string key) => Read(key, static (state, key) => state.GetStream(key));

    /// <summary>The checkpoint of a stream; null if there is none.</summary>
    public StreamCheckpoint? FindStream(string key) => Read(key, static (state, key) => state.FindStream(key));

    /// <summary>All streams.</summary>
    public IReadOnlyList<StreamCheckpoint> GetStreams() => Read(static store => store._state.Streams.ToList());

    /// <summary>Reads something else of what is in memory.</summary>
    /// <param name="key">What to read.</param>
    /// <param name="read">Reads it. What it returns must not change later.</param>
    public TResult Read<TKey, TResult>(TKey key, Func<CheckpointState, TKey, TResult> read)
    {
        lock (_lock)
        {
            return read(_state, key);
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

    /// <summary>Makes one change and writes it.</summary>
    public void Commit<TChange>(TChange change)
        where TChange : struct, ICheckpointChange<TChange>
    {
        lock (_lock)
        {
            _writer.Write(change);
        }
    }

    /// <summary>Makes what was written survive the machine. One at a time.</summary>
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
