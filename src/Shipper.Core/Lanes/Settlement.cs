using Microsoft.Extensions.Logging;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Delivery;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Lanes;

/// <summary>
/// Applies the outcome of deliveries: acknowledges records, rewinds refused streams and pauses them, and writes the checkpoints. Before a batch is sent, it
/// writes to the checkpoint what is about to be sent.
/// </summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class Settlement(ILaneSource source, Sender sender, CheckpointStore checkpoints, TimeProvider time, ILogger logger, AgentMetrics metrics)
{
    private CheckpointChanges _changes = new();

    /// <summary>
    /// Writes a batch to the checkpoint before it is sent, so that the same records are sent again with the same labels and times if the response is lost.
    /// </summary>
    public void WriteIntent(Batch batch)
    {
        _changes.Clear();
        _changes.NewestSentNs = batch.NewestNs;
        foreach (Run run in batch.Runs)
        {
            if (run.Records > 0)
            {
                _changes.NewestSentNs = Math.Max(_changes.NewestSentNs, run.MovedToNs ?? StreamClock.None);
                RecordWindow(run);
            }
        }

        foreach (SourceMark mark in batch.Marks)
        {
            mark.WriteIntent(batch, _changes);
        }

        checkpoints.Commit(_changes);
    }

    /// <summary>Applies the outcome of a delivery: acknowledges what is settled, and rewinds the streams that were refused.</summary>
    /// <param name="outcome">The outcome of the delivery.</param>
    /// <param name="sent">The batch that was sent.</param>
    /// <param name="filling">The batch that is being filled.</param>
    /// <returns>False if the whole batch was refused.</returns>
    public bool Settle(DeliveryOutcome outcome, Batch sent, Batch filling)
    {
        if (outcome.Refusals.Count > 0)
        {
            Rewind(outcome.Refusals, sent, filling);
        }

        foreach (Run run in sent.Runs)
        {
            // If a stream is rewound, its records are moved again, to the same times as before.
            run.Stream.LastMovedNs = run.IsRemoved ? run.Stream.LastMovedNs : Math.Max(run.Stream.LastMovedNs, run.LastMovedNs);
            if (outcome.HasTooNew && !run.IsUnconfirmed)
            {
                // Unconfirmed records are found only with the times that they got before.
                long toNs = sender.Times.WindowOf(run.Stream).MaxNewestNs;
                run.Clock = run.Clock.WithoutNewestAfter(toNs);
                run.Stream.Clock = run.Stream.Clock.WithoutNewestAfter(toNs);
            }
        }

        return Acknowledge(sent);
    }

    /// <summary>Acknowledges a batch: its positions go into the checkpoint.</summary>
    /// <returns>False if the whole batch was refused.</returns>
    public bool Acknowledge(Batch batch)
    {
        _changes.Clear();
        bool hasAny = false;
        long now = time.GetMonotonicMicroseconds();
        DateTimeOffset at = time.GetUtcNow();
        foreach (Run run in batch.Runs)
        {
            if (run.IsRemoved)
            {
                continue;
            }

            hasAny = true;
            Count(run, at);
            if (run.Next is null && (run.Records > 0 || run.IsContinuation))
            {
                run.Stream.Policy.OnAcknowledged(now);
            }

            if (run.Next is null)
            {
                // The clock of the stream's last run counts. Writing all of them cost 5 % of the CPU time when many units of the journal alternate.
                _changes.Clocks.Add(new(run.Stream.Checkpoint, run.Clock));
            }

            if (run is { IsUnconfirmed: true, DependsOnWindow: true, IsLossReport: false } && run.LastMovedNs != StreamClock.None)
            {
                // The remaining unconfirmed records get times after this one, even if the agent is killed before they are sent.
                _changes.Windows[run.Stream.Checkpoint] = run.Window.MovingAfter(run.LastMovedNs);
            }
        }

        foreach (SourceMark mark in batch.Marks)
        {
            mark.WriteAcknowledged(batch, _changes);
        }

        checkpoints.Commit(_changes);
        return hasAny;
    }

    /// <summary>Marks the records of a batch as unconfirmed: it is unknown how the delivery ended.</summary>
    public void MarkUnconfirmed(Batch batch)
    {
        foreach (Run run in batch.Runs)
        {
            run.IsUnconfirmed |= run.Records > 0;
            run.Stream.Policy.UnconfirmedWorkingTime = sender.Client.GetMaxWorkingTime();
            run.DroppedAfterRefusal.Clear();
        }
    }

    /// <summary>Counts records of a batch that will be read again.</summary>
    /// <param name="stream">Counts only the records of this stream; null for all streams.</param>
    public void CountRewound(Batch batch, LogStream? stream = null)
    {
        foreach (Run run in batch.Runs)
        {
            if (!run.IsRemoved && (stream is null || run.Stream == stream))
            {
                metrics.CountRewound(run.Stream.SourceName, run.ReadRecords);
            }
        }
    }

    /// <summary>Frees the memory that a batch with many streams needed.</summary>
    public void Release() => _changes = new CheckpointChanges();

    /// <summary>Rewinds streams to where they were acknowledged. They are read again after a pause.</summary>
    private void Rewind(IReadOnlyList<Refusal> refusals, Batch sent, Batch filling)
    {
        foreach (Refusal refusal in refusals)
        {
            TimeSpan pause = Pause(refusal);
            CountRewound(sent, refusal.Stream);
            CountRewound(filling, refusal.Stream);
            sent.Remove(refusal.Stream);
            filling.Remove(refusal.Stream);
            refusal.Stream.Activity.OnRefused(new LokiRefusal(time.GetUtcNow(), refusal.Message, Records: 0));
            LaneEvents.StreamRefused(logger, refusal.Stream.Checkpoint.Key, pause.TotalSeconds, refusal.Message);
        }

        _changes.Clear();
        foreach (Refusal refusal in refusals)
        {
            source.Rewind(refusal.Stream, refusal.IsUnconfirmed, _changes);
            foreach (Run run in sent.Runs)
            {
                if (refusal.IsUnconfirmed && run.Stream == refusal.Stream && run is { IsLossReport: false, StoredWindow: { } window })
                {
                    // The records that Loki has are found only with the times that they got first.
                    _changes.Windows[refusal.Stream.Checkpoint] = window;
                    break;
                }
            }
        }

        checkpoints.Commit(_changes);
    }

    /// <summary>Pauses a refused stream and halves its requests.</summary>
    /// <returns>The length of the pause.</returns>
    private TimeSpan Pause(Refusal refusal)
    {
        LogStream stream = refusal.Stream;
        TimeSpan pause = sender.PauseAfter(refusal);
        long now = time.GetTimestamp();
        stream.Policy.UnconfirmedWorkingTime = sender.Client.GetMaxWorkingTime();
        stream.OnRefused(refusal.Bytes, now, now + time.ToTimestampUnits(pause));
        return pause;
    }

    /// <summary>
    /// Writes the window of a run to the checkpoint if it differs. Records that are read again with this window may reach further than this push, so it stays
    /// until another one is needed.
    /// </summary>
    private void RecordWindow(Run run)
    {
        if (run.IsLossReport)
        {
            return;
        }

        TimeWindow? known = _changes.Windows.TryGetValue(run.Stream.Checkpoint, out TimeWindow? changed) ? changed : run.Stream.Checkpoint.SentWindow;
        TimeWindow? wanted = run.DependsOnWindow ? run.Window : run.IsUnconfirmed || changed is not null ? known : null;
        if (known != wanted)
        {
            _changes.Windows[run.Stream.Checkpoint] = wanted;
        }
    }

    /// <summary>Counts the records of a settled run: those that were sent, those that were dropped, and those that were sent changed.</summary>
    private void Count(Run run, DateTimeOffset at)
    {
        int sent = run.Records;
        foreach ((string reason, int records, string message) in run.DroppedAfterRefusal)
        {
            metrics.DroppedRecords.Add(reason, records);
            run.Stream.Activity.OnDropped(reason, records);
            run.Stream.Activity.OnRefused(new LokiRefusal(at, message, records));
            sent -= records;
        }

        if (sent > 0)
        {
            run.Stream.Activity.OnAcknowledged(sent, run.End - run.EntriesStart, at);
        }

        metrics.SentRecords.Add(sent);
        metrics.MetadataOmitted.Add(run.RecordsWithoutMetadata);
        if (run.Retimed != default)
        {
            metrics.RetimedRecords.Add(RetimeReasons.TooOld, run.Retimed.TooOld);
            metrics.RetimedRecords.Add(RetimeReasons.TooNew, run.Retimed.TooNew);
            metrics.RetimedRecords.Add(RetimeReasons.TooFarBehind, run.Retimed.TooFarBehind);
        }
    }
}
