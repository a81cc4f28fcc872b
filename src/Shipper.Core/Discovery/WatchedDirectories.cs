using System.Runtime.InteropServices;
using Shipper.Native;

namespace Shipper.Discovery;

/// <summary>The directories of the logs that were found, and which of all watched directories changed.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class WatchedDirectories(DirectoryWatch watch, DirectoryTimes times, ILogSink sink)
{
    /// <summary>
    /// A directory is looked at in one of this many scans if the watch reports all its changes. Looking at 1,500 of them every five seconds took a
    /// quarter of an idle agent's CPU time.
    /// </summary>
    private const int WatchedScans = 60;

    private readonly Dictionary<string, (long ModifiedNs, int Turn)> _directories = new(StringComparer.Ordinal);

    /// <summary>The directories of the logs.</summary>
    public IReadOnlyCollection<string> Paths => _directories.Keys;

    /// <summary>Directories that changed since the last announcement; those of the globs are among them.</summary>
    public HashSet<string> Changed { get; } = new(StringComparer.Ordinal);

    public bool Contains(string directory) => _directories.ContainsKey(directory);

    /// <summary>Adds the directory of a log.</summary>
    public void Add(string directory)
    {
        _directories.TryAdd(directory, (0, _directories.Count % WatchedScans));
        watch.Add(directory);
    }

    /// <summary>Removes the directory of a log that is gone.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="others">Directories that somebody else watches.</param>
    public void Remove(string directory, IReadOnlySet<string> others)
    {
        if (_directories.Remove(directory) && !others.Contains(directory))
        {
            watch.Remove(directory);
        }
    }

    /// <summary>Collects what the watch reported.</summary>
    /// <returns>False if changes were lost, so that any directory may have changed.</returns>
    public bool TryTakeChanges() => watch.TakeChanges(Changed);

    /// <summary>Finds changed directories by their times.</summary>
    /// <param name="isFull">True if all count as changed.</param>
    /// <param name="scanNumber">Counts the scans.</param>
    public void FindChanged(bool isFull, long scanNumber)
    {
        foreach (string directory in _directories.Keys)
        {
            ref (long ModifiedNs, int Turn) known = ref CollectionsMarshal.GetValueRefOrNullRef(_directories, directory);
            long before = known.ModifiedNs;
            if (!isFull && before != 0 && known.Turn != scanNumber % WatchedScans && watch.Tells(directory))
            {
                continue;
            }

            long modifiedNs = FileStatus.OfPath(directory, out FileStatus status) == 0 ? times.WhenCertain(status.ModifiedNs) : -1;
            known.ModifiedNs = modifiedNs;
            if (isFull || (before != 0 && before != modifiedNs))
            {
                Changed.Add(directory);
            }
        }
    }

    /// <summary>Reports the changed directories of logs to the sink.</summary>
    public void AnnounceChanges()
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
