using Shipper.Checkpoints;
using Shipper.Records;

namespace Shipper.Journal;

/// <summary>
/// One directory of journal files. Its streams share one position; each stream that Loki refused has a position of its own. A refused stream is read again
/// separately, so that it neither stops the others nor makes them repeat entries.
/// </summary>
/// <remarks>Owned by the journal's lane; not thread-safe.</remarks>
internal sealed class JournalFeed : IDisposable
{
    /// <summary>Prefix of the checkpoint keys of journal streams. Keys of containers have no colon.</summary>
    public const string KeyPrefix = "journal:";

    private static readonly TimeSpan FreshTime = TimeSpan.FromHours(1);

    private readonly JournalUnits _units;
    private readonly CheckpointStore _checkpoints;
    private readonly Func<JournalUnit, JournalStream> _streamOf;
    private readonly JournalStart _start;
    private readonly CopyDetector _copies;
    private readonly TimeProvider _time;
    private readonly JournalPosition?[] _positions = new JournalPosition?[JournalUnits.MaxLabels + 1];
    private readonly JournalReader _reader;
    private readonly CatchUpReader _catchUp;

    // Prefix of the checkpoint keys of this directory's streams.
    private readonly string _prefix;

    // When reading last reached the end of the journal.
    private long? _drainedAt;

    /// <param name="since">Where to start without a checkpoint.</param>
    /// <param name="units">Resolves units.</param>
    /// <param name="checkpoints">Stores the positions.</param>
    /// <param name="streamOf">Returns the stream of a unit.</param>
    /// <param name="open">Creates a reader of a directory.</param>
    /// <param name="copies">Detects copies of entries that were read from another directory.</param>
    public JournalFeed(
        string directory, DateTimeOffset since, JournalUnits units, CheckpointStore checkpoints, Func<JournalUnit, JournalStream> streamOf,
        Func<string, JournalStart, JournalReader> open, CopyDetector copies, TimeProvider time)
    {
        _units = units;
        _checkpoints = checkpoints;
        _streamOf = streamOf;
        _copies = copies;
        _time = time;
        Directory = directory;
        Checkpoint = checkpoints.GetOrAddStream(KeyPrefix + directory);
        _start = new JournalStart(Checkpoint.Cursor is { Length: > 0 } cursor ? cursor : null, since);
        _reader = open(directory, _start);
        copies.Add(_reader);
        _catchUp = new CatchUpReader(directory, since, _reader, open, copies, time);
        SentUntilNs = SentUntil(Checkpoint);
        UnconfirmedUntilNs = checkpoints.HasUnconfirmed ? long.MaxValue : SentUntilNs;
        _prefix = Checkpoint.Key + ":";
        foreach (StreamCheckpoint behind in checkpoints.GetStreams().Where(stream => stream.Cursor is { Length: > 0 } && stream.Key.StartsWith(_prefix, StringComparison.Ordinal)))
        {
            _catchUp.Add(PositionOf(_units.GetByLabel(behind.Key[_prefix.Length..])));
        }
    }

    /// <summary>The path of the directory.</summary>
    public string Directory { get; }

    /// <summary>The position that the directory's streams share.</summary>
    public StreamCheckpoint Checkpoint { get; }

    /// <summary>The reader for all streams that are not behind.</summary>
    public JournalReader Reader => _reader;

    /// <summary>The time up to which a push from this directory may have been in progress when the previous agent ended, in nanoseconds since 1970.</summary>
    public long SentUntilNs { get; private set; }

    /// <summary>
    /// Entries up to this time are unconfirmed: Loki may already have them. In nanoseconds since 1970; <see cref="long.MaxValue"/> if the time is unknown.
    /// </summary>
    public long UnconfirmedUntilNs { get; private set; }

    /// <summary>True while Loki may have entries that are missing from the checkpoints.</summary>
    public bool HasUnconfirmed =>
        !_catchUp.IsEmpty
        || (_reader.IsReading && (UnconfirmedUntilNs == long.MaxValue || (Checkpoint.Cursor is { } cursor ? JournalCursor.ReadTime(cursor) * 1000 : 0) < (ulong)UnconfirmedUntilNs));

    /// <summary>The latest timestamp of an entry in any batch, in nanoseconds since 1970; 0 if there was none.</summary>
    public long NewestBatchedNs { get; set; }

    /// <summary>Applies what is known about the checkpoints. Call once it is known whether Loki has entries that are missing from them.</summary>
    public void Settle() => UnconfirmedUntilNs = _checkpoints.HasUnconfirmed ? UnconfirmedUntilNs : SentUntilNs;

