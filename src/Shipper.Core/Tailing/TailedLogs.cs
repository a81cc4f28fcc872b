using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Lanes;
using Shipper.Tailing.Copies;
using Shipper.Tailing.Files;
using Shipper.Tailing.Held;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing;

/// <summary>
/// The logs of a lane: learns from discovery which there are, keeps their files open, tells which stream has something to read, and closes
/// what is done with.
/// </summary>
/// <remarks>Owned by a lane. Only <see cref="Publish"/> and <see cref="Status"/> are thread-safe.</remarks>
internal sealed class TailedLogs : IDisposable
{
    /// <summary>How often it is written down how long the files are of which not all is acknowledged.</summary>
    private static readonly TimeSpan KeepSizesInterval = TimeSpan.FromSeconds(10);

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
    private readonly CheckpointChanges _changes = new();

    private long _lastKeepSizes;
    private long _lastMaintain;
    private SourceStatus _status = SourceStatus.None;

    /// <param name="budget">What all lanes may hold.</param>
    /// <param name="files">The descriptors that all lanes may keep.</param>
    /// <param name="batchWait">How long a batch waits for more.</param>
    public TailedLogs(HeldBudget budget, FileBudget files, TailingServices services, TimeSpan batchWait)
    {
        _services = services;
        _budget = budget;
        _batchWait = batchWait;
        _streams = new StreamRegistry(services);
        _files = files.Join();
        Losses = new LossBook(services);
        Nuls = new NulBook(services, Losses);
        _failures = new StreamFailures(services, Losses);
        var forgotten = new ForgottenFiles(services.Time);
        var scanner = new GenerationScanner(services, _files, Losses, Nuls, forgotten);
        _directories = new LogDirectories(scanner, services, _failures.Suspend);
        _inbox = new Inbox(_streams, scanner, _directories, services);
        _turns = new FileTurns(_streams.All, _files, _directories, services);
        _polls = new StreamPolls(_directories, Nuls, _turns, _failures, services);
        _schedule = new StreamSchedule(_streams.All, services.Time, Poll) { BatchWait = batchWait };
        _finished = new FinishedFiles(_directories, forgotten, Nuls, services.Time);
        _held = new HeldLimit(budget, _streams, _directories, Losses);
        AtStop = new FilesAtStop(_streams, _directories, budget, services);
        _lastKeepSizes = services.Time.GetTimestamp();
        _lastMaintain = _lastKeepSizes;
    }

    /// <summary>Counts what is lost.</summary>
    public LossBook Losses { get; }

    /// <summary>Counts skipped NULs.</summary>
    public NulBook Nuls { get; }

    /// <summary>Saves the files, or hands them over, when the agent ends.</summary>
    public FilesAtStop AtStop { get; }

    /// <summary>What the files are like, as of the last maintenance.</summary>
    public SourceStatus Status => Volatile.Read(ref _status);

    /// <summary>When the lane sends its next partial batch, as a timestamp of the <see cref="TimeProvider"/>; in the past if that is at once.</summary>
    public long NextPush
    {
        set => _schedule.NextPush = value;
    }

    /// <summary>Takes news of discovery, for <see cref="DrainInbox"/>.</summary>
    public void Publish(LogNews news) => _inbox.Add(news);

    /// <summary>Takes in what discovery told, and looks at the directories concerned.</summary>
    /// <param name="stopping">Ends it early.</param>
    /// <returns>True if there was something.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stopping"/> came first.</exception>
    public bool DrainInbox(CancellationToken stopping = default) => _inbox.Drain(stopping);

    /// <summary>Tells the lane that it is known now whether the checkpoints are in doubt. Files that were opened before are suspect only if they are.</summary>
    public void Settle()
    {
        foreach (Generation generation in _streams.Generations)
        {
            generation.Resend.Settle(_services.Checkpoints);
        }
    }

    /// <summary>Finds the next stream with something to read, each in its turn.</summary>
    /// <param name="wait">How long until there may be one, if there is none now.</param>
    public TailedStream? FindReady(out TimeSpan wait)
    {
        TailedStream? ready = _schedule.FindReady(out wait);
        if (ready is null && _turns.IsDue)
        {
            _turns.Take(_services.Time.GetTimestamp());
            ready = _schedule.FindReady(out wait);
        }

        wait = _files.IsShort && wait > FileTurns.Interval ? FileTurns.Interval : wait;
        return ready;
    }

