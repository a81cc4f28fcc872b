using Shipper.Checkpoints;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Losses;

/// <summary>
/// Counts NULs that are not part of a line, each once. In a container's log they stand for lost bytes: a runtime appends, so only the disk
/// can have put them there. At the beginning of a file, or in other log files, they may be a hole.
/// </summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class NulRecorder(TailingServices services, LossRecorder losses)
{
    private readonly CheckpointChanges _changes = new();

    /// <summary>Counts the NULs that an acknowledged batch skipped.</summary>
    /// <param name="changes">Receives the changes to the checkpoint.</param>
    public void Count(TailedStream stream, Drop drop, CheckpointChanges changes)
    {
        Generation generation = drop.Generation;
        services.Metrics.NulBytes.Add(stream.Kind.Name, drop.Bytes);
        if (!generation.HasReportedNuls && !generation.HasReportedEncoding)
        {
            generation.HasReportedNuls = true;
            LossEvents.NulsSkipped(services.Logger, generation.Path, stream.Selector, drop.Bytes);
        }

        if (drop.IsLost)
        {
            losses.Add(stream, generation, drop.Reason, drop.Bytes, drop.SinceNs, changes);
        }
        else
        {
            changes.LedgerUpdates.Add(new(generation.Checkpoint, new LedgerEntry(IsLost: false, drop.Reason, drop.Bytes)));
        }
    }

    /// <summary>Moves the position past the NULs at the beginning of a file, so that they never count as unread.</summary>
    public void SkipLeading(TailedStream stream, Generation generation)
    {
        if (generation.Handle is null || generation.Start <= generation.ReadPosition.Max || generation.ReadPosition != generation.Checkpoint.Acknowledged)
        {
            return;
        }

        long bytes = generation.Start - generation.ReadPosition.Min;
        generation.Progress.SkipTo(generation.Start);
        Skip(stream, generation, new Drop(generation, DropReasons.NulBytes, 0, bytes));
    }

    /// <summary>Moves the position past the NULs at the end of a file that nobody writes to any more.</summary>
    public void SkipTrailing(TailedStream stream, Generation generation)
    {
        if (generation.TrailingNuls > 0)
        {
            long bytes = generation.TrailingNuls;
            generation.Progress.SkipTrailingNuls();
            Skip(stream, generation, new Drop(generation, DropReasons.NulBytes, 0, bytes) { IsLost = stream.Kind.HasHeaders, SinceNs = stream.Clock.LastRawNs });
        }
    }

    private void Skip(TailedStream stream, Generation generation, Drop drop)
    {
        _changes.Clear();
        Count(stream, drop, _changes);
        generation.SavePosition(stream.Checkpoint, generation.ReadPosition, default, _changes);
        services.Checkpoints.Commit(_changes);
    }
}
