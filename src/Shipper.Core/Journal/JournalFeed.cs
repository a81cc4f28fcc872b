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

    private static readonly TimeSpan FreshTime = TimeSpan.FromHours(1);

    private readonly JournalUnits _units;
    private readonly CheckpointStore _checkpoints;
    private readonly Func<JournalUnit, JournalStream> _streamOf;
    private readonly JournalStart _start;
    private readonly JournalCopies _copies;
    private readonly TimeProvider _time;
    private readonly JournalPosition?[] _positions = new JournalPosition?[JournalUnits.MaxLabels + 1];
    private readonly JournalReader _reader;
    private readonly CatchUp _catchUp;

    // What the keys of this directory's streams begin with.
    private readonly string _prefix;

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
        _copies = copies;
        _time = time;
        Directory = directory;
        Checkpoint = checkpoints.GetStream(KeyPrefix + directory);
        _start = new JournalStart(Checkpoint.Cursor is { Length: > 0 } cursor ? cursor : null, since);
        _reader = open(directory, _start);
        copies.Add(_reader);
        _catchUp = new CatchUp(directory, since, _reader, open, copies, time);
        SentUntilNs = SentUntil(Checkpoint);
        LeftOpenUntilNs = checkpoints.IsInDoubt ? long.MaxValue : SentUntilNs;
        _prefix = Checkpoint.Key + ":";
        foreach (StreamCheckpoint behind in checkpoints.GetStreams().Where(stream => stream.Cursor is { Length: > 0 } && stream.Key.StartsWith(_prefix, StringComparison.Ordinal)))
        {
            _catchUp.Add(PositionOf(_units.OfLabel(behind.Key[_prefix.Length..])));
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
        !_catchUp.IsEmpty
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
        _catchUp.BeginTurn();
    }

    /// <summary>Reads the next entry that is to be sent.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="position">Its stream's position.</param>
    /// <returns>False where there is none for now.</returns>
    public bool TryRead(out JournalEntry entry, out JournalPosition position)
    {
        while (_catchUp.TryRead(out entry))
        {
            position = PositionOf(entry.Unit);
            if (_catchUp.Lacks(position))
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
                    _reader.Track.Decline();
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
            // What comes now was not there when the agent started.
            LeftOpenUntilNs = Math.Min(LeftOpenUntilNs, _reader.NewestNs);
        }

        _drainedAt = _time.GetTimestamp();
        _catchUp.RestartStragglers();
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

        _catchUp.AddPositions(positions);
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
        if (position.Checkpoint.Cursor is not { Length: > 0 })
        {
            // Until now it shared the position that was acknowledged last.
            string shared = Checkpoint.Cursor is { Length: > 0 } cursor ? cursor : JournalCursor.OfTime((ulong)Math.Max(0, UnixTime.ToNanoseconds(_start.Since!.Value) / 1000));
            changes.Cursors.Add(new(position.Checkpoint, shared));
        }

        _catchUp.GoBack(position);
    }

    public void Dispose()
    {
        _reader.Dispose();
        _catchUp.Dispose();
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
}
