using System.Diagnostics.CodeAnalysis;

namespace Shipper.Discovery;

/// <summary>The paths that matched, the logs that they lead to, and the directories in between.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class MatchedPaths
{
    private readonly Dictionary<string, MatchedPath> _found = new(StringComparer.Ordinal);
    private readonly PathDirectories _pathDirectories = new();

    // Stream keys by the path of the log.
    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);

    // Paths that have a new target, or that are gone.
    private readonly List<MatchedPath> _replaced = [];

    /// <summary>Paths of all logs that were found.</summary>
    public IEnumerable<string> LogPaths => _found.Values.Select(log => log.LogPath).OfType<string>();

    /// <summary>The matched paths that lead to no log yet.</summary>
    public IEnumerable<KeyValuePair<string, MatchedPath>> Unresolved => _found.Where(log => log.Value.LogPath is null);

    /// <summary>Why matched paths can't be read.</summary>
    public IEnumerable<UnreadableSource> Problems => _found.Values.Select(log => log.Problem).OfType<UnreadableSource>();

    public bool TryGet(string path, [NotNullWhen(true)] out MatchedPath? found) => _found.TryGetValue(path, out found);

    /// <summary>Adds a matched path. A path that is already known has a new target.</summary>
    /// <param name="directory">Its directory.</param>
    /// <param name="log">The new entry.</param>
    public void Add(string path, string directory, MatchedPath log)
    {
        if (_found.TryGetValue(path, out MatchedPath? before))
        {
            Replace(before);
        }

        AddPathDirectories(path, directory, log);
        _found[path] = log;
    }

    /// <summary>True if matched paths may lead to other files now, because one of the directories in between was replaced.</summary>
    public bool HaveDirectoriesChanged() => _pathDirectories.HaveChanged();

    /// <summary>True if a log has a stream.</summary>
    public bool HasStream(string logPath) => _keys.ContainsKey(logPath);

    /// <summary>Assigns a log to a stream.</summary>
    /// <returns>False if the log already has one.</returns>
    public bool TryAddKey(string logPath, string key) => _keys.TryAdd(logPath, key);

    /// <summary>Finds another log that reads the same files.</summary>
    /// <param name="directories">The directories of the logs that were found.</param>
    /// <returns>The other log's path and stream key; null if there is no other log.</returns>
    public (string Path, string Key)? FindConflict(LogFound log, WatchedDirectories directories)
    {
        foreach (string path in (string[])[log.RotatedLog.Path, log.RotatedLog.Directory])
        {
            if (_keys.TryGetValue(path, out string? key))
            {
                return key == log.Key ? null : (path, key);
            }
        }

        // The directory belongs to a container, and one of its files was found as a log of its own.
        string prefix = log.RotatedLog.Directory + "/";
        return log.RotatedLog.OwnsDirectory && directories.Contains(log.RotatedLog.Directory)
            && _keys.FirstOrDefault(known => known.Key.StartsWith(prefix, StringComparison.Ordinal)) is { Key: not null } other
            ? (other.Key, other.Value)
            : null;
    }

    /// <summary>Removes the paths that no longer exist.</summary>
    /// <param name="scanNumber">The number of the scan that found all existing paths.</param>
    /// <param name="unlinked">Receives the logs that no path leads to any longer.</param>
    /// <param name="abandoned">Receives the directories that no longer contain a log.</param>
    public void RemoveUnseen(long scanNumber, List<string> unlinked, List<string> abandoned)
    {
        List<KeyValuePair<string, MatchedPath>> unseen = [.. _found.Where(log => log.Value.LastScan != scanNumber)];
        if (unseen.Count == 0 && _replaced.Count == 0)
        {
            return;
        }

        foreach ((string path, MatchedPath log) in unseen)
        {
            _found.Remove(path);
            Replace(log);
        }

        var linked = LogPaths.ToHashSet(StringComparer.Ordinal);
        var directories = _found.Values.Select(log => log.Directory).OfType<string>().ToHashSet(StringComparer.Ordinal);
        unlinked.AddRange(_replaced.Select(log => log.LogPath).OfType<string>().Where(path => !linked.Contains(path)));
        unlinked.ForEach(path => _keys.Remove(path));
        abandoned.AddRange(_replaced.Select(log => log.Directory).OfType<string>().Where(directory => !directories.Contains(directory)));
        _replaced.Clear();
    }

    private void Replace(MatchedPath log)
    {
        _replaced.Add(log);
        log.PathDirectories.ForEach(_pathDirectories.Remove);
    }

    /// <summary>Records the directories that lead to a file, except for the log's own: each pod has one of its own, and the lanes check that.</summary>
    private void AddPathDirectories(string path, string directory, MatchedPath log)
    {
        log.PathDirectories.Add(directory);
        for (int i = 0; i < BrokenLink.MaxLinks && new FileInfo(path).LinkTarget is { } target; i++)
        {
            path = Path.GetFullPath(target, Path.GetDirectoryName(path) ?? "/");
            log.PathDirectories.Add(Path.GetDirectoryName(Path.GetDirectoryName(path)) ?? "/");
        }

        log.PathDirectories.ForEach(_pathDirectories.Add);
    }
}
