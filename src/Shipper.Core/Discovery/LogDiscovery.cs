using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Shipper.Content;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Discovery;

/// <summary>
/// Finds logs: expands the globs, follows links to the files, and watches the directories. Files come and go within fractions of a second, so a change wakes
/// the lanes immediately; a scan at each interval finds what the watch missed.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class LogDiscovery : IDisposable
{
    /// <summary>Upper bound of <see cref="Unreadable"/>.</summary>
    private const int MaxUnreadable = 1_000;

    /// <summary>The reason of a path whose log is read under another path. It is no error, so no metric counts it.</summary>
    public const string ReadTwice = "read_twice";

    private readonly IReadOnlyList<LogLocation> _locations;
    private readonly TimeSpan _scanInterval;
    private readonly ILogSink _sink;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics;
    private readonly DirectoryWatch _watch = new();
    private readonly DiscoveryLoop _loop;
    private readonly GlobExpander _expander;
    private readonly List<Glob> _include;
    private readonly MatchedPaths _found = new();
    private readonly WatchedDirectories _directories;
    private readonly List<(LogFound Log, long ModifiedNs)> _new = [];

    private long _scanNumber;
    private bool _isFullScan;
    private bool _isWatchShortageReported;

    // True if matched paths may lead to other files now.
    private bool _havePathDirectoriesChanged;
    private volatile bool _isReady;
    private volatile IReadOnlyList<UnreadableSource> _unreadable = [];

    /// <param name="locations">The configured locations; a path that matches several of them belongs to the first.</param>
    /// <param name="scanInterval">Maximum delay until a new file is found.</param>
    /// <param name="sink">Receives what is found.</param>
    /// <param name="logger">Logger of this stage.</param>
    /// <param name="heartbeat">Receives a beat in each iteration of the loop.</param>
    public LogDiscovery(
        IReadOnlyList<LogLocation> locations, TimeSpan scanInterval, ILogSink sink, TimeProvider time, ILogger logger, AgentMetrics metrics, Heartbeat heartbeat)
    {
        _locations = locations;
        _scanInterval = scanInterval;
        _sink = sink;
        _time = time;
        _logger = logger;
        _metrics = metrics;
        _loop = new DiscoveryLoop(this, _watch, scanInterval, time, heartbeat);
        var times = new DirectoryTimes(time);
        _directories = new WatchedDirectories(_watch, times, sink);
        _expander = new GlobExpander(times, _watch, logger, metrics);
        _include = [.. locations.SelectMany(location => location.Include)];
        if (_watch.Error != 0)
        {
            DiscoveryEvents.NoWatch(logger, Marshal.GetPInvokeErrorMessage(_watch.Error), scanInterval.TotalSeconds);
        }
    }

    /// <summary>True if all directories that the globs require could be listed in the last scan.</summary>
    public bool IsReady => _isReady;

    /// <summary>
    /// The directories and logs that can't be read, as of the last scan; at most 1,000. Directories without which the agent is not ready come first. Thread-safe.
    /// </summary>
    public IReadOnlyList<UnreadableSource> Unreadable => _unreadable;

    /// <summary>Paths of all logs that were found.</summary>
    public IEnumerable<string> LogPaths => _found.LogPaths;

    /// <summary>True if a directory that the globs search has changed.</summary>
    public bool HaveGlobDirectoriesChanged => _directories.Changed.Overlaps(_expander.Directories);

    /// <summary>
    /// True if, as of the last scan, a log is expected in a directory that does not exist, for example because the directory is not mounted yet.
    /// </summary>
    public bool CanReappear(string directory) =>
        !IsReady || _found.Unresolved.Any(log => BrokenLink.FindTarget(log.Key).StartsWith(directory + "/", StringComparison.Ordinal));

    /// <summary>Scans until cancellation.</summary>
    public Task RunAsync(CancellationToken stopping) => _loop.RunAsync(stopping);

    /// <summary>Collects the changes that the watch has reported.</summary>
    /// <returns>True if changes were lost, so that the next scan must be a full one.</returns>
    public bool CollectChanges() => !_directories.TryCollectChanges();

    /// <summary>Informs the lanes of the directories that have changed.</summary>
    public void PublishChanges() => _directories.PublishChanges();

    /// <summary>Searches for logs that appeared or disappeared, and for directories that have changed.</summary>
    /// <param name="isFull">True to list all directories, regardless of their modification times.</param>
    /// <param name="isInitial">True if the agent starts for the first time, so that <c>startAt</c> applies to the logs that are found.</param>
    public void Scan(bool isFull, bool isInitial = false)
    {
        _scanNumber++;
        _havePathDirectoriesChanged = _found.HaveDirectoriesChanged();
        if (_havePathDirectoriesChanged)
        {
            DiscoveryEvents.PathDirectoriesChanged(_logger);
            _watch.RewatchAll();
            isFull = true;
        }

        isFull |= CollectChanges();
        _isFullScan = isFull;
        _new.Clear();
        bool isReady = true;
        if (!isFull && _expander.IsUnchanged(_directories.Changed))
        {
            // No name has changed, but a broken link may lead to a file by now.
            foreach ((string path, MatchedPath found) in _found.Unresolved)
            {
                Resolve(path, found);
            }
        }
        else
        {
            isReady = _expander.Expand(_include, HandleMatch);
            RemoveUnseen();
        }

        // A recreated pod has newer files than its predecessor, and the files of a stream are sent oldest first.
        foreach ((LogFound log, _) in _new.OrderBy(log => log.ModifiedNs))
        {
            log.RotatedLog.IsInitial = isInitial;
            _sink.Publish(log);
        }

        _directories.FindChanged(isFull, _scanNumber);
        PublishChanges();
        if (!_isReady && isReady && _scanNumber == 1)
        {
            DiscoveryEvents.FirstScanDone(_logger, _new.Count);
        }

        _unreadable = [.. _expander.Unreadable.Concat(_found.Problems).Take(MaxUnreadable)];
        _isReady = isReady;
        if (_watch.HasReachedWatchLimit && !_isWatchShortageReported)
        {
            _isWatchShortageReported = true;
            DiscoveryEvents.NoMoreWatches(_logger, _scanInterval.TotalSeconds);
        }
    }

    public void Dispose() => _watch.Dispose();

    /// <summary>Handles a path that matched a glob.</summary>
    private void HandleMatch(string path, string directory, DirectoryEntry entry)
    {
        if (_found.TryGet(path, out MatchedPath? found) && found.Inode == entry.Inode && !_havePathDirectoriesChanged
            && !((_isFullScan || _directories.Changed.Contains(directory)) && found.HasTargetChanged(new FileInfo(path).LinkTarget)))
        {
            found.LastScan = _scanNumber;
            if (found.LogPath is null)
            {
                Resolve(path, found);
            }

            return;
        }

        if (!entry.IsValidName)
        {
            _metrics.FileErrors.Add(FileErrorReasons.InvalidName, 1);
            DiscoveryEvents.InvalidName(_logger, directory, entry.Name);
            return;
        }

        if (_locations.FirstOrDefault(location => location.IsMatch(path)) is not { } location)
        {
            return;
        }

        found = new MatchedPath(entry.Inode, location) { LastScan = _scanNumber };
        _found.Add(path, directory, found);
        Resolve(path, found);
    }

    /// <summary>Follows a path to its log file.</summary>
    private void Resolve(string path, MatchedPath found)
    {
        string? target = new FileInfo(path).LinkTarget;
        found.SetTarget(target);
        int error = RealPath.Resolve(path, out string resolved);
        FileStatus status = default;
        if (error == 0)
        {
            error = FileStatus.OfPath(resolved, out status);
        }

        if (error != 0)
        {
            if (found.MarkBroken(_time))
            {
                found.Problem = BrokenLink.Report(path, error, _directories.Paths, _logger, _metrics);
            }

            return;
        }

        if (status.Kind != FileKind.Regular)
        {
            if (found.TryMarkReported())
            {
                _metrics.FileErrors.Add(FileErrorReasons.NotAFile, 1);
                found.Problem = new UnreadableSource(path, FileErrorReasons.NotAFile, $"it is {status.Kind.Describe()}, not a regular file", "Exclude or remove it");
                DiscoveryEvents.NotAFile(_logger, path, status.Kind.Describe());
            }

            return;
        }

        // If the location can't identify the log yet, the next scan asks again.
        if (found.Location.Identify(path, target ?? path, resolved, _found.HasStream) is { } log && MayBeRead(path, found, log))
        {
            Add(found, log, status.ModifiedNs);
        }
    }

    private bool MayBeRead(string path, MatchedPath found, LogFound log)
    {
        if (CompressedName.Detect(log.RotatedLog.Path) == FileCompression.Unsupported)
        {
            if (found.TryMarkReported())
            {
                _metrics.FileErrors.Add(FileErrorReasons.Compressed, 1);
                found.Problem = new UnreadableSource(
                    path, FileErrorReasons.Compressed, "only gzip can be decompressed", "Compress with gzip, or delay compression by one rotation (logrotate: delaycompress)");
                DiscoveryEvents.FileCompressed(_logger, path);
            }

            return false;
        }

        if (_found.FindConflict(log, _directories) is (string other, string key))
        {
            if (found.TryMarkReported())
            {
                found.Problem = new UnreadableSource(path, ReadTwice, $"it is already read as {key}, and a log is sent only once", "Exclude it from one of the sources");
                DiscoveryEvents.ReadTwice(_logger, path, key);
            }

            // The files belong to the other log as long as this path leads to them, even if no other path leads to that log any longer.
            found.LogPath = other;
            found.Directory = log.RotatedLog.Directory;
            return false;
        }

        return true;
    }

    private void Add(MatchedPath found, LogFound log, long modifiedNs)
    {
        RotatedLog rotatedLog = log.RotatedLog;
        if (!_found.TryAddKey(rotatedLog.Path, log.Key))
        {
            // Another file of a log that is already read: the lane may have skipped the file until its owner was certain.
            _directories.Changed.Add(rotatedLog.Directory);
        }

        found.SetLog(rotatedLog);
        _directories.Add(rotatedLog.Directory);
        _new.Add((log, modifiedNs));
    }

    private void RemoveUnseen()
    {
        List<string> unlinked = [];
        List<string> abandoned = [];
        _found.RemoveUnseen(_scanNumber, unlinked, abandoned);
        unlinked.ForEach(path => _sink.Publish(new LogUnlinked(path)));
        abandoned.ForEach(directory => _directories.Remove(directory, _expander.Directories));
    }
}
