using Shipper.Checkpoints.Operations;

namespace Shipper.Checkpoints;

/// <summary>What one answer of Loki changes, collected so that it costs one write.</summary>
/// <remarks>Not safe for concurrent use: each lane has its own and reuses it.</remarks>
internal sealed class CheckpointChanges
{
    private readonly NewestSentChange _newestSent = new();

    // In the order in which they are made and written.
    private readonly List<IChangeList> _lists;

    public CheckpointChanges()
    {
        _lists = [Moves, Updates, Sent, _newestSent, Windows, Bookings, Cursors, SentCursors, Losses, Clocks, Removals];
    }

    /// <summary>The streams' new clocks. They are written of streams that are stored, or are by an earlier change.</summary>
    public ChangeList<Clock> Clocks { get; } = [];

    /// <summary>Generations that belong to another log now, or to the same one in another directory.</summary>
    public ChangeList<Move> Moves { get; } = [];

    /// <summary>The generations' new positions.</summary>
    public PositionChanges Updates { get; } = [];

    /// <summary>What is about to be sent. The generations must be stored, or among <see cref="Updates"/>.</summary>
    public ChangeList<Sent> Sent { get; } = [];

    /// <summary>The newest time of a record that is about to be sent, in nanoseconds since 1970.</summary>
    public long NewestSentNs
    {
        get => _newestSent.NewestNs;
        set => _newestSent.NewestNs = value;
    }

    /// <summary>The time windows that records are about to be sent with, of the streams that need one; null to forget it.</summary>
    public StreamChanges<Window, TimeWindow?> Windows { get; } = [];

    /// <summary>Bytes that went another way than to Loki, to be added to what is known of their generation.</summary>
    public ChangeList<Booked> Bookings { get; } = [];

    /// <summary>New cursors of streams that are read from the journal.</summary>
    public ChangeList<Cursor> Cursors { get; } = [];

    /// <summary>Where pushes that are about to go end in the journal.</summary>
    public ChangeList<SentCursor> SentCursors { get; } = [];

    /// <summary>The losses that are not reported yet, of the streams whose losses changed.</summary>
    public StreamChanges<Losses, Loss[]> Losses { get; } = [];

    /// <summary>Generations that are gone.</summary>
    public ChangeList<Gone> Removals { get; } = [];

    public bool IsEmpty => _lists.TrueForAll(static list => list.IsEmpty);

    /// <summary>Adds a change of a kind that has no list above.</summary>
    public void Add<TChange>(TChange change)
        where TChange : struct, ICheckpointChange<TChange>
    {
        if (_lists.Find(static list => list is ChangeList<TChange>) is not ChangeList<TChange> list)
        {
            list = [];
            _lists.Insert(_lists.IndexOf(Clocks), list);
        }

        list.Add(change);
    }

    /// <summary>The unreported losses of a stream once the changes are made.</summary>
    public Loss[] LossesOf(StreamCheckpoint stream) => Losses.GetValueOrDefault(stream) ?? stream.Losses;

    /// <summary>Adds a loss: to the last one, as long as that is in no batch.</summary>
    public void AddLoss(StreamCheckpoint stream, Loss loss)
    {
        Loss[] known = LossesOf(stream);
        Losses[stream] = known is [.. var older, { Attributes: null } last] ? [.. older, last.With(loss)] : [.. known, loss];
    }

    /// <summary>Makes the changes in memory and writes them to the current frame.</summary>
    public void Commit(CheckpointWriter writer)
    {
        foreach (IChangeList list in _lists)
        {
            list.Commit(writer);
        }
    }

    public void Clear()
    {
        foreach (IChangeList list in _lists)
        {
            list.Clear();
        }
    }
}
