using Shipper.Checkpoints;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Files;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Held;

/// <summary>Closes files that are completely acknowledged and that nobody writes to any more.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
internal sealed class FinishedFiles(LogDirectories directories, ForgottenFiles forgotten, NulBook nuls, TimeProvider time)
{
    /// <summary>How long a finished file stays open, because its writer may continue.</summary>
    private static readonly TimeSpan CloseDelay = TimeSpan.FromSeconds(5);

    /// <summary>Ledger of the files that are finished and gone.</summary>
    public Ledger Gone { get; } = new();

    /// <summary>Closes the finished files of a stream, and removes those that are gone.</summary>
    /// <param name="now">The current timestamp.</param>
    /// <param name="changes">Receives the removals from the checkpoint.</param>
    public void LetGo(TailedStream stream, long now, CheckpointChanges changes)
    {
        for (int i = stream.Generations.Count - 1; i >= 0; i--)
        {
            Generation generation = stream.Generations[i];
            if (generation.Progress.GivenUpBytes > 0 && generation.IsAcknowledged)
            {
                PassGivenUp(stream, generation, changes);
            }

            bool isLive = (generation.IsListed || generation.IsLeftBehind || generation.Series.IsExchanged) && !generation.IsDeleted && generation.Name.IsLive && !generation.IsGzip;
            if (generation.HasFile && (!isLive || generation.NulsBehind > 0) && generation.IsAcknowledged && stream.Queue.IsFinal(generation)
                && (generation.IsGzip || (time.GetElapsedTime(generation.LastGrowth, now) >= CloseDelay && !HasGrown(generation))))
            {
                nuls.PassBehind(stream, generation);
                if (!isLive)
                {
                    generation.Close();
                }
            }

            if (!generation.HasFile && !generation.IsListed && generation.IsAcknowledged)
            {
                stream.Queue.Remove(generation);
                forgotten.Add(stream, generation);
                generation.AddTo(Gone);
                changes.Removals.Add(new(generation.Checkpoint));
            }
        }

        for (int i = stream.Series.Count - 1; i >= 0; i--)
        {
            LogSeries series = stream.Series[i];
            if (series.IsUnlinked && !HasGenerations(stream, series) && stream.Checkpoint.Losses.Length == 0)
            {
                stream.Series.RemoveAt(i);
                directories.Remove(series);
            }
        }
    }

    private static bool HasGenerations(TailedStream stream, LogSeries series) => stream.Generations.Exists(generation => generation.Series == series);

    /// <summary>Moves the position past given-up bytes of a file that still exists, so that the next start does not read and count them again.</summary>
    private static void PassGivenUp(TailedStream stream, Generation generation, CheckpointChanges changes)
    {
        generation.Progress.PassGivenUp();
        generation.Advance(stream.Checkpoint, generation.Read, default, changes);
    }

    /// <summary>Checks for growth a last time: bytes written since the last poll must not be lost when the handle is closed.</summary>
    private static bool HasGrown(Generation generation) =>
        (generation.Handle is { } handle ? FileStatus.OfHandle(handle, out FileStatus status) : FileStatus.OfPath(generation.Path, out status)) == 0
        && (status.Size != generation.Size + generation.NulsBehind || generation.HasChangedBehind);
}
