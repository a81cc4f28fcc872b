using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Shipper.Content;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Discovery;

/// <summary>
/// Finds logs: expands the globs, follows links to where the files are, and watches these directories. Files
/// come and go within fractions of a second, so a change wakes the lanes at once; a scan at each interval makes sure.
/// </summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class LogDiscovery : IDisposable
{
    /// <summary>How often the watch is asked while much happens.</summary>
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan MaxIdle = TimeSpan.FromSeconds(1);

    /// <summary>How often everything is listed, whatever the directories' times say.</summary>
    private static readonly TimeSpan FullScanInterval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The same where the watch tells all that happens. To list 1,500 directories takes 120 ms: each minute that was a fifth of an idle agent's CPU time.
    /// </summary>
    private static readonly TimeSpan WatchedFullScanInterval = TimeSpan.FromMinutes(10);

    /// <summary>While a file is rotated its link leads nowhere for some milliseconds, and while a pod is deleted for seconds.</summary>
    private static readonly TimeSpan BrokenDelay = TimeSpan.FromSeconds(5);

    /// <summary>
    /// At each so many scans a directory is looked at of which the watch tells all that happens. To look at 1,500 of them each fifth second took a
    /// quarter of an idle agent's CPU time.
    /// </summary>
    private const int WatchedScans = 60;

    private readonly IReadOnlyList<LogLocation> _locations;
    private readonly TimeSpan _scanInterval;
    private readonly ILogSink _sink;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics;
    private readonly Heartbeat _heartbeat;
    private readonly DirectoryTimes _times;
    private readonly DirectoryWatch _watch = new();
    private readonly GlobExpander _expander;
    private readonly WayPoints _wayPoints = new();
    private readonly List<Glob> _include;

    private readonly Dictionary<string, FoundLog> _found = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long ModifiedNs, int Turn)> _directories = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly List<(LogFound Log, long ModifiedNs)> _new = [];

    // Keys of the streams by the paths of their series.
    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);

    // Found under a name that now leads elsewhere, or that is gone.
    private readonly List<FoundLog> _replaced = [];

    private long _scanNumber;
    private bool _isFullScan;
    private bool _isShortOfWatchesTold;

    // Paths that were found may lead to other files now.
    private bool _haveWaysChanged;
    private volatile bool _isReady;

    /// <param name="locations">Where logs are; a path that several of them match belongs to the first.</param>
    /// <param name="scanInterval">How soon a new file is found at the latest.</param>
    /// <param name="sink">Gets what is found.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The stage's log.</param>
    /// <param name="metrics">The agent's.</param>
    /// <param name="heartbeat">The agent's.</param>
    public LogDiscovery(
        IReadOnlyList<LogLocation> locations, TimeSpan scanInterval, ILogSink sink, TimeProvider time, ILogger logger, AgentMetrics metrics, Heartbeat heartbeat)
    {
        _locations = locations;
        _scanInterval = scanInterval;
        _sink = sink;
        _time = time;
        _logger = logger;
        _metrics = metrics;
        _heartbeat = heartbeat;
        _times = new DirectoryTimes(time);
        _expander = new GlobExpander(_times, _watch, logger, metrics);
        _include = [.. locations.SelectMany(location => location.Include)];
        if (_watch.Error != 0)
        {
            DiscoveryEvents.NoWatch(logger, Marshal.GetPInvokeErrorMessage(_watch.Error), scanInterval.TotalSeconds);
        }
    }

    /// <summary>True once everything was listed, and while the directories of the globs can be.</summary>
    public bool IsReady => _isReady;

    /// <summary>Paths of all series that were found.</summary>
    public IEnumerable<string> SeriesPaths => _found.Values.Select(log => log.SeriesPath).OfType<string>();

    /// <summary>Tells whether a log is expected in a directory that does not exist: it may not be mounted yet. As of the last scan.</summary>
    public bool MayComeBack(string directory) => !IsReady || _found.Any(
        log => log.Value.SeriesPath is null && BrokenLink.FindTarget(log.Key).StartsWith(directory + "/", StringComparison.Ordinal));

    /// <summary>
    /// Scans, and goes on to scan until told to stop, on a thread of its own: it sleeps in the kernel until a name changes. To ask for that ten times a
    /// second (and the journal four times) took half of the CPU time of an agent with 30 quiet files.
    /// </summary>
    public Task RunAsync(CancellationToken stopping) =>
        Task.Factory.StartNew(() => Run(stopping), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run(CancellationToken stopping)
    {
        const string Loop = "discovery";
        using CancellationTokenRegistration registration = stopping.Register(_watch.Interrupt);
        long lastScan = _time.GetTimestamp();
        long lastFullScan = lastScan;
        TimeSpan idle = WatchInterval;
        while (!stopping.IsCancellationRequested)
        {
            _heartbeat.Beat(Loop);
            if (_watch.Wait(idle))
            {
                // What belongs together is looked at once.
                stopping.WaitHandle.WaitOne(WatchInterval);
            }

            if (stopping.IsCancellationRequested)
            {
                break;
            }

            long now = _time.GetTimestamp();
            bool isFull = !_watch.TakeChanges(_changed) || _time.GetElapsedTime(lastFullScan, now) >= (_watch.TellsAll ? WatchedFullScanInterval : FullScanInterval);
            if (isFull || _time.GetElapsedTime(lastScan, now) >= _scanInterval || _changed.Overlaps(_expander.Directories))
            {
                Scan(isFull);
                lastScan = now;
                lastFullScan = isFull ? now : lastFullScan;
            }
            else
            {
                AnnounceChanges();
            }

            TimeSpan untilScan = _scanInterval - _time.GetElapsedTime(lastScan);
            idle = untilScan < MaxIdle ? untilScan : MaxIdle;
        }

        _heartbeat.End(Loop);
    }

    /// <summary>Looks for logs that appeared or went, and for directories that changed.</summary>
    /// <param name="isFull">True to list everything, whatever the directories' times say.</param>
    /// <param name="isInitial">True where the agent starts for the first time: <c>startAt</c> holds for what is found.</param>
    public void Scan(bool isFull, bool isInitial = false)
    {
        _scanNumber++;
        _haveWaysChanged = _wayPoints.HaveChanged();
        if (_haveWaysChanged)
        {
            DiscoveryEvents.WaysChanged(_logger);
            _watch.Renew();
            isFull = true;
        }

        isFull |= !_watch.TakeChanges(_changed);
        _isFullScan = isFull;
        _new.Clear();
        bool isReady = true;
        if (!isFull && _expander.IsUnchanged(_changed))
        {
            ResolveBroken();
        }
        else
        {
            isReady = _expander.Expand(_include, Take);
            RemoveUnseen();
        }

        // A pod that was created anew has the newer files, and its stream's go out oldest first.
        foreach ((LogFound log, _) in _new.OrderBy(log => log.ModifiedNs))
        {
            log.Series.IsInitial = isInitial;
            _sink.Publish(log);
        }

        FindChangedDirectories(isFull);
        AnnounceChanges();
        if (!_isReady && isReady && _scanNumber == 1)
        {
            DiscoveryEvents.FirstScanDone(_logger, _new.Count);
        }

        _isReady = isReady;
        if (_watch.HasNoMoreWatches && !_isShortOfWatchesTold)
        {
            _isShortOfWatchesTold = true;
            DiscoveryEvents.NoMoreWatches(_logger, _scanInterval.TotalSeconds);
        }
    }

    public void Dispose() => _watch.Dispose();

    /// <summary>A path matched.</summary>
    private void Take(string path, string directory, DirectoryEntry entry)
    {
        if (_found.TryGetValue(path, out FoundLog? found) && found.Inode == entry.Inode && !_haveWaysChanged
            && !((_isFullScan || _changed.Contains(directory)) && found.LeadsElsewhere(new FileInfo(path).LinkTarget)))
        {
            found.LastScan = _scanNumber;
            if (found.SeriesPath is null)
            {
                Resolve(path, found);
            }

            return;
        }

        if (!entry.IsValidName)
        {
            _metrics.FileErrors.Add("invalid_name", 1);
            DiscoveryEvents.InvalidName(_logger, directory, entry.Name);
            return;
        }

        if (_locations.FirstOrDefault(location => location.IsMatch(path)) is not { } location)
        {
            return;
        }

        if (found is not null)
        {
            _replaced.Add(found);
            found.Way.ForEach(_wayPoints.Remove);
        }

        found = new FoundLog(entry.Inode, location) { LastScan = _scanNumber };
        AddWay(path, directory, found);
        _found[path] = found;
        Resolve(path, found);
    }

    /// <summary>Notes the directories that lead to a file, without the log's own: each pod has one, and the lanes check it.</summary>
    private void AddWay(string path, string directory, FoundLog found)
    {
        found.Way.Add(directory);
        for (int i = 0; i < BrokenLink.MaxLinks && new FileInfo(path).LinkTarget is { } target; i++)
        {
            path = Path.GetFullPath(target, Path.GetDirectoryName(path) ?? "/");
            found.Way.Add(Path.GetDirectoryName(Path.GetDirectoryName(path)) ?? "/");
        }

        found.Way.ForEach(_wayPoints.Add);
    }

    /// <summary>No name has changed, but what leads nowhere may lead to a file by now.</summary>
    private void ResolveBroken()
    {
        foreach ((string path, FoundLog found) in _found)
        {
            if (found.SeriesPath is null)
            {
                Resolve(path, found);
            }
        }
    }

    /// <summary>Follows a path to its file.</summary>
    private void Resolve(string path, FoundLog found)
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
            Broken(path, found, error);
            return;
        }

        if (status.Kind != FileKind.Regular)
        {
            if (!found.IsReported)
            {
                found.IsReported = true;
                _metrics.FileErrors.Add("not_a_file", 1);
                DiscoveryEvents.NotAFile(_logger, path, status.Kind.ToString());
            }

            return;
        }

        if (found.Location.Describe(path, target ?? path, resolved, _keys.ContainsKey) is not { } log)
        {
            // It is asked again at the next scan.
            return;
        }

        LogSeries series = log.Series;
        if (CompressedName.Of(series.Path) == FileCompression.Unknown)
        {
            if (!found.IsReported)
            {
                found.IsReported = true;
                _metrics.FileErrors.Add("compressed", 1);
                DiscoveryEvents.FileCompressed(_logger, path);
            }

            return;
        }

        if (FindOther(log) is (string other, string key))
        {
            if (!found.IsReported)
            {
                found.IsReported = true;
                DiscoveryEvents.ReadTwice(_logger, path, key);
            }

            // The files stay the other log's while this path leads to them, even if no path leads to the other log any more.
            found.SeriesPath = other;
            found.Directory = series.Directory;
            return;
        }

        if (!_keys.TryAdd(series.Path, log.Key))
        {
            // A file of a log that is read: the lane may have passed it over as long as that was not certain.
            _changed.Add(series.Directory);
        }

        found.SeriesPath = series.Path;
        found.Directory = series.Directory;
        found.IsReported = false;
        found.BrokenSince = 0;
        _directories.TryAdd(series.Directory, (0, _directories.Count % WatchedScans));
        _watch.Add(series.Directory);
        _new.Add((log, status.ModifiedNs));
    }

    /// <summary>Finds another log that reads the same files.</summary>
    /// <returns>Its path and the key of its stream; null if there is none.</returns>
    private (string Path, string Key)? FindOther(LogFound log)
    {
        LogSeries series = log.Series;
        foreach (string path in (string[])[series.Path, series.Directory])
        {
            if (_keys.TryGetValue(path, out string? key))
            {
                return key == log.Key ? null : (path, key);
            }
        }

        // A file of a directory that belongs to a container.
        string prefix = series.Directory + "/";
        return series.OwnsDirectory && _directories.ContainsKey(series.Directory) && _keys.FirstOrDefault(known => known.Key.StartsWith(prefix, StringComparison.Ordinal)) is { Key: not null } other
            ? (other.Key, other.Value)
            : null;
    }

    private void Broken(string path, FoundLog found, int error)
    {
        long now = _time.GetTimestamp();
        if (found.BrokenSince == 0)
        {
            found.BrokenSince = now;
        }

        if (found.IsReported || _time.GetElapsedTime(found.BrokenSince, now) < BrokenDelay)
        {
            return;
        }

        found.IsReported = true;
        string target = BrokenLink.FindTarget(path);
        string? missing = BrokenLink.FindMissing(target, _directories.Keys);
        if (error == Libc.ErrorNotFound && missing is not null)
        {
            _metrics.FileErrors.Add("not_mounted", 1);
            DiscoveryEvents.TargetNotMounted(_logger, path, target, missing);
        }
        else
        {
            _metrics.FileErrors.Add(error == Libc.ErrorAccess ? "permission" : "broken_link", 1);
            DiscoveryEvents.LinkBroken(_logger, path, target, Marshal.GetPInvokeErrorMessage(error));
        }
    }

    /// <summary>Forgets the paths that are no longer there, and tells which logs no path leads to any more.</summary>
    private void RemoveUnseen()
    {
        List<KeyValuePair<string, FoundLog>> unseen = [.. _found.Where(log => log.Value.LastScan != _scanNumber)];
        if (unseen.Count == 0 && _replaced.Count == 0)
        {
            return;
        }

        unseen.ForEach(log => _found.Remove(log.Key));
        unseen.ForEach(log => log.Value.Way.ForEach(_wayPoints.Remove));
        _replaced.AddRange(unseen.Select(log => log.Value));
        var linked = SeriesPaths.ToHashSet(StringComparer.Ordinal);
        var directories = _found.Values.Select(log => log.Directory).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (FoundLog log in _replaced)
        {
            if (log.SeriesPath is not null && !linked.Contains(log.SeriesPath))
            {
                _keys.Remove(log.SeriesPath);
                _sink.Publish(new LogUnlinked(log.SeriesPath));
            }

            if (log.Directory is not null && !directories.Contains(log.Directory) && _directories.Remove(log.Directory)
                && !_expander.Directories.Contains(log.Directory))
            {
                _watch.Remove(log.Directory);
            }
        }

        _replaced.Clear();
    }

    private void FindChangedDirectories(bool isFull)
    {
        foreach (string directory in _directories.Keys)
        {
            ref (long ModifiedNs, int Turn) known = ref CollectionsMarshal.GetValueRefOrNullRef(_directories, directory);
            long before = known.ModifiedNs;
            if (!isFull && before != 0 && known.Turn != _scanNumber % WatchedScans && _watch.Tells(directory))
            {
                continue;
            }

            long modifiedNs = FileStatus.OfPath(directory, out FileStatus status) == 0 ? _times.WhenCertain(status.ModifiedNs) : -1;
            known.ModifiedNs = modifiedNs;
            if (isFull || (before != 0 && before != modifiedNs))
            {
                _changed.Add(directory);
            }
        }
    }

    private void AnnounceChanges()
    {
        foreach (string directory in _changed)
        {
            if (_directories.ContainsKey(directory))
            {
                _sink.Publish(new DirectoryChanged(directory));
            }
        }

        _changed.Clear();
    }
}
