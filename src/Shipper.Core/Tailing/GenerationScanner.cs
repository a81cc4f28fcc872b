using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Shipper.Checkpoints;
using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Tailing;

/// <summary>
/// Matches the files of a directory with the generations that are known. Names say the order, content says who is who:
/// the file that was being read may come back under another name, with another inode, compressed, or as a copy.
/// </summary>
/// <remarks>Not safe for concurrent use: each lane has its own.</remarks>
internal sealed class GenerationScanner(CheckpointStore checkpoints, LossBook losses, TimeProvider time, ILogger logger, AgentMetrics metrics)
{
    private readonly StartFinder _startFinder = new(time);
    private readonly ContentComparer _comparer = new(checkpoints.HasCrashed);
    private readonly List<(GenerationName Name, ulong Inode)> _found = [];
    private readonly List<(GenerationName Name, ulong Inode)> _unknown = [];
    private readonly byte[] _head = new byte[FileIdentity.MaxLength];

    // Names that the listing had with another file than was found under them, or that led nowhere.
    private readonly HashSet<(string Path, ulong Inode)> _moved = [];

    // A file of the present scan could not be looked into.
    private bool _isIncomplete;

    /// <summary>
    /// True where names moved since the directory was listed. An older file than those that were found may have been
    /// missed: nothing is to be read before another listing.
    /// </summary>
    public bool HasMoved { get; private set; }

    /// <summary>A directory is about to be listed.</summary>
    /// <param name="isAgain">True where it was a moment ago, and names moved meanwhile.</param>
    public void Begin(bool isAgain)
    {
        HasMoved = false;
        if (!isAgain)
        {
            _moved.Clear();
        }
    }

    /// <summary>Takes up a series, with what the checkpoint knows of it.</summary>
    public void AddSeries(TailedStream stream, LogSeries series)
    {
        // What is gone already was there before all others.
        series.Order = stream.Series.Count == 0 ? 0
            : series.IsUnlinked ? stream.Series.Min(other => other.Order) - 1
            : stream.Series.Max(other => other.Order) + 1;
        stream.Series.Add(series);
        foreach (GenerationCheckpoint checkpoint in stream.Checkpoint.Generations.Where(known => series.Owns(known.LogPath)))
        {
            string fileName = Path.GetFileName(checkpoint.LogPath);
            if (series.TryParse(fileName, out GenerationName name))
            {
                var generation = new Generation(series, name, checkpoint);
                stream.Add(generation);
                TryAttachCopy(stream, generation);
            }
        }
    }

