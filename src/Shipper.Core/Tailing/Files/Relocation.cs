using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>
/// Finds out how much of a file was already read from another place. While the agent was running or stopped, the log's directory may have been moved to
/// another disk, or a link in its path may have been changed.
/// </summary>
/// <remarks>Not thread-safe: each lane has its own.</remarks>
internal sealed class Relocation(TailingServices services, RecentlyRemovedFiles? removedFiles)
{
    /// <summary>Compares files with generations that start with the same bytes.</summary>
    public ContentComparer Comparer { get; } = new();

    /// <summary>Finds the generation in another directory that continues in an unknown file.</summary>
    /// <param name="rotatedLog">The log in the file's directory.</param>
    /// <param name="changes">Receives the changes to the checkpoint.</param>
    /// <param name="start">If no generation continues in the file: how much of it was read.</param>
    /// <exception cref="IOException">A file can't be read.</exception>
    public Generation? Find(TailedStream stream, RotatedLog rotatedLog, FileCandidate file, CheckpointChanges changes, out long start)
    {
        start = 0;
        bool mayBeHeading = Generation.IsCommonHead(rotatedLog, file.Head);
        foreach (Generation generation in FindElsewhere(stream, rotatedLog, file))
        {
            if (!MayMove(generation, rotatedLog))
            {
                start = FindRead(generation, file, mayBeHeading);
                if (start > 0)
                {
                    return null;
                }

                continue;
            }

            if (generation.Handle is null || generation.File.Copy is not null || IsSameFile(generation, file.Status))
            {
                bool hasCopy = services.Copies.Contains(generation.Checkpoint.Id);
                ContentMatch match = IsSameFile(generation, file.Status) ? ContentMatch.Same : ContentComparer.CompareWithClosed(generation, file, mayBeCut: !mayBeHeading);
                if (match == ContentMatch.Same && hasCopy && file.Size < generation.Size)
                {
                    // The saved copy has the part that the file lacks.
                    start = file.Size;
                    return null;
                }

                if (match == ContentMatch.Same)
                {
                    services.Copies.Find(generation.Checkpoint.Id)?.Delete();
                    Move(stream, generation, rotatedLog, file.Name, changes);
                    return generation;
                }

                continue;
            }

            start = FindCommon(generation, file, mayBeHeading, out long size);
            if (start > 0 && generation.IsLeftBehind)
            {
                return null;
            }

            if (start > 0 && start == size)
            {
                // The new file contains all of the old one. The writer may not notice that a link was changed, and may continue to write to the old file.
                SplitOff(stream, rotatedLog, generation, start);
                Move(stream, generation, rotatedLog, file.Name, changes);
                return generation;
            }

            if (start > 0)
            {
                // The old file has more: read it to its end, then read the new file from the end of the common part.
                generation.Place.LeaveBehind(rotatedLog);
                return null;
            }
        }

        start = removedFiles?.FindPosition(stream.Checkpoint, file, mayBeHeading) ?? 0;
        return null;
    }

    private static bool IsSameFile(Generation generation, FileStatus status) =>
        generation.HasFile && generation.File.Copy is null && generation.Status.IsSameFile(status);

    /// <summary>
    /// True if a generation may move to a log. A log moves to where the links lead now and to the directory that was found last. The old directory is still
    /// listed, and its files must not take back generations that continue in the new directory.
    /// </summary>
    private static bool MayMove(Generation generation, RotatedLog rotatedLog) =>
        generation.Log == rotatedLog || generation.IsLeftBehind
        || (rotatedLog.IsUnlinked == generation.Log.IsUnlinked ? rotatedLog.Order > generation.Log.Order : generation.Log.IsUnlinked);

    /// <summary>Returns how much of a file was read as part of another generation. That generation stays where it is.</summary>
    private long FindRead(Generation generation, FileCandidate file, bool mayBeHeading) =>
        generation.Handle is not null && generation.File.Copy is null ? FindCommon(generation, file, mayBeHeading, out _)
        : ContentComparer.CompareWithClosed(generation, file, mayBeCut: !mayBeHeading) == ContentMatch.Same ? Math.Min(file.Size, generation.ReadPosition.Max)
        : 0;

    /// <summary>
    /// Returns the stream's generations outside this directory that start with the same bytes as the file: the most certain first and, among equals, open
    /// ones first.
    /// </summary>
    private static List<Generation> FindElsewhere(TailedStream stream, RotatedLog rotatedLog, FileCandidate file)
    {
        var found = new List<Generation>();
        foreach (Generation generation in stream.Generations)
        {
            if (generation.Log != rotatedLog && generation.Identity.Matches(file.Head))
            {
                found.Add(generation);
            }
        }

        // Generations of logs to which nothing leads any more.
        foreach (GenerationCheckpoint checkpoint in stream.Checkpoint.Generations)
        {
            if (checkpoint.Identity.Matches(file.Head) && !stream.Generations.Exists(generation => generation.Checkpoint == checkpoint))
            {
                found.Add(new Generation(rotatedLog, file.Name, checkpoint));
            }
        }

        return [.. found.OrderBy(generation => !MayMove(generation, rotatedLog)).ThenBy(generation => generation.IsLeftBehind)
            .ThenByDescending(generation => generation.Identity.Length).ThenBy(generation => generation.Handle is null).ThenByDescending(generation => generation.Size)];
    }

    private long FindCommon(Generation generation, FileCandidate file, bool mayBeHeading, out long size)
    {
        size = generation.Size;
        if (file.IsGzip || generation.IsGzip)
        {
            return Comparer.HaveSameContent(generation, file) ? Math.Min(file.Size, generation.Size) : 0;
        }

        if (FileStatus.OfHandle(generation.Handle!, out FileStatus present) != 0)
        {
            return 0;
        }

        size = present.Size;
        return CommonPrefix.FindEnd(generation.Handle!, size, file.Handle, file.Size, mayBeHeading);
    }

    private static void Move(TailedStream stream, Generation generation, RotatedLog rotatedLog, GenerationName name, CheckpointChanges changes)
    {
        if (!stream.Generations.Contains(generation))
        {
            stream.Queue.Add(generation);
        }

        generation.Place.MoveTo(rotatedLog, name);
        changes.Moves.Add(new(generation.Checkpoint, stream.Checkpoint, rotatedLog.LogPathOf(name)));
    }

    /// <summary>Makes a new generation for everything that will be written to the open file after an offset.</summary>
    private void SplitOff(TailedStream stream, RotatedLog rotatedLog, Generation generation, long start)
    {
        FileStatus status = generation.Status;
        if (generation.IsGzip)
        {
            generation.File.Detach()?.Dispose();
            return;
        }

        // The new generation gets an identity only when something has been written after the offset. With an earlier identity, a restart would match the
        // generation with any file that starts with the same bytes.
        var rest = new Generation(generation.Log, generation.Name, services.Checkpoints.AddGeneration(stream.Checkpoint, generation.Checkpoint.LogPath, FilePosition.Both(start)))
        {
            LastGrowth = generation.LastGrowth,
            Place = { IsQueued = true },
        };
        rest.Progress.SkipTo(start);
        rest.Attach(generation.File.Detach()!, status, isGzip: false, start);
        rest.Place.LeaveBehind(rotatedLog);
        generation.Progress.LimitTo(start);
        stream.Queue.Add(rest);
    }
}
