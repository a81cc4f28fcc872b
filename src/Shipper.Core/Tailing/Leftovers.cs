using Microsoft.Extensions.Logging;
using Shipper.Checkpoints;
using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Tailing;

/// <summary>
/// Checkpoints of files that discovery did not find at the start. Those that were deleted while the agent was away are
/// counted, as far as it knew them, and forgotten. Others are kept: their logs may be excluded for now, or their directory
/// not mounted.
/// </summary>
internal static class Leftovers
{
    /// <summary>Goes through the checkpoints. Must be done before the lanes run.</summary>
    public static void Remove(CheckpointStore checkpoints, IReadOnlySet<string> foundSeries, ILogger logger, AgentMetrics metrics)
    {
        var changes = new CheckpointChanges();
        foreach (StreamCheckpoint stream in checkpoints.GetStreams())
        {
            foreach (GenerationCheckpoint generation in stream.Generations)
            {
                LogSeries series = SeriesOf(stream, generation);
                if (foundSeries.Contains(series.Path) || !IsGone(series))
                {
                    continue;
                }

                long lost = generation.Size - generation.Acknowledged.Min;
                if (lost > 0)
                {
                    metrics.LostBytes.Add(LossReasons.Deleted, lost);
                    TailingLog.BytesLost(logger, generation.LogPath, stream.Key, lost, LossReasons.Deleted);
                }

                changes.Removals.Add(generation);
            }
        }

        checkpoints.Commit(changes);
    }

    private static LogSeries SeriesOf(StreamCheckpoint stream, GenerationCheckpoint generation) =>
        stream.Key.StartsWith(Files.FileLocation.KeyPrefix, StringComparison.Ordinal)
            ? new LogSeries(Path.GetDirectoryName(generation.LogPath) ?? "/", Path.GetFileName(generation.LogPath), 0)
            : LogSeries.Of(generation.LogPath, 0);

    /// <summary>True where the directory can be listed and holds nothing of the log, or is gone while the one above it is there.</summary>
    private static bool IsGone(LogSeries series)
    {
        var listing = new List<DirectoryEntry>();
        int error = DirectoryLister.List(series.Directory, listing, out _);
        if (error == 0)
        {
            return !listing.Exists(entry => series.TryParse(entry.Name, out _));
        }

        // A container's directory goes with that of its pod.
        string? pod = Path.GetDirectoryName(series.Directory);
        return error == Libc.ErrorNotFound && (Directory.Exists(pod) || Directory.Exists(Path.GetDirectoryName(pod)));
    }
}
