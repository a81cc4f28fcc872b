using System.Runtime.InteropServices;
using Shipper.Native;

namespace Shipper.Discovery;

/// <summary>The directories of the logs that were found, and those of all watched directories that have changed.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class WatchedDirectories(DirectoryWatch watch, DirectoryTimes times, ILogSink sink)
{
    /// <summary>
    /// If the watch reports all changes of a directory, its modification time is checked only in one of this many scans. Checking 1,500 directories every five
    /// seconds took a quarter of an idle agent's CPU time.
    /// </summary>
    private const int WatchedScans = 60;

    private readonly Dictionary<string, (long ModifiedNs, int Turn)> _directories = new(StringComparer.Ordinal);

    /// <summary>The directories of the logs.</summary>
    public IReadOnlyCollection<string> Paths => _directories.Keys;

    /// <summary>Directories that have changed since the last announcement, including those that the globs search.</summary>
    public HashSet<string> Changed { get; } = new(StringComparer.Ordinal);

    public bool Contains(string directory) => _directories.ContainsKey(directory);

    /// <summary>Adds the directory of a log.</summary>
    public void Add(string directory)
    {
        _directories.TryAdd(directory, (0, _directories.Count % WatchedScans));
        watch.Add(directory);
    }

    /// <summary>Removes the directory of a log that is gone.</summary>
    /// <param name="others">Directories that still need their watch for another reason.</param>
    public void Remove(string directory, IReadOnlySet<string> others)
    {
        if (_directories.Remove(directory) && !others.Contains(directory))
        {
            watch.Remove(directory);
        }
    }

    /// <summary>Collects the changes that the watch has reported.</summary>
    /// <returns>False if changes were lost, so that any directory may have changed.</returns>
    public bool TryCollectChanges() => watch.DrainChanges(Changed);

    /// <summary>Finds changed directories by their modification times.</summary>
    /// <param name="isFull">True if all directories count as changed.</param>
    /// <param name="scanNumber">Number of the scan.</param>
    public void FindChanged(bool isFull, long scanNumber)
    {
        foreach (string directory in _directories.Keys)
        {
            ref (long ModifiedNs, int Turn) known = ref CollectionsMarshal.GetValueRefOrNullRef(_directories, directory);
            long before = known.ModifiedNs;
            if (!isFull && before != 0 && known.Turn != scanNumber % WatchedScans && watch.IsReliableFor(directory))
            {
                continue;
            }

            long modifiedNs = FileStatus.OfPath(directory, out FileStatus status) == 0 ? times.TimeToRemember(status.ModifiedNs) : -1;
            known.ModifiedNs = modifiedNs;
            if (isFull || (before != 0 && before != modifiedNs))
            {
                Changed.Add(directory);
            }
        }
    }

    /// <summary>Reports the changed directories of logs to the sink.</summary>
    public void PublishChanges()
    {
        foreach (string directory in Changed)
        {
            if (_directories.ContainsKey(directory))
            {
                sink.Publish(new DirectoryChanged(directory));
            }
        }

        Changed.Clear();
    }
}
