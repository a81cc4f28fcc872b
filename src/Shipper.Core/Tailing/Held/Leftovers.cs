using Shipper.Checkpoints;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Held;

/// <summary>
/// Logs in the checkpoint that discovery did not find at the start. Those that were deleted while the agent was away are taken up once
/// more where something is left of them: a saved copy, an open file, or a loss to tell of. Others that are gone are forgotten. What is still
/// there is kept: it may be excluded for now, or its directory not mounted.
/// </summary>
internal static class Leftovers
{
    /// <summary>Goes through the checkpoints. Must be done before the lanes run.</summary>
    /// <param name="foundSeries">Paths of the series that discovery found.</param>
    /// <param name="mayComeBack">Tells of a directory that does not exist whether a log is expected in it.</param>
    /// <param name="tryTakeUp">Takes up a log that is gone, by its stream's key and its path; false where nobody wants it.</param>
    public static void TakeUp(
        TailingServices services, IReadOnlySet<string> foundSeries, Predicate<string> mayComeBack, Func<string, string, bool> tryTakeUp)
    {
        var changes = new CheckpointChanges();
        foreach (StreamCheckpoint stream in services.Checkpoints.GetStreams())
        {
            IEnumerable<string> logs = stream.Generations.Select(generation => generation.LogPath).Concat(stream.Losses.Select(loss => loss.LogPath));
            foreach (IGrouping<string, string> series in logs.Distinct().GroupBy(log => SeriesOf(stream, log).Path).Reverse().ToList())
            {
                // The oldest last: each is put before those that are there.
                string path = series.First();
                List<GenerationCheckpoint> generations = stream.Generations.FindAll(generation => series.Contains(generation.LogPath));
                if (foundSeries.Contains(series.Key))
                {
                    continue;
                }

                if (!IsGone(stream, SeriesOf(stream, path), mayComeBack))
                {
                    // The log is read in another directory by now: the rest in this one comes first.
                    if (generations.Exists(generation => LostBytes(generation) > 0 || services.Copies.Has(generation.Id)) && stream.Generations.Exists(generation => foundSeries.Contains(SeriesOf(stream, generation.LogPath).Path)))
                    {
                        tryTakeUp(stream.Key, path);
                    }

                    continue;
                }

                bool isLeft = stream.Losses.Any(loss => series.Contains(loss.LogPath))
                    || generations.Exists(generation => LostBytes(generation) > 0 || services.Copies.Has(generation.Id));
                if (!isLeft || !tryTakeUp(stream.Key, path))
                {
                    Forget(stream, generations, services, changes);
                    if (generations.Count == stream.Generations.Count && stream.Losses.Length > 0)
                    {
                        changes.Losses[stream] = [];
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

    private static LogSeries SeriesOf(StreamCheckpoint stream, string logPath) =>
        stream.Key.StartsWith(Discovery.FileLocation.KeyPrefix, StringComparison.Ordinal)
            ? new LogSeries(Path.GetDirectoryName(logPath) ?? "/", Path.GetFileName(logPath), 0)
            : LogSeries.Of(logPath, 0);

    /// <summary>True where the directory can be listed and holds nothing of the log, or is gone while the one above it is there.</summary>
    private static bool IsGone(StreamCheckpoint stream, LogSeries series, Predicate<string> mayComeBack)
    {
        var listing = new List<DirectoryEntry>();
        int error = DirectoryLister.List(series.Directory, listing, out _);
        if (error == 0)
        {
            return !listing.Exists(entry => series.TryParse(entry.Name, out _));
        }

        // A container's directory goes with that of its pod; and with all others when they were moved to another disk.
        string? pod = Path.GetDirectoryName(series.Directory);
        return error == Libc.ErrorNotFound
            && (Directory.Exists(pod) || Directory.Exists(Path.GetDirectoryName(pod))
                || (!stream.Key.StartsWith(Discovery.FileLocation.KeyPrefix, StringComparison.Ordinal) && !mayComeBack(series.Directory)));
    }
}
