using Shipper.Checkpoints;
using Shipper.Processing;
using Shipper.Processing.Limits;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing;

/// <summary>
/// Sends the last report of a limit if no record follows that could bring it (<see cref="LimitReport"/>), because the log is quiet or has ended.
/// </summary>
/// <remarks>
/// <para>
/// When such a report is sent depends on the clock, so it must not depend on the records that are read again after a crash. Therefore the report is only made
/// while every known byte of the stream is acknowledged and nothing is in flight. One write of the checkpoint adds its text to the unreported losses, and
/// forgets what the limit has counted. From then on it is sent like a loss: once, and in the same form. Records that are written later are read with the memory
/// that this write has stored.
/// </para>
/// <para>Owned by a lane; not thread-safe.</para>
/// </remarks>
internal sealed class LimitReports(TailingServices services)
{
    /// <summary>A log that was not written to for this long is quiet. A record that comes earlier may bring the report.</summary>
    public static readonly TimeSpan QuietTime = TimeSpan.FromMinutes(1);

    /// <summary>The same for a log whose files are deleted. Less than the time after which they are closed.</summary>
    public static readonly TimeSpan EndedTime = TimeSpan.FromSeconds(2);

    /// <summary>Returns true if a report can be sent, and should be.</summary>
    /// <param name="now">The current timestamp.</param>
    public bool IsDue(TailedStream stream, long now)
    {
        if (!stream.HasReport || !IsSettled(stream))
        {
            return false;
        }

        bool isEnded = stream.Generations.TrueForAll(static generation => !generation.HasFile || generation.IsDeleted);
        return services.Time.GetElapsedTime(stream.LastGrowth, now) >= (isEnded ? EndedTime : QuietTime);
    }

    /// <summary>Adds the reports of a stream to its unreported losses. Call between two turns.</summary>
    public void Note(TailedStream stream)
    {
        stream.IsReportDue = false;
        StreamRules rules = stream.Attributes.Rules;
        if (!IsSettled(stream) || stream.PrepareMemory(rules) is not { } memory)
        {
            return;
        }

        string logPath = stream.Generations[^1].Checkpoint.LogPath;
        List<Loss> losses = [.. stream.Checkpoint.Losses];
        foreach (LimitStage limits in rules.Limits)
        {
            while (limits.TryTakeLastReport(memory, out string text))
            {
                losses.Add(Loss.Notice(text, logPath));
            }
        }

        if (losses.Count > stream.Checkpoint.Losses.Length)
        {
            var changes = new CheckpointChanges();
            changes.Losses[stream.Checkpoint] = [.. losses];
            changes.Memories.Add(new(stream.Checkpoint, memory));
            services.Checkpoints.Commit(changes);
        }
    }

    /// <summary>True if all that is known of the stream is acknowledged, so that what the stages remember is what the checkpoint has.</summary>
    private static bool IsSettled(TailedStream stream) =>
        stream.RunsInBatches == 0 && stream.Generations.Count > 0 && stream.Generations.TrueForAll(static generation => generation.IsAcknowledged);
}
