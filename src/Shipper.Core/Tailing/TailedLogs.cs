using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Lanes;
using Shipper.Processing.Assembling;
using Shipper.Records;
using Shipper.Tailing.Copies;
using Shipper.Tailing.Files;
using Shipper.Tailing.Held;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing;

/// <summary>
/// The logs of a lane: adds those that discovery finds, keeps their files open, selects the stream to read next, and closes finished files.
/// </summary>
/// <remarks>Owned by a lane. Only <see cref="Publish"/> and <see cref="Status"/> are thread-safe.</remarks>
internal sealed class TailedLogs : IDisposable
{
    /// <summary>How often the sizes of files with unacknowledged bytes are saved to the checkpoint.</summary>
    private static readonly TimeSpan SaveSizesInterval = TimeSpan.FromSeconds(10);

    private readonly TailingServices _services;
    private readonly HeldBudget _budget;
    private readonly TimeSpan _batchWait;
    private readonly StreamRegistry _streams;
    private readonly FileBudget.Share _files;
    private readonly StreamFailures _failures;
    private readonly LogDirectories _directories;
    private readonly Inbox _inbox;
    private readonly FileTurns _turns;
    private readonly StreamPolls _polls;
    private readonly StreamSchedule _schedule;
    private readonly FinishedFiles _finished;
    private readonly HeldLimit _held;
    private readonly GoneStreams _gone;
    private readonly CheckpointChanges _changes = new();

    private long _lastSaveSizes;
    private long _lastMaintain;
    private SourceStatus _status = SourceStatus.None;

    /// <param name="budget">The budget for held files, which all lanes share.</param>
    /// <param name="files">The descriptors for log files, which all lanes share.</param>
    /// <param name="batchWait">How long a batch waits for more records.</param>
    public TailedLogs(HeldBudget budget, FileBudget files, TailingServices services, TimeSpan batchWait)
    {
        _services = services;
        _budget = budget;
        _batchWait = batchWait;
        _streams = new StreamRegistry(services);
        _gone = new GoneStreams(services.Time);
        _files = files.Join();
        Losses = new LossRecorder(services);
        Nuls = new NulRecorder(services, Losses);
        _failures = new StreamFailures(services, Losses);
        var removedFiles = new RecentlyRemovedFiles(services.Time);
        var scanner = new GenerationScanner(services, _files, Losses, Nuls, removedFiles);
        _directories = new LogDirectories(scanner, services, _failures.Suspend);
        _inbox = new Inbox(_streams, scanner, _directories, services);
        _turns = new FileTurns(_streams.All, _files, _directories, services);
        LimitReports = new LimitReports(services);
        _polls = new StreamPolls(_directories, Nuls, _turns, _failures, LimitReports, services);
        _schedule = new StreamSchedule(_streams.All, services.Time, Poll) { BatchWait = batchWait };
        _finished = new FinishedFiles(_directories, removedFiles, Nuls, services.Time);
        _held = new HeldLimit(budget, _streams, _directories, Losses);
        ShutdownFiles = new ShutdownFiles(_streams, _directories, budget, services);
        _lastSaveSizes = services.Time.GetTimestamp();
        _lastMaintain = _lastSaveSizes;
    }

    /// <summary>Counts and reports lost bytes.</summary>
    public LossRecorder Losses { get; }

    /// <summary>Counts skipped NULs.</summary>
    public NulRecorder Nuls { get; }

    /// <summary>Makes the reports of limits that no record brings.</summary>
    public LimitReports LimitReports { get; }

    /// <summary>Saves the files at shutdown, or hands them over to a successor.</summary>
    public ShutdownFiles ShutdownFiles { get; }

    /// <summary>Status of the files, as of the last maintenance.</summary>
    public SourceStatus Status => Volatile.Read(ref _status);

    /// <summary>When the lane sends its next partial batch, as a timestamp of the <see cref="TimeProvider"/>; a time in the past means immediately.</summary>
    public long NextPush
    {
        set => _schedule.NextPush = value;
    }

    /// <summary>Adds a message from discovery, for <see cref="DrainInbox"/>.</summary>
    public void Publish(LogChange change) => _inbox.Add(change);

    /// <summary>Processes all messages from discovery, and scans the affected directories.</summary>
    /// <param name="stopping">Stops the scans early.</param>
    /// <returns>True if there was a message.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> was canceled before all messages were processed.</exception>
    public bool DrainInbox(CancellationToken stopping = default) => _inbox.Drain(stopping);

    /// <summary>
    /// Applies what is known about the previous shutdown. Call once it is known whether that shutdown was unclean: only then do files that are already open
    /// stay unconfirmed.
    /// </summary>
    public void Settle()
    {
        foreach (Generation generation in _streams.Generations)
        {
            generation.Resend.Settle(_services.Checkpoints);
        }
    }

    /// <summary>Returns the next stream with something to read, in rotation; null if there is none.</summary>
    /// <param name="wait">If no stream is ready, how long to wait until one may be.</param>
    public TailedStream? FindReady(out TimeSpan wait)
    {
        TailedStream? ready = _schedule.FindReady(out wait);
        if (ready is null && _turns.IsDue)
        {
            _turns.Reassign(_services.Time.GetTimestamp());
            ready = _schedule.FindReady(out wait);
        }

        wait = _files.IsShort && wait > FileTurns.Interval ? FileTurns.Interval : wait;
        return ready;
    }

    /// <summary>Lists the directory of a generation again.</summary>
    public void ListDirectory(Generation generation) => _directories.Scan(generation.Log.Directory, generation.Log);

