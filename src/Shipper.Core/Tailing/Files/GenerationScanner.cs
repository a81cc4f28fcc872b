using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Processing.Assembling;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>
/// Matches the files of a directory with the generations that are known. Names say the order, content says who is who:
/// the file that was being read may come back under another name, with another inode, compressed, or as a copy.
/// </summary>
/// <remarks>Not safe for concurrent use: each lane has its own.</remarks>
internal sealed class GenerationScanner(
    TailingServices services, FileBudget.Share files, LossBook losses, NulBook nuls, ForgottenFiles? forgotten = null)
{
    private readonly GenerationOpener _opener = new(services, files, losses, forgotten);
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
        series.HasHeaders = stream.Source.HasHeaders;
        List<GenerationCheckpoint> known = [.. stream.Checkpoint.Generations.Where(
            known => series.Owns(known.LogPath) && !stream.Generations.Exists(generation => generation.Checkpoint == known))];
        services.Copies.Sort(known);
        int newest = known.Count == 0 ? 0 : known.Max(checkpoint => checkpoint.Id);
        foreach (GenerationCheckpoint checkpoint in known)
        {
            string fileName = Path.GetFileName(checkpoint.LogPath);
            if (series.TryParse(fileName, out GenerationName name))
            {
                var generation = new Generation(series, name, checkpoint) { WasLive = checkpoint.Id == newest };
                stream.Add(generation);
                _opener.AttachOpen(stream, generation);
                _opener.TryAttachCopy(stream, generation);
            }
        }
    }

    /// <summary>Starts a new series because another directory is at the path of a log. Open files are read to their end; the files that are there now are identified anew.</summary>
    /// <returns>The log as it is in that directory.</returns>
    public LogSeries Exchange(TailedStream stream, LogSeries series)
    {
        LogSeries exchanged = series.Renew();
        exchanged.IsInitial = false;
        exchanged.Attributes = series.Attributes;
        exchanged.IsUnlinked = series.IsUnlinked;
        series.IsUnlinked = true;
        series.IsExchanged = true;
        foreach (Generation generation in stream.Generations)
        {
            generation.IsListed &= generation.Series != series;
        }

        AddSeries(stream, exchanged);
        stream.HasNews = true;
        return exchanged;
    }

    /// <summary>
    /// Looks at the open files of a series, newest first. Must come before the listing: the copy that is made before a file is
    /// emptied is only recognised as one while it is known what the file held.
    /// </summary>
    public void Look(TailedStream stream, LogSeries series)
    {
        foreach (Generation generation in stream.Generations.Where(generation => generation.Series == series).Reverse().ToList())
        {
            long now = services.Time.GetTimestamp();
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

        Generation? present = generation;
        if (!generation.TryLook(now))
        {
            present = Replace(stream, generation);
            _opener.HasOpened = true;
        }

        if (present is not null)
        {
            _opener.KeepOrPark(stream, present);
        }
    }

    /// <summary>Brings the generations of a series up to date with a listing of its directory.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="series">One of its series.</param>
    /// <param name="listing">The names in the directory, in ordinal order.</param>
    /// <param name="changes">Gets the first positions of what is not read from the start, and the sizes of what is not acknowledged.</param>
    /// <returns>False where a file could not be looked into, so that the directory is to be listed again soon.</returns>
    public bool Scan(TailedStream stream, LogSeries series, List<DirectoryEntry> listing, CheckpointChanges changes)
    {
        foreach (Generation generation in stream.Generations.Where(generation => IsDecidedBy(series, generation)))
        {
            generation.IsListed = false;
        }

        List<Generation> before = [.. stream.Generations];
        _opener.HasRelocated = false;
        _opener.IsIncomplete = !series.Find(listing, _found, out bool isUndecided);
        AddMoved(stream, series, listing);
        _unknown.Clear();
        for (int i = 0; i < _found.Count; i++)
        {
            (GenerationName name, ulong inode) = _found[i];
            if (name.Compression != FileCompression.None && IsStillBeingCompressed(i))
            {
                continue;
            }

            if (name.Compression == FileCompression.Unknown)
            {
                _opener.ReportCompressed(series, name);
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
            stream.Series.FindAll(series.IsSameLog).ForEach(other => Look(stream, other));
        }

        GenerationName? oldest = FindOldestOfOlderVersion(stream, series);

        // Files whose inode the checkpoint names go first, so that of two that begin alike the right one is taken.
        foreach ((GenerationName name, ulong inode) in _unknown.OrderBy(
            file => stream.Generations.Any(generation => generation.Handle is null && (generation.IsParked ? generation.Status.Inode : generation.Checkpoint.Inode) == file.Inode) ? 0 : 1))
        {
            _opener.Identify(stream, series, name, inode, changes, readBefore: oldest is { } last && name.CompareTo(last) < 0);
        }

        if (_opener.HasRelocated)
        {
            stream.KeepOrder(before);
        }

        // A name that moved tells no place.
        if (!_opener.HasMoved)
        {
            stream.Place();
            series.IsListed = true;
        }

        _opener.IsIncomplete |= MayHaveMoved(series);
        bool moved = false;
        var missing = new List<Generation>();
        foreach (Generation generation in stream.Generations.Where(generation => IsDecidedBy(series, generation)))
        {
            nuls.PassBefore(stream, generation);
            if (generation.IsListed || generation.Handle is not null || generation.Copy is not null || IsParkedElsewhere(generation))
            {
                KeepSize(stream, generation, changes);
                moved |= IsMovedAway(generation);
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
                KeepSize(stream, generation, changes);
            }
            else
            {
                // Giving it up has the last word on its size, and is written before these changes.
                missing.Add(generation);
            }
        }

        if (moved || missing.Count > 0)
        {
            FindMoved(stream, series, missing, changes);
        }

        return !_opener.IsIncomplete && !isUndecided;
    }

    /// <summary>
    /// Older versions read the live file alone if it was rotated to names like <c>audit-TIME.log</c>, and kept nothing of the rotated ones. What was rotated before
    /// the file that they read last had been read; there are no proofs in their checkpoints.
    /// </summary>
    /// <returns>The name of the oldest file that they kept; null if the checkpoint is not from such a version, or the file is gone.</returns>
    private GenerationName? FindOldestOfOlderVersion(TailedStream stream, LogSeries series)
    {
        List<Generation> known = [.. stream.Generations.Where(generation => generation.Series == series)];
        return !series.IsListed && !series.HasHeaders && known.Exists(generation => generation.Read.Max > 0)
            && known.TrueForAll(generation => generation.Handle is null && generation.Read.Max > 0 && !generation.Proof.IsKnown)
            && _unknown.FindIndex(file => known.Exists(generation => generation.Checkpoint.Inode == file.Inode)) is >= 0 and var index
            ? _unknown[index].Name
            : null;
    }

    /// <summary>
    /// True if a scan of a log decides whether a generation is missing: it is one of the log, or it was parked in the directory that was at the log's path before,
    /// so that no name leads to it any more.
    /// </summary>
    private static bool IsDecidedBy(LogSeries series, Generation generation) =>
        generation.Series == series || (generation is { IsParked: true, Copy: null, Series.IsExchanged: true } && generation.Series.Path == series.Path);

    /// <summary>
    /// True if the directory went a moment ago. Perhaps the log is on another disk now, and discovery, which would find it there, has not said that it is gone: its files
    /// are not lost yet.
    /// </summary>
    private bool MayHaveMoved(LogSeries series) =>
        series is { IsUnlinked: false, GoneSince: { } since } && services.Time.GetElapsedTime(since) < OpenLine.MaxWait;

    /// <summary>True if a generation is parked in the directory that it was moved to, and still there.</summary>
    private bool IsParkedElsewhere(Generation generation) =>
        generation is { IsParked: true, Directory: not null } && generation.TryLookParked(services.Time.GetTimestamp(), out _);

    /// <summary>An open file that still has a name, but none in the directory of its log.</summary>
    private static bool IsMovedAway(Generation generation) =>
        generation is { Handle: not null, IsListed: false, IsDeleted: false, IsLeftBehind: false, Copy: null, Directory: null, Series.OwnsDirectory: false };

    /// <summary>Looks in other directories for files that rotation moved out of the log's. Files that are not found are lost.</summary>
    private void FindMoved(TailedStream stream, LogSeries series, List<Generation> missing, CheckpointChanges changes)
    {
        foreach (Generation generation in missing)
        {
            // Nobody knows what was written to a parked file before it was moved.
            bool isDone = generation is { IsAcknowledged: true, WasLive: false, IsParked: false };
            if (series.OwnsDirectory || isDone || !_opener.TryFindMoved(stream, series, generation, changes))
            {
                GiveUp(stream, generation);
            }
        }

        foreach (Generation generation in stream.Generations.Where(generation => generation.Series == series && IsMovedAway(generation)).ToList())
        {
            if (MovedFiles.FindDirectoryOf(generation) is { } directory && !stream.Series.Exists(other => other.Directory == directory))
            {
                generation.Directory = directory;
                services.Checkpoints.SetDirectory(series.Path, directory);
                _opener.AddBehind(stream, series, generation, changes);
            }
        }
    }

    private void GiveUp(TailedStream stream, Generation generation)
    {
        if (generation is { WasLive: true, IsAcknowledged: true, IsTruncated: false, IsLeftBehind: false, Series.IsUnlinked: false })
        {
            losses.TellUnknown(stream, generation);
        }

        generation.WasLive = false;
        generation.Detach()?.Dispose();
        losses.GiveUp(stream, generation, generation.LossReason);
    }

    /// <summary>
    /// What was seen and is not acknowledged goes into the checkpoint, so that the next start can count it where it is gone by then.
    /// </summary>
    public static void KeepSize(TailedStream stream, Generation generation, CheckpointChanges changes)
    {
        GenerationCheckpoint checkpoint = generation.Checkpoint;
        if (generation.HasFile && generation.Identity.Length > 0 && generation.Size > Math.Max(checkpoint.Size, checkpoint.Acknowledged.Min))
        {
            generation.Touch(stream.Checkpoint, changes);
        }
    }

    /// <summary>
    /// A file was truncated. What it holds now is a new generation; what it held may live on in a copy, which the next scan finds.
    /// </summary>
    /// <returns>The generation that has the open file now; null if the file is only overwritten before it is deleted.</returns>
    public Generation? Replace(TailedStream stream, Generation generation)
    {
        FileEvents.FileTruncated(services.Logger, generation.Path);
        services.Metrics.TruncatedFiles.Add(1);
        generation.IsTruncated = true;
        FileStatus status = generation.Status;
        Span<byte> head = stackalloc byte[FileIdentity.MaxLength];
        FileContent content = FileContent.Look(generation.Handle!, status, head);
        if (!generation.Name.IsLive && TextProbe.IsOverwritten(content.HeadOf(head)))
        {
            generation.Detach()?.Dispose();
            stream.HasNews = true;
            return null;
        }

        var replacement = new Generation(
            generation.Series, generation.Name, services.Checkpoints.AddGeneration(stream.Checkpoint, generation.Series.LogPath(generation.Name)));
        replacement.Identify(content.HeadOf(head));
        replacement.Attach(generation.Detach()!, status, content);
        stream.Add(replacement);
        stream.HasNews = true;
        return replacement;
    }

    /// <summary>Adds the known files whose names are not the log's.</summary>
    private void AddMoved(TailedStream stream, LogSeries series, List<DirectoryEntry> listing)
    {
        foreach (Generation generation in stream.Generations)
        {
            ulong inode = generation.HasFile ? generation.Status.Inode : generation.Checkpoint.Inode;
            if (generation.Series == series && generation is { IsDeleted: false, IsLeftBehind: false, Directory: null } && inode != 0 && !_found.Exists(file => file.Inode == inode)
                && listing.Find(entry => entry.Inode == inode && entry.IsValidName) is { Name: not null } entry
                && (generation.Handle is not null || generation.Identity.Length == FileIdentity.MaxLength
                    || (!FileOwners.IsNamedAfterAnother(series.Directory, entry.Name, series.LogPath(generation.Name))
                        && FileStatus.OfPath(series.Directory + "/" + entry.Name, out FileStatus status) == 0 && !status.IsYoungerThan(generation.Checkpoint.WrittenNs))))
            {
                _found.Insert(0, (GenerationName.OfMoved(entry.Name, generation.Name.Restart), inode));
            }
        }

        foreach (string path in series.KnownFiles)
        {
            if (Path.GetDirectoryName(path) == series.Directory && Path.GetFileName(path) is var name && !_found.Exists(file => file.Name.FileName == name)
                && !series.TryParse(name, out _) && listing.Find(entry => entry.Name == name) is { Name: not null } entry)
            {
                _found.Insert(0, (GenerationName.OfMoved(name, 0), entry.Inode));
            }
        }
    }

    /// <summary>While both X and X.gz are there, X.gz may be unfinished.</summary>
    private bool IsStillBeingCompressed(int index)
    {
        ReadOnlySpan<char> stem = _found[index].Name.Stem;
        foreach ((GenerationName name, _) in _found)
        {
            if (name.Compression == FileCompression.None && stem.SequenceEqual(name.FileName))
            {
                return true;
            }
        }

        return false;
    }
}
