using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Lanes;
using Shipper.Processing;
using Shipper.Records;
using Shipper.Tailing.Copies;
using Shipper.Tailing.Files;
using Shipper.Tailing.Held;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing;

/// <summary>
/// The files of a lane: learns from discovery which logs there are and when their directories changed, keeps their generations
/// open, tells which stream has something to read, and lets go of what is done with.
/// </summary>
/// <remarks>Owned by a lane. Only <see cref="Add"/>, <see cref="Unlink"/>, <see cref="Exclude"/>, <see cref="DirectoryChanged"/> and
/// <see cref="Status"/> are safe for concurrent use.</remarks>
internal sealed class Tailer : ITailingObserver, IDisposable
{
    /// <summary>After an error a stream is left alone for this long.</summary>
    private static readonly TimeSpan Suspension = TimeSpan.FromSeconds(5);

    /// <summary>A file that gives errors at one place for this long, and to which nothing is written any more, is given up.</summary>
    private static readonly TimeSpan MaxFailure = TimeSpan.FromMinutes(1);

    /// <summary>How often it is written down how long the files are of which not all is acknowledged.</summary>
    private static readonly TimeSpan KeepSizesInterval = TimeSpan.FromSeconds(10);

    private readonly HeldBudget _budget;
    private readonly TimeProvider _time;
    private readonly CheckpointStore _checkpoints;
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics;
    private readonly LossBook _losses;
    private readonly NulBook _nuls;
    private readonly GenerationScanner _scanner;
    private readonly LogDirectories _directories;
    private readonly HeldSaver _saver;
    private readonly StreamSchedule _schedule;
    private readonly FinishedFiles _finished;
    private readonly FileBudget.Share _files;
    private readonly FileTurns _turns;

    private readonly ConcurrentQueue<object> _news = new();

    // Logs that are to be read again, and of which records are under way from before they were excluded.
    private readonly List<SeriesFound> _waiting = [];
    private readonly Dictionary<string, TailedStream> _streamsByKey = new(StringComparer.Ordinal);
    private readonly List<TailedStream> _streams = [];
    private readonly HashSet<string> _changedDirectories = new(StringComparer.Ordinal);
    private readonly List<Generation> _replaced = [];
    private readonly HashSet<LogSeries> _deletedFrom = [];
    private readonly CheckpointChanges _changes = new();

    private readonly TimeSpan _batchWait;
    private bool _isSaving;
    private long _heldBytes;
    private double _growth;
    private long _lastKeepSizes;
    private long _lastMaintain;
    private TailerStatus _status = TailerStatus.None;

    /// <param name="budget">What all lanes may hold.</param>
    /// <param name="files">The descriptors that all lanes may keep.</param>
    /// <param name="checkpoints">The checkpoints.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    /// <param name="metrics">The metrics.</param>
    /// <param name="batchWait">How long a batch waits for more.</param>
    public Tailer(
        HeldBudget budget, FileBudget files, CheckpointStore checkpoints, TimeProvider time, ILogger logger, AgentMetrics metrics, TimeSpan batchWait)
    {
        _budget = budget;
        _time = time;
        _checkpoints = checkpoints;
        _logger = logger;
        _metrics = metrics;
        _losses = new LossBook(checkpoints, time, logger, metrics);
        _nuls = new NulBook(checkpoints, _losses, logger, metrics);
        _files = files.Join();
        var forgotten = new ForgottenFiles(time);
        _scanner = new GenerationScanner(checkpoints, _files, _losses, _nuls, time, logger, metrics, forgotten);
        _directories = new LogDirectories(_scanner, checkpoints, logger, metrics, Suspend);
        _saver = new HeldSaver(checkpoints, logger);
        _finished = new FinishedFiles(_directories, forgotten, _nuls, time);
        _turns = new FileTurns(_streams, _files, _directories, time, logger, metrics);
        _schedule = new StreamSchedule(_streams, time, TryPoll) { BatchWait = batchWait };
        _batchWait = batchWait;
        _lastKeepSizes = time.GetTimestamp();
        _lastMaintain = _lastKeepSizes;
    }

