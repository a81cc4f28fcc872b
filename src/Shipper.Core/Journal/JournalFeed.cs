using Shipper.Checkpoints;
using Shipper.Records;

namespace Shipper.Journal;

/// <summary>
/// One directory of journal files: a position that its streams share, and another for each stream that Loki refused, which is read
/// again alone, so that it neither stops the others nor makes them repeat.
/// </summary>
/// <remarks>Owned by the journal's lane; not safe for concurrent use.</remarks>
internal sealed class JournalFeed : IDisposable
{
    /// <summary>What the keys of these streams begin with; those of containers have no colon.</summary>
    public const string KeyPrefix = "journal:";

    /// <summary>Entries that are read for a stream that is behind before the others have their turn.</summary>
    private const int AloneTurn = 20_000;

    private static readonly TimeSpan MissedJoinDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FreshTime = TimeSpan.FromHours(1);

    private readonly JournalUnits _units;
    private readonly CheckpointStore _checkpoints;
    private readonly Func<JournalUnit, JournalStream> _streamOf;
    private readonly JournalStart _start;
    private readonly Func<string, JournalStart, JournalReader> _open;
    private readonly JournalCopies _copies;
    private readonly TimeProvider _time;
    private readonly JournalPosition?[] _positions = new JournalPosition?[JournalUnits.MaxLabels + 1];
    private readonly List<JournalPosition> _behind = [];
    private readonly List<JournalPosition> _joined = [];
    private readonly JournalReader _reader;

    // What the keys of this directory's streams begin with.
    private readonly string _prefix;

    // The stream that is read alone, its reader, what it reads if that is in another directory now, and what is left of its turn.
    private JournalPosition? _alone;
    private JournalReader? _aloneReader;
    private JournalStretch? _aloneStretch;
    private int _aloneTurn;
    private JournalPosition? _lastAlone;

    // When the end of the journal was reached last.
    private long? _drainedAt;

    /// <param name="directory">The directory.</param>
    /// <param name="since">Where to begin without a checkpoint.</param>
    /// <param name="units">Where units are found.</param>
    /// <param name="checkpoints">Where positions are kept.</param>
    /// <param name="streamOf">Gives the stream of a unit.</param>
    /// <param name="open">Makes a reader of a directory.</param>
    /// <param name="copies">Knows entries again that were read from another directory.</param>
    /// <param name="time">The clock.</param>
    public JournalFeed(
        string directory, DateTimeOffset since, JournalUnits units, CheckpointStore checkpoints, Func<JournalUnit, JournalStream> streamOf,
        Func<string, JournalStart, JournalReader> open, JournalCopies copies, TimeProvider time)
    {
        _units = units;
        _checkpoints = checkpoints;
        _streamOf = streamOf;
        _open = open;
        _copies = copies;
        _time = time;
        Directory = directory;
        Checkpoint = checkpoints.GetStream(KeyPrefix + directory);
        _start = new JournalStart(Checkpoint.Cursor is { Length: > 0 } cursor ? cursor : null, since);
        _reader = open(directory, _start);
        copies.Add(_reader);
        SentUntilNs = SentUntil(Checkpoint);
        LeftOpenUntilNs = checkpoints.IsInDoubt ? long.MaxValue : SentUntilNs;
        _prefix = Checkpoint.Key + ":";
        foreach (StreamCheckpoint behind in checkpoints.GetStreams().Where(stream => stream.Cursor is { Length: > 0 } && stream.Key.StartsWith(_prefix, StringComparison.Ordinal)))
        {
            _behind.Add(PositionOf(_units.OfLabel(behind.Key[_prefix.Length..])));
        }
    }

    /// <summary>The directory.</summary>
    public string Directory { get; }

    /// <summary>The shared position.</summary>
    public StreamCheckpoint Checkpoint { get; }

    /// <summary>Reads for all streams that are not behind.</summary>
    public JournalReader Reader => _reader;

    /// <summary>The time up to which a push of this directory may have been under way when the agent was ended, in nanoseconds since 1970.</summary>
    public long SentUntilNs { get; private set; }

    /// <summary>What was read up to this time may be in Loki already, in nanoseconds since 1970; the largest number where it is not known.</summary>
    public long LeftOpenUntilNs { get; private set; }

    /// <summary>True while something may be in Loki of which the checkpoints know nothing.</summary>
    public bool IsInDoubt =>
        _behind.Count > 0
        || (_reader.IsReading && (LeftOpenUntilNs == long.MaxValue || (Checkpoint.Cursor is { } cursor ? JournalCursor.ReadTime(cursor) * 1000 : 0) < (ulong)LeftOpenUntilNs));

