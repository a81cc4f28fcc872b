using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Processing.Assembling;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>
/// Matches the files of a directory with the known generations. Names determine the order, content determines the identity: a file may reappear under another
/// name, with another inode, compressed, or as a copy.
/// </summary>
/// <remarks>Not thread-safe: each lane has its own.</remarks>
internal sealed class GenerationScanner
{
    private readonly FileBudget.Share _files;
    private readonly OpenFailures _failures;
    private readonly GenerationOpener _opener;
    private readonly InheritedFiles _inherited;
    private readonly MissingFiles _missing;
    private readonly TailingServices _services;
    private readonly NulRecorder _nuls;
    private readonly List<(GenerationName Name, ulong Inode)> _found = [];
    private readonly List<(GenerationName Name, ulong Inode)> _unknown = [];

    /// <param name="removedFiles">Remembers how far removed files were read.</param>
    public GenerationScanner(TailingServices services, FileBudget.Share files, LossRecorder losses, NulRecorder nuls, RecentlyRemovedFiles? removedFiles = null)
    {
        _services = services;
        _nuls = nuls;
        _files = files;
        _failures = new OpenFailures(services);
        _opener = new GenerationOpener(services, files, _failures, losses, removedFiles);
        _inherited = new InheritedFiles(services, files, losses);
        _missing = new MissingFiles(services, _opener, losses);
    }

    /// <summary>
    /// True if the directory must be listed once more before anything is read: the agent may have missed a file that is older than the opened ones, or an
    /// older file may have grown since the last check.
    /// </summary>
    public bool MustListAgain => _opener.HaveNamesMoved || _opener.HasOpened;

    /// <summary>Prepares for a listing of a directory.</summary>
    /// <param name="isAgain">True if this repeats a recent listing because files changed in the meantime.</param>
    public void BeginListing(bool isAgain) => _opener.BeginListing(isAgain);

    /// <summary>Adds a log to a stream, together with the log's generations in the checkpoint.</summary>
    public void AddLog(TailedStream stream, RotatedLog rotatedLog)
    {
        // A log that is gone is older than all others.
        rotatedLog.Order = stream.Logs.Count == 0 ? 0
            : rotatedLog.IsUnlinked ? stream.Logs.Min(other => other.Order) - 1
            : stream.Logs.Max(other => other.Order) + 1;
        stream.Logs.Add(rotatedLog);
        rotatedLog.HasHeaders = stream.Kind.HasHeaders;
        List<GenerationCheckpoint> known = [.. stream.Checkpoint.Generations.Where(
            known => rotatedLog.Owns(known.LogPath) && !stream.Generations.Exists(generation => generation.Checkpoint == known))];
        _services.Copies.Sort(known);
        int newest = known.Count == 0 ? 0 : known.Max(checkpoint => checkpoint.Id);
        foreach (GenerationCheckpoint checkpoint in known)
        {
            string fileName = Path.GetFileName(checkpoint.LogPath);
            if (rotatedLog.TryParse(fileName, out GenerationName name))
            {
                var generation = new Generation(rotatedLog, name, checkpoint) { Place = { WasLive = checkpoint.Id == newest } };
                stream.Queue.Add(generation);
                _inherited.AttachInherited(stream, generation);
                _inherited.TryAttachCopy(stream, generation);
            }
        }
    }

    /// <summary>
    /// Starts a new log because the path of a log leads to another directory. Open files are read to their end; the files in the new directory are
    /// identified from scratch.
    /// </summary>
    /// <returns>The log in the new directory.</returns>
    public RotatedLog StartNewLog(TailedStream stream, RotatedLog rotatedLog)
    {
        RotatedLog exchanged = rotatedLog.CreateNew();
        exchanged.IsInitial = false;
        exchanged.Attributes = rotatedLog.Attributes;
        exchanged.IsUnlinked = rotatedLog.IsUnlinked;
        rotatedLog.IsUnlinked = true;
        rotatedLog.IsDirectoryReplaced = true;
        foreach (Generation generation in stream.Generations)
        {
            generation.Place.IsListed &= generation.Log != rotatedLog;
        }

        AddLog(stream, exchanged);
        stream.HasFileChanges = true;
        return exchanged;
    }

    /// <summary>
    /// Checks the open files of a log, newest first. Call before listing the directory: a copy that was made before a file was emptied is recognized only
    /// while the file's old content is known.
    /// </summary>
    public void CheckOpenFiles(TailedStream stream, RotatedLog rotatedLog)
    {
        foreach (Generation generation in stream.Generations.Where(generation => generation.Log == rotatedLog).Reverse().ToList())
        {
            long now = _services.Time.GetTimestamp();
            if (generation.IsParked)
            {
                CheckParked(stream, generation, now);
                continue;
            }

            bool wasDeleted = generation.IsDeleted;
            if (!generation.TryCheck(now))
            {
                Truncations.Replace(_services, stream, generation);
                _opener.HasOpened = true;
            }

            stream.HasFileChanges |= generation.IsDeleted != wasDeleted;
        }
    }

    /// <summary>Opens a parked file briefly if it has changed: it may have been truncated or have received its first bytes.</summary>
    private void CheckParked(TailedStream stream, Generation generation, long now)
    {
        if (!generation.TryCheckParked(now, out bool hasChanged) || !hasChanged || generation.Reopen() != 0)
        {
            return;
        }

        Generation? present = generation;
        if (!generation.TryCheck(now))
        {
            present = Truncations.Replace(_services, stream, generation);
            _opener.HasOpened = true;
        }

        if (present is not null)
        {
            _files.KeepOrPark(stream, present);
        }
    }

