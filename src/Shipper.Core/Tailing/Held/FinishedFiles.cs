using Shipper.Checkpoints;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Files;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Held;

/// <summary>Closes files that are completely acknowledged and that nobody writes to any more.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class FinishedFiles(LogDirectories directories, RecentlyRemovedFiles removedFiles, NulRecorder nuls, TimeProvider time)
{
    /// <summary>How long a finished file stays open, because its writer may continue.</summary>
    private static readonly TimeSpan CloseDelay = TimeSpan.FromSeconds(5);

    /// <summary>Ledger of the files that are finished and gone.</summary>
    public Ledger RemovedLedger { get; } = new();

    /// <summary>Closes the finished files of a stream, and removes those that are gone.</summary>
    /// <param name="now">The current timestamp.</param>
    /// <param name="changes">Receives the removals from the checkpoint.</param>
    public void Release(TailedStream stream, long now, CheckpointChanges changes)
    {
        for (int i = stream.Generations.Count - 1; i >= 0; i--)
        {
            Generation generation = stream.Generations[i];
            if (generation.Progress.GivenUpBytes > 0 && generation.IsAcknowledged)
            {
                SkipGivenUp(stream, generation, changes);
            }

            bool isLive = (generation.IsListed || generation.IsLeftBehind || generation.Log.IsDirectoryReplaced) && !generation.IsDeleted && generation.Name.IsLive && !generation.IsGzip;
            if (generation.HasFile && (!isLive || generation.TrailingNuls > 0) && generation.IsAcknowledged && stream.Queue.IsFinal(generation)
                && (generation.IsGzip || (time.GetElapsedTime(generation.LastGrowth, now) >= CloseDelay && !HasGrown(generation))))
            {
                nuls.SkipTrailing(stream, generation);
                if (!isLive)
                {
                    generation.Close();
                }
            }

            // The last one stays until the report of a limit is made, because the checkpoint forgets what it has counted together with the position.
            if (!generation.HasFile && !generation.IsListed && generation.IsAcknowledged && (stream.Generations.Count > 1 || !stream.HasReport))
            {
                stream.Queue.Remove(generation);
                removedFiles.Add(stream, generation);
                generation.AddTo(RemovedLedger);
                changes.Removals.Add(new(generation.Checkpoint));
            }
        }

        for (int i = stream.Logs.Count - 1; i >= 0; i--)
        {
            RotatedLog rotatedLog = stream.Logs[i];
            if (rotatedLog.IsUnlinked && !HasGenerations(stream, rotatedLog) && stream.Checkpoint.Losses.Length == 0)
            {
                stream.Logs.RemoveAt(i);
                directories.Remove(rotatedLog);
            }
        }
    }

    private static bool HasGenerations(TailedStream stream, RotatedLog rotatedLog) => stream.Generations.Exists(generation => generation.Log == rotatedLog);

    /// <summary>Moves the position past given-up bytes of a file that still exists, so that the next start does not read and count them again.</summary>
    private static void SkipGivenUp(TailedStream stream, Generation generation, CheckpointChanges changes)
    {
        generation.Progress.SkipGivenUp();
        generation.SavePosition(stream.Checkpoint, generation.ReadPosition, default, changes);
    }

    /// <summary>Checks for growth a last time: bytes written since the last poll must not be lost when the handle is closed.</summary>
    private static bool HasGrown(Generation generation) =>
        (generation.Handle is { } handle ? FileStatus.OfHandle(handle, out FileStatus status) : FileStatus.OfPath(generation.Path, out status)) == 0
        && (status.Size != generation.Size + generation.TrailingNuls || generation.HaveTrailingNulsChanged);
}
