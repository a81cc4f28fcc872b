using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Delivery;
using Shipper.Records;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Lanes;

/// <summary>Writes to the checkpoints that a lane's batch is about to go, that it was acknowledged, or that a stream of it goes back.</summary>
/// <remarks>Owned by a lane; not safe for concurrent use.</remarks>
internal sealed class BatchCheckpoints(ILaneSource source, CheckpointStore checkpoints, TimeProvider time, AgentMetrics metrics)
{
    private CheckpointChanges _changes = new();

    /// <summary>
    /// Notes a batch before it is sent, so that the same records are sent again with the same labels and times if the answer is lost.
    /// </summary>
    public void Note(Batch batch)
    {
        _changes.Clear();
        _changes.NewestSentNs = batch.NewestNs;
        foreach (Run run in batch.Runs)
        {
            if (run.Records > 0)
            {
                _changes.NewestSentNs = Math.Max(_changes.NewestSentNs, run.MovedToNs ?? StreamClock.None);
                foreach (Mark mark in run.Marks)
                {
                    if (!IsWritten(mark.Generation))
                    {
                        _changes.Updates.Add((run.Stream.Checkpoint, UpdateOf(mark.Generation)));
                    }

                    _changes.Sent.Add((mark.Generation.Checkpoint, new SentRange(run.Attributes, SentEnd(run, mark), run.BaseNs)));
                }

                if (!run.IsLoss)
                {
                    NoteWindow(run);
                }
            }
        }

        source.Note(batch, _changes);
        checkpoints.Commit(_changes);
    }

    /// <summary>Records that are read again with the noted window may reach further than this push: the window stays until another one is needed.</summary>
    private void NoteWindow(Run run)
    {
        TimeWindow? known = _changes.Windows.TryGetValue(run.Stream.Checkpoint, out TimeWindow? changed) ? changed : run.Stream.Checkpoint.SentWindow;
        TimeWindow? wanted = run.DependsOnWindow ? run.Window : run.IsLeftOpen || changed is not null ? known : null;
        if (known != wanted)
        {
            _changes.Windows[run.Stream.Checkpoint] = wanted;
        }
    }

    /// <summary>Gives back what a batch of many streams took.</summary>
    public void Release() => _changes = new CheckpointChanges();

    /// <summary>A batch is done with: its positions go into the checkpoint.</summary>
    /// <returns>False if all of it was refused.</returns>
    public bool Acknowledge(Batch batch)
    {
        _changes.Clear();
        bool hasAny = false;
        bool hasRefused = false;
        long now = time.GetSteadyMicroseconds();
        foreach (Run run in batch.Runs)
        {
            if (run.IsRemoved)
            {
                continue;
            }

            hasAny = true;
            hasRefused |= run.Refused.Count > 0;
            int sent = run.Records;
            foreach ((string reason, int records) in run.Refused)
            {
                metrics.DroppedRecords.Add(reason, records);
                sent -= records;
            }

            metrics.SentRecords.Add(sent);
            CountForms(run);
            if (run.Next is null && (run.Records > 0 || run.IsContinuation))
            {
                run.Stream.Acknowledge(now);
            }

            if (run.Next is null)
            {
                // That of the stream's last run holds. Writing all cost 5 % of the CPU where many units of the journal alternate.
                _changes.Clocks.Add((run.Stream.Checkpoint, run.Clock));
            }

            if (run is { IsLeftOpen: true, DependsOnWindow: true, IsLoss: false } && run.LastMovedNs != StreamClock.None)
            {
                // The rest of the records that were left open follows behind it, even if the agent is killed before it is sent.
                _changes.Windows[run.Stream.Checkpoint] = run.Window.Behind(run.LastMovedNs);
            }

            foreach (Mark mark in run.Marks)
            {
                _changes.Updates.Add((run.Stream.Checkpoint, UpdateOf(mark.Generation) with { Acknowledged = mark.Position, Proof = mark.Proof }));
            }

            foreach (Drop drop in run.Drops)
            {
                if (drop.Reason == DropReasons.NulBytes)
                {
                    // No records: the source knows what to make of them.
                    continue;
                }

                metrics.DroppedRecords.Add(drop.Reason, drop.Records);
                _changes.Bookings.Add((drop.Generation.Checkpoint, new Booking(IsLost: false, drop.Reason, drop.Bytes)));
            }
        }

        if (hasRefused)
        {
            BookRefused(batch);
        }

        source.Acknowledge(batch, _changes);
        checkpoints.Commit(_changes);
        return hasAny;
    }

