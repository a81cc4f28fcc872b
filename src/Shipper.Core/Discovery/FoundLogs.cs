using System.Diagnostics.CodeAnalysis;

namespace Shipper.Discovery;

/// <summary>The paths that matched, the series that they lead to, and the directories on the way.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class FoundLogs
{
    private readonly Dictionary<string, FoundLog> _found = new(StringComparer.Ordinal);
    private readonly WayPoints _wayPoints = new();

    // Keys of the streams by the paths of their series.
    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);

    // Found under a name that now leads elsewhere, or that is gone.
    private readonly List<FoundLog> _replaced = [];

    /// <summary>Paths of all series that were found.</summary>
    public IEnumerable<string> SeriesPaths => _found.Values.Select(log => log.SeriesPath).OfType<string>();

    /// <summary>The paths that lead to no series, with what is known of them.</summary>
    public IEnumerable<KeyValuePair<string, FoundLog>> Unresolved => _found.Where(log => log.Value.SeriesPath is null);

    public bool TryGet(string path, [NotNullWhen(true)] out FoundLog? found) => _found.TryGetValue(path, out found);

    /// <summary>Adds a path that matched. If it is known, it led elsewhere before.</summary>
    /// <param name="path">The path.</param>
    /// <param name="directory">Its directory.</param>
    /// <param name="log">What is known of it.</param>
    public void Add(string path, string directory, FoundLog log)
    {
        if (_found.TryGetValue(path, out FoundLog? before))
        {
            Replace(before);
        }

        AddWay(path, directory, log);
        _found[path] = log;
    }

    /// <summary>True if a path that was found may lead to another file now, because a directory on the way is another one.</summary>
    public bool HaveWaysChanged() => _wayPoints.HaveChanged();

    /// <summary>True if a series has a stream.</summary>
    public bool IsRead(string seriesPath) => _keys.ContainsKey(seriesPath);

    /// <summary>Notes that a series belongs to a stream.</summary>
    /// <returns>False if that was known.</returns>
    public bool TryAddKey(string seriesPath, string key) => _keys.TryAdd(seriesPath, key);

    /// <summary>Finds another log that reads the same files.</summary>
    /// <param name="log">The log.</param>
    /// <param name="directories">The directories of the logs that were found.</param>
    /// <returns>Its path and the key of its stream; null if there is none.</returns>
    public (string Path, string Key)? FindOther(LogFound log, WatchedDirectories directories)
    {
        foreach (string path in (string[])[log.Series.Path, log.Series.Directory])
        {
            if (_keys.TryGetValue(path, out string? key))
            {
                return key == log.Key ? null : (path, key);
            }
        }

        // A file of a directory that belongs to a container.
        string prefix = log.Series.Directory + "/";
        return log.Series.OwnsDirectory && directories.Contains(log.Series.Directory)
            && _keys.FirstOrDefault(known => known.Key.StartsWith(prefix, StringComparison.Ordinal)) is { Key: not null } other
            ? (other.Key, other.Value)
            : null;
    }

    /// <summary>Removes the paths that are no longer there.</summary>
    /// <param name="scanNumber">The number of the scan that saw all others.</param>
    /// <param name="unlinked">Gets the series that no path leads to any more.</param>
    /// <param name="abandoned">Gets the directories that no longer have a log.</param>
    public void RemoveUnseen(long scanNumber, List<string> unlinked, List<string> abandoned)
    {
        List<KeyValuePair<string, FoundLog>> unseen = [.. _found.Where(log => log.Value.LastScan != scanNumber)];
        if (unseen.Count == 0 && _replaced.Count == 0)
        {
            return;
        }

        foreach ((string path, FoundLog log) in unseen)
        {
            _found.Remove(path);
            Replace(log);
        }

        var linked = SeriesPaths.ToHashSet(StringComparer.Ordinal);
        var directories = _found.Values.Select(log => log.Directory).OfType<string>().ToHashSet(StringComparer.Ordinal);
        unlinked.AddRange(_replaced.Select(log => log.SeriesPath).OfType<string>().Where(path => !linked.Contains(path)));
        unlinked.ForEach(path => _keys.Remove(path));
        abandoned.AddRange(_replaced.Select(log => log.Directory).OfType<string>().Where(directory => !directories.Contains(directory)));
        _replaced.Clear();
    }

    private void Replace(FoundLog log)
    {
        _replaced.Add(log);
        log.Way.ForEach(_wayPoints.Remove);
    }

    /// <summary>Notes the directories that lead to a file, without the log's own: each pod has one, and the lanes check it.</summary>
    private void AddWay(string path, string directory, FoundLog log)
    {
        log.Way.Add(directory);
        for (int i = 0; i < BrokenLink.MaxLinks && new FileInfo(path).LinkTarget is { } target; i++)
        {
            path = Path.GetFullPath(target, Path.GetDirectoryName(path) ?? "/");
            log.Way.Add(Path.GetDirectoryName(Path.GetDirectoryName(path)) ?? "/");
        }

        log.Way.ForEach(_wayPoints.Add);
    }
}
