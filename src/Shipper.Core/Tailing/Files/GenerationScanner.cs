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
internal sealed class GenerationScanner
{
    private readonly FileBudget.Share _files;
    private readonly OpenFailures _failures;
    private readonly GenerationOpener _opener;
    private readonly InheritedFiles _inherited;
    private readonly MissingFiles _missing;
    private readonly TailingServices _services;
    private readonly NulBook _nuls;
    private readonly List<(GenerationName Name, ulong Inode)> _found = [];
    private readonly List<(GenerationName Name, ulong Inode)> _unknown = [];

    /// <param name="services">What every part of tailing needs.</param>
    /// <param name="files">The descriptors that the lane may keep.</param>
    /// <param name="losses">Counts what is lost.</param>
    /// <param name="nuls">Counts skipped NULs.</param>
    /// <param name="forgotten">What was closed and forgotten.</param>
    public GenerationScanner(TailingServices services, FileBudget.Share files, LossBook losses, NulBook nuls, ForgottenFiles? forgotten = null)
    {
        _services = services;
        _nuls = nuls;
        _files = files;
        _failures = new OpenFailures(services);
        _opener = new GenerationOpener(services, files, _failures, losses, forgotten);
        _inherited = new InheritedFiles(services, files, losses);
        _missing = new MissingFiles(services, _opener, losses);
    }

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
        _services.Copies.Sort(known);
        int newest = known.Count == 0 ? 0 : known.Max(checkpoint => checkpoint.Id);
        foreach (GenerationCheckpoint checkpoint in known)
        {
            string fileName = Path.GetFileName(checkpoint.LogPath);
            if (series.TryParse(fileName, out GenerationName name))
            {
                var generation = new Generation(series, name, checkpoint) { Place = { WasLive = checkpoint.Id == newest } };
                stream.Queue.Add(generation);
                _inherited.AttachOpen(stream, generation);
                _inherited.TryAttachCopy(stream, generation);
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
            generation.Place.IsListed &= generation.Series != series;
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
            long now = _services.Time.GetTimestamp();
            if (generation.IsParked)
            {
                LookParked(stream, generation, now);
                continue;
            }

            bool wasDeleted = generation.IsDeleted;
            if (!generation.TryLook(now))
            {
                Truncations.Replace(_services, stream, generation);
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
            present = Truncations.Replace(_services, stream, generation);
            _opener.HasOpened = true;
        }

        if (present is not null)
        {
            _files.KeepOrPark(stream, present);
        }
    }

    /// <summary>Brings the generations of a series up to date with a listing of its directory.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="series">One of its series.</param>
    /// <param name="listing">The names in the directory, in ordinal order.</param>
    /// <param name="changes">Gets the first positions of what is not read from the start, and the sizes of what is not acknowledged.</param>
    /// <returns>False if a file could not be looked into, so that the directory is to be listed again soon.</returns>
    public bool Scan(TailedStream stream, LogSeries series, List<DirectoryEntry> listing, CheckpointChanges changes)
    {
        foreach (Generation generation in stream.Generations.Where(generation => IsDecidedBy(series, generation)))
        {
            generation.Place.IsListed = false;
        }

        List<Generation> before = [.. stream.Generations];
        _opener.HasRelocated = false;
        _opener.IsIncomplete = !series.Find(listing, _found, out bool isUndecided);
        RenamedFiles.AddTo(_found, stream, series, listing);
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
                _failures.ReportCompressed(series, name);
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
                open.Place.IsListed = true;
                if (open.Name != name)
                {
                    open.Place.Name = name;
                    stream.HasNews = true;
                }
            }
        }

        // Something new is told from a copy of what an open file holds, whatever was written to that before the listing.
        if (_unknown.Count > 0)
        {
            stream.Series.FindAll(series.IsSameLog).ForEach(other => Look(stream, other));
        }

        GenerationName? oldest = OlderVersions.FindOldest(stream, series, _unknown);

        // Files whose inode the checkpoint names go first, so that of two that begin alike the right one is taken.
        foreach ((GenerationName name, ulong inode) in _unknown.OrderBy(
            file => stream.Generations.Any(generation => generation.Handle is null && (generation.IsParked ? generation.Status.Inode : generation.Checkpoint.Inode) == file.Inode) ? 0 : 1))
        {
            _opener.Identify(stream, series, name, inode, changes, readBefore: oldest is { } last && name.CompareTo(last) < 0);
        }

        if (_opener.HasRelocated)
        {
            stream.Queue.KeepOrder(before);
        }

        // A name that moved tells no place.
        if (!_opener.HasMoved)
        {
            stream.Queue.Place();
            series.IsListed = true;
        }

        _opener.IsIncomplete |= MayHaveMoved(series);
        bool moved = false;
        var missing = new List<Generation>();
        foreach (Generation generation in stream.Generations.Where(generation => IsDecidedBy(series, generation)))
        {
            _nuls.PassBefore(stream, generation);
            if (generation.IsListed || generation.Handle is not null || generation.File.Copy is not null || IsParkedElsewhere(generation))
            {
                generation.KeepSize(stream.Checkpoint, changes);
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
                // It may be the file that could not be opened this time.
                generation.Place.IsListed = true;
                generation.KeepSize(stream.Checkpoint, changes);
            }
            else
            {
                // Giving it up has the last word on its size, and is written before these changes.
                missing.Add(generation);
            }
        }

        if (moved || missing.Count > 0)
        {
            _missing.Find(stream, series, missing, changes);
        }

        return !_opener.IsIncomplete && !isUndecided;
    }

    /// <summary>
    /// True if a scan of a log decides whether a generation is missing: it is one of the log, or it was parked in the directory that was at the log's path before,
    /// so that no name leads to it any more.
    /// </summary>
    private static bool IsDecidedBy(LogSeries series, Generation generation) =>
        generation.Series == series || (generation is { IsParked: true, File.Copy: null, Series.IsExchanged: true } && generation.Series.Path == series.Path);

    /// <summary>
    /// True if the directory went a moment ago. Perhaps the log is on another disk now, and discovery, which would find it there, has not said that it is gone: its files
    /// are not lost yet.
    /// </summary>
    private bool MayHaveMoved(LogSeries series) =>
        series is { IsUnlinked: false, GoneSince: { } since } && _services.Time.GetElapsedTime(since) < OpenLine.MaxWait;

    /// <summary>True if a generation is parked in the directory that it was moved to, and still there.</summary>
    private bool IsParkedElsewhere(Generation generation) =>
        generation is { IsParked: true, Directory: not null } && generation.TryLookParked(_services.Time.GetTimestamp(), out _);

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
