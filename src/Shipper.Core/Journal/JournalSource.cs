using Microsoft.Extensions.Logging;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Lanes;
using Shipper.Native;
using Shipper.Processing;
using Shipper.Processing.Levels;
using Shipper.Records;
using Shipper.Taps;
using Shipper.Telemetry;

namespace Shipper.Journal;

/// <summary>
/// Reads the journal into batches. Entries are encoded directly from the reader's memory. The position of a batch is a cursor, which becomes the checkpoint
/// when Loki has acknowledged the batch.
/// </summary>
/// <remarks>Owned by the journal's lane; only <see cref="Status"/>, <see cref="Problems"/> and <see cref="Directories"/> are thread-safe.</remarks>
internal sealed class JournalSource : ILaneSource
{
    /// <summary>Maximum length of a line in bytes: Loki's own limit.</summary>
    public const int MaxLineBytes = 256 * 1024;

    /// <summary>Size in bytes at which a batch is complete. The limit is low because a node's journal is quiet compared with its containers.</summary>
    public const long MaxBatchBytes = 512 * 1024;

    public const string SourceName = "journal";

    private const string VolatileDirectory = "/run/log/journal";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    // After this time without an entry, the journal is polled less often.
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan QuietPollInterval = TimeSpan.FromMilliseconds(750);

    private readonly CheckpointStore _checkpoints;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics;
    private readonly JournalUnits _units;
    private readonly CopyDetector _copies = new();
    private readonly List<JournalFeed> _feeds;
    private readonly RecordPipeline _pipeline = new(MaxLineBytes);
    private readonly LineLimit _limit = new(MaxLineBytes, LongLineAction.Truncate);
    private readonly TapTracer _tracer;
    private readonly byte[] _metadata = new byte[JournalMetadata.MaxBytes];

    private readonly string[] _keys;
    private readonly JournalStreams _streams;

    // One mark for each batch that has journal entries.
    private readonly List<JournalMark> _marks = [];
    private SourceStatus _status = SourceStatus.None;
    private IReadOnlyList<JournalProblem> _problems = [];
    private IReadOnlyList<(string, bool)> _directories = [];
    private IReadOnlyList<JournalProblem> _counted = [];
    private long _missing;
    private long _damaged;
    private bool _isFullLogged;
    private bool _areAllMissing;
    private long _lastRealtimeNs;
    private long _lastRead;
    private long _lastMaintain;
    private bool _mayHaveMore;

    // True once it is known whether Loki may have entries that are missing from the checkpoints. Never reset.
    private bool _isSettled;

    /// <param name="options">Section <c>sources.journal</c>.</param>
    /// <param name="labels">The labels that all streams have.</param>
    /// <param name="processing">Section <c>processing</c>.</param>
    /// <param name="checkpoints">Stores the positions.</param>
    /// <param name="logger">Logger of this stage.</param>
    /// <param name="taps">The open taps; null if there are none.</param>
    public JournalSource(
        JournalOptions options, IReadOnlyDictionary<string, string> labels, ProcessingOptions processing, CheckpointStore checkpoints,
        TimeProvider time, ILogger logger, AgentMetrics metrics, TapRegistry? taps = null)
    {
        _tracer = new TapTracer(taps ?? new TapRegistry(time), _pipeline, MaxLineBytes);
        _checkpoints = checkpoints;
        _time = time;
        _logger = logger;
        _metrics = metrics;
        _lastMaintain = time.GetTimestamp();
        _units = new JournalUnits(options.Units, options.Exclude);
        _keys = [.. options.Directories.Distinct(StringComparer.Ordinal).Select(directory => JournalFeed.KeyPrefix + directory)];
        _streams = new JournalStreams(checkpoints, labels, _keys, processing);
        DateTimeOffset since = FindSince(options, checkpoints);
        JournalId? boot = JournalId.TryParse(MachineBoot.Id, out JournalId id) ? id : null;
        _feeds =
        [
            .. _keys.OrderBy(IsVolatile).Select(key => new JournalFeed(
                key[JournalFeed.KeyPrefix.Length..], since, _units, checkpoints, _streams.Get,
                (from, start) => new JournalReader(from, start, MaxLineBytes, _units, time, logger) { Boot = boot, IsGapFilledElsewhere = _copies.IsGapFilledElsewhere }, _copies, time)),
        ];
        long sentUntilNs = _feeds.Select(feed => feed.SentUntilNs).DefaultIfEmpty(0).Max();
        _feeds.ForEach(feed => feed.MarkUnconfirmed(sentUntilNs));
    }

    public SourceStatus Status => Volatile.Read(ref _status);

    /// <summary>The problems that prevent reading journals, as of the last maintenance.</summary>
    public IReadOnlyList<JournalProblem> Problems => Volatile.Read(ref _problems);