    /// <summary>Counts skipped NULs.</summary>
    public NulBook Nuls => _nuls;

    /// <summary>What the files are like, as of the last maintenance.</summary>
    public TailerStatus Status => Volatile.Read(ref _status);

    /// <summary>Bytes on the disk that go with the agent, not all of them acknowledged.</summary>
    public long UnsavedBytes => HeldFiles.FindUnsaved(_streams).Sum(held => held.Generation.Status.AllocatedBytes);

    /// <summary>When the lane sends its next partial batch, as a timestamp of the <see cref="TimeProvider"/>; in the past where that is at once.</summary>
    public long NextPush
    {
        set => _schedule.NextPush = value;
    }

    /// <summary>Takes up a log that discovery found.</summary>
    public void Add(SeriesFound found) => _news.Enqueue(found);

    /// <summary>No link leads to a log any more: when its files are gone, so is the log.</summary>
    /// <param name="seriesPath">Its <see cref="LogSeries.Path"/>.</param>
    public void Unlink(string seriesPath) => _news.Enqueue(new SeriesUnlinked(seriesPath));

    /// <summary>A log is not to be read any more: its files are closed, and what was not read of them is not missed.</summary>
    /// <param name="seriesPath">Its <see cref="LogSeries.Path"/>.</param>
    public void Exclude(string seriesPath) => _news.Enqueue(new SeriesExcluded(seriesPath));

    /// <summary>Names in a directory changed.</summary>
    public void DirectoryChanged(string directory) => _news.Enqueue(directory);

    /// <summary>Takes in what discovery told, and looks at the directories concerned.</summary>
    /// <param name="stopping">Ends it early.</param>
    /// <returns>True where there was something.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> came first.</exception>
    public bool TakeNews(CancellationToken stopping = default)
    {
        if (_news.IsEmpty && !_waiting.Exists(found => !IsUnderWay(found)))
        {
            return false;
        }

        List<SeriesFound> waited = [.. _waiting];
        _waiting.Clear();
        waited.ForEach(AddSeries);
        while (_news.TryDequeue(out object? news))
        {
            switch (news)
            {
                case SeriesFound found:
                    AddSeries(found);
                    break;
                case SeriesUnlinked unlinked:
                    SetUnlinked(unlinked.Path);
                    break;
                case SeriesExcluded excluded:
                    RemoveExcluded(excluded.Path);
                    break;
                case string directory:
                    _changedDirectories.Add(directory);
                    break;
            }
        }

        // Directories that are gone come last: their files may be in one that was found just now.
        foreach (string directory in _changedDirectories.OrderBy(directory => !Directory.Exists(directory)))
        {
            stopping.ThrowIfCancellationRequested();
            _directories.Scan(directory);
        }

        _changedDirectories.Clear();
        return true;
    }

    /// <summary>Tells the lane that it is known now whether the checkpoints are in doubt. Files that were opened before are suspect only if they are.</summary>
    public void Settle()
    {
        foreach (Generation generation in _streams.SelectMany(stream => stream.Generations))
        {
            generation.SuspectUntil = _checkpoints.IsInDoubt ? generation.SuspectUntil : 0;
            generation.IsUnaskable = _checkpoints.IsUnaskable;
        }
    }

    /// <summary>Finds the next stream with something to read, each in its turn.</summary>
    /// <param name="wait">How long until there may be one, where there is none now.</param>
    public TailedStream? FindReady(out TimeSpan wait)
    {
        TailedStream? ready = _schedule.FindReady(out wait);
        if (ready is null && _turns.IsDue)
        {
            _turns.Take(_time.GetTimestamp());
            ready = _schedule.FindReady(out wait);
        }

        wait = _files.IsShort && wait > FileTurns.Interval ? FileTurns.Interval : wait;
        return ready;
    }

