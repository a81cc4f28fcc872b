using Shipper.Checkpoints;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Held;

/// <summary>
/// Handles logs in the checkpoint that discovery did not find at startup. If a log was deleted while the agent was not running, it is resumed if something is
/// left: a saved copy, an open file, a loss to report, or what a limit has counted and not reported. Otherwise it is forgotten. Logs that still exist are
/// kept: they may be excluded at the moment, or their directory may not be mounted.
/// </summary>
internal static class OrphanedStreams
{
    /// <summary>Resumes or forgets these logs. Must be called before the lanes run.</summary>
    /// <param name="foundLogs">Paths of the logs that discovery found.</param>
    /// <param name="canReappear">Returns true if a log is expected in a directory that does not exist.</param>
    /// <param name="tryResume">Resumes a log that is gone, by its stream's key and its path. Returns false if the log is not wanted.</param>
    public static void Resume(
        TailingServices services, IReadOnlySet<string> foundLogs, Predicate<string> canReappear, Func<string, string, bool> tryResume)
    {
        var changes = new CheckpointChanges();
        foreach (StreamCheckpoint stream in services.Checkpoints.GetStreams())
        {
            IEnumerable<string> logs = stream.Generations.Select(generation => generation.LogPath).Concat(stream.Losses.Select(loss => loss.LogPath));
            foreach (IGrouping<string, string> rotatedLog in logs.Distinct().GroupBy(log => RotatedLogOf(stream, log).Path).Reverse().ToList())
            {
                // Oldest last, because each log is inserted before those that were added already.
                string path = rotatedLog.First();
                List<GenerationCheckpoint> generations = stream.Generations.FindAll(generation => rotatedLog.Contains(generation.LogPath));
                if (foundLogs.Contains(rotatedLog.Key))
                {
                    continue;
                }

                if (!IsGone(stream, RotatedLogOf(stream, path), canReappear))
                {
                    // The log is now read in another directory, but its remaining bytes in this directory come first.
                    if (generations.Exists(generation => LostBytes(generation) > 0 || services.Copies.Contains(generation.Id)) && stream.Generations.Exists(generation => foundLogs.Contains(RotatedLogOf(stream, generation.LogPath).Path)))
                    {
                        tryResume(stream.Key, path);
                    }

                    continue;
                }

                bool hasRemains = stream.Memory is { } memory && Array.Exists(memory.Limits, limit => limit.Records > 0)
                    || stream.Losses.Any(loss => rotatedLog.Contains(loss.LogPath))
                    || generations.Exists(generation => LostBytes(generation) > 0 || services.Copies.Contains(generation.Id));
                if (!hasRemains || !tryResume(stream.Key, path))
                {
                    Forget(stream, generations, services, changes);
                    if (generations.Count == stream.Generations.Count && stream.Losses.Any(loss => rotatedLog.Contains(loss.LogPath)))
                    {
                        // Losses of another log of the stream are still reported.
                        changes.Losses[stream] = [.. changes.LossesOf(stream).Where(loss => !rotatedLog.Contains(loss.LogPath))];
                    }
                }
            }
        }

        services.Checkpoints.Commit(changes);
    }

    private static void Forget(StreamCheckpoint stream, List<GenerationCheckpoint> generations, TailingServices services, CheckpointChanges changes)
    {
        foreach (GenerationCheckpoint generation in generations)
        {
            long lost = LostBytes(generation);
            if (lost > 0)
            {
                services.Metrics.LostBytes.Add(LossReasons.Deleted, lost);
                LossEvents.BytesLost(services.Logger, generation.LogPath, stream.Key, lost, LossReasons.Deleted);
            }

            services.Copies.Find(generation.Id)?.Delete();
            changes.Removals.Add(new(generation));
        }
    }

    private static long LostBytes(GenerationCheckpoint generation) => generation.Size - generation.Acknowledged.Min;

    private static RotatedLog RotatedLogOf(StreamCheckpoint stream, string logPath) =>
        stream.Key.StartsWith(Discovery.FileLocation.KeyPrefix, StringComparison.Ordinal)
            ? new RotatedLog(Path.GetDirectoryName(logPath) ?? "/", Path.GetFileName(logPath), 0)
            : RotatedLog.FromFile(logPath, 0);

    /// <summary>
    /// True if the directory exists and contains no files of the log, or if it is gone and one of the two directories above it exists. A container's missing
    /// directory is also gone if no log is expected in it.
    /// </summary>
    private static bool IsGone(StreamCheckpoint stream, RotatedLog rotatedLog, Predicate<string> canReappear)
    {
        var listing = new List<DirectoryEntry>();
        int error = DirectoryLister.List(rotatedLog.Directory, listing, out _);
        if (error == 0)
        {
            return !listing.Exists(entry => rotatedLog.TryParse(entry.Name, out _));
        }

        // A container's directory is deleted together with its pod's directory, or with all others when they are moved to another disk.
        string? pod = Path.GetDirectoryName(rotatedLog.Directory);
        return error == Libc.ErrorNotFound
            && (Directory.Exists(pod) || Directory.Exists(Path.GetDirectoryName(pod))
                || (!stream.Key.StartsWith(Discovery.FileLocation.KeyPrefix, StringComparison.Ordinal) && !canReappear(rotatedLog.Directory)));
    }
}
