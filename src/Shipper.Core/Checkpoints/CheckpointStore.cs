using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Shipper.Telemetry;

namespace Shipper.Checkpoints;

/// <summary>
/// Keeps the positions that Loki acknowledged, so that a crash at any byte leaves valid ones. A snapshot holds all of
/// them, the log behind it what was acknowledged since: one small write an answer, which survives the process; each second it is made
/// to survive the machine. When the log is long, both are followed by the next number; the previous pair stays.
/// </summary>
/// <remarks>Safe for concurrent use. Writing fails without an exception: it is logged and counted, the positions stay in
/// memory, and the next second tries again.</remarks>
internal sealed class CheckpointStore : IDisposable
{
    /// <summary>The log is compacted when it is longer, in bytes.</summary>
    private const long MaxLogBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly string _directory;
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics;
    private readonly CheckpointState _state = new();
    private readonly MemoryStream _frame = new();
    private readonly BinaryWriter _frameWriter;

    private SafeFileHandle? _log;
    private long _logLength;
    private int _number;
    private bool _isDirty;

    // The log lacks something that is in memory, so that what followed might not be understood: nothing more is appended to it.
    private bool _isLogBroken;

    // The files lack something that is in memory: the next snapshot brings it back.
    private bool _needsSnapshot;

    private CheckpointStore(string directory, ILogger logger, AgentMetrics metrics)
    {
        _directory = directory;
        _logger = logger;
        _metrics = metrics;
        _frameWriter = new BinaryWriter(_frame, Encoding.UTF8);
    }

    /// <summary>True where the directory held no checkpoint at all: the agent's first start.</summary>
    public bool IsFirstStart { get; private set; }

    /// <summary>Reads the checkpoints of a directory. What can't be read is logged and counted, never an error.</summary>
    public static CheckpointStore Open(string directory, ILogger logger, AgentMetrics metrics)
    {
        var store = new CheckpointStore(directory, logger, metrics);
        store.Load();
        store.Compact();
        return store;
    }