    /// <summary>Tells whether a stream may be read now.</summary>
    public bool IsReadable(TailedStream stream) => _schedule.IsReadable(stream);

    /// <summary>Loki refused a stream: what is not acknowledged of it is read again.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="isInPart">True where Loki may have some of it.</param>
    public void GoBack(TailedStream stream, bool isInPart)
    {
        foreach (Generation generation in stream.Generations.Where(generation => generation.Read != generation.Checkpoint.Acknowledged))
        {
            if (generation.HasFile)
            {
                generation.GoBack(isInPart);
                continue;
            }

            // Its file went behind what had been read.
            long lost = generation.Read.Min - generation.Checkpoint.Acknowledged.Min;
            _losses.Count(stream, generation, generation.LossReason, lost);
            generation.Size -= lost;
            generation.GoBack(isInPart: false);
        }

        stream.LossesUnderWay = 0;
        stream.HasNews = true;
        stream.IsReady = true;
    }

    /// <summary>A stream was read to its end.</summary>
    public void Drained(TailedStream stream)
    {
        stream.IsReady = false;
        stream.FlushesOpenLines = false;
        long now = _time.GetTimestamp();
        stream.DrainedAt = now;
        _schedule.SetNextPoll(stream, now, hasRead: true);
        if (stream.FindBlocking() is not null)
        {
            // So that it waits for a descriptor from now on.
            stream.NextPoll = now;
        }
    }

    /// <summary>A stream can't be read: it is left alone for a while, and then goes on where its batch ended.</summary>
    public void Suspend(TailedStream stream, Exception exception)
    {
        if (exception is IOException or UnauthorizedAccessException)
        {
            ReportUnreadable(stream.FindUnread()?.Path ?? stream.Checkpoint.Key, exception);
        }
        else
        {
            _metrics.InternalErrors.Add(1);
            TailingEvents.StreamFailed(_logger, exception, stream.Selector);
        }

        LeaveAlone(stream);
    }

    /// <summary>
    /// A generation can't be read at its position: its stream is left alone for a while. A part of the disk that can't be read
    /// must not keep what was written after it from being sent, so a file that nothing is written to is given up in the end.
    /// </summary>
    public void Suspend(TailedStream stream, Generation generation, IOException exception)
    {
        ReportUnreadable(generation.Path, exception);
        long now = _time.GetTimestamp();
        if (generation.Failing is not { } failing || failing.Offset != generation.Read.Min)
        {
            generation.Failing = (generation.Read.Min, now);
        }
        else if (_time.GetElapsedTime(failing.Since, now) >= MaxFailure && stream.IsFinal(generation))
        {
            _losses.GiveUp(stream, generation, LossReasons.Unreadable);
            generation.IsGivenUp = true;
            generation.Close();
        }

        LeaveAlone(stream);
    }

