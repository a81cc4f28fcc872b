using System.Runtime.InteropServices;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Processing;

namespace Shipper.Journal;

/// <summary>The cursors that a batch has reached: one for each directory, and one for each stream that is read alone.</summary>
/// <remarks>Owned by the journal's lane; not thread-safe.</remarks>
/// <param name="feeds">The directories.</param>
internal sealed class JournalMark(List<JournalFeed> feeds) : SourceMark
{
    /// <summary>The cursors, by the checkpoint that stores them.</summary>
    public Dictionary<StreamCheckpoint, string> Cursors { get; } = [];

    /// <summary>What the stages remember of the streams at these cursors. The values are kept for the next batch.</summary>
    private Dictionary<StreamCheckpoint, StageMemory> Memories { get; } = [];

    /// <summary>True while no batch uses the mark.</summary>
    public bool IsFree { get; set; } = true;

    /// <summary>Copies what the stages remember of the streams.</summary>
    public void TakeMemories(IEnumerable<JournalStream> streams)
    {
        foreach (JournalStream stream in streams)
        {
            if (stream.Memory is not null)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(Memories, stream.Checkpoint, out _) ??= new StageMemory();
                Memories[stream.Checkpoint].CopyFrom(stream.Memory);
            }
        }
    }

    public override void WriteIntent(Batch batch, CheckpointChanges changes)
    {
        foreach ((StreamCheckpoint checkpoint, string cursor) in Cursors)
        {
            // The time in this cursor determines which entries are unconfirmed. The clock may have been set back after an earlier entry was sent.
            ulong latest = (ulong)(feeds.Find(feed => feed.Owns(checkpoint))?.NewestBatchedNs ?? 0) / 1000;
            changes.SentCursors.Add(new(checkpoint, JournalCursor.ReadTime(cursor) < latest ? JournalCursor.WithTime(cursor, latest) : cursor));
        }

        foreach (Run run in batch.Runs)
        {
            if (run is { DependsOnWindow: true, Stream.Checkpoint.Cursor: null })
            {
                // This creates the checkpoint, so that the time window is stored.
                changes.Cursors.Add(new(run.Stream.Checkpoint, ""));
            }
        }
    }

    public override void WriteAcknowledged(Batch batch, CheckpointChanges changes)
    {
        foreach ((StreamCheckpoint checkpoint, string cursor) in Cursors)
        {
            changes.Cursors.Add(new(checkpoint, cursor));
        }

        foreach ((StreamCheckpoint checkpoint, StageMemory memory) in Memories)
        {
            changes.Memories.Add(new(checkpoint, memory));
        }

        foreach (Run run in batch.Runs)
        {
            if (run is { IsRemoved: false, IsContinuation: false, Stream.Checkpoint.Cursor: null })
            {
                // This creates the checkpoint, so that the stream's clock is stored.
                changes.Cursors.Add(new(run.Stream.Checkpoint, ""));
            }
        }
    }

    public override void Release()
    {
        Cursors.Clear();
        IsFree = true;
    }
}