    /// <summary>The newest time of an entry that was put into a batch, in nanoseconds since 1970; 0 where there was none.</summary>
    public long LastNs { get; set; }

    /// <summary>Call once it is known whether Loki has more than the checkpoints.</summary>
    public void Settle() => LeftOpenUntilNs = _checkpoints.IsInDoubt ? LeftOpenUntilNs : SentUntilNs;

    /// <summary>True if the entries that are read now were written within the last hour, whatever their time says: all older ones had been read by then.</summary>
    public bool IsWrittenLately => _drainedAt is { } drained && _time.GetElapsedTime(drained) < FreshTime;

    /// <summary>Takes note of what has changed in the directory.</summary>
    public void BeginTurn()
    {
        _reader.Refresh();
        _aloneReader?.Refresh();
        _aloneTurn = AloneTurn;
    }

    /// <summary>Reads the next entry that is to be sent.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="position">Its stream's position.</param>
    /// <returns>False where there is none for now.</returns>
    public bool TryRead(out JournalEntry entry, out JournalPosition position)
    {
        while (TryReadAlone(out entry))
        {
            position = PositionOf(entry.Unit);
            if (position == _alone && IsToBeReadAlone())
            {
                return true;
            }
        }

        JoinThoseMet();
        while (_reader.TryRead(out entry))
        {
            if (entry.Unit.IsWanted)
            {
                if (_copies.WasTaken(_reader))
                {
                    _reader.Track.Decline();
                }
                else if (PositionOf(entry.Unit) is { IsBehind: false } found)
                {
                    position = found;
                    return true;
                }
            }

            JoinThoseMet();
        }

        if (_reader.IsReading)
        {
            // What comes now was not there when the agent started.
            LeftOpenUntilNs = Math.Min(LeftOpenUntilNs, _reader.NewestNs);
        }

        _drainedAt = _time.GetTimestamp();
        StartMissedOnesAgain();
        position = null!;
        return false;
    }

    /// <summary>Adds the positions that reading has come to.</summary>
    public void AddPositions(Dictionary<StreamCheckpoint, string> positions)
    {
        if (_reader.GetCursor() is { } cursor)
        {
            positions[Checkpoint] = cursor;
        }

        if (_alone is not null)
        {
            _alone.OwnCursor = _aloneReader!.GetCursor();
        }

        foreach (JournalPosition position in _behind)
        {
            if (position.OwnCursor is { } own)
            {
                positions[position.Checkpoint] = own;
            }
        }

        foreach (JournalPosition position in _joined)
        {
            positions[position.Checkpoint] = "";
        }

        _joined.Clear();
    }

    /// <summary>A push of any directory may have been under way up to this time, and its entries may have been moved to this one.</summary>
    public void LeaveOpen(long untilNs)
    {
        SentUntilNs = Math.Max(SentUntilNs, untilNs);
        LeftOpenUntilNs = Math.Max(LeftOpenUntilNs, untilNs);
    }

    /// <summary>True if a position is one of this directory: the shared one, or that of a stream.</summary>
    public bool Has(StreamCheckpoint position) => position == Checkpoint || position.Key.StartsWith(_prefix, StringComparison.Ordinal);

    /// <summary>Where a stream stands in this directory; null if nothing of it was read here.</summary>
    public JournalPosition? Find(JournalStream stream) => _positions[stream.LabelIndex];