    /// <summary>Lets go of what is done with, holds no more than allowed, and takes stock.</summary>
    public void Maintain()
    {
        long now = _time.GetTimestamp();
        bool keepsSizes = _time.GetElapsedTime(_lastKeepSizes, now) >= KeepSizesInterval;
        _lastKeepSizes = keepsSizes ? now : _lastKeepSizes;
        TimeSpan elapsed = _time.GetElapsedTime(_lastMaintain, now);
        double weight = LossDeadline.WeightOf(elapsed);
        _lastMaintain = now;
        _directories.ScanIncomplete();
        _growth = 0;
        foreach (TailedStream stream in _streams)
        {
            // While batches are full nobody asks for ready streams, and the files go on growing.
            if (stream.NextPoll <= now)
            {
                TryPoll(stream, now);
            }

            _finished.LetGo(stream, now, _changes);
            stream.LossDeadline.Update(stream, elapsed, weight, _batchWait);
            _growth += stream.LossDeadline.Growth;
            foreach (Generation generation in stream.Generations)
            {
                if (keepsSizes || generation.IsDeleted)
                {
                    GenerationScanner.KeepSize(stream, generation, _changes);
                }
            }
        }

        // Before files are let go: that has the last word on how long they are.
        _checkpoints.Commit(_changes);
        _changes.Clear();
        _streams.RemoveAll(IsGone);
        _checkpoints.Commit(_changes);
        _changes.Clear();
        UpdateHeld();
        while (_budget.MustLetGo(this) && HeldFiles.FindOldest(_streams) is { } held)
        {
            held.Generation.Detach()?.Dispose();
            held.Generation.IsLetGo = true;

            // What is there under another name, compressed, is read on from there.
            _directories.Scan(held.Generation.Series.Directory, held.Generation.Series);
            if (!held.Generation.HasFile)
            {
                _losses.GiveUp(held.Stream, held.Generation, LossReasons.HeldBytes);
            }

            UpdateHeld();
        }

        _schedule.Review(_budget.IsHalfUsed);
        if (_turns.IsDue)
        {
            _turns.Take(now);
        }

        Volatile.Write(ref _status, TailerStatus.Of(_streams, _heldBytes, _budget.SecondsUntilFull, _time) with { Waiting = _turns.Waiting, Standstill = _turns.Standstill });
    }

    /// <summary>Tells of each stream, and what became of all bytes of the files that are there and of those that went since the agent started.</summary>
    public void Describe(LaneStatus status)
    {
        status.Totals.Add(_finished.Gone);
        double untilFull = _budget.SecondsUntilFull;
        foreach (TailedStream stream in _streams)
        {
            GenerationStatus[] generations = [.. stream.Generations.Select(generation => new GenerationStatus(
                generation.Path, generation.Size, generation.Handle is not null, generation.IsDeleted, generation.IsGzip, Ledger.Of(generation)))];
            Array.ForEach(generations, generation => status.Totals.Add(generation.Ledger));
            status.Streams.Add(new StreamStatus(
                status.Name, stream.Checkpoint.Key, stream.Selector, stream.Generations.Sum(generation => generation.LagBytes),
                stream.LossDeadline.SecondsUntilLoss(untilFull) is var seconds && double.IsInfinity(seconds) ? null : seconds, stream.LastAcknowledged, generations));
        }
    }

    /// <summary>Told to stop, saves a piece of what only open files hold.</summary>
    /// <returns>False where nothing is left to save.</returns>
    public bool Save()
    {
        if (!_isSaving)
        {
            _isSaving = true;

            // What was deleted since the last look, and what of it is there under another name, compressed.
            foreach (string directory in _streams.SelectMany(stream => stream.Series).Select(series => series.Directory).ToHashSet())
            {
                _directories.Scan(directory);
            }
        }

        return _saver.Step() || _saver.Begin(_streams);
    }

    /// <summary>Saves the files that kubelet deletes once the agent has stopped, within a time. Nothing is read or sent any more.</summary>
    /// <returns>What saves the last that the agent logs; null if its own log is not one of them.</returns>
    public LastWords? SaveGoing(TimeSpan atMost)
    {
        long start = _time.GetTimestamp();
        foreach (string directory in _streams.SelectMany(stream => stream.Series).Where(series => series.Attributes.IsGoing).Select(series => series.Directory).ToHashSet())
        {
            _directories.Scan(directory);
        }

        _saver.BeginGoing(_streams, _budget.FreeBytes);
        while (_time.GetElapsedTime(start) < atMost && _saver.Step())
        {
        }

        return _saver.LastWords;
    }

