using Microsoft.Extensions.Logging;
using Shipper.Checkpoints;
using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Tailing;

/// <summary>
/// Matches the files of a directory with the generations that are known. Names say the order, content says who is who:
/// the file that was being read may come back under another name, with another inode, compressed, or as a copy.
/// </summary>
/// <remarks>Not safe for concurrent use: each lane has its own.</remarks>
internal sealed class GenerationScanner(
    CheckpointStore checkpoints, FileBudget.Share files, LossBook losses, NulBook nuls, TimeProvider time, ILogger logger, AgentMetrics metrics)
{
    private readonly GenerationOpener _opener = new(checkpoints, files, losses, time, logger, metrics);
    private readonly List<(GenerationName Name, ulong Inode)> _found = [];
    private readonly List<(GenerationName Name, ulong Inode)> _unknown = [];

    /// <summary>
    /// True if the directory is to be listed once more before anything is read: an older file than those that were opened may have been missed, or may
    /// have grown since it was looked at.
    /// </summary>
    public bool MustListAgain => _opener.HasMoved || _opener.HasOpened;

    /// <summary>A directory is about to be listed.</summary>
    /// <param name="isAgain">True if it was a moment ago, and the files changed meanwhile.</param>
    public void Begin(bool isAgain) => _opener.Begin(isAgain);

    /// <summary>Takes up a series, with what the checkpoint knows of it.</summary>
    public void AddSeries(TailedStream stream, LogSeries series)
    {
        // What is gone already was there before all others.
        series.Order = stream.Series.Count == 0 ? 0
            : series.IsUnlinked ? stream.Series.Min(other => other.Order) - 1
            : stream.Series.Max(other => other.Order) + 1;
        stream.Series.Add(series);
        List<GenerationCheckpoint> known = [.. stream.Checkpoint.Generations.Where(known => series.Owns(known.LogPath))];
        checkpoints.Held.Sort(known);
        foreach (GenerationCheckpoint checkpoint in known)
        {
            string fileName = Path.GetFileName(checkpoint.LogPath);
            if (series.TryParse(fileName, out GenerationName name))
            {
                var generation = new Generation(series, name, checkpoint);
                stream.Add(generation);
                _opener.AttachOpen(stream, generation);
                _opener.TryAttachCopy(stream, generation);
            }
        }
    }

    /// <summary>
    /// Looks at the open files of a series, newest first. Must come before the listing: the copy that is made before a file is
    /// emptied is only recognised as one while it is known what the file held.
    /// </summary>
    public void Look(TailedStream stream, LogSeries series)
    {
        foreach (Generation generation in stream.Generations.Where(generation => generation.Series == series).Reverse().ToList())
        {
            long now = time.GetTimestamp();
            if (generation.IsParked)
            {
                LookParked(stream, generation, now);
                continue;
            }

            bool wasDeleted = generation.IsDeleted;
            if (!generation.TryLook(now))
            {
                Replace(stream, generation);
                _opener.HasOpened = true;
            }

            stream.HasNews |= generation.IsDeleted != wasDeleted;
        }
    }

    /// <summary>A parked file that has changed is opened for a moment: it may have been truncated, or have got its first bytes.</summary>
    private void LookParked(TailedStream stream, Generation generation, long now)
    {
        if (!generation.TryLookParked(now, out bool hasChanged) || !hasChanged || generation.Reopen() != 0)
        {
            return;
        }

        Generation present = generation;
        if (!generation.TryLook(now))
        {
            present = Replace(stream, generation);
            _opener.HasOpened = true;
        }

        _opener.KeepOrPark(stream, present);
    }

    /// <summary>Brings the generations of a series up to date with a listing of its directory.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="series">One of its series.</param>
    /// <param name="listing">The names in the directory, in ordinal order.</param>
    /// <param name="changes">Gets the first positions of what is not read from the start, and the sizes of what is not acknowledged.</param>
    /// <returns>False where a file could not be looked into, so that the directory is to be listed again soon.</returns>
    public bool Scan(TailedStream stream, LogSeries series, List<DirectoryEntry> listing, CheckpointChanges changes)
    {
        foreach (Generation generation in stream.Generations.Where(generation => generation.Series == series))
        {
            generation.IsListed = false;
        }

        series.Find(listing, _found);
        _opener.IsIncomplete = false;
        _unknown.Clear();
        for (int i = 0; i < _found.Count; i++)
        {
            (GenerationName name, ulong inode) = _found[i];
            if (name.IsGzip && IsStillBeingCompressed(i))
            {
                continue;
            }

            // While a file is open its inode can't be another's.
            Generation? open = GenerationOpener.FindOpen(stream, series, inode);
            if (open is null)
            {
                _unknown.Add((name, inode));
            }
            else
            {
                open.IsListed = true;
                if (open.Name != name)
                {
                    open.Name = name;
                    stream.HasNews = true;
                }
            }
        }

        // Something new is told from a copy of what an open file holds, whatever was written to that before the listing.
        if (_unknown.Count > 0)
        {
            Look(stream, series);
        }

        // Files whose inode the checkpoint names go first, so that of two that begin alike the right one is taken.
        foreach ((GenerationName name, ulong inode) in _unknown.OrderBy(
            file => stream.Generations.Any(generation => generation.Handle is null && (generation.IsParked ? generation.Status.Inode : generation.Checkpoint.Inode) == file.Inode) ? 0 : 1))
        {
            _opener.Identify(stream, series, name, inode, changes);
        }

        // A name that moved tells no place.
        if (!_opener.HasMoved)
        {
            stream.Place();
            series.IsListed = true;
        }

        foreach (Generation generation in stream.Generations.Where(generation => generation.Series == series))
        {
            nuls.PassBefore(stream, generation);
            KeepSize(stream, generation, changes);
            if (generation.IsListed || generation.Handle is not null || generation.Copy is not null)
            {
                continue;
            }

            _opener.IsIncomplete |= !_opener.TryAttachCopy(stream, generation);
            if (generation.HasFile && generation.Copy is not null)
            {
                continue;
            }

            if (_opener.IsIncomplete)
            {
                // It may be the file that could not be opened this time.
                generation.IsListed = true;
            }
            else
            {
                generation.Detach();
                losses.GiveUp(stream, generation, generation.LossReason);
            }
        }

        return !_opener.IsIncomplete;
    }

    /// <summary>
    /// What was seen and is not acknowledged goes into the checkpoint, so that the next start can count it where it is gone by then.
    /// </summary>
    public static void KeepSize(TailedStream stream, Generation generation, CheckpointChanges changes)
    {
        GenerationCheckpoint checkpoint = generation.Checkpoint;
        if (generation.HasFile && generation.Identity.Length > 0 && generation.Size > Math.Max(checkpoint.Size, checkpoint.Acknowledged.Min))
        {
            changes.Updates.Add((stream.Checkpoint, new CheckpointUpdate(
                checkpoint, generation.Identity, generation.Status.Inode, Acknowledged: null, generation.Size)));
        }
    }

    /// <summary>
    /// A file was truncated. What it holds now is a new generation; what it held may live on in a copy, which the next scan finds.
    /// </summary>
    /// <returns>The generation that has the open file now.</returns>
    public Generation Replace(TailedStream stream, Generation generation)
    {
        TailingLog.FileTruncated(logger, generation.Path);
        metrics.TruncatedFiles.Add(1);
        generation.IsTruncated = true;
        FileStatus status = generation.Status;
        Span<byte> head = stackalloc byte[FileIdentity.MaxLength];
        FileContent content = FileContent.Look(generation.Handle!, status, head);
        var replacement = new Generation(
            generation.Series, generation.Name, checkpoints.AddGeneration(stream.Checkpoint, generation.Series.LogPath(generation.Name)))
        {
            Identity = FileIdentity.Of(content.HeadOf(head)),
        };
        content.AttachTo(replacement, generation.Detach()!, status);
        stream.Add(replacement);
        stream.HasNews = true;
        return replacement;
    }

    /// <summary>While both X and X.gz are there, X.gz may be unfinished.</summary>
    private bool IsStillBeingCompressed(int index)
    {
        ReadOnlySpan<char> stem = _found[index].Name.Stem;
        foreach ((GenerationName name, _) in _found)
        {
            if (!name.IsGzip && stem.SequenceEqual(name.FileName))
            {
                return true;
            }
        }

        return false;
    }
}
