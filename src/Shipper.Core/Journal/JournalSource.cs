using Microsoft.Extensions.Logging;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Delivery;
using Shipper.Lanes;
using Shipper.Parsing;
using Shipper.Tailing;
using Shipper.Telemetry;

namespace Shipper.Journal;

/// <summary>
/// Reads the journal into a batch. An entry is encoded from the library's memory; the position of a batch is a cursor, which becomes the
/// checkpoint when Loki has taken the batch.
/// </summary>
/// <remarks>Owned by the journal's lane; only <see cref="Status"/>, <see cref="Problems"/> and <see cref="Directories"/> are safe for
/// concurrent use.</remarks>
internal sealed class JournalSource : ILaneSource
{
    /// <summary>The largest line, in bytes: Loki's own limit.</summary>
    public const int MaxLineBytes = 256 * 1024;

    /// <summary>A batch is complete with as many bytes: a node's journal is quiet beside its containers.</summary>
    public const long MaxBatchBytes = 512 * 1024;

    private const string SourceName = "journal";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    // Nothing came for as long: it is looked at less often.
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan QuietPollInterval = TimeSpan.FromMilliseconds(750);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics;
    private readonly JournalUnits _units;
    private readonly List<JournalFeed> _feeds;
    private readonly LineText _text = new(MaxLineBytes);
    private readonly byte[] _metadata = new byte[JournalMetadata.MaxBytes];
    private readonly List<Mark> _noMarks = [];

    // The positions that the acknowledgement of a batch leads to.
    private readonly Dictionary<Batch, Dictionary<StreamCheckpoint, string>> _positions = [];
    private TailerStatus _status = TailerStatus.None;
    private IReadOnlyList<JournalProblem> _problems = [];
    private IReadOnlyList<(string, bool)> _directories = [];
    private IReadOnlyList<JournalProblem> _counted = [];
    private long _missing;
    private long _damaged;
    private bool _isFullLogged;
    private bool _hasNone;
    private long _lastRealtimeNs;
    private long _lastRead;
    private bool _mayHaveMore;

    /// <param name="options">Section <c>sources.journal</c>.</param>
    /// <param name="labels">The labels that all streams have.</param>
    /// <param name="checkpoints">Where positions are kept.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The stage's log.</param>
    /// <param name="metrics">The agent's.</param>
    public JournalSource(
        JournalOptions options, IReadOnlyDictionary<string, string> labels, CheckpointStore checkpoints,
        TimeProvider time, ILogger logger, AgentMetrics metrics)
    {
        _time = time;
        _logger = logger;
        _metrics = metrics;
        _units = new JournalUnits(options.Units, options.Exclude);
        DateTimeOffset since = time.GetUtcNow() - options.Since;
        _feeds =
        [
            .. options.Directories.Select(directory => new JournalFeed(
                directory, since, _units, checkpoints, unit => AttributesOf(labels, unit),
                start => new JournalReader(directory, start, MaxLineBytes, _units, time, logger), time)),
        ];
    }

    public TailerStatus Status => Volatile.Read(ref _status);

    /// <summary>What keeps journals from being read, as of the last maintenance.</summary>
    public IReadOnlyList<JournalProblem> Problems => Volatile.Read(ref _problems);

    /// <summary>The directories and whether they are read, as of the last maintenance.</summary>
    public IReadOnlyList<(string Directory, bool IsReading)> Directories => Volatile.Read(ref _directories);

    public bool TakeNews() => false;

    public bool Fill(Batch batch, long nextPush, out TimeSpan wait)
    {
        wait = _time.GetElapsedTime(_lastRead) < QuietTime ? PollInterval : QuietPollInterval;
        int before = batch.Records;
        long bytes = 0;
        long truncated = 0;
        long presentNs = _time.GetUnixNanoseconds();
        foreach (JournalFeed feed in _feeds)
        {
            feed.BeginTurn();
            while (!batch.IsFull && feed.TryRead(out JournalEntry entry, out JournalStream stream))
            {
                ReadOnlySpan<byte> line = _text.Prepare(entry.Message, isAscii: false, entry.MessageLength, MaxLineBytes, out long truncatedBytes);
                int metadataBytes = JournalMetadata.Write(_metadata, in entry);
                bytes += entry.MessageLength;
                truncated += truncatedBytes > 0 ? 1 : 0;
                _lastRealtimeNs = entry.RealtimeNs;
                feed.LastNs = Math.Max(feed.LastNs, entry.RealtimeNs);
                batch.BeginRun(stream, stream.Attributes, presentNs, isLeftOpen: entry.RealtimeNs <= Math.Max(feed.LeftOpenUntilNs, stream.LeftOpenUntilNs));
                batch.Append(new LogRecord(entry.RealtimeNs, _metadata.AsSpan(0, metadataBytes), line, truncatedBytes));
                batch.EndRun(_noMarks);
            }
        }

        _mayHaveMore = batch.IsFull;
        int records = batch.Records - before;
        if (records == 0)
        {
            return false;
        }

        _lastRead = _time.GetTimestamp();
        _metrics.ReadBytes.Add(SourceName, bytes);
        _metrics.ReadRecords.Add(SourceName, records);
        _metrics.TruncatedRecords.Add(truncated);
        Dictionary<StreamCheckpoint, string> positions = PositionsOf(batch);
        _feeds.ForEach(feed => feed.AddPositions(positions));
        return true;
    }

