using System.Runtime.InteropServices;
using Shipper.Checkpoints;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Files;

/// <summary>The directories of a lane's logs. A directory is listed when its names change, and again soon if some of its files could not be examined.</summary>
/// <remarks>Not thread-safe: each lane has its own.</remarks>
/// <param name="scanner">Matches the files with the known generations.</param>
/// <param name="failed">Called for a stream with files that can't be examined. Other streams are not affected.</param>
internal sealed class LogDirectories(
    GenerationScanner scanner, TailingServices services, Action<TailedStream, Exception> failed)
{
    /// <summary>Maximum number of consecutive listings of a directory that changes in the meantime.</summary>
    private const int MaxAttempts = 10;

    private readonly Dictionary<string, List<(TailedStream Stream, RotatedLog Log)>> _directories = new(StringComparer.Ordinal);
    private readonly HashSet<string> _incomplete = new(StringComparer.Ordinal);
    private readonly List<DirectoryEntry> _listing = [];
    private readonly CheckpointChanges _changes = new();

    /// <summary>Adds the directory of a log.</summary>
    public void Add(TailedStream stream, RotatedLog rotatedLog)
    {
        ref List<(TailedStream, RotatedLog)>? logs = ref CollectionsMarshal.GetValueRefOrAddDefault(_directories, rotatedLog.Directory, out _);
        (logs ??= new(1)).Add((stream, rotatedLog));
    }

    /// <summary>Removes a log that has no files left.</summary>
    public void Remove(RotatedLog rotatedLog)
    {
        if (_directories.TryGetValue(rotatedLog.Directory, out List<(TailedStream, RotatedLog Log)>? logs) && logs.RemoveAll(log => log.Log == rotatedLog) > 0 && logs.Count == 0)
        {
            _directories.Remove(rotatedLog.Directory);
            _incomplete.Remove(rotatedLog.Directory);
        }
    }

    /// <summary>Lists a directory and updates its logs.</summary>
    /// <param name="directory">The directory; ignored if it has no logs of this lane.</param>
    /// <param name="only">The log to update; null for all logs of the directory.</param>
    public void Scan(string directory, RotatedLog? only = null)
    {
        if (!_directories.TryGetValue(directory, out List<(TailedStream Stream, RotatedLog Log)>? logs))
        {
            return;
        }

        if (only is null)
        {
            _incomplete.Remove(directory);
        }

        // A file that was opened just now may be newer than an unknown file, or than a file that has grown since the last check. The older file must be read
        // first.
        int attempt = 0;
        bool isComplete;
        do
        {
            scanner.BeginListing(isAgain: attempt > 0);
            isComplete = TryScan(directory, logs, only);
        }
        while (scanner.MustListAgain && ++attempt < MaxAttempts);
        if (!isComplete)
        {
            _incomplete.Add(directory);
        }
    }

    /// <summary>Lists all directories again that had a file which could not be examined.</summary>
    public void ScanIncomplete()
    {
        foreach (string directory in _incomplete.ToList())
        {
            Scan(directory);
        }
    }

    /// <returns>False if a file could not be examined.</returns>
    private bool TryScan(string directory, List<(TailedStream Stream, RotatedLog Log)> logs, RotatedLog? only)
    {
        foreach ((TailedStream stream, RotatedLog rotatedLog) in logs)
        {
            if (only is null || only == rotatedLog)
            {
                TryDo(stream, () =>
                {
                    scanner.CheckOpenFiles(stream, rotatedLog);
                    return true;
                });
            }
        }

        int error = DirectoryLister.List(directory, _listing, out FileStatus status);
        if (error is not (0 or Libc.ErrorNotFound))
        {
            services.Metrics.FileErrors.Add(FileErrorReasons.Unreadable, 1);
            FileEvents.FileUnreadable(services.Logger, directory, Marshal.GetPInvokeErrorMessage(error), "The agent lists it again at the next scan.");
            return false;
        }

        for (int i = 0; error == 0 && i < logs.Count; i++)
        {
            (TailedStream stream, RotatedLog rotatedLog) = logs[i];
            if (rotatedLog.DirectoryIdentity is { } place && place != (status.Device, status.Inode))
            {
                // Something was mounted over the directory, or it was recreated. Inodes of another disk could be mistaken for those of open files.
                logs[i] = (stream, scanner.StartNewLog(stream, rotatedLog));
                only = only == rotatedLog ? logs[i].Log : only;
            }

            logs[i].Log.DirectoryIdentity = (status.Device, status.Inode);
        }

        foreach ((_, RotatedLog rotatedLog) in logs)
        {
            rotatedLog.MissingSince = error == 0 ? null : rotatedLog.MissingSince ?? services.Time.GetTimestamp();
        }

        _listing.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        bool isComplete = true;
        foreach ((TailedStream stream, RotatedLog rotatedLog) in logs)
        {
            if (only is null || only == rotatedLog)
            {
                isComplete &= TryDo(stream, () => scanner.Scan(stream, rotatedLog, _listing, _changes));
            }
        }

        services.Checkpoints.Commit(_changes);
        _changes.Clear();
        return isComplete;
    }

    private bool TryDo(TailedStream stream, Func<bool> action)
    {
        try
        {
            return action();
        }
#pragma warning disable CA1031 // Logged and counted; the stream is retried.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failed(stream, e);
            return false;
        }
    }
}