    /// <summary>Lists the directory of a generation again.</summary>
    public void List(Generation generation) => _directories.Scan(generation.Series.Directory, generation.Series);

    /// <summary>Tells whether a stream may be read now.</summary>
    public bool IsReadable(TailedStream stream) => _schedule.IsReadable(stream);

    /// <summary>Loki refused a stream: what is not acknowledged of it is read again.</summary>
    /// <param name="mayBeStored">True if Loki may have some of it.</param>
    public void Rewind(TailedStream stream, bool mayBeStored)
    {
        foreach (Generation generation in stream.Generations.Where(generation => generation.Read != generation.Checkpoint.Acknowledged))
        {
            if (generation.HasFile)
            {
                generation.GoBack(mayBeStored);
                continue;
            }

            // Its file went after it had been read.
            long lost = generation.Read.Min - generation.Checkpoint.Acknowledged.Min;
            Losses.Count(stream, generation, generation.Fate.LossReason(), lost);
            generation.Progress.Forget(lost);
            generation.GoBack(isUnconfirmed: false);
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
        long now = _services.Time.GetTimestamp();
        stream.DrainedAt = now;
        _schedule.SetNextPoll(stream, now, hasRead: true);
        if (stream.Queue.FindBlocking() is not null)
        {
            // So that it waits for a descriptor from now on.
            stream.NextPoll = now;
        }
    }

    /// <summary>A stream can't be read: it is left alone for a while, and then resumes where its batch ended.</summary>
    public void Suspend(TailedStream stream, Exception exception) => _failures.Suspend(stream, exception);

    /// <summary>A generation can't be read at its position: its stream is left alone for a while, and the generation is given up in the end.</summary>
    public void Suspend(TailedStream stream, Generation generation, IOException exception) => _failures.Suspend(stream, generation, exception);

    /// <summary>Closes what is done with, holds no more than allowed, and takes stock; each second.</summary>
    public void Maintain()
    {
        TimeProvider time = _services.Time;
        long now = time.GetTimestamp();
        bool keepsSizes = time.GetElapsedTime(_lastKeepSizes, now) >= KeepSizesInterval;
        _lastKeepSizes = keepsSizes ? now : _lastKeepSizes;
        TimeSpan elapsed = time.GetElapsedTime(_lastMaintain, now);
        double weight = LossDeadline.WeightOf(elapsed);
        _lastMaintain = now;
        _directories.ScanIncomplete();
        double growth = 0;
        foreach (TailedStream stream in _streams.All)
        {
            // While batches are full nobody asks for ready streams, and the files go on growing.
            if (stream.NextPoll <= now)
            {
                Poll(stream, now);
            }

            _finished.LetGo(stream, now, _changes);
            stream.LossDeadline.Update(stream, elapsed, weight, _batchWait);
            growth += stream.LossDeadline.Growth;
            foreach (Generation generation in stream.Generations)
            {
                if (keepsSizes || generation.IsDeleted)
                {
                    generation.KeepSize(stream.Checkpoint, _changes);
                }
            }
        }

        // Before files are released: that has the last word on how long they are.
        _services.Checkpoints.Commit(_changes);
        _changes.Clear();
        _streams.RemoveGone(stream => _turns.Set(stream, isWaiting: false, now: 0));
        _held.Enforce(growth);
        _schedule.Review(_budget.IsHalfUsed);
        if (_turns.IsDue)
        {
            _turns.Take(now);
        }

        SourceStatus status = FileReports.Sum(_streams.All, _held.HeldBytes, _budget.SecondsUntilFull, time);
        Volatile.Write(ref _status, status with { Waiting = _turns.Waiting, Standstill = _turns.Standstill });
    }

    /// <summary>Describes each stream, and what became of all bytes of the files that are there and of those that went since the agent started.</summary>
    public void Describe(LaneStatus status)
    {
        status.Totals.Add(_finished.Gone);
        FileReports.Describe(status, _streams.All, _budget.SecondsUntilFull);
    }

    /// <summary>Hands the open files over to the agent that takes over in this process.</summary>
    /// <param name="files">Gets them, by the number of their generation.</param>
    public void HandOver(Dictionary<int, OpenFile> files)
    {
        DrainInbox();
        AtStop.HandOver(files);
    }

    public void Dispose()
    {
        AtStop.Dispose();
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
