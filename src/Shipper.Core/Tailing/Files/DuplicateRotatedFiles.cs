using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Discovery.Rotation;

namespace Shipper.Tailing.Files;

/// <summary>
/// Merges duplicates in the checkpoints of older versions, which read a file rotated to a name like <c>app-1.log</c> both as a separate log and as part of
/// <c>app.log</c>. Keeps the greater position, under the name of the live file.
/// </summary>
internal static class DuplicateRotatedFiles
{
    /// <summary>Merges all duplicates. Must be called before discovery starts.</summary>
    public static void Merge(CheckpointStore checkpoints)
    {
        var changes = new CheckpointChanges();
        foreach (IGrouping<(ulong, FileIdentity), (StreamCheckpoint Stream, GenerationCheckpoint Generation)> same in checkpoints.GetStreams()
            .Where(stream => stream.Key.StartsWith(Discovery.FileLocation.KeyPrefix, StringComparison.Ordinal))
            .SelectMany(stream => stream.Generations, (stream, generation) => (stream, generation))
            .Where(file => file.generation.Identity.Length > 0)
            .GroupBy(file => (file.generation.Inode, file.generation.Identity)))
        {
            foreach ((_, GenerationCheckpoint rotated) in same)
            {
                (StreamCheckpoint? stream, GenerationCheckpoint? live) = same.FirstOrDefault(other => IsRotated(rotated.LogPath, other.Generation.LogPath));
                if (live is null)
                {
                    continue;
                }

                if (rotated.Acknowledged.Min > live.Acknowledged.Min)
                {
                    changes.Updates.Add((stream, new GenerationUpdate(
                        live, live.Identity, live.Inode, rotated.Acknowledged, Math.Max(rotated.Size, live.Size), rotated.Proof)));
                    if (rotated.LastSentRange is { } sent)
                    {
                        changes.SentPositions.Add(new(live, sent));
                    }
                }

                changes.Removals.Add(new(rotated));
            }
        }

        checkpoints.Commit(changes);
    }

    private static bool IsRotated(string path, string logPath) =>
        Path.GetDirectoryName(path) == Path.GetDirectoryName(logPath)
        && GenerationName.TryParse(Path.GetFileName(path), Path.GetFileName(logPath), 0, out GenerationName name) && !name.IsLive;
}