    /// <summary>Checks whether a stream may be read now.</summary>
    public bool IsReadable(TailedStream stream) => _schedule.IsReadable(stream);

    /// <summary>Rewinds a stream that Loki refused to its acknowledged position.</summary>
    /// <param name="isUnconfirmed">True if Loki may have some of the unacknowledged records.</param>
    public void Rewind(TailedStream stream, bool isUnconfirmed)
    {
        foreach (Generation generation in stream.Generations.Where(generation => generation.ReadPosition != generation.Checkpoint.Acknowledged))
        {
            if (generation.HasFile)
            {
                generation.Rewind(isUnconfirmed);
                continue;
            }

            // The file disappeared after it had been read.
            long lost = generation.ReadPosition.Min - generation.Checkpoint.Acknowledged.Min;
            Losses.Count(stream, generation, generation.Fate.LossReason(), lost);
            generation.Progress.ShrinkBy(lost);
            generation.Rewind(isUnconfirmed: false);
        }

        stream.LossesInFlight = 0;
        stream.HasFileChanges = true;
        stream.IsReady = true;
    }

    /// <summary>Records that a stream was read to its end.</summary>
    public void OnDrained(TailedStream stream)
    {
        stream.IsReady = false;
        stream.Flush = QuietFlush.None;
        long now = _services.Time.GetTimestamp();
        stream.DrainedAt = now;
        _schedule.SetNextPoll(stream, now, hasRead: true);
        if (stream.HoldsGroup)
        {
            // A group is sent as soon as it has waited long enough.
            long flush = stream.LastGrowth + _services.Time.ToTimestampUnits(LineGroup.MaxWait);
            stream.NextPoll = flush > now ? Math.Min(stream.NextPoll, flush) : stream.NextPoll;
        }

        if (stream.Queue.FindBlocking() is not null)
        {
            // Poll immediately, so that the stream begins to wait for a descriptor.
            stream.NextPoll = now;
        }
    }

    /// <summary>Suspends a stream that can't be read. Reading resumes after its last batch.</summary>
    public void Suspend(TailedStream stream, Exception exception) => _failures.Suspend(stream, exception);

    /// <summary>Suspends the stream of a generation that can't be read at its position. If the error persists, the generation is given up.</summary>
    public void Suspend(TailedStream stream, Generation generation, IOException exception) => _failures.Suspend(stream, generation, exception);

    /// <summary>Closes finished files, enforces the limit on held files, and updates the status. Call every second.</summary>
    public void Maintain()
    {
        TimeProvider time = _services.Time;
        long now = time.GetTimestamp();
        bool savesSizes = time.GetElapsedTime(_lastSaveSizes, now) >= SaveSizesInterval;
        _lastSaveSizes = savesSizes ? now : _lastSaveSizes;
        TimeSpan elapsed = time.GetElapsedTime(_lastMaintain, now);
        double weight = LossDeadline.WeightOf(elapsed);
        _lastMaintain = now;
        _directories.ScanIncomplete();
        double growth = 0;
        foreach (TailedStream stream in _streams.All)
        {
            // While all batches are full, the lane does not ask for ready streams, so their files must be polled here: they keep growing.
            if (stream.NextPoll <= now)
            {
                Poll(stream, now);
            }

            _finished.Release(stream, now, _changes);
            stream.LossDeadline.Update(stream, elapsed, weight, _batchWait);
            stream.Activity.UpdateRates(elapsed);
            growth += stream.LossDeadline.Growth;
            foreach (Generation generation in stream.Generations)
            {
                if (savesSizes || generation.IsDeleted)
                {
                    generation.SaveSize(stream.Checkpoint, _changes);
                }
            }
        }

        // Commit before releasing files, because a release determines their final sizes.
        _services.Checkpoints.Commit(_changes);
        _changes.Clear();
        _streams.RemoveGone(stream =>
        {
            _turns.SetWaiting(stream, isWaiting: false, now: 0);
            _gone.Add(stream);
        });
        _held.Enforce(growth);
        _schedule.UpdateUrgency(_budget.IsHalfUsed);
        if (_turns.IsDue)
        {
            _turns.Reassign(now);
        }

        SourceStatus status = FileReports.Sum(_streams.All, _held.HeldBytes, _budget.SecondsUntilFull, time);
        Volatile.Write(ref _status, status with { WaitingStreams = _turns.Waiting, DescriptorWait = _turns.TimeSinceLastGrant });
    }

    /// <summary>Describes each stream, and adds up the ledger of all files that exist or have disappeared since the agent started.</summary>
    public void Describe(LaneStatus status)
    {
        status.Totals.Add(_finished.RemovedLedger);
        status.Gone.AddRange(_gone.All);
        FileReports.Describe(status, _streams.All, _budget.SecondsUntilFull, _services.Time);
    }

    /// <summary>Hands the open files over to the agent's successor in this process.</summary>
    /// <param name="files">Receives the files, by the number of their generation.</param>
    public void HandOver(Dictionary<int, InheritedFile> files)
    {
        DrainInbox();
        ShutdownFiles.HandOver(files);
    }

    public void Dispose()
    {
        ShutdownFiles.Dispose();
        foreach (Generation generation in _streams.Generations)
        {
            generation.Handle?.Dispose();
        }
    }

    private void Poll(TailedStream stream, long now)
    {
        if (_polls.TryPoll(stream, now))
        {
            _schedule.SetNextPoll(stream, now, hasRead: false);
        }
    }
}
