using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Checkpoints;

/// <summary>
/// The snapshot and the log in use. If the log is too long or broken, a new pair with the next number replaces both. The previous pair is kept.
/// </summary>
/// <remarks>
/// Not thread-safe. The lock that guards the memory guards this, too, so that a snapshot and the log after it match. Only <see cref="DiskWork"/> runs
/// without the lock. A failed write throws no exception: the failure is logged and counted, and the next flush tries again.
/// </remarks>
/// <param name="encode">Encodes a snapshot of the checkpoints in memory.</param>
internal sealed class CheckpointPair(string directory, Func<byte[]> encode, ILogger logger, AgentMetrics metrics) : IDisposable
{
    /// <summary>The log is compacted when it is longer than this, in bytes.</summary>
    private const long MaxLogBytes = 4 * 1024 * 1024;

    private SafeFileHandle? _log;
    private long _logLength;
    private int _number;

    // The newest snapshot that is known to be intact; 0 if there is none.
    private int _previous;
    private bool _isDirty;

    // The log is missing a change that is in memory. Later changes may depend on that change, so nothing more is appended.
    private bool _isLogBroken;

    // The files are missing a change that is in memory; the next snapshot will contain it.
    private bool _needsSnapshot;

    // True if the snapshot with the current number is on disk. Until then, retries keep using the log with that number.
    private bool _hasSnapshot = true;

    // True if an operation has failed since the last success, so that the recovery must be logged.
    private bool _isFailing;

    /// <summary>True if everything in memory is in the files.</summary>
    public bool IsComplete => _log is not null && !_needsSnapshot;

    /// <summary>Begins the first pair, with numbers after those of the existing files.</summary>
    /// <param name="number">The highest number of any file; 0 if there are no files.</param>
    /// <param name="snapshotNumber">The number of the newest intact snapshot; 0 if there is none.</param>
    public void Begin(int number, int snapshotNumber)
    {
        _number = number;
        _previous = snapshotNumber;
        if (!(TryBeginCompaction(out DiskWork? work) && Run(work)) && _log is null)
        {
            MarkLogDamaged();
        }
    }

    /// <summary>Appends a frame to the log with one write, which survives a crash of the process.</summary>
    public void Append(ReadOnlySpan<byte> frame)
    {
        if (_log is null || _isLogBroken)
        {
            _needsSnapshot = true;
            return;
        }

        try
        {
            // At an explicit offset, so that this overwrites what a failed write left on a full disk.
            CheckpointFiles.Write(_log, frame, _logLength);
            _logLength += frame.Length;
            _isDirty = true;
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            BreakLog();
            ReportFailure("append", e);
        }
    }

    /// <summary>Begins to flush the log, so that it survives a crash of the machine, or to compact it if it is too long. One caller at a time.</summary>
    /// <param name="work">The work to execute and then to pass to <see cref="EndFlush"/>; null if nothing has to be written to disk.</param>
    /// <returns>False if something in memory is not in the files and can't be written now.</returns>
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

    /// <summary>Records the result of executed work.</summary>
    /// <returns>False if something in memory is not in the files.</returns>
    public bool EndFlush(DiskWork work)
    {
        if (work is SnapshotWrite snapshot)
        {
            return EndCompaction(snapshot);
        }

        if (work.Failure is { } failure)
        {
            // After a failed fsync it is unknown how much of the log is on disk.
            BreakLog();
            ReportFailure("flush", failure);
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

    /// <summary>Begins the next pair of files and prepares its snapshot.</summary>
    private bool TryBeginCompaction([NotNullWhen(true)] out DiskWork? work)
    {
        try
        {
            byte[] snapshot = encode();
            if (_log is null || _isLogBroken || _hasSnapshot)
            {
                // The new log is used before its snapshot exists. Until then, the old pair and the new log together have the same content.
                BeginLog();
            }

            _needsSnapshot = false;

            // Keep the previous snapshot and all logs since.
            work = new SnapshotWrite(directory, _number, snapshot, oldest: _previous == 0 ? _number : _previous);
            return true;
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            _needsSnapshot = true;
            ReportFailure("snapshot", e);
            work = null;
            return false;
        }
    }

    private bool EndCompaction(SnapshotWrite snapshot)
    {
        if (snapshot.Failure is { } failure)
        {
            _needsSnapshot = true;
            ReportFailure("snapshot", failure);
            return false;
        }

        _hasSnapshot = true;
        _previous = snapshot.Number;
        if (snapshot.DeletionFailure is { } deletionFailure)
        {
            ReportFailure("delete", deletionFailure);
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

    private void BreakLog()
    {
        _needsSnapshot = true;
        if (!_isLogBroken)
        {
            _isLogBroken = true;
            MarkLogDamaged();
        }
    }

    /// <summary>
    /// Cuts off the last byte of the log. The agent may be killed before the next changes can be written; the next start then finds the log damaged and asks
    /// Loki. Cutting needs no disk space.
    /// </summary>
    private void MarkLogDamaged()
    {
        try
        {
            using SafeFileHandle? old = _log is null ? File.OpenHandle(CheckpointFiles.LogPath(directory, _number), FileMode.Open, FileAccess.Write) : null;
            SafeFileHandle log = old ?? _log!;
            RandomAccess.SetLength(log, Math.Max(0, (old is null ? _logLength : RandomAccess.GetLength(log)) - 1));
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            // Best effort: without this sign, records may be sent twice if the agent is killed before the next pair is written.
        }
    }

    private void ReportFailure(string operation, Exception exception)
    {
        _isFailing = true;
        metrics.CheckpointErrors.Add(operation, 1);
        CheckpointEvents.Failed(logger, operation, directory, exception.MessageWithoutPeriod());
    }
}