    /// <summary>
    /// Gives the open files to the agent that takes the place of this one. Nothing is read any more, and what was not acknowledged is read again.
    /// </summary>
    /// <param name="files">Gets them, by the number of their generation.</param>
    public void HandOver(Dictionary<int, OpenFile> files)
    {
        TakeNews();
        foreach (string directory in _streams.SelectMany(stream => stream.Series).Select(series => series.Directory).ToHashSet())
        {
            _directories.Scan(directory);
        }

        foreach (TailedStream stream in _streams)
        {
            for (int place = 0; place < stream.Generations.Count; place++)
            {
                // What is empty yet is found again under its name.
                Generation generation = stream.Generations[place];
                if (generation.Size == 0)
                {
                    continue;
                }

                files.Add(generation.Checkpoint.Id, generation.HandOver(place));
                if (files[generation.Checkpoint.Id].Handle is not null)
                {
                    // It is only found again by who knows its generation.
                    _changes.Updates.Add((stream.Checkpoint, new CheckpointUpdate(
                        generation.Checkpoint, generation.Identity, generation.Status.Inode, Acknowledged: null, generation.Size)));
                }
            }
        }

        _checkpoints.Commit(_changes);
        _changes.Clear();
    }

    public void Dispose()
    {
        _saver.Dispose();
        foreach (Generation generation in _streams.SelectMany(stream => stream.Generations))
        {
            generation.Handle?.Dispose();
        }
    }

    void ITailingObserver.BeforeNextGeneration(Generation generation) => _directories.Scan(generation.Series.Directory, generation.Series);

    void ITailingObserver.BytesLost(TailedStream stream, Generation generation, string reason, long bytes) =>
        _losses.Count(stream, generation, reason, bytes);

    void ITailingObserver.EncodingUnknown(Generation generation) => TailingEvents.EncodingUnknown(_logger, generation.Path);

    void ITailingObserver.GzipDamaged(Generation generation, long offset, string error)
    {
        _metrics.FileErrors.Add("damaged_gzip", 1);
        TailingEvents.GzipDamaged(_logger, generation.Path, offset, error);
    }

    private void AddSeries(SeriesFound found)
    {
        LogSeries series = found.Series;
        if (!_streamsByKey.TryGetValue(found.Key, out TailedStream? stream))
        {
            stream = new TailedStream(_checkpoints.GetStream(found.Key), found.Source, found.Attributes.Get(0))
            {
                LastGrowth = _time.GetTimestamp(),
                NextPoll = _time.GetTimestamp(),
            };
            _streamsByKey.Add(found.Key, stream);
            _streams.Add(stream);
        }

        if (stream.Series.LastOrDefault(known => known.Path == series.Path) is { } known)
        {
            known.IsUnlinked = false;
            return;
        }

        if (stream.UnansweredRuns > 0 && stream.Checkpoint.Generations.Exists(known => series.Owns(known.LogPath)))
        {
            // Its positions are those of the last answer: what is under way would be read again.
            _waiting.RemoveAll(waiting => waiting.Series.Path == series.Path);
            _waiting.Add(found);
            return;
        }

        series.Attributes = found.Attributes;
        _scanner.AddSeries(stream, series);
        _directories.Add(stream, series);
        _changedDirectories.Add(series.Directory);
    }

    private bool IsUnderWay(SeriesFound found) => _streamsByKey.TryGetValue(found.Key, out TailedStream? stream) && stream.UnansweredRuns > 0;

    private void SetUnlinked(string path)
    {
        _waiting.RemoveAll(found => found.Series.Path == path);
        foreach (LogSeries series in _streams.SelectMany(stream => stream.Series).Where(series => series.Path == path))
        {
            series.IsUnlinked = true;
            _changedDirectories.Add(series.Directory);
        }
    }

    private void RemoveExcluded(string path)
    {
        _waiting.RemoveAll(found => found.Series.Path == path);
        foreach (TailedStream stream in _streams)
        {
            foreach (LogSeries series in stream.Series.Where(series => series.Path == path).ToList())
            {
                foreach (Generation generation in stream.Generations.Where(generation => generation.Series == series).ToList())
                {
                    // Positions stay in the checkpoint, and nothing behind them counts as lost later.
                    generation.Detach()?.Dispose();
                    generation.Size = generation.Read.Min;
                    _changes.Updates.Add((stream.Checkpoint, new CheckpointUpdate(
                        generation.Checkpoint, generation.Identity, generation.Status.Inode, Acknowledged: null, generation.Size)));
                    stream.Remove(generation);
                }

                stream.Series.Remove(series);
                _directories.Remove(series);
            }
        }
    }