    /// <summary>
    /// True if entries that are read now were written within the last hour, regardless of their timestamps, because the end of the journal was reached within
    /// that hour.
    /// </summary>
    public bool AreEntriesRecent => _drainedAt is { } drained && _time.GetElapsedTime(drained) < FreshTime;

    /// <summary>Begins a turn, and applies changes in the directory.</summary>
    public void BeginTurn()
    {
        _reader.Refresh();
        _catchUp.BeginTurn();
    }

    /// <summary>Reads the next entry to send.</summary>
    /// <param name="position">The position of the entry's stream.</param>
    /// <returns>False if there is no entry at the moment.</returns>
    public bool TryRead(out JournalEntry entry, out JournalPosition position)
    {
        while (_catchUp.TryRead(out entry))
        {
            position = PositionOf(entry.Unit);
            if (_catchUp.NeedsLastEntry(position))
            {
                return true;
            }
        }

        _catchUp.RejoinCaughtUp();
        while (_reader.TryRead(out entry))
        {
            if (entry.Unit.IsWanted)
            {
                if (_copies.WasTaken(_reader))
                {
                    _reader.Track.MarkAsCopy();
                }
                else if (PositionOf(entry.Unit) is { IsBehind: false } found)
                {
                    position = found;
                    return true;
                }
            }

            _catchUp.RejoinCaughtUp();
        }

        if (_reader.IsReading)
        {
            // Entries that are read from now on were written after the agent had started.
            UnconfirmedUntilNs = Math.Min(UnconfirmedUntilNs, _reader.NewestNs);
        }

        _drainedAt = _time.GetTimestamp();
        _catchUp.RestartStragglers();
        position = null!;
        return false;
    }

    /// <summary>Adds the positions up to which the directory has been read.</summary>
    public void AddPositions(Dictionary<StreamCheckpoint, string> positions)
    {
        if (_reader.GetCursor() is { } cursor)
        {
            positions[Checkpoint] = cursor;
        }

        _catchUp.AddPositions(positions);
    }

    /// <summary>
    /// Marks entries up to a time as unconfirmed. A push from any directory may have been in progress until then, and journald may have moved its entries to
    /// this directory.
    /// </summary>
    public void MarkUnconfirmed(long untilNs)
    {
        SentUntilNs = Math.Max(SentUntilNs, untilNs);
        UnconfirmedUntilNs = Math.Max(UnconfirmedUntilNs, untilNs);
    }

    /// <summary>True if a position belongs to this directory: the shared position, or that of one of its streams.</summary>
    public bool Owns(StreamCheckpoint position) => position == Checkpoint || position.Key.StartsWith(_prefix, StringComparison.Ordinal);

    /// <summary>Returns the position of a stream in this directory; null if no entry of the stream was read from the directory.</summary>
    public JournalPosition? FindPosition(JournalStream stream) => _positions[stream.LabelIndex];

    /// <summary>Rewinds a stream that Loki refused to its acknowledged position. Its entries are read again when its pause is over.</summary>
    /// <param name="changes">Receives the position.</param>
    public void Rewind(JournalPosition position, CheckpointChanges changes)
    {
        if (position.Checkpoint.Cursor is not { Length: > 0 })
        {
            // Until now the stream used the directory's shared position.
            string shared = Checkpoint.Cursor is { Length: > 0 } cursor ? cursor : JournalCursor.OfTime((ulong)Math.Max(0, UnixTime.ToNanoseconds(_start.Since!.Value) / 1000));
            changes.Cursors.Add(new(position.Checkpoint, shared));
        }

        _catchUp.Rewind(position);
    }

    public void Dispose()
    {
        _reader.Dispose();
        _catchUp.Dispose();
    }

    /// <summary>
    /// Returns the time up to which a push may have been in progress when the previous agent ended, in nanoseconds since 1970; 0 if there was no push.
    /// </summary>
    private static long SentUntil(StreamCheckpoint checkpoint) =>
        checkpoint.SentCursor is { } sent && sent != checkpoint.Cursor && JournalCursor.ReadTime(sent) is { } microseconds ? (long)microseconds * 1000 : 0;

    private JournalPosition PositionOf(JournalUnit unit)
    {
        if (_positions[unit.LabelIndex] is { } position)
        {
            return position;
        }

        position = new JournalPosition(_checkpoints.GetOrAddStream(_prefix + unit.Label), _streamOf(unit));
        position.UnconfirmedUntilNs = SentUntil(position.Checkpoint);
        _positions[unit.LabelIndex] = position;
        return position;
    }
}
