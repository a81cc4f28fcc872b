using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Checkpoints;

/// <summary>
/// The snapshot and the log that are written now. When the log is long, or broken, both are followed by the next number; the previous pair stays.
/// </summary>
/// <remarks>
/// Not thread-safe: the owner guards it with the lock that guards the memory, so that a snapshot and the log behind it fit together. Only <see cref="DiskWork"/>
/// is executed without the lock. If writing fails, no exception is thrown: the failure is logged and counted, and the next flush tries again.
/// </remarks>
/// <param name="directory">Where the files are.</param>
/// <param name="encode">Gives a snapshot of what is in memory.</param>
/// <param name="logger">The stage's log.</param>
/// <param name="metrics">The agent's.</param>
internal sealed class CheckpointPair(string directory, Func<byte[]> encode, ILogger logger, AgentMetrics metrics) : IDisposable
{
    /// <summary>The log is compacted when it is longer, in bytes.</summary>
    private const long MaxLogBytes = 4 * 1024 * 1024;

    private SafeFileHandle? _log;
    private long _logLength;
    private int _number;

    // The newest snapshot that is known to be whole; 0 where there is none.
    private int _previous;
    private bool _isDirty;

    // The log lacks something that is in memory, so that what followed might not be understood: nothing more is appended to it.
    private bool _isLogBroken;

    // The files lack something that is in memory: the next snapshot brings it back.
    private bool _needsSnapshot;

    // The snapshot of the present number is there; while it could not be written, its log is gone on with.
    private bool _hasSnapshot = true;

    // Since the last success something failed, so that it is said when it works again.
    private bool _isFailing;

    /// <summary>True if everything in memory is in the files.</summary>
    public bool IsComplete => _log is not null && !_needsSnapshot;

    /// <summary>Begins the first pair behind those that were found.</summary>
    /// <param name="number">The highest number of any file; 0 where there is none.</param>
    /// <param name="snapshotNumber">The number of the newest snapshot that is whole; 0 where none is.</param>
    public void Begin(int number, int snapshotNumber)
    {
        _number = number;
        _previous = snapshotNumber;
        if (!(TryBeginCompaction(out DiskWork? work) && Run(work)) && _log is null)
        {
            LeaveDoubt();
        }
    }

    /// <summary>Appends a frame to the log: with one write, which survives the process.</summary>
    public void Append(ReadOnlySpan<byte> frame)
    {
        if (_log is null || _isLogBroken)
        {
            _needsSnapshot = true;
            return;
        }

        try
        {
            // At an explicit offset: what a full disk left of an earlier try is overwritten.
            CheckpointFiles.Write(_log, frame, _logLength);
            _logLength += frame.Length;
            _isDirty = true;
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            Break();
            Failed("append", e);
        }
    }

    /// <summary>Begins to make what was appended survive the machine, and compacts the log when it is long. One at a time.</summary>
    /// <param name="work">What to execute, and then to end; null if there is nothing to wait for.</param>
    /// <returns>False if something in memory is not in the files, and nothing can be done about that now.</returns>
    public bool TryBeginFlush(out DiskWork? work)
    {
        if (_needsSnapshot || _log is null || _logLength > MaxLogBytes)
        {
            return TryBeginCompaction(out work);
        }

        work = _isDirty ? new LogFlush(_log) : null;
        _isDirty = false;
        return true;
    }

    /// <summary>Takes note of work that was executed.</summary>
    /// <returns>False if something in memory is not in the files.</returns>
    public bool EndFlush(DiskWork work)
    {
        if (work is SnapshotWrite snapshot)
        {
            return EndCompaction(snapshot);
        }

        if (work.Failure is { } failure)
        {
            // It is not known any more what of the log is on the disk.
            Break();
            Failed("flush", failure);
            return false;
        }

        return true;
    }

    public void Dispose() => _log?.Dispose();

    private bool Run(DiskWork work)
    {
        work.Execute();
        return EndFlush(work);
    }

    /// <summary>Begins the next pair of files, and prepares its snapshot.</summary>
    private bool TryBeginCompaction([NotNullWhen(true)] out DiskWork? work)
    {
        try
        {
            byte[] snapshot = encode();
            if (_log is null || _isLogBroken || _hasSnapshot)
            {
                // Takes over before the snapshot is there: until it is, the old pair and this log add up to the same.
                BeginLog();
            }

            _needsSnapshot = false;

            // The snapshot before this one stays, with all logs since.
            work = new SnapshotWrite(directory, _number, snapshot, oldest: _previous == 0 ? _number : _previous);
            return true;
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            _needsSnapshot = true;
            Failed("snapshot", e);
            work = null;
            return false;
        }
    }

    private bool EndCompaction(SnapshotWrite snapshot)
    {
        if (snapshot.Failure is { } failure)
        {
            _needsSnapshot = true;
            Failed("snapshot", failure);
            return false;
        }

        _hasSnapshot = true;
        _previous = snapshot.Number;
        if (snapshot.DeletionFailure is { } deletionFailure)
        {
            Failed("delete", deletionFailure);
        }
        else if (_isFailing)
        {
            _isFailing = false;
            CheckpointEvents.Recovered(logger, directory);
        }

        return true;
    }

    private void BeginLog()
    {
        SafeFileHandle log = File.OpenHandle(
            CheckpointFiles.LogPath(directory, _number + 1), FileMode.Create, FileAccess.Write, FileShare.Read);
        try
        {
            CheckpointFiles.Write(log, CheckpointFormat.Magic, 0);
        }
        catch
        {
            log.Dispose();
            throw;
        }

        _log?.Dispose();
        _log = log;
        _logLength = CheckpointFormat.Magic.Length;
        _number++;
        _hasSnapshot = false;
        _isLogBroken = false;
    }

    private void Break()
    {
        _needsSnapshot = true;
        if (!_isLogBroken)
        {
            _isLogBroken = true;
            LeaveDoubt();
        }
    }

    /// <summary>
    /// What follows is not written down, and the agent may be killed before it is. So the log loses its last byte, which needs no space on the disk: the
    /// next start finds it damaged, and asks Loki.
    /// </summary>
    private void LeaveDoubt()
    {
        try
        {
            using SafeFileHandle? old = _log is null ? File.OpenHandle(CheckpointFiles.LogPath(directory, _number), FileMode.Open, FileAccess.Write) : null;
            SafeFileHandle log = old ?? _log!;
            RandomAccess.SetLength(log, Math.Max(0, (old is null ? _logLength : RandomAccess.GetLength(log)) - 1));
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            // Best effort: without this sign, a kill before the next pair may send records twice.
        }
    }

    private void Failed(string operation, Exception exception)
    {
        _isFailing = true;
        metrics.CheckpointErrors.Add(operation, 1);
        CheckpointEvents.Failed(logger, operation, directory, exception.Text());
    }
}