    private void ReportUnreadable(string path, Exception exception)
    {
        _metrics.FileErrors.Add("unreadable", 1);
        TailingEvents.FileUnreadable(_logger, path, exception.Message.TrimEnd('.'), "Other files go on; this one is tried again.");
    }

    private void LeaveAlone(TailedStream stream)
    {
        stream.IsReady = false;
        stream.HasNews = true;
        stream.NextPoll = _time.GetTimestamp() + (long)(Suspension.TotalSeconds * _time.TimestampFrequency);
    }

    /// <summary>Whatever is wrong with one stream's files, the others go on.</summary>
    private void TryPoll(TailedStream stream, long now)
    {
        try
        {
            Poll(stream, now);
        }
#pragma warning disable CA1031 // Logged and counted; the stream is tried again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Suspend(stream, e);
        }
    }

    private void Poll(TailedStream stream, long now)
    {
        _replaced.Clear();
        _deletedFrom.Clear();
        stream.IsReady = stream.Poll(now, _replaced, _deletedFrom) || stream.FindUntold() is not null;
        foreach (Generation generation in _replaced)
        {
            // A scan looks at all files of the series, and may have come before.
            if (generation.Handle is not null)
            {
                _scanner.Replace(stream, generation);
                _directories.Scan(generation.Series.Directory, generation.Series);
            }

            stream.IsReady = true;
        }

        foreach (LogSeries series in _deletedFrom)
        {
            _directories.Scan(series.Directory, series);
        }

        foreach (Generation generation in stream.Generations)
        {
            _nuls.PassBefore(stream, generation);
        }

        Generation? parked = stream.FindBlocking();
        if (stream.FindUnread() is { Unfinished: not null } unfinished)
        {
            stream.IsReady = !unfinished.IsUnfinished(_time) || stream.FindUntold() is not null;
        }
        else if (!stream.IsReady && parked is null && stream.FindUnread() is { } unread && HasWaitedLongEnough(stream, unread, now))
        {
            stream.FlushesOpenLines = true;
            stream.IsReady = true;
        }

        _turns.Set(stream, parked is not null && (parked.HasUnscanned || stream.IsFinal(parked) || HasWaitedLongEnough(stream, parked, now)), now);
        _schedule.SetNextPoll(stream, now, hasRead: false);
    }

    /// <summary>
    /// Incomplete lines are sent when nothing came for 30 s. A file that has not grown since it was opened is as old as its time says; of any other that would be wrong when
    /// the clock is set.
    /// </summary>
    private bool HasWaitedLongEnough(TailedStream stream, Generation unread, long now) =>
        _time.GetElapsedTime(stream.LastGrowth, now) >= OpenLine.MaxWait
        || (unread.LastGrowth == 0 && _time.GetUnixNanoseconds() - unread.Status.ModifiedNs >= OpenLine.MaxWait.TotalNanoseconds);

    private void UpdateHeld()
    {
        _heldBytes = HeldFiles.Sum(_streams);
        (TailedStream, Generation Generation)? oldest = _heldBytes > 0 ? HeldFiles.FindOldest(_streams) : null;
        _budget.Report(this, _heldBytes, oldest?.Generation.Status.ModifiedNs ?? long.MaxValue, _growth);
    }

    private bool IsGone(TailedStream stream)
    {
        bool isGone = stream.Series.Count == 0 && stream.UnansweredRuns == 0;
        if (isGone)
        {
            _turns.Set(stream, isWaiting: false, now: 0);
            _streamsByKey.Remove(stream.Checkpoint.Key);
            _checkpoints.Forget(stream.Checkpoint);
        }

        return isGone;
    }

    private sealed record SeriesUnlinked(string Path);

    private sealed record SeriesExcluded(string Path);
}
