using Shipper.Checkpoints;

namespace Shipper.Journal;

/// <summary>The position of a stream in one directory.</summary>
/// <remarks>Owned by the journal's lane; not thread-safe.</remarks>
internal sealed class JournalPosition
{
    private bool _isBehind;

    /// <param name="checkpoint">Stores the position while the stream is behind.</param>
    public JournalPosition(StreamCheckpoint checkpoint, JournalStream stream)
    {
        Checkpoint = checkpoint;
        Stream = stream;
        IsBehind = checkpoint.Cursor is { Length: > 0 };
    }

    public StreamCheckpoint Checkpoint { get; }

    public JournalStream Stream { get; }

    /// <summary>True from a refusal by Loki until the stream has caught up with the others, which continue without it.</summary>
    public bool IsBehind
    {
        get => _isBehind;
        set
        {
            Stream.DirectoriesBehind += (value ? 1 : 0) - (_isBehind ? 1 : 0);
            _isBehind = value;
        }
    }

    /// <summary>Entries up to this time are unconfirmed: Loki may already have them. In nanoseconds since 1970.</summary>
    public long UnconfirmedUntilNs { get; set; }

    /// <summary>The cursor up to which the stream's own reader has read, while the stream is behind.</summary>
    public string? OwnCursor { get; set; }

    /// <summary>
    /// The cursor that the stream's own reader had at the end of the journal. When the shared reader reaches this cursor, the stream returns to the shared
    /// reader.
    /// </summary>
    public string? JoinCursor { get; set; }

    /// <summary>The stream is not read before this time, a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long PausedUntil { get; set; }
}
