using Shipper.Checkpoints;
using Shipper.Records;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Losses;

/// <summary>Records bytes that were lost before they could be read, so that their streams can report them.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class LossRecorder(TailingServices services)
{
    private readonly CheckpointChanges _changes = new();

    /// <summary>Gives up the unread rest of a generation, and counts it as lost.</summary>
    public void GiveUp(TailedStream stream, Generation generation, string reason)
    {
        Count(stream, generation, reason, generation.Size - generation.ReadPosition.Min);
        generation.Progress.GiveUpRest();
    }

    /// <summary>
    /// Reports that a live file is gone. All its known bytes are acknowledged; whether there were more is unknown, so the report has no number.
    /// </summary>
    public void ReportUnknown(TailedStream stream, Generation generation)
    {
        services.Metrics.FileErrors.Add(FileErrorReasons.Gone, 1);
        LossEvents.FileVanished(services.Logger, generation.Path, stream.Selector, generation.ReadPosition.Min);
        _changes.Clear();
        _changes.AddLoss(stream.Checkpoint, LossOf(generation, LossReasons.Deleted, 0, stream.Clock.LastRawNs));
        services.Checkpoints.Commit(_changes);
        stream.IsReady = true;
    }

    /// <summary>
    /// Counts the last known bytes of a generation as lost, and adds the loss to the stream's checkpoint. The checkpoint gets the generation's reduced size
    /// in the same write, so that the bytes are counted only once. The caller shortens the generation by that number of bytes.
    /// </summary>
    public void Count(TailedStream stream, Generation generation, string reason, long bytes)
    {
        if (bytes <= 0)
        {
            return;
        }

        generation.Progress.GiveUp(reason is LossReasons.DamagedGzip or LossReasons.Unreadable ? bytes : 0);
        _changes.Clear();
        Add(stream, generation, reason, bytes, stream.Clock.LastRawNs, _changes);
        _changes.Updates.Add((stream.Checkpoint, new GenerationUpdate(
            generation.Checkpoint, generation.Identity, generation.Checkpoint.Inode, Acknowledged: null, generation.Size - bytes)));
        services.Checkpoints.Commit(_changes);
    }

    /// <summary>Counts bytes as lost, logs them, and adds the loss to the stream's checkpoint.</summary>
    /// <param name="generation">The generation that contained the bytes.</param>
    /// <param name="reason">One of <see cref="LossReasons"/>.</param>
    /// <param name="sinceNs">Time of the last record before the lost bytes, in nanoseconds since 1970.</param>
    /// <param name="changes">Receives the changes to the checkpoint.</param>
    public void Add(TailedStream stream, Generation generation, string reason, long bytes, long sinceNs, CheckpointChanges changes)
    {
        services.Metrics.LostBytes.Add(reason, bytes);
        stream.LossDeadline.AddLoss(bytes);
        stream.Activity.LostBytes += bytes;
        LossEvents.BytesLost(services.Logger, generation.Path, stream.Selector, bytes, reason);
        changes.LedgerUpdates.Add(new(generation.Checkpoint, new LedgerEntry(IsLost: true, reason, bytes)));
        changes.AddLoss(stream.Checkpoint, LossOf(generation, reason, bytes, sinceNs));
        stream.IsReady = true;
    }

    private Loss LossOf(Generation generation, string reason, long bytes, long sinceNs)
    {
        long endNs = generation.Status.ModifiedNs > 0 ? generation.Status.ModifiedNs : services.Time.GetUnixNanoseconds();
        return new Loss(bytes, sinceNs == Checkpoints.StreamClock.None ? 0 : sinceNs, endNs, reason, generation.Checkpoint.LogPath);
    }
}