    /// <summary>The directories and whether they are being read, as of the last maintenance.</summary>
    public IReadOnlyList<(string Directory, bool IsReading)> Directories => Volatile.Read(ref _directories);

    /// <summary>Opens the directories. Call before log files use up the descriptors.</summary>
    public void Open() => _feeds.ForEach(feed => feed.BeginTurn());

    public bool DrainInbox() => false;

    public bool Fill(Batch batch, long nextPush, out TimeSpan wait)
    {
        wait = _time.GetElapsedTime(_lastRead) < QuietTime ? PollInterval : QuietPollInterval;
        if (!TrySettle())
        {
            return false;
        }

        int before = batch.Records;
        long bytes = 0;
        long truncated = 0;
        long uncertain = 0;
        int dropped = 0;
        bool cannotAskLoki = _checkpoints.CannotAskLoki;
        long now = _time.GetMonotonicMicroseconds();
        _copies.BeginTurn();
        foreach (JournalFeed feed in _feeds)
        {
            feed.BeginTurn();
            bool isFresh = feed.AreEntriesRecent;
            while (!batch.IsFull && feed.TryRead(out JournalEntry entry, out JournalPosition position))
            {
                bytes += entry.MessageLength;
                _lastRealtimeNs = entry.RealtimeNs;
                feed.NewestBatchedNs = Math.Max(feed.NewestBatchedNs, entry.RealtimeNs);
                bool wasSentBefore = entry.RealtimeNs <= Math.Max(feed.UnconfirmedUntilNs, position.UnconfirmedUntilNs);
                bool isUnconfirmed = wasSentBefore && !cannotAskLoki;
                uncertain += wasSentBefore && cannotAskLoki ? 1 : 0;
                position.Stream.IsRecentlyWritten = isFresh;
                batch.BeginRun(position.Stream, position.Stream.Attributes, batch.WindowFor(position.Stream, isUnconfirmed), now, isUnconfirmed: isUnconfirmed);
                var draft = new RecordDraft
                {
                    TimestampNs = entry.RealtimeNs,
                    Line = entry.Message,
                    Length = entry.MessageLength,
                    Metadata = _metadata.AsSpan(0, JournalMetadata.Write(_metadata, in entry)),
                    Lines = 1,
                    Level = entry.Priority == JournalLevels.None ? RecordLevel.None : RecordLevels.FromSyslogPriority(entry.Priority),
                };
                StreamActivity activity = position.Stream.Activity;
                StreamRules rules = position.Stream.Attributes.Rules;
                if (position.Stream.PrepareMemory(rules) is { } memory)
                {
                    _pipeline.Context.Memory = memory;
                }

                bool isTapped = _tracer.Begin(position.Stream.Attributes);
                while (_pipeline.TryReport(rules, entry.RealtimeNs, draft.Metadata, out LogRecord report))
                {
                    batch.Append(in report);
                    if (isTapped)
                    {
                        _tracer.Report(in report);
                    }
                }

                scoped LogRecord record;
                string? reason;
                if (isTapped ? _tracer.TryRun(rules, _limit, ref draft, out record, out reason) : _pipeline.TryRun(rules, _limit, ref draft, out record, out reason))
                {
                    activity.CountLevel(draft.Level);
                    truncated += record.TruncatedBytes > 0 ? 1 : 0;
                    batch.Append(in record);
                }
                else
                {
                    dropped++;
                    _metrics.DroppedRecords.Add(reason!, 1);
                    activity.OnDropped(reason!, 1);
                }

                batch.EndRun();
            }
        }

        _tracer.End();
        _mayHaveMore = batch.IsFull;
        int records = batch.Records - before + dropped;
        if (records == 0)
        {
            return false;
        }

        _lastRead = _time.GetTimestamp();
        _metrics.ReadBytes.Add(SourceName, bytes * _metrics.CountRead(SourceName, records) / records);
        _metrics.TruncatedRecords.Add(truncated);
        _metrics.PossibleDuplicates.Add(uncertain);
        _pipeline.Context.Report(_metrics);
        JournalMark mark = MarkOf(batch);
        mark.TakeMemories(_streams.All);
        _feeds.ForEach(feed => feed.AddPositions(mark.Cursors));
        return true;
    }

    public void Describe(LaneStatus status)
    {
        foreach (JournalStream stream in _streams.All)
        {
            status.Streams.Add(stream.Describe(status.Name));
        }
    }

    public void Rewind(LogStream stream, bool isUnconfirmed, CheckpointChanges changes)
    {
        // The stream's entries in the batches may come from any directory.
        foreach (JournalFeed feed in _feeds)
        {
            if (feed.FindPosition((JournalStream)stream) is { } position)
            {
                _marks.ForEach(mark => mark.Cursors.Remove(position.Checkpoint));
                position.UnconfirmedUntilNs = isUnconfirmed ? feed.NewestBatchedNs : position.UnconfirmedUntilNs;
                feed.Rewind(position, changes);
            }
        }
    }

