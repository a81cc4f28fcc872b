using Shipper.Batching;
using Shipper.Checkpoints;

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

    private readonly JournalUnits _units;
    private readonly CheckpointStore _checkpoints;
    private readonly Func<string, StreamAttributes> _attributes;
    private readonly JournalStart _start;
    private readonly Func<JournalStart, JournalReader> _open;
    private readonly TimeProvider _time;
    private readonly JournalStream?[] _streams = new JournalStream?[JournalUnits.MaxLabels + 1];
    private readonly List<JournalStream> _behind = [];
    private readonly List<JournalStream> _joined = [];
    private readonly JournalReader _reader;

    // The stream that is read alone, its reader, and what is left of its turn.
    private JournalStream? _alone;
    private JournalReader? _aloneReader;
    private int _aloneTurn;
    private JournalStream? _lastAlone;

    /// <param name="directory">The directory.</param>
    /// <param name="since">Where to begin without a checkpoint.</param>
    /// <param name="units">Where units are found.</param>
    /// <param name="checkpoints">Where positions are kept.</param>
    /// <param name="attributes">Gives the labels of a unit.</param>
    /// <param name="open">Makes a reader of the directory.</param>
    /// <param name="time">The clock.</param>
    public JournalFeed(
        string directory, DateTimeOffset since, JournalUnits units, CheckpointStore checkpoints, Func<string, StreamAttributes> attributes,
        Func<JournalStart, JournalReader> open, TimeProvider time)
    {
        _units = units;
        _checkpoints = checkpoints;
        _attributes = attributes;
        _open = open;
        _time = time;
        Checkpoint = checkpoints.GetStream(KeyPrefix + directory);
        _start = new JournalStart(Checkpoint.Cursor is { Length: > 0 } cursor ? cursor : null, since);
        _reader = open(_start);
        LeftOpenUntilNs = checkpoints.IsInDoubt ? long.MaxValue : SentUntilNs(Checkpoint);
        string prefix = Checkpoint.Key + ":";
        foreach (StreamCheckpoint behind in checkpoints.GetStreams().Where(stream => stream.Cursor is { Length: > 0 } && stream.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            _behind.Add(StreamOf(_units.OfLabel(behind.Key[prefix.Length..])));
        }
    }

    /// <summary>The shared position.</summary>
    public StreamCheckpoint Checkpoint { get; }

    /// <summary>Reads for all streams that are not behind.</summary>
    public JournalReader Reader => _reader;

    /// <summary>What was read up to this time may be in Loki already, in nanoseconds since 1970; the largest number where it is not known.</summary>
    public long LeftOpenUntilNs { get; private set; }

    /// <summary>True while something may be in Loki of which the checkpoints know nothing.</summary>
    public bool IsInDoubt =>
        _behind.Count > 0 || (LeftOpenUntilNs == long.MaxValue ? _reader.IsReading : (Checkpoint.Cursor is { } cursor ? JournalCursor.ReadTime(cursor) * 1000 : 0) < (ulong)LeftOpenUntilNs);

    /// <summary>The newest time of an entry that was put into a batch, in nanoseconds since 1970; 0 where there was none.</summary>
    public long LastNs { get; set; }

    /// <summary>Streams seen so far.</summary>
    public int StreamCount { get; private set; }

    /// <summary>Takes note of what has changed in the directory.</summary>
    public void BeginTurn()
    {
        _reader.Refresh();
        _aloneReader?.Refresh();
        _aloneTurn = AloneTurn;
    }

    /// <summary>Reads the next entry that is to be sent.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="stream">Its stream.</param>
    /// <returns>False where there is none for now.</returns>
    public bool TryRead(out JournalEntry entry, out JournalStream stream)
    {
        while (TryReadAlone(out entry))
        {
            stream = StreamOf(entry.Unit);
            if (stream == _alone)
            {
                return true;
            }
        }

        JoinThoseMet();
        while (_reader.TryRead(out entry))
        {
            if (entry.Unit.IsWanted && StreamOf(entry.Unit) is { IsBehind: false } found)
            {
                stream = found;
                return true;
            }

            JoinThoseMet();
        }

        if (LeftOpenUntilNs == long.MaxValue && _reader.IsReading)
        {
            // What comes now was not there when the agent started.
            LeftOpenUntilNs = _reader.NewestNs;
        }

        StartMissedOnesAgain();
        stream = null!;
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

        foreach (JournalStream stream in _behind)
        {
            if (stream.OwnCursor is { } own)
            {
                positions[stream.Checkpoint] = own;
            }
        }

        foreach (JournalStream stream in _joined)
        {
            positions[stream.Checkpoint] = "";
        }

        _joined.Clear();
    }

    /// <summary>Tells whether a stream is one of this directory.</summary>
    public bool Owns(JournalStream stream) => _streams[stream.LabelIndex] == stream;

    /// <summary>Loki refused a stream: it goes back to where it was acknowledged, and is read again when its pause is over.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="changes">Gets its position.</param>
    public void GoBack(JournalStream stream, CheckpointChanges changes)
    {
        stream.JoinCursor = null;
        stream.OwnCursor = null;
        _joined.Remove(stream);
        if (stream.Checkpoint.Cursor is not { Length: > 0 })
        {
            // Until now it shared the position that was acknowledged last.
            string shared = Checkpoint.Cursor is { Length: > 0 } cursor ? cursor : JournalCursor.OfTime((ulong)Math.Max(0, UnixTime.ToNanoseconds(_start.Since!.Value) / 1000));
            changes.Cursors.Add((stream.Checkpoint, shared));
        }

        if (!stream.IsBehind)
        {
            stream.IsBehind = true;
            _behind.Add(stream);
        }

        if (_alone == stream)
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
    private static long SentUntilNs(StreamCheckpoint checkpoint) =>
        checkpoint.SentCursor is { } sent && sent != checkpoint.Cursor && JournalCursor.ReadTime(sent) is { } microseconds ? (long)microseconds * 1000 : 0;

    private JournalStream StreamOf(JournalUnit unit)
    {
        if (_streams[unit.LabelIndex] is { } stream)
        {
            return stream;
        }

        stream = new JournalStream(_checkpoints.GetStream($"{Checkpoint.Key}:{unit.Label}"), unit.LabelIndex, _attributes(unit.Label));
        stream.LeftOpenUntilNs = SentUntilNs(stream.Checkpoint);
        _streams[unit.LabelIndex] = stream;
        StreamCount++;
        return stream;
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
            if (_behind.Exists(stream => stream.UnansweredRuns > 0) || _lastAlone?.UnansweredRuns > 0)
            {
                // Of two in one request Loki would tell of one.
                return false;
            }

            long now = _time.GetTimestamp();
            _alone = _behind.Find(stream => stream.JoinCursor is null && stream.PausedUntil <= now);
            if (_alone is null)
            {
                return false;
            }

            _lastAlone = _alone;
            _aloneReader = _open(new JournalStart(_alone.Checkpoint.Cursor, _start.Since));
            _aloneReader.Refresh();
        }

        if (_aloneReader!.TryRead(out entry))
        {
            _aloneTurn--;
            return true;
        }

        // All of it is taken, up to the end of the journal. The others may be there already.
        _alone.OwnCursor = _aloneReader.GetCursor();
        _alone.JoinCursor = _alone.OwnCursor ?? "";
        EndAlone();
        return false;
    }

    /// <summary>A stream that the shared reading has caught up with goes on with it from the next entry.</summary>
    private void JoinThoseMet()
    {
        if (_behind.Count == 0 || !_behind.Exists(stream => stream.JoinCursor is not null))
        {
            return;
        }

        string cursor = _reader.GetCursor() ?? "";
        foreach (JournalStream stream in _behind.FindAll(stream => stream.JoinCursor == cursor))
        {
            stream.IsBehind = false;
            stream.JoinCursor = null;
            stream.OwnCursor = null;
            _behind.Remove(stream);
            _joined.Add(stream);
        }
    }

    /// <summary>The shared reading is at its end, and some did not meet: their place went with its file. They read up to the end once more.</summary>
    private void StartMissedOnesAgain()
    {
        foreach (JournalStream stream in _behind)
        {
            if (stream.JoinCursor is not null && stream.UnansweredRuns == 0)
            {
                stream.JoinCursor = null;
                stream.PausedUntil = _time.GetTimestamp() + (long)(MissedJoinDelay.TotalSeconds * _time.TimestampFrequency);
            }
        }
    }

    private void EndAlone()
    {
        _aloneReader?.Dispose();
        _aloneReader = null;
        _alone = null;
    }
}