    /// <summary>The checkpoint of a stream, made where there is none.</summary>
    public StreamCheckpoint GetStream(string key)
    {
        lock (_lock)
        {
            return _state.GetStream(key);
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

    /// <summary>Adds a generation to a stream, in memory; its first position writes it down.</summary>
    public GenerationCheckpoint AddGeneration(StreamCheckpoint stream, string logPath)
    {
        lock (_lock)
        {
            return _state.AddGeneration(stream, logPath);
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
            BeginFrame();
            foreach ((StreamCheckpoint stream, CheckpointUpdate update) in changes.Updates)
            {
                WriteDefinitions(stream, update.Generation);
                update.Generation.Identity = update.Identity;
                update.Generation.Inode = update.Inode;
                update.Generation.Acknowledged = update.Acknowledged;
                update.Generation.Size = update.Size;
                CheckpointFormat.WritePosition(_frameWriter, update.Generation);
            }

            foreach ((StreamCheckpoint stream, Batching.StreamClock clock) in changes.Clocks)
            {
                stream.Clock = clock;
                if (stream.IsStored)
                {
                    CheckpointFormat.WriteClock(_frameWriter, stream);
                }
            }

            foreach ((_, GenerationCheckpoint generation) in changes.Removals)
            {
                if (generation.IsStored)
                {
                    CheckpointFormat.WriteGone(_frameWriter, generation);
                    generation.IsStored = false;
                }

                if (_state.RemoveGeneration(generation.Id) is { } stream)
                {
                    _state.RemoveIfEmpty(stream);
                }
            }

            AppendFrame();
        }
    }

    /// <summary>Makes what was written survive the machine, and compacts the log when it is long.</summary>
    public void Flush()
    {
        SafeFileHandle? log;
        lock (_lock)
        {
            if (_needsSnapshot || _log is null || _logLength > MaxLogBytes)
            {
                log = null;
            }
            else if (!_isDirty)
            {
                return;
            }
            else
            {
                log = _log;
                _isDirty = false;
            }
        }

        if (log is null)
        {
            Compact();
            return;
        }

        try
        {
            RandomAccess.FlushToDisk(log);
        }
        catch (IOException e)
        {
            Failed("flush", e);
        }
    }

    /// <summary>Flushes each second until cancelled, and once more then.</summary>
    public async Task RunAsync(TimeProvider time, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(FlushInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
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
        _log?.Dispose();
        _frameWriter.Dispose();
    }

    private void BeginFrame()
    {
        _frame.SetLength(CheckpointFormat.FrameHeaderBytes);
        _frame.Position = CheckpointFormat.FrameHeaderBytes;
    }

    private void WriteDefinitions(StreamCheckpoint stream, GenerationCheckpoint generation)
    {
        if (!stream.IsStored)
        {
            stream.IsStored = true;
            CheckpointFormat.WriteStream(_frameWriter, stream);
        }

        if (!generation.IsStored)
        {
            generation.IsStored = true;
            CheckpointFormat.WriteGeneration(_frameWriter, stream, generation);
        }
    }

    private void AppendFrame()
    {
        _frameWriter.Flush();
        Span<byte> frame = _frame.GetBuffer().AsSpan(0, (int)_frame.Length);
        if (frame.Length == CheckpointFormat.FrameHeaderBytes)
        {
            return;
        }

        if (_log is null || _isLogBroken)
        {
            _needsSnapshot = true;
            return;
        }

        CheckpointFormat.SealFrame(frame);
        try
        {
            // At an explicit offset: what a full disk left of an earlier try is overwritten.
            RandomAccess.Write(_log, frame, _logLength);
            _logLength += frame.Length;
            _isDirty = true;
        }
        catch (IOException e)
        {
            _isLogBroken = true;
            _needsSnapshot = true;
            Failed("append", e);
        }
    }

    /// <summary>Begins the next pair of files and drops all but the previous one.</summary>
    private void Compact()
    {
        byte[] snapshot;
        int number;
        try
        {
            lock (_lock)
            {
                number = _number + 1;
                snapshot = CreateSnapshot();

                // The new log takes over before the snapshot is there: until it is, the old pair and this log add up to the same.
                SafeFileHandle log = File.OpenHandle(
                    CheckpointFiles.LogPath(_directory, number), FileMode.Create, FileAccess.Write, FileShare.Read);
                try
                {
                    RandomAccess.Write(log, CheckpointFormat.Magic, 0);
                }
                catch (IOException)
                {
                    log.Dispose();
                    throw;
                }

                _log?.Dispose();
                _log = log;
                _logLength = CheckpointFormat.Magic.Length;
                _number = number;
                _isLogBroken = false;
                _needsSnapshot = false;
            }

            CheckpointFiles.WriteSnapshot(_directory, number, snapshot);
            CheckpointFiles.DeleteBefore(_directory, number - 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            lock (_lock)
            {
                _needsSnapshot = true;
            }

            Failed("snapshot", e);
        }
    }

    private byte[] CreateSnapshot()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(CheckpointFormat.Magic);
        int start = (int)stream.Length;
        writer.Write(0L);
        foreach (StreamCheckpoint checkpoint in _state.Streams.Where(checkpoint => checkpoint.IsStored))
        {
            CheckpointFormat.WriteStream(writer, checkpoint);
            CheckpointFormat.WriteClock(writer, checkpoint);
            foreach (GenerationCheckpoint generation in checkpoint.Generations.Where(generation => generation.IsStored))
            {
                CheckpointFormat.WriteGeneration(writer, checkpoint, generation);
                CheckpointFormat.WritePosition(writer, generation);
            }
        }

        CheckpointFormat.WriteEnd(writer);
        writer.Flush();
        byte[] snapshot = stream.ToArray();
        CheckpointFormat.SealFrame(snapshot.AsSpan(start));
        return snapshot;
    }

    private void Load()
    {
        IReadOnlyList<int> snapshots = CheckpointFiles.FindSnapshots(_directory);
        IReadOnlyList<int> logs = CheckpointFiles.FindLogs(_directory);
        IsFirstStart = snapshots.Count == 0 && logs.Count == 0;
        _number = snapshots.Concat(logs).DefaultIfEmpty().Max();

        int from = 0;
        foreach (int number in snapshots.Reverse())
        {
            if (TryLoad(CheckpointFiles.SnapshotPath(_directory, number), mustEnd: true))
            {
                from = number;
                break;
            }
        }

        foreach (int number in logs.Where(number => number >= from))
        {
            TryLoad(CheckpointFiles.LogPath(_directory, number), mustEnd: false);
        }

        foreach (StreamCheckpoint stream in _state.Streams.ToList())
        {
            _state.RemoveIfEmpty(stream);
            stream.IsStored = stream.Generations.Count > 0;
            stream.Generations.ForEach(generation => generation.IsStored = true);
        }
    }

    private bool TryLoad(string path, bool mustEnd)
    {
        try
        {
            byte[] file = File.ReadAllBytes(path);
            if (mustEnd && (CheckpointFormat.Read(file, new CheckpointState(), out bool isEnded) != file.Length || !isEnded))
            {
                CheckpointLog.SnapshotDamaged(_logger, path);
                _metrics.CheckpointErrors.Add("read", 1);
                return false;
            }

            int good = CheckpointFormat.Read(file, _state, out _);
            if (good != file.Length)
            {
                CheckpointLog.LogDamaged(_logger, path, good, file.Length - good);
                _metrics.CheckpointErrors.Add("read", 1);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Failed("read", e);
            return false;
        }
    }

    private void Failed(string operation, Exception exception)
    {
        _metrics.CheckpointErrors.Add(operation, 1);
        CheckpointLog.Failed(_logger, operation, _directory, exception.Message);
    }
}