    /// <summary>Counts the records that were not sent as they were read.</summary>
    private void CountForms(Run run)
    {
        if (run.Retimed != default)
        {
            metrics.RetimedRecords.Add(RetimeReasons.TooOld, run.Retimed.TooOld);
            metrics.RetimedRecords.Add(RetimeReasons.TooNew, run.Retimed.TooNew);
            metrics.RetimedRecords.Add(RetimeReasons.TooFarBehind, run.Retimed.TooFarBehind);
        }

        metrics.MetadataOmitted.Add(run.BareRecords);
    }

    /// <summary>Streams that were taken out of the batches go back to their source.</summary>
    /// <param name="refusals">The streams.</param>
    /// <param name="underWay">The batch that was refused.</param>
    /// <param name="filling">The one that is being filled.</param>
    public void GoBack(IReadOnlyList<Refusal> refusals, Batch underWay, Batch filling)
    {
        _changes.Clear();
        foreach (Refusal refusal in refusals)
        {
            source.GoBack(refusal, underWay, filling, _changes);
            foreach (Run run in underWay.Runs)
            {
                if (refusal.IsInPart && run.Stream == refusal.Stream && run is { IsLoss: false, StoredWindow: { } window })
                {
                    // The records that Loki has are found with the times that they got first.
                    _changes.Windows[refusal.Stream.Checkpoint] = window;
                    break;
                }
            }
        }

        checkpoints.Commit(_changes);
    }

    /// <summary>Books refused records as dropped in the ledger of their file: the same share of a run's bytes as of its records.</summary>
    private void BookRefused(Batch batch)
    {
        var starts = new Dictionary<Generation, long>();
        foreach (Run run in batch.Runs)
        {
            foreach (Mark mark in run.Marks)
            {
                long start = starts.GetValueOrDefault(mark.Generation, mark.Generation.Checkpoint.Acknowledged.Min);
                starts[mark.Generation] = mark.Position.Min;
                long bytes = mark.Position.Min - start - run.Drops.Where(drop => drop.Generation == mark.Generation).Sum(drop => drop.Bytes);
                foreach ((string reason, int records) in run.Refused)
                {
                    _changes.Bookings.Add((mark.Generation.Checkpoint, new Booking(IsLost: false, reason, Math.Max(0, bytes) * records / run.Records)));
                }
            }
        }
    }

    /// <summary>True if the checkpoint identifies the file after a restart, and does not claim more bytes than it has.</summary>
    private static bool IsWritten(Generation generation)
    {
        GenerationCheckpoint checkpoint = generation.Checkpoint;
        return checkpoint.IsStored && checkpoint.Identity == generation.Identity && checkpoint.Inode == generation.Status.Inode && checkpoint.Size <= generation.Size;
    }

    private static CheckpointUpdate UpdateOf(Generation generation) =>
        new(generation.Checkpoint, generation.Identity, generation.Status.Inode, Acknowledged: null, generation.Size);

    /// <summary>
    /// How far records in this form may have been sent: a push of an earlier life may have reached further than this one, which is made
    /// of the same records with other neighbours.
    /// </summary>
    private static Offsets SentEnd(Run run, Mark mark) =>
        mark.Generation.LeftOpen is { } left && left.BaseNs == run.BaseNs && left.Attributes.Equals(run.Attributes)
            ? new Offsets(Math.Max(left.End.Stdout, mark.Position.Stdout), Math.Max(left.End.Stderr, mark.Position.Stderr))
            : mark.Position;
}
