using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Processing;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Reading;

/// <summary>The positions that a turn of reading has reached, and everything that it dropped before them.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
/// <param name="owner">The pool that the mark is returned to.</param>
internal sealed class FileMark(FileMarks owner) : SourceMark
{
    /// <summary>The positions after the last record, one for each generation that moved.</summary>
    public List<MovedPosition> Positions { get; } = [];

    /// <summary>What was dropped before these positions.</summary>
    public List<Drop> Drops { get; } = [];

    /// <summary>What the stages remember of the stream at these positions, if <see cref="HasMemory"/>.</summary>
    public StageMemory Memory { get; } = new();

    public bool HasMemory { get; set; }

    public override long DroppedRecords
    {
        get
        {
            // No LINQ: this runs at the end of each turn, and LINQ would allocate an enumerator.
            long records = 0;
            foreach (Drop drop in Drops)
            {
                records += drop.Records;
            }

            return records;
        }
    }

    public override void WriteIntent(Batch batch, CheckpointChanges changes)
    {
        Run run = Run!;
        if (run.Records == 0 && (run.DroppedRecords == 0 || run.Attributes.Rules.Text.Length == 0))
        {
            return;
        }

        // What rules have dropped is noted, too: with other rules it would be sent after a crash, behind younger records.
        foreach (MovedPosition moved in Positions)
        {
            Generation generation = moved.Generation;
            if (!generation.IsCheckpointed())
            {
                generation.SaveIdentity(run.Stream.Checkpoint, changes);
            }

            changes.SentPositions.Add(new(generation.Checkpoint, new SentRange(run.Attributes, SentEnd(run, moved), run.BaseNs)));
        }
    }

    public override void WriteAcknowledged(Batch batch, CheckpointChanges changes)
    {
        Run run = Run!;
        var stream = (TailedStream)run.Stream;
        foreach (MovedPosition moved in Positions)
        {
            moved.Generation.SavePosition(stream.Checkpoint, moved.End, moved.Proof, changes);
            AddRefusedToLedger(run, moved, changes);
        }

        foreach (Drop drop in Drops)
        {
            if (drop.Reason == DropReasons.NulBytes)
            {
                owner.Nuls.Count(stream, drop, changes);
            }
            else
            {
                owner.Metrics.DroppedRecords.Add(drop.Reason, drop.Records);
                stream.Activity.OnDropped(drop.Reason, drop.Records);
                changes.LedgerUpdates.Add(new(drop.Generation.Checkpoint, new LedgerEntry(IsLost: false, drop.Reason, drop.Bytes)));
            }
        }

        if (HasMemory)
        {
            changes.Memories.Add(new(stream.Checkpoint, Memory));
        }
    }

    public override void Release()
    {
        Positions.Clear();
        Drops.Clear();
        HasMemory = false;
        owner.Return(this);
    }

    /// <summary>Adds refused records to the ledger of their file as dropped. They count as the same share of the run's bytes as of its records.</summary>
    private void AddRefusedToLedger(Run run, MovedPosition moved, CheckpointChanges changes)
    {
        if (run.DroppedAfterRefusal.Count == 0)
        {
            return;
        }

        long bytes = moved.End.Min - moved.Start - Drops.Where(drop => drop.Generation == moved.Generation).Sum(drop => drop.Bytes);
        foreach ((string reason, int records, _) in run.DroppedAfterRefusal)
        {
            changes.LedgerUpdates.Add(new(moved.Generation.Checkpoint, new LedgerEntry(IsLost: false, reason, Math.Max(0, bytes) * records / run.Records)));
        }
    }

    /// <summary>
    /// Returns how far these records may have been sent in this form. An earlier push of the same records, in another batch, may have reached further.
    /// </summary>
    private static FilePosition SentEnd(Run run, MovedPosition moved) =>
        moved.Generation.Resend.Unconfirmed is { } left && left.BaseNs == run.BaseNs && left.Attributes.Equals(run.Attributes)
            ? new FilePosition(Math.Max(left.End.Stdout, moved.End.Stdout), Math.Max(left.End.Stderr, moved.End.Stderr))
            : moved.End;

    /// <summary>The progress of a turn in one generation.</summary>
    /// <param name="Start">The smaller of the two positions before the turn.</param>
    /// <param name="End">The positions after the last record.</param>
    /// <param name="Proof">Hash of the bytes before the position, if that is how the file is recognized.</param>
    public readonly record struct MovedPosition(Generation Generation, long Start, FilePosition End, FileProof Proof);
}