    /// <summary>
    /// Looks at the open files of a series for truncation. Must come before the listing: the copy that is made before a file is
    /// emptied is only recognised as one while it is known what the file held.
    /// </summary>
    public void Look(TailedStream stream, LogSeries series)
    {
        foreach (Generation generation in stream.Generations.Where(generation => generation.Series == series).ToList())
        {
            bool wasDeleted = generation.IsDeleted;
            if (!generation.TryLook(time.GetTimestamp()))
            {
                Replace(stream, generation);
            }

            stream.HasNews |= generation.IsDeleted != wasDeleted;
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
        foreach (Generation generation in stream.Generations.Where(generation => generation.Series == series))
        {
            generation.IsListed = false;
        }

        series.Find(listing, _found);
        _isIncomplete = false;
        _unknown.Clear();
        for (int i = 0; i < _found.Count; i++)
        {
            (GenerationName name, ulong inode) = _found[i];
            if (name.IsGzip && IsStillBeingCompressed(i))
            {
                continue;
            }

            // While a file is open its inode can't be another's.
            Generation? open = FindOpen(stream, series, inode);
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

        // Files whose inode the checkpoint names go first, so that of two that begin alike the right one is taken.
        foreach ((GenerationName name, ulong inode) in _unknown.OrderBy(
            file => stream.Generations.Any(generation => generation.Handle is null && generation.Checkpoint.Inode == file.Inode) ? 0 : 1))
        {
            Identify(stream, series, name, inode, changes);
        }

        // A name that moved tells no place.
        if (!HasMoved)
        {
            stream.Place();
            series.IsListed = true;
        }

        foreach (Generation generation in stream.Generations.Where(generation => generation.Series == series))
        {
            KeepSize(stream, generation, changes);
            if (generation.IsListed || generation.Handle is not null)
            {
                continue;
            }

            _isIncomplete |= !TryAttachCopy(stream, generation);
            if (generation.Handle is not null)
            {
                continue;
            }

            if (_isIncomplete)
            {
                // It may be the file that could not be opened this time.
                generation.IsListed = true;
            }
            else
            {
                losses.GiveUp(stream, generation, generation.IsTruncated ? LossReasons.Truncated : generation.IsLetGo ? LossReasons.HeldBytes : LossReasons.Deleted);
            }
        }

        return !_isIncomplete;
    }

    /// <summary>
    /// What was seen and is not acknowledged goes into the checkpoint, so that the next start can count it where it is gone by then.
    /// </summary>
    public static void KeepSize(TailedStream stream, Generation generation, CheckpointChanges changes)
    {
        GenerationCheckpoint checkpoint = generation.Checkpoint;
        if (generation.Handle is not null && generation.Identity.Length > 0 && generation.Size > Math.Max(checkpoint.Size, checkpoint.Acknowledged.Min))
        {
            changes.Updates.Add((stream.Checkpoint, new CheckpointUpdate(
                checkpoint, generation.Identity, generation.Status.Inode, Acknowledged: null, generation.Size)));
        }
    }

    /// <summary>
    /// A file was truncated. What it holds now is a new generation; what it held may live on in a copy, which the next scan finds.
    /// </summary>
    public void Replace(TailedStream stream, Generation generation)
    {
        TailingLog.FileTruncated(logger, generation.Path);
        metrics.TruncatedFiles.Add(1);
        generation.IsTruncated = true;
        FileStatus status = generation.Status;
        var replacement = new Generation(
            generation.Series, generation.Name, checkpoints.AddGeneration(stream.Checkpoint, generation.Series.LogPath(generation.Name)));
        replacement.Attach(generation.Detach()!, status, isGzip: false, status.Size);
        int length = RandomAccess.Read(replacement.Handle!, _head, 0);
        replacement.Identity = FileIdentity.Of(_head.AsSpan(0, length));
        stream.Add(replacement);
        stream.HasNews = true;
    }

    /// <summary>Opens the saved copy of a generation, where there is one.</summary>
    /// <returns>False where there is one that can't be opened for now.</returns>
    private bool TryAttachCopy(TailedStream stream, Generation generation)
    {
        if (generation.Handle is not null || checkpoints.Held.Find(generation.Checkpoint.Id) is not { } copy)
        {
            return true;
        }

        int error = LogFileOpener.Open(copy.Path, out SafeFileHandle? handle, out FileStatus status);
        if (handle is null)
        {
            TailingLog.CopyUnreadable(logger, copy.Path, Marshal.GetPInvokeErrorMessage(error));
            return error == Libc.ErrorNotFound;
        }

        long size;
        try
        {
            int length = copy.IsGzip ? GzipContent.ReadHead(handle, _head) : RandomAccess.Read(handle, _head, 0);
            if (!generation.Identity.Matches(_head.AsSpan(0, length)))
            {
                TailingLog.CopyUnreadable(logger, copy.Path, "it begins with something else");
                handle.Dispose();
                copy.Delete();
                return true;
            }

            size = copy.IsGzip ? GzipContent.ReadSize(handle, status.Size) : status.Size;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TailingLog.CopyUnreadable(logger, copy.Path, e.Message.TrimEnd('.'));
            handle.Dispose();
            return false;
        }

        losses.Count(stream, generation, LossReasons.Deleted, generation.Size - Math.Max(size, generation.Read.Max));
        generation.Attach(copy, handle, status, size);
        SuspectInDoubt(generation);
        stream.HasNews = true;
        return true;
    }

    /// <summary>A known file holds the content of a generation; its name counts unless the generation has one of its own.</summary>
    private static void SetListed(Generation generation, GenerationName name)
    {
        generation.IsListed = true;
        if (generation.Handle is null || generation.IsDeleted)
        {
            generation.Name = name;
        }
    }

    private static Generation? FindOpen(TailedStream stream, LogSeries series, ulong inode) => stream.Generations.FirstOrDefault(
        generation => generation.Series == series && generation.Handle is not null && generation.Status.Inode == inode);

    private static Generation? FindKnown(TailedStream stream, LogSeries series, FileSignature signature) =>
        stream.Generations.FirstOrDefault(generation => generation.Series == series && generation.KnownFiles.Contains(signature));

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

    private void Identify(TailedStream stream, LogSeries series, GenerationName name, ulong inode, CheckpointChanges changes)
    {
        string path = series.Directory + "/" + name.FileName;
        if (FileStatus.OfPath(path, out FileStatus listed) == 0
            && FindKnown(stream, series, FileSignature.Of(name.FileName, listed)) is { } closed)
        {
            SetListed(closed, name);
            Check(path, inode, listed.Inode);
            return;
        }

        int error = LogFileOpener.Open(path, out SafeFileHandle? handle, out FileStatus status);
        if (handle is null)
        {
            OpenFailed(path, inode, error, status.Kind);
            return;
        }

        Check(path, inode, status.Inode);
        try
        {
            if (status.Inode != inode && FindOpen(stream, series, status.Inode) is { } open)
            {
                // On a file system whose listings have other inodes, or renamed.
                open.IsListed = true;
                handle.Dispose();
            }
            else if (!TryIdentify(stream, series, name, handle, status, changes))
            {
                handle.Dispose();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            handle.Dispose();
            _isIncomplete = true;
            metrics.FileErrors.Add("unreadable", 1);
            TailingLog.FileUnreadable(logger, path, e.Message, "Other files go on; it is tried again at the next scan.");
        }
    }

    /// <returns>True where a generation took the handle over.</returns>
    private bool TryIdentify(
        TailedStream stream, LogSeries series, GenerationName name, SafeFileHandle handle, FileStatus status, CheckpointChanges changes)
    {
        int headLength = name.IsGzip ? GzipContent.ReadHead(handle, _head) : RandomAccess.Read(handle, _head, 0);
        ReadOnlySpan<byte> head = _head.AsSpan(0, headLength);
        long size = name.IsGzip ? GzipContent.ReadSize(handle, status.Size) : status.Size;

        // The most certain identity first: all lines of a day begin alike, and so do files that were no longer when they went.
        foreach (Generation generation in stream.Generations.OrderByDescending(generation => generation.Identity.Length))
        {
            if (generation.Series != series || !generation.Identity.Matches(head))
            {
                continue;
            }

            switch (_comparer.Compare(generation, name, handle, status.Inode, size))
            {
                case ContentMatch.Same:
                    bool isCut = !name.IsGzip && checkpoints.HasCrashed && size < generation.Size && !series.IsListed;
                    if (generation.IsTruncated || isCut)
                    {
                        // Written after the copy was made and before the file was truncated, or not yet on the disk when the machine went down.
                        losses.Count(stream, generation, LossReasons.Truncated, generation.Size - Math.Max(size, generation.Read.Min));
                    }

                    generation.Attach(handle, status, name.IsGzip, size);
                    if (isCut)
                    {
                        SentRange? sent = generation.CutTo(size);
                        changes.Updates.Add((stream.Checkpoint, new CheckpointUpdate(generation.Checkpoint, generation.Identity, status.Inode, generation.Read, size)));
                        if (sent is { } range)
                        {
                            changes.Sent.Add((generation.Checkpoint, range));
                        }
                    }

                    SuspectInDoubt(generation);
                    generation.Name = name;
                    TailingLog.FileRecognised(logger, generation.Path, size, generation.Read.Min);
                    if (generation.Identity.Length < headLength)
                    {
                        generation.Identity = FileIdentity.Of(head);
                    }

                    stream.HasNews = true;
                    return true;
                case ContentMatch.Copy:
                    SetListed(generation, name);
                    generation.KnownFiles.Add(FileSignature.Of(name.FileName, status));
                    return false;
                case ContentMatch.Later:
                    _isIncomplete = true;
                    return false;
            }
        }

        if (headLength == 0 && !name.IsLive && !(name.IsGzip && status.Size > 0))
        {
            // Nothing in it. What is no gzip file in spite of its name is read, to say so.
            return false;
        }

        AddNew(stream, series, name, handle, status, size, changes);
        return true;
    }

    private void AddNew(
        TailedStream stream, LogSeries series, GenerationName name, SafeFileHandle handle, FileStatus status, long size, CheckpointChanges changes)
    {
        // What can fail comes first.
        int headLength = name.IsGzip ? GzipContent.ReadHead(handle, _head) : RandomAccess.Read(handle, _head, 0);
        GenerationCheckpoint checkpoint = checkpoints.AddGeneration(stream.Checkpoint, series.LogPath(name));
        var generation = new Generation(series, name, checkpoint) { Identity = FileIdentity.Of(_head.AsSpan(0, headLength)), LastGrowth = time.GetTimestamp() };
        generation.Attach(handle, status, name.IsGzip, size);
        SuspectInDoubt(generation);
        if (series.IsInitial && !series.IsListed)
        {
            long start = _startFinder.Find(generation, stream.Source);
            if (start > 0)
            {
                generation.Read = Offsets.Both(start);
                generation.Scanned = start;
                generation.IsExhausted = name.IsGzip && start >= size;
                changes.Updates.Add((stream.Checkpoint, new CheckpointUpdate(checkpoint, generation.Identity, status.Inode, generation.Read, size)));
                changes.Bookings.Add((checkpoint, new Booking(IsLost: false, DropReasons.BeforeStart, start)));
            }
        }

        TailingLog.FileFound(logger, generation.Path, size, generation.Read.Min);
        stream.Add(generation);
        stream.HasNews = true;
    }

    /// <summary>What is opened for the first time while there is doubt may have been sent.</summary>
    private void SuspectInDoubt(Generation generation)
    {
        if (generation.SuspectUntil == 0 && checkpoints.IsInDoubt)
        {
            generation.SuspectUntil = generation.Size;
        }
    }

    /// <summary>
    /// Notes where the listing had a name with another file than is there. Where it is so with the next listing as well, nothing moved:
    /// the listings of some file systems have other inodes, and a link may lead nowhere.
    /// </summary>
    private void Check(string path, ulong listed, ulong found)
    {
        if (listed != found && _moved.Add((path, listed)))
        {
            HasMoved = true;
            _isIncomplete = true;
        }
    }

    private void OpenFailed(string path, ulong inode, int error, FileKind kind)
    {
        _isIncomplete |= error != 0;
        if (error == Libc.ErrorNotFound)
        {
            // Renamed or deleted since the listing: the next one tells.
            Check(path, inode, found: 0);
            return;
        }

        (string reason, string message, string remedy) = error switch
        {
            0 => ("not_a_file", $"it is a {kind}, not a regular file", "Exclude it, or remove it."),
            Libc.ErrorAccess => ("permission", "permission denied", "Run the agent as a user that may read it, or with the capability DAC_READ_SEARCH."),
            Libc.ErrorTooManyOpenFiles or Libc.ErrorTooManyOpenFilesInSystem =>
                ("too_many_open_files", "too many open files", "Raise the limit of open files (ulimit -n); it is tried again at the next scan."),
            _ => ("unreadable", Marshal.GetPInvokeErrorMessage(error), "It is tried again at the next scan."),
        };
        metrics.FileErrors.Add(reason, 1);
        TailingLog.FileUnreadable(logger, path, message, remedy);
    }
}
