using Shipper.Checkpoints;

namespace Shipper.Journal;

/// <summary>Where a stream stands in one directory.</summary>
/// <remarks>Owned by the journal's lane; not safe for concurrent use.</remarks>
internal sealed class JournalPosition
{
    private bool _isBehind;

    /// <param name="checkpoint">Keeps the position while the stream is behind.</param>
    /// <param name="stream">The stream.</param>
    public JournalPosition(StreamCheckpoint checkpoint, JournalStream stream)
    {
        Checkpoint = checkpoint;
        Stream = stream;
        IsBehind = checkpoint.Cursor is { Length: > 0 };
    }

    public StreamCheckpoint Checkpoint { get; }

    public JournalStream Stream { get; }

    /// <summary>True from a refusal until the stream has caught up with the others, which go on without it.</summary>
    public bool IsBehind
    {
        get => _isBehind;
        set
        {
            Stream.Behind += (value ? 1 : 0) - (_isBehind ? 1 : 0);
            _isBehind = value;
        }
    }

    /// <summary>Entries up to this time may be in Loki already, in nanoseconds since 1970.</summary>
    public long LeftOpenUntilNs { get; set; }

    /// <summary>The cursor that its own reading has come to, while it is behind.</summary>
    public string? OwnCursor { get; set; }

    /// <summary>
    /// The cursor that its own reading came to at the end of the journal. When the others have come to it too, they go on together.
    /// </summary>
    public string? JoinCursor { get; set; }

    /// <summary>It is not read before, as a timestamp of the <see cref="TimeProvider"/>.</summary>
    public long PausedUntil { get; set; }
}