    public bool TrySaveNext() => false;

    public void Maintain()
    {
        long now = _time.GetTimestamp();
        TimeSpan elapsed = _time.GetElapsedTime(_lastMaintain, now);
        _lastMaintain = now;
        foreach (JournalStream stream in _streams.All)
        {
            stream.Activity.UpdateRates(elapsed);
        }

        Volatile.Write(ref _status, new SourceStatus(
            0, _mayHaveMore ? _lastRealtimeNs : long.MaxValue, 0, 0, _streams.Count, HasUnconfirmed: _feeds.Exists(feed => feed.HasUnconfirmed)));
        JournalProblem[] problems = [.. _feeds.SelectMany(feed => feed.Reader.Problems)];
        foreach (JournalProblem problem in problems.Except(_counted).Where(problem => problem.Level > LogLevel.Information))
        {
            _metrics.JournalErrors.Add(problem.Reason, 1);
        }

        _counted = problems;
        CountEntries();
        ReportIfAllMissing(problems);
        if (_units.IsFull && !_isFullLogged)
        {
            _isFullLogged = true;
            JournalEvents.UnitsFull(_logger, JournalUnits.MaxLabels, JournalUnits.OtherLabel);
        }

        Volatile.Write(ref _problems, problems);
        Volatile.Write(ref _directories, [.. _feeds.Select(feed => (feed.Reader.Directory, feed.Reader.IsReading))]);
    }

    public void Dispose()
    {
        _copies.Dispose();
        _feeds.ForEach(feed => feed.Dispose());
    }

    /// <summary>
    /// Returns where to start in a directory without a checkpoint. On the agent's first start, this is as far back as configured. Later, it is where reading
    /// stopped in the other directories, if that is longer ago: journald may have moved the entries that followed to this directory while the agent was not
    /// running.
    /// </summary>
    private DateTimeOffset FindSince(JournalOptions options, CheckpointStore checkpoints)
    {
        DateTimeOffset since = _time.GetUtcNow() - options.Since;
        ulong read = _keys.Select(key => checkpoints.GetOrAddStream(key).Cursor is { } cursor ? JournalCursor.ReadTime(cursor) ?? 0 : 0).DefaultIfEmpty(0UL).Max();
        return read == 0 || read >= (ulong)(UnixTime.ToNanoseconds(since) / 1000) ? since : DateTimeOffset.UnixEpoch.AddMicroseconds(read);
    }

    /// <summary>True once it is known whether Loki has entries that are missing from the checkpoints. Until then the readers only look for files.</summary>
    private bool TrySettle()
    {
        if (_isSettled)
        {
            return true;
        }

        _isSettled = _checkpoints.IsSettled;
        _feeds.ForEach(_isSettled ? feed => feed.Settle() : feed => feed.BeginTurn());
        return _isSettled;
    }

    /// <summary>Updates the metrics from the shared readers. Readers of single streams are not counted, because they read the same entries.</summary>
    private void CountEntries()
    {
        long missing = _feeds.Sum(feed => (long)feed.Reader.MissingCount);
        long damaged = _feeds.Sum(feed => feed.Reader.DamagedCount);
        _metrics.JournalMissingEntries.Add(missing - _missing);
        _metrics.JournalDamagedEntries.Add(damaged - _damaged);
        (_missing, _damaged) = (missing, damaged);
    }

    /// <summary>Logs one line if all directories are missing.</summary>
    private void ReportIfAllMissing(JournalProblem[] problems)
    {
        bool areAllMissing = problems.Count(problem => problem.Reason == JournalProblemReasons.NoDirectory) == _feeds.Count;
        if (areAllMissing && !_areAllMissing)
        {
            JournalEvents.NoJournal(_logger, string.Join(", ", _feeds.Select(feed => feed.Reader.Directory)));
        }

        _areAllMissing = areAllMissing;
    }

    /// <summary>
    /// True for the volatile directory. journald empties it when moving the journal to the disk, and writes to it again when leaving the disk. Entries that
    /// are only in this directory are newer than those on the disk, so it is read last.
    /// </summary>
    private static bool IsVolatile(string key) => key.TrimEnd('/').EndsWith(VolatileDirectory, StringComparison.Ordinal);

    /// <summary>Returns the mark of a batch. Adds the mark if these are the batch's first entries.</summary>
    private JournalMark MarkOf(Batch batch)
    {
        foreach (SourceMark mark in batch.Marks)
        {
            return (JournalMark)mark;
        }

        JournalMark? free = _marks.Find(mark => mark.IsFree);
        if (free is null)
        {
            free = new JournalMark(_feeds);
            _marks.Add(free);
        }

        free.IsFree = false;
        batch.Add(free);
        return free;
    }
}