    public void Acknowledge(Batch batch, CheckpointChanges changes)
    {
        Dictionary<StreamCheckpoint, string> positions = PositionsOf(batch);
        foreach ((StreamCheckpoint checkpoint, string cursor) in positions)
        {
            changes.Cursors.Add((checkpoint, cursor));
        }

        positions.Clear();
        foreach (Run run in batch.Runs)
        {
            if (run.IsRemoved || run.IsContinuation)
            {
                continue;
            }

            if (run.Stream.Checkpoint.Cursor is null)
            {
                // Kept for its clock.
                changes.Cursors.Add((run.Stream.Checkpoint, ""));
            }
        }
    }

    public void Describe(LaneStatus status)
    {
        // A cursor is no number of bytes.
    }

    public void Note(Batch batch, CheckpointChanges changes)
    {
        foreach ((StreamCheckpoint checkpoint, string cursor) in PositionsOf(batch))
        {
            changes.SentCursors.Add((checkpoint, cursor));
        }
    }

    public void GoBack(Refusal refusal, Batch underWay, Batch filling, CheckpointChanges changes)
    {
        var stream = (JournalStream)refusal.Stream;
        PositionsOf(underWay).Remove(stream.Checkpoint);
        PositionsOf(filling).Remove(stream.Checkpoint);
        JournalFeed feed = _feeds.Find(feed => feed.Owns(stream))!;
        if (refusal.IsInPart)
        {
            stream.LeftOpenUntilNs = feed.LastNs;
        }

        feed.GoBack(stream, changes);
    }

    public bool Save() => false;

    public void Maintain()
    {
        Volatile.Write(ref _status, new TailerStatus(
            0, _mayHaveMore ? _lastRealtimeNs : long.MaxValue, 0, 0, _feeds.Sum(feed => feed.StreamCount), IsInDoubt: _feeds.Exists(feed => feed.IsInDoubt)));
        JournalProblem[] problems = [.. _feeds.SelectMany(feed => feed.Reader.Problems)];
        foreach (JournalProblem problem in problems.Except(_counted).Where(problem => problem.Level > LogLevel.Information))
        {
            _metrics.JournalErrors.Add(problem.Reason, 1);
        }

        _counted = problems;
        CountEntries();
        SayIfThereIsNone(problems);
        if (_units.IsFull && !_isFullLogged)
        {
            _isFullLogged = true;
            JournalLog.UnitsFull(_logger, JournalUnits.MaxLabels, JournalUnits.OtherLabel);
        }

        Volatile.Write(ref _problems, problems);
        Volatile.Write(ref _directories, [.. _feeds.Select(feed => (feed.Reader.Directory, feed.Reader.IsReading))]);
    }

    public void Dispose() => _feeds.ForEach(feed => feed.Dispose());

    /// <summary>Shows what the readers have counted. Those of single streams read what the shared ones have counted already.</summary>
    private void CountEntries()
    {
        long missing = _feeds.Sum(feed => (long)feed.Reader.MissingCount);
        long damaged = _feeds.Sum(feed => feed.Reader.DamagedCount);
        _metrics.JournalMissingEntries.Add(missing - _missing);
        _metrics.JournalDamagedEntries.Add(damaged - _damaged);
        (_missing, _damaged) = (missing, damaged);
    }

    /// <summary>Of several directories that are all missing, one line.</summary>
    private void SayIfThereIsNone(JournalProblem[] problems)
    {
        bool hasNone = problems.Count(problem => problem.Reason == JournalProblemReasons.NoDirectory) == _feeds.Count;
        if (hasNone && !_hasNone)
        {
            JournalLog.NoJournal(_logger, string.Join(", ", _feeds.Select(feed => feed.Reader.Directory)));
        }

        _hasNone = hasNone;
    }

    private static StreamAttributes AttributesOf(IReadOnlyDictionary<string, string> labels, string unit) =>
        new(StreamLabels.Create(new Dictionary<string, string>(labels, StringComparer.Ordinal) { ["unit"] = unit, ["job"] = "systemd-journal" }), [], hasOutput: false);

    private Dictionary<StreamCheckpoint, string> PositionsOf(Batch batch)
    {
        if (!_positions.TryGetValue(batch, out Dictionary<StreamCheckpoint, string>? positions))
        {
            _positions[batch] = positions = [];
        }

        return positions;
    }
}
