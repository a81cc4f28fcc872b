using System.Collections.Concurrent;
using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Tailing.Files;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing;

/// <summary>Messages from discovery that the lane has not processed yet.</summary>
/// <remarks>Owned by a lane. Only <see cref="Add"/> is thread-safe.</remarks>
internal sealed class Inbox(StreamRegistry streams, GenerationScanner scanner, LogDirectories directories, TailingServices services)
{
    private readonly ConcurrentQueue<LogChange> _queue = new();

    // Logs that are no longer excluded, but still have records in flight from before the exclusion.
    private readonly List<LogFound> _waiting = [];
    private readonly HashSet<string> _changedDirectories = new(StringComparer.Ordinal);
    private readonly CheckpointChanges _changes = new();

    /// <summary>Adds a message.</summary>
    public void Add(LogChange change) => _queue.Enqueue(change);

    /// <summary>Processes all messages, and scans the affected directories.</summary>
    /// <param name="stopping">Stops the scans early.</param>
    /// <returns>True if there was a message.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was canceled before all messages were processed.</exception>
    public bool Drain(CancellationToken stopping)
    {
        if (_queue.IsEmpty && !_waiting.Exists(found => !IsUnderWay(found)))
        {
            return false;
        }

        List<LogFound> waited = [.. _waiting];
        _waiting.Clear();
        waited.ForEach(AddLog);
        while (_queue.TryDequeue(out LogChange? change))
        {
            Process(change);
        }

        services.Checkpoints.Commit(_changes);
        _changes.Clear();

        // Scan missing directories last: their files may be in a directory that was found just now.
        foreach (string directory in _changedDirectories.OrderBy(directory => !Directory.Exists(directory)))
        {
            stopping.ThrowIfCancellationRequested();
            directories.Scan(directory);
        }

        _changedDirectories.Clear();
        return true;
    }

    private void Process(LogChange change)
    {
        switch (change)
        {
            case LogFound found:
                AddLog(found);
                break;
            case LogUnlinked unlinked:
                SetUnlinked(unlinked.LogPath);
                break;
            case LogExcluded excluded:
                RemoveExcluded(excluded.LogPath);
                break;
            case DirectoryChanged changed:
                _changedDirectories.Add(changed.Directory);
                break;
        }
    }

    private void AddLog(LogFound found)
    {
        RotatedLog rotatedLog = found.RotatedLog;
        TailedStream stream = streams.GetOrAdd(found);
        if (stream.Logs.LastOrDefault(known => known.Path == rotatedLog.Path) is { } known)
        {
            known.IsUnlinked = false;
            return;
        }

        if (stream.RunsInBatches > 0 && stream.Checkpoint.Generations.Exists(known => rotatedLog.Owns(known.LogPath)))
        {
            // The checkpoint has the positions of the last acknowledgement, so reading now would repeat the records in flight.
            _waiting.RemoveAll(waiting => waiting.RotatedLog.Path == rotatedLog.Path);
            _waiting.Add(found);
            return;
        }

        rotatedLog.Attributes = found.Attributes;
        scanner.AddLog(stream, rotatedLog);
        directories.Add(stream, rotatedLog);
        _changedDirectories.Add(rotatedLog.Directory);
    }

    private bool IsUnderWay(LogFound found) => streams.Find(found.Key) is { RunsInBatches: > 0 };

    private void SetUnlinked(string path)
    {
        _waiting.RemoveAll(found => found.RotatedLog.Path == path);
        foreach (TailedStream stream in streams.All)
        {
            foreach (RotatedLog rotatedLog in stream.Logs.Where(rotatedLog => rotatedLog.Path == path))
            {
                rotatedLog.IsUnlinked = true;
                stream.HasFileChanges = true;
                _changedDirectories.Add(rotatedLog.Directory);
            }
        }
    }

    private void RemoveExcluded(string path)
    {
        _waiting.RemoveAll(found => found.RotatedLog.Path == path);
        foreach (TailedStream stream in streams.All)
        {
            foreach (RotatedLog rotatedLog in stream.Logs.Where(rotatedLog => rotatedLog.Path == path).ToList())
            {
                foreach (Generation generation in stream.Generations.Where(generation => generation.Log == rotatedLog).ToList())
                {
                    // Positions stay in the checkpoint, and later bytes will not count as lost.
                    generation.File.Detach()?.Dispose();
                    generation.Progress.GiveUpRest();
                    generation.SaveIdentity(stream.Checkpoint, _changes);
                    stream.Queue.Remove(generation);
                }

                stream.Logs.Remove(rotatedLog);
                directories.Remove(rotatedLog);
            }
        }
    }
}
