using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>
/// Finds out what of a file was read in another place: the directory of its log was moved to another disk, or a link on the way to it was turned, while the
/// agent ran or was away.
/// </summary>
/// <remarks>Not safe for concurrent use: each lane has its own.</remarks>
internal sealed class Relocation(TailingServices services, ForgottenFiles? forgotten)
{
    /// <summary>Tells what a file is to a generation that begins like it.</summary>
    public ContentComparer Comparer { get; } = new();

    /// <summary>Finds the generation in another directory that goes on in an unknown file.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="series">The log whose directory holds the file.</param>
    /// <param name="file">The file.</param>
    /// <param name="changes">Gets the changes for the checkpoints.</param>
    /// <param name="start">How much of the file was read, if no generation goes on in it.</param>
    /// <exception cref="IOException">A file can't be read.</exception>
    public Generation? Find(TailedStream stream, LogSeries series, FileCandidate file, CheckpointChanges changes, out long start)
    {
        start = 0;
        bool mayBeHeading = Generation.IsCommonHead(series, file.Head);
        foreach (Generation generation in FindElsewhere(stream, series, file))
        {
            if (!MayMove(generation, series))
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
                bool hasCopy = services.Copies.Has(generation.Checkpoint.Id);
                ContentMatch match = IsSameFile(generation, file.Status) ? ContentMatch.Same : ContentComparer.CompareWithClosed(generation, file, mayBeCut: !mayBeHeading);
                if (match == ContentMatch.Same && hasCopy && file.Size < generation.Size)
                {
                    // What the file does not have was saved.
                    start = file.Size;
                    return null;
                }

                if (match == ContentMatch.Same)
                {
                    services.Copies.Find(generation.Checkpoint.Id)?.Delete();
                    Move(stream, generation, series, file.Name, changes);
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
                // All of the old file stands in the new one. Its writer may not notice that a link was turned, and go on in the old one.
                Leave(stream, series, generation, start);
                Move(stream, generation, series, file.Name, changes);
                return generation;
            }

            if (start > 0)
            {
                // The old file has more: it is read to its end first, and then the new one from the end of the common part.
                generation.Place.LeaveBehind(series);
                return null;
            }
        }

        start = forgotten?.FindPosition(stream.Checkpoint, file, mayBeHeading) ?? 0;
        return null;
    }

    private static bool IsSameFile(Generation generation, FileStatus status) =>
        generation.HasFile && generation.File.Copy is null && generation.Status.IsSameFile(status);

    /// <summary>
    /// A log moves to where the links lead, and to what was found last: the old directory is still listed, and its files must not take back what went on in the new ones.
    /// </summary>
    private static bool MayMove(Generation generation, LogSeries series) =>
        generation.Series == series || generation.IsLeftBehind
        || (series.IsUnlinked == generation.Series.IsUnlinked ? series.Order > generation.Series.Order : generation.Series.IsUnlinked);

    /// <summary>How much of a file was read as part of another generation, which stays where it is.</summary>
    private long FindRead(Generation generation, FileCandidate file, bool mayBeHeading) =>
        generation.Handle is not null && generation.File.Copy is null ? FindCommon(generation, file, mayBeHeading, out _)
        : ContentComparer.CompareWithClosed(generation, file, mayBeCut: !mayBeHeading) == ContentMatch.Same ? Math.Min(file.Size, generation.Read.Max)
        : 0;

    /// <summary>The generations of the stream that are in no directory of the log. The most certain come first, and of these the ones that are open.</summary>
    private static List<Generation> FindElsewhere(TailedStream stream, LogSeries series, FileCandidate file)
    {
        var found = new List<Generation>();
        foreach (Generation generation in stream.Generations)
        {
            if (generation.Series != series && generation.Identity.Matches(file.Head))
            {
                found.Add(generation);
            }
        }

        // Of logs that nothing leads to any more.
        foreach (GenerationCheckpoint checkpoint in stream.Checkpoint.Generations)
        {
            if (checkpoint.Identity.Matches(file.Head) && !stream.Generations.Exists(generation => generation.Checkpoint == checkpoint))
            {
                found.Add(new Generation(series, file.Name, checkpoint));
            }
        }

        return [.. found.OrderBy(generation => !MayMove(generation, series)).ThenBy(generation => generation.IsLeftBehind)
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
        return CommonContent.Find(generation.Handle!, size, file.Handle, file.Size, mayBeHeading);
    }

    private static void Move(TailedStream stream, Generation generation, LogSeries series, GenerationName name, CheckpointChanges changes)
    {
        if (!stream.Generations.Contains(generation))
        {
            stream.Queue.Add(generation);
        }

        generation.Place.MoveTo(series, name);
        changes.Moves.Add(new(generation.Checkpoint, stream.Checkpoint, series.LogPath(name)));
    }

    /// <summary>Makes a generation of its own of what is written to the open file behind a place.</summary>
    private void Leave(TailedStream stream, LogSeries series, Generation generation, long start)
    {
        FileStatus status = generation.Status;
        if (generation.IsGzip)
        {
            generation.File.Detach()?.Dispose();
            return;
        }

        // It gets an identity once something is written behind that place. Until then a start would take it for any file that begins alike.
        var rest = new Generation(generation.Series, generation.Name, services.Checkpoints.AddGeneration(stream.Checkpoint, generation.Checkpoint.LogPath, Offsets.Both(start)))
        {
            LastGrowth = generation.LastGrowth,
            Place = { IsQueued = true },
        };
        rest.Progress.Pass(start);
        rest.Attach(generation.File.Detach()!, status, isGzip: false, start);
        rest.Place.LeaveBehind(series);
        generation.Progress.LimitTo(start);
        stream.Queue.Add(rest);
    }
}
