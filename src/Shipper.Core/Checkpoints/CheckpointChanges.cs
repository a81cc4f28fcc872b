using Shipper.Checkpoints.Operations;

namespace Shipper.Checkpoints;

/// <summary>Collects all changes that follow from one response of Loki, so that they are written together.</summary>
/// <remarks>Not thread-safe. Each lane has its own instance and reuses it.</remarks>
internal sealed class CheckpointChanges
{
    private readonly NewestSentChange _newestSent = new();

    // In the order in which the changes are committed and written.
    private readonly List<IChangeList> _lists;

    public CheckpointChanges()
    {
        _lists = [Moves, Updates, SentPositions, _newestSent, Windows, LedgerUpdates, Cursors, SentCursors, Losses, Clocks, Memories, Removals];
    }

    /// <summary>The streams' new clocks. A clock is written only if its stream is stored or an earlier change stores it.</summary>
    public ChangeList<Clock> Clocks { get; } = [];

    /// <summary>What the stages remember of the streams. Written only under the condition of <see cref="Clocks"/>.</summary>
    public ChangeList<StreamMemory> Memories { get; } = [];

    /// <summary>Generations that now belong to another log, or to the same log in another directory.</summary>
    public ChangeList<GenerationMove> Moves { get; } = [];

    /// <summary>The generations' new positions.</summary>
    public PositionChanges Updates { get; } = [];

    /// <summary>The pushes that are about to be sent. Each generation must be stored already or be among <see cref="Updates"/>.</summary>
    public ChangeList<SentPosition> SentPositions { get; } = [];

    /// <summary>Newest time of a record that is about to be sent, in nanoseconds since 1970.</summary>
    public long NewestSentNs
    {
        get => _newestSent.NewestNs;
        set => _newestSent.NewestNs = value;
    }

    /// <summary>Time windows of the records that are about to be sent, for the streams that need a window; null removes a stream's window.</summary>
    public StreamChanges<Window, TimeWindow?> Windows { get; } = [];

    /// <summary>Dropped and lost bytes, to be added to the ledgers of their generations.</summary>
    public ChangeList<LedgerUpdate> LedgerUpdates { get; } = [];

    /// <summary>New cursors of journal streams.</summary>
    public ChangeList<Cursor> Cursors { get; } = [];

    /// <summary>The journal cursors at which the pushes end that are about to be sent.</summary>
    public ChangeList<SentCursor> SentCursors { get; } = [];

    /// <summary>The unreported losses, for each stream with changed losses.</summary>
    public StreamChanges<Losses, Loss[]> Losses { get; } = [];

    /// <summary>Generations that no longer exist.</summary>
    public ChangeList<GenerationRemoval> Removals { get; } = [];

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

    /// <summary>Returns the unreported losses of a stream after these changes.</summary>
    public Loss[] LossesOf(StreamCheckpoint stream) => Losses.GetValueOrDefault(stream) ?? stream.Losses;

    /// <summary>Adds a loss. Merges it into the last loss unless that one is in a batch already.</summary>
    public void AddLoss(StreamCheckpoint stream, Loss loss)
    {
        Loss[] known = LossesOf(stream);
        Losses[stream] = known is [.. var older, { Attributes: null, Text: null } last] ? [.. older, last.MergeWith(loss)] : [.. known, loss];
    }

    /// <summary>Applies the changes in memory and writes them to the current frame.</summary>
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