    /// <summary>Loki refused a stream: it goes back to where it was acknowledged, and is read again when its pause is over.</summary>
    /// <param name="position">Its position here.</param>
    /// <param name="changes">Gets the position.</param>
    public void GoBack(JournalPosition position, CheckpointChanges changes)
    {
        position.JoinCursor = null;
        position.OwnCursor = null;
        _joined.Remove(position);
        if (position.Checkpoint.Cursor is not { Length: > 0 })
        {
            // Until now it shared the position that was acknowledged last.
            string shared = Checkpoint.Cursor is { Length: > 0 } cursor ? cursor : JournalCursor.OfTime((ulong)Math.Max(0, UnixTime.ToNanoseconds(_start.Since!.Value) / 1000));
            changes.Cursors.Add((position.Checkpoint, shared));
        }

        if (!position.IsBehind)
        {
            position.IsBehind = true;
            _behind.Add(position);
        }

        if (_alone == position)
        {
            EndAlone();
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        EndAlone();
    }

    /// <summary>The time up to which a push may have been under way when the agent was ended.</summary>
    private static long SentUntil(StreamCheckpoint checkpoint) =>
        checkpoint.SentCursor is { } sent && sent != checkpoint.Cursor && JournalCursor.ReadTime(sent) is { } microseconds ? (long)microseconds * 1000 : 0;

    private JournalPosition PositionOf(JournalUnit unit)
    {
        if (_positions[unit.LabelIndex] is { } position)
        {
            return position;
        }

        position = new JournalPosition(_checkpoints.GetStream(_prefix + unit.Label), _streamOf(unit));
        position.LeftOpenUntilNs = SentUntil(position.Checkpoint);
        _positions[unit.LabelIndex] = position;
        return position;
    }

    /// <summary>Reads for a stream that is behind, one at a time: each reader holds all files of the directory.</summary>
    private bool TryReadAlone(out JournalEntry entry)
    {
        entry = default;
        if (_behind.Count == 0 || _aloneTurn == 0)
        {
            return false;
        }

        if (_alone is null)
        {
            if (_behind.Exists(position => position.Stream.UnansweredRuns > 0) || _lastAlone?.Stream.UnansweredRuns > 0)
            {
                // Of two in one request Loki would tell of one.
                return false;
            }

            long now = _time.GetTimestamp();
            _alone = _behind.Find(position => position.JoinCursor is null && Math.Max(position.PausedUntil, position.Stream.PausedUntil) <= now);
            if (_alone is null)
            {
                return false;
            }

            _lastAlone = _alone;
            string cursor = _alone.OwnCursor ?? _alone.Checkpoint.Cursor!;
            string? moved = _copies.FindMoved(_reader, cursor, out JournalStretch? stretch);
            _aloneStretch = moved is null ? null : stretch;
            _aloneReader = _open(moved ?? Directory, new JournalStart(cursor, _start.Since));
            _aloneReader.Refresh();
        }

        if (_aloneReader!.TryRead(out entry) && !IsBeyondStretch())
        {
            _aloneTurn--;
            return true;
        }

        if (_aloneStretch is { } taken)
        {
            // The moved stretch is read to its end. The entries behind it are in the stream's own directory.
            _alone.OwnCursor = JournalCursor.OfPlace(taken.Last, JournalCursor.ReadTime(taken.Cursor) ?? 0);
        }
        else
        {
            // All of it is taken, up to the end of the journal. The others may be there already, and are if the journal is gone.
            _alone.OwnCursor = _aloneReader.GetCursor();
            _alone.JoinCursor = (_reader.IsReading ? _alone.OwnCursor : _reader.GetCursor()) ?? "";
        }

        EndAlone();
        return false;
    }

    /// <summary>True if the stream lacks the entry that was read alone: the entry is of the moved stretch, or was not taken from another directory.</summary>
    private bool IsToBeReadAlone() => _aloneStretch?.Covers(_aloneReader!.Track.Place) ?? !_copies.WasTaken(_aloneReader!);

    private bool IsBeyondStretch() =>
        _aloneStretch is { } stretch && _aloneReader!.Track.Place.Boot == stretch.Last.Boot && !stretch.Last.IsNotBefore(_aloneReader.Track.Place);

    /// <summary>A stream that the shared reading has caught up with goes on with it from the next entry.</summary>
    private void JoinThoseMet()
    {
        if (_behind.Count == 0 || !_behind.Exists(position => position.JoinCursor is not null))
        {
            return;
        }

        string cursor = _reader.GetCursor() ?? "";
        foreach (JournalPosition position in _behind.FindAll(position => position.JoinCursor is { } join && JournalCursor.AreSame(join, cursor)))
        {
            position.IsBehind = false;
            position.JoinCursor = null;
            position.OwnCursor = null;
            _behind.Remove(position);
            _joined.Add(position);
        }
    }

    /// <summary>The shared reading is at its end, and some did not meet: their place went with its file. They read up to the end once more.</summary>
    private void StartMissedOnesAgain()
    {
        foreach (JournalPosition position in _behind)
        {
            if (position.JoinCursor is not null && position.Stream.UnansweredRuns == 0)
            {
                position.JoinCursor = null;
                position.PausedUntil = _time.After(MissedJoinDelay);
            }
        }
    }

    private void EndAlone()
    {
        _aloneReader?.Dispose();
        _aloneReader = null;
        _aloneStretch = null;
        _alone = null;
    }
}