    /// <summary>Updates the generations of a log from a listing of its directory.</summary>
    /// <param name="listing">The names in the directory, in ordinal order.</param>
    /// <param name="changes">Receives the first positions of files not read from their start, and the sizes of files with unacknowledged bytes.</param>
    /// <returns>False if a file could not be examined, so that the directory must be listed again soon.</returns>
    public bool Scan(TailedStream stream, RotatedLog rotatedLog, List<DirectoryEntry> listing, CheckpointChanges changes)
    {
        foreach (Generation generation in stream.Generations.Where(generation => IsDecidedBy(rotatedLog, generation)))
        {
            generation.Place.IsListed = false;
        }

        List<Generation> before = [.. stream.Generations];
        _opener.HasRelocated = false;
        _opener.IsIncomplete = !rotatedLog.FindGenerations(listing, _found, out bool isUndecided);
        RenamedFiles.AddTo(_found, stream, rotatedLog, listing);
        _unknown.Clear();
        for (int i = 0; i < _found.Count; i++)
        {
            (GenerationName name, ulong inode) = _found[i];
            if (name.Compression != FileCompression.None && IsStillBeingCompressed(i))
            {
                continue;
            }

            if (name.Compression == FileCompression.Unsupported)
            {
                _failures.ReportCompressed(rotatedLog, name);
                continue;
            }

            // The kernel does not reuse an inode while its file is open.
            Generation? open = GenerationOpener.FindOpen(stream, rotatedLog, inode);
            if (open is null)
            {
                _unknown.Add((name, inode));
            }
            else
            {
                open.Place.IsListed = true;
                if (open.Name != name)
                {
                    open.Place.Name = name;
                    stream.HasFileChanges = true;
                }
            }
        }

        // Check again: a new file is distinguished from a copy by comparing it with the open file, which may have been written to before the listing.
        if (_unknown.Count > 0)
        {
            stream.Logs.FindAll(rotatedLog.IsSameLog).ForEach(other => CheckOpenFiles(stream, other));
        }

        GenerationName? oldest = OlderCheckpoints.FindOldest(stream, rotatedLog, _unknown);

        // Files with an inode from the checkpoint go first, so that the right file is chosen if two start with the same bytes.
        foreach ((GenerationName name, ulong inode) in _unknown.OrderBy(
            file => stream.Generations.Any(generation => generation.Handle is null && (generation.IsParked ? generation.Status.Inode : generation.Checkpoint.Inode) == file.Inode) ? 0 : 1))
        {
            _opener.Identify(stream, rotatedLog, name, inode, changes, readBefore: oldest is { } last && name.CompareTo(last) < 0);
        }

        if (_opener.HasRelocated)
        {
            stream.Queue.RestoreOrder(before);
        }

        // If names have moved, they don't show the order.
        if (!_opener.HaveNamesMoved)
        {
            stream.Queue.SettleOrder();
            rotatedLog.IsListed = true;
        }

        _opener.IsIncomplete |= MayHaveMoved(rotatedLog);
        bool moved = false;
        var missing = new List<Generation>();
        foreach (Generation generation in stream.Generations.Where(generation => IsDecidedBy(rotatedLog, generation)))
        {
            _nuls.SkipLeading(stream, generation);
            if (generation.IsListed || generation.Handle is not null || generation.File.Copy is not null || IsParkedElsewhere(generation))
            {
                generation.SaveSize(stream.Checkpoint, changes);
                moved |= MissingFiles.IsMovedAway(generation);
                continue;
            }

            _opener.IsIncomplete |= !_inherited.TryAttachCopy(stream, generation);
            if (generation.HasFile && generation.File.Copy is not null)
            {
                continue;
            }

            if (_opener.IsIncomplete)
            {
                // The file that could not be opened this time may be this generation's.
                generation.Place.IsListed = true;
                generation.SaveSize(stream.Checkpoint, changes);
            }
            else
            {
                // Giving up the generation determines its final size and is written before these changes.
                missing.Add(generation);
            }
        }

        if (moved || missing.Count > 0)
        {
            _missing.Find(stream, rotatedLog, missing, changes);
        }

        return !_opener.IsIncomplete && !isUndecided;
    }

    /// <summary>
    /// True if the scan of a log decides whether a generation is missing. The generation belongs to the log, or it was parked in the directory that was
    /// previously at the log's path, so that no name leads to it any more.
    /// </summary>
    private static bool IsDecidedBy(RotatedLog rotatedLog, Generation generation) =>
        generation.Log == rotatedLog || (generation is { IsParked: true, File.Copy: null, Log.IsDirectoryReplaced: true } && generation.Log.Path == rotatedLog.Path);

    /// <summary>
    /// True if the directory disappeared recently and discovery has not reported the log as gone. The log may be on another disk now and be found there, so
    /// its files are not lost yet.
    /// </summary>
    private bool MayHaveMoved(RotatedLog rotatedLog) =>
        rotatedLog is { IsUnlinked: false, MissingSince: { } since } && _services.Time.GetElapsedTime(since) < PartialLine.MaxWait;

    /// <summary>True if a generation was parked in the directory to which it was moved, and its file is still there.</summary>
    private bool IsParkedElsewhere(Generation generation) =>
        generation is { IsParked: true, Directory: not null } && generation.TryCheckParked(_services.Time.GetTimestamp(), out _);

    /// <summary>True if X still exists next to X.gz, so that X.gz may be incomplete.</summary>
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
