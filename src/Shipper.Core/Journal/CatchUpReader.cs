using Shipper.Checkpoints;
using Shipper.Records;

namespace Shipper.Journal;

/// <summary>
/// Reads for the streams of a directory that are behind, until the shared reader has reached the same entry. Reads for one stream at a time, because each
/// reader opens all files of the directory.
/// </summary>
/// <remarks>Owned by the journal's lane; not thread-safe.</remarks>
/// <param name="since">Where to start without a position.</param>
/// <param name="shared">The reader for all streams that are not behind.</param>
/// <param name="open">Creates a reader of a directory.</param>
/// <param name="copies">Detects copies of entries that were read from another directory.</param>
internal sealed class CatchUpReader(
    string directory, DateTimeOffset since, JournalReader shared, Func<string, JournalStart, JournalReader> open, CopyDetector copies, TimeProvider time) : IDisposable
{
    /// <summary>Maximum number of entries to read for streams that are behind before the other streams get a turn.</summary>
    private const int TurnEntries = 20_000;

    private static readonly TimeSpan MissedJoinDelay = TimeSpan.FromSeconds(5);

    private readonly List<JournalPosition> _behind = [];
    private readonly List<JournalPosition> _joined = [];

    // The stream that is being read alone, its reader, the moved stretch if its entries are now in another directory, and the number of entries left in this
    // turn.
    private JournalPosition? _alone;
    private JournalReader? _reader;
    private JournalStretch? _stretch;
    private int _turn;
    private JournalPosition? _last;

    /// <summary>True if no stream is behind.</summary>
    public bool IsEmpty => _behind.Count == 0;

    /// <summary>Adds a stream that is behind.</summary>
    public void Add(JournalPosition position) => _behind.Add(position);

    /// <summary>Begins a turn, and applies changes in the directory.</summary>
    public void BeginTurn()
    {
        _reader?.Refresh();
        _turn = TurnEntries;
    }

    /// <summary>Reads the next entry for one of the streams.</summary>
    /// <returns>False if there is no entry at the moment.</returns>
    public bool TryRead(out JournalEntry entry)
    {
        entry = default;
        if (_behind.Count == 0 || _turn == 0 || (_alone is null && !TryBegin()))
        {
            return false;
        }

        if (_reader!.TryRead(out entry) && !IsBeyondStretch())
        {
            _turn--;
            return true;
        }

        if (_stretch is { } taken)
        {
            // The moved stretch has been read to its end. Later entries are in the stream's own directory.
            _alone!.OwnCursor = JournalCursor.OfPlace(taken.Last, JournalCursor.ReadTime(taken.Cursor) ?? 0);
        }
        else
        {
            // Everything up to the end of the journal has been read. The shared reader may be at its end, too, and certainly is if the journal is gone.
            _alone!.OwnCursor = _reader.GetCursor();
            _alone.JoinCursor = (shared.IsReading ? _alone.OwnCursor : shared.GetCursor()) ?? "";
        }

        End();
        return false;
    }

    /// <summary>
    /// True if a stream still needs the last entry: it was read for this stream, and is either in the moved stretch or was not taken from another directory.
    /// </summary>
    public bool NeedsLastEntry(JournalPosition position) => position == _alone && (_stretch?.Covers(_reader!.Track.Place) ?? !copies.WasTaken(_reader!));

    /// <summary>Returns streams to the shared reader once it has caught up with them. The shared reader reads for them from its next entry on.</summary>
    public void RejoinCaughtUp()
    {
        if (_behind.Count == 0 || !_behind.Exists(position => position.JoinCursor is not null))
        {
            return;
        }

        string cursor = shared.GetCursor() ?? "";
        foreach (JournalPosition position in _behind.FindAll(position => position.JoinCursor is { } join && JournalCursor.AreOfSameEntry(join, cursor)))
        {
            position.IsBehind = false;
            position.JoinCursor = null;
            position.OwnCursor = null;
            _behind.Remove(position);
            _joined.Add(position);
        }
    }

    /// <summary>
    /// Makes streams read to the end once more if the shared reader is at its end but has not reached their join cursor, because the file with that cursor is
    /// gone.
    /// </summary>
    public void RestartStragglers()
    {
        foreach (JournalPosition position in _behind)
        {
            if (position.JoinCursor is not null && position.Stream.RunsInBatches == 0)
            {
                position.JoinCursor = null;
                position.PausedUntil = time.TimestampAfter(MissedJoinDelay);
            }
        }
    }

    /// <summary>Adds the positions of the streams that are behind, and clears those of the streams that have rejoined.</summary>
    public void AddPositions(Dictionary<StreamCheckpoint, string> positions)
    {
        if (_alone is not null)
        {
            _alone.OwnCursor = _reader!.GetCursor();
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

    /// <summary>Rewinds a stream to its acknowledged position.</summary>
    public void Rewind(JournalPosition position)
    {
        position.JoinCursor = null;
        position.OwnCursor = null;
        _joined.Remove(position);
        if (!position.IsBehind)
        {
            position.IsBehind = true;
            _behind.Add(position);
        }

        if (_alone == position)
        {
            End();
        }
    }

    public void Dispose() => End();

    /// <summary>Opens a reader for the first stream that is no longer paused.</summary>
    /// <returns>False if there is none.</returns>
    private bool TryBegin()
    {
        if (_behind.Exists(position => position.Stream.RunsInBatches > 0) || _last?.Stream.RunsInBatches > 0)
        {
            // Read only one refused stream at a time: if a request contained two, Loki would name only one of them.
            return false;
        }

        long now = time.GetTimestamp();
        _alone = _behind.Find(position => position.JoinCursor is null && Math.Max(position.PausedUntil, position.Stream.Policy.PausedUntil) <= now);
        if (_alone is null)
        {
            return false;
        }

        _last = _alone;
        string cursor = _alone.OwnCursor ?? _alone.Checkpoint.Cursor!;
        string? moved = copies.FindDirectoryMovedTo(shared, cursor, out JournalStretch? stretch);
        _stretch = moved is null ? null : stretch;
        _reader = open(moved ?? directory, new JournalStart(cursor, since));
        _reader.Refresh();
        return true;
    }

    private bool IsBeyondStretch() =>
        _stretch is { } stretch && _reader!.Track.Place.Boot == stretch.Last.Boot && !stretch.Last.IsAtOrAfter(_reader.Track.Place);

    private void End()
    {
        _reader?.Dispose();
        _reader = null;
        _stretch = null;
        _alone = null;
    }
}
