using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Files;

/// <summary>Opens log files and saved copies, and finds out by their content which generation they are.</summary>
/// <remarks>Not safe for concurrent use: each lane has its own.</remarks>
internal sealed class GenerationOpener(
    TailingServices services, FileBudget.Share files, LossBook losses, ForgottenFiles? forgotten)
{
    /// <summary>How many files are opened in search of one that was moved.</summary>
    private const int MaxOpened = 100;

    /// <summary>After this many reports of compressed files all are forgotten, and a file that still exists may be reported again.</summary>
    private const int MaxReported = 10_000;

    private readonly StartFinder _startFinder = new(services.Time);
    private readonly Relocation _relocation = new(services, forgotten);
    private readonly MovedFiles _movedFiles = new(services.Checkpoints);
    private readonly byte[] _head = new byte[FileIdentity.MaxLength];

    // Names that the listing had with another file than was found under them, or that led nowhere.
    private readonly HashSet<(string Path, ulong Inode)> _moved = [];

    // Compressed files that were reported. Names move with each rotation, and inodes are used again.
    private readonly HashSet<(string Directory, ulong Inode, long SinceNs)> _compressed = [];

    /// <summary>True where a file could not be looked into, until it is set back.</summary>
    public bool IsIncomplete { get; set; }

    /// <summary>True if names moved since the directory was listed, so that a file that it showed was not found.</summary>
    public bool HasMoved { get; private set; }

    /// <summary>True if a file was opened since the directory was listed.</summary>
    public bool HasOpened { get; set; }

    /// <summary>True if files were found that were known in another directory, until it is set back.</summary>
    public bool HasRelocated { get; set; }

    /// <summary>A directory is about to be listed.</summary>
    /// <param name="isAgain">True if it was a moment ago, and the files changed meanwhile.</param>
    public void Begin(bool isAgain)
    {
        HasMoved = false;
        HasOpened = false;
        if (!isAgain)
        {
            _moved.Clear();
        }
    }

    /// <summary>Goes on with what the agent before knew of a generation, and with its open file, where there was one in this process.</summary>
    public void AttachOpen(TailedStream stream, Generation generation)
    {
        if (services.Copies.TakeOpen(generation.Checkpoint.Id) is not { } open)
        {
            return;
        }

        generation.Name = open.Name;
        generation.ReadEnd = open.ReadEnd;
        generation.IsPlaced = true;
        if (open.Handle is null)
        {
            return;
        }

        try
        {
            // Whether it still holds the same is looked at before it is read, as ever.
            if (FileStatus.OfHandle(open.Handle, out FileStatus status) == 0)
            {
                var content = FileContent.Look(open.Handle, status, _head);
                generation.Attach(open.Handle, status, open.IsGzip, open.IsGzip ? content.Size : generation.Size);
                generation.Start = content.Start;
                SuspectInDoubt(generation);
                KeepOrPark(stream, generation);
                return;
            }
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            FileEvents.FileUnreadable(services.Logger, generation.Path, e.Text(), "It is tried again at the next scan.");
        }

        open.Handle.Dispose();
    }

    /// <summary>Opens the saved copy of a generation, where there is one.</summary>
    /// <returns>False where there is one that can't be opened for now.</returns>
    public bool TryAttachCopy(TailedStream stream, Generation generation)
    {
        if (generation.HasFile || services.Copies.Find(generation.Checkpoint.Id) is not { } copy)
        {
            return true;
        }

        int error = LogFileOpener.Open(copy.Path, out SafeFileHandle? handle, out FileStatus status);
        if (handle is null)
        {
            FileEvents.CopyUnreadable(services.Logger, copy.Path, Marshal.GetPInvokeErrorMessage(error));
            return error == Libc.ErrorNotFound;
        }

        long size;
        try
        {
            FileContent content = FileContent.Look(handle, status, _head);
            if (!generation.Identity.Matches(content.HeadOf(_head)))
            {
                FileEvents.CopyUnreadable(services.Logger, copy.Path, "it begins with something else");
                handle.Dispose();
                copy.Delete();
                return true;
            }

            size = content.Size;
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            FileEvents.CopyUnreadable(services.Logger, copy.Path, e.Text());
            handle.Dispose();
            return false;
        }

        losses.Count(stream, generation, LossReasons.Deleted, generation.Size - Math.Max(size, generation.Read.Max));
        generation.Attach(copy, handle, status, size);
        SuspectInDoubt(generation);
        KeepOrPark(stream, generation);
        return true;
    }

    /// <summary>
    /// A file of the listing holds the content of a generation. Its name counts unless the listing shows the open file itself: a name that this
    /// no longer has would put newer files before it.
    /// </summary>
    private static void SetListed(Generation generation, GenerationName name)
    {
        if (!generation.HasFile || !generation.IsListed)
        {
            generation.Name = name;
        }

        generation.IsListed = true;
    }

    /// <summary>The generation that has a file open; null where none has.</summary>
    public static Generation? FindOpen(TailedStream stream, LogSeries series, ulong inode, string? directory = null) => stream.Generations.FirstOrDefault(
        generation => generation.Series == series && generation.Handle is not null && !generation.IsLeftBehind && generation.Status.Inode == inode && generation.Directory == directory);

    private static Generation? FindKnown(TailedStream stream, LogSeries series, FileSignature signature) =>
        stream.Generations.FirstOrDefault(generation => generation.Series == series && generation.KnownFiles.Contains(signature));

    /// <summary>Opens a file of a listing and finds out whose content it holds; what is nobody's is a new generation.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="series">Its log.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="inode">Its inode, as the listing has it.</param>
    /// <param name="changes">Gets the changes for the checkpoints.</param>
    /// <param name="directory">Where the file was moved to; null if it is in the directory of the log.</param>
    /// <param name="readBefore">True if an older version of the agent has read the file, though the checkpoint does not have it.</param>
    public void Identify(TailedStream stream, LogSeries series, GenerationName name, ulong inode, CheckpointChanges changes, string? directory = null, bool readBefore = false)
    {
        string path = (directory ?? series.Directory) + "/" + name.FileName;
        if (FileStatus.OfPath(path, out FileStatus listed) == 0
            && FindKnown(stream, series, FileSignature.Of(name.FileName, listed)) is { } closed
            && (!closed.IsParked || closed.IsParkedAs(listed) || closed.TryLookParked(services.Time.GetTimestamp(), out _)))
        {
            if (IsListed(path, inode, listed.Inode))
            {
                SetListed(closed, name);
            }

            return;
        }

        int error = LogFileOpener.Open(path, out SafeFileHandle? handle, out FileStatus status);
        if (handle is null)
        {
            OpenFailed(path, inode, error, status.Kind);
            return;
        }

        try
        {
            if (!IsListed(path, inode, status.Inode))
            {
                handle.Dispose();
            }
            else if (status.Inode != inode && FindOpen(stream, series, status.Inode) is { } open)
            {
                // On a file system whose listings have other inodes.
                open.IsListed = true;
                open.Name = name;
                handle.Dispose();
            }
            else if (!TryIdentify(stream, series, name, handle, status, readBefore, changes))
            {
                handle.Dispose();
            }
            else if (directory is not null && stream.Generations.FirstOrDefault(generation => generation.Series == series && generation.HasFile && generation.Status.Inode == status.Inode) is { } moved)
            {
                moved.Directory = directory;
                moved.IsListed = false;
            }
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            handle.Dispose();
            IsIncomplete = true;
            services.Metrics.FileErrors.Add("unreadable", 1);
            FileEvents.FileUnreadable(services.Logger, path, e.Message, "Other files go on; it is tried again at the next scan.");
        }
    }

    /// <returns>True where a generation took the handle over.</returns>
    private bool TryIdentify(
        TailedStream stream, LogSeries series, GenerationName name, SafeFileHandle handle, FileStatus status, bool readBefore, CheckpointChanges changes)
    {
        FileContent content = FileContent.Look(handle, status, _head);
        if (content.IsVague(name.IsGzip) && GzipContent.MayBeUnfinished(status, services.Time))
        {
            IsIncomplete = true;
            return false;
        }

        var file = new FileCandidate(name, handle, status, content, _head);
        ReadOnlySpan<byte> head = file.Head;

        // The most certain identity first: all lines of a day begin alike, and so do files that were no longer when they went.
        foreach (Generation generation in stream.Generations.OrderByDescending(generation => (generation.IsParkedAs(status), generation.Identity.Length)))
        {
            bool isParked = generation.IsParkedAs(status) && (generation.Identity.Length == 0 || generation.Identity.Matches(head));
            if (generation.Series != series || generation.IsLeftBehind || !(isParked || (generation.Identity.Matches(head) && MayBecome(generation, name, status))))
            {
                continue;
            }

            if (isParked)
            {
                // It has grown or moved. If it was truncated, the next look finds that out again, as if it had stayed open.
                generation.Resume(handle);
                SetListed(generation, name);
                generation.Name = name;
                FileStatus before = generation.Status;
                if (!generation.TryLook(services.Time.GetTimestamp()))
                {
                    generation.Status = before;
                }

                KeepOrPark(stream, generation);
                return true;
            }

            bool mayBeCut = services.Checkpoints.HasCrashed && !series.IsListed && !content.IsGzip && generation.Checkpoint.Inode == status.Inode;
            bool isReopened = generation.IsParked && generation.Reopen() == 0;
            ContentMatch match = _relocation.Comparer.Compare(generation, file, mayBeCut);
            if (isReopened)
            {
                generation.Park();
            }

            switch (match)
            {
                case ContentMatch.Same:
                    Resume(stream, generation, file, mayBeCut, changes);
                    HasOpened = true;
                    return true;
                case ContentMatch.Copy:
                    SetListed(generation, name);
                    generation.KnownFiles.Add(FileSignature.Of(name.FileName, status));
                    return false;
                case ContentMatch.Later:
                    IsIncomplete = true;
                    return false;
            }
        }

        if (!name.IsLive && (TextProbe.IsOverwritten(head) || content.HasNoContent) && status.BornNs > 0
            && stream.Generations.Exists(known => known.Series == series && known.Handle is null && known.Status.IsSameFile(status)))
        {
            // What was read of it is overwritten before it is deleted.
            return false;
        }

        if (name.IsMoved || (head.IsEmpty && !name.IsLive))
        {
            // Another file that has the inode by now; or nothing in it.
            return false;
        }

        if (content.Compression == FileCompression.Unknown)
        {
            ReportCompressed(series, name);
            return false;
        }

        if (_relocation.Find(stream, series, file, changes, out long start) is { } moved)
        {
            HasRelocated = true;
            Resume(stream, moved, file, mayBeCut: true, changes);
            HasOpened = true;
            return true;
        }

        HasRelocated |= start > 0;
        AddNew(stream, series, file, readBefore ? content.Size : start, changes);
        HasOpened = true;
        return true;
    }

    /// <summary>
    /// No file goes from one restart of a container to the next, and under a name that is not the log's it is the same file. That says more than a few bytes: half a time
    /// in the first line is the beginning of every file.
    /// </summary>
    private static bool MayBecome(Generation generation, GenerationName name, FileStatus status) =>
        generation.Identity.Length == FileIdentity.MaxLength
        || (name.IsMoved ? !status.IsYoungerThan(generation.Checkpoint.WrittenNs) : generation.Name.IsMoved || generation.Name.Restart == name.Restart);

    /// <summary>A generation goes on in a file that has its content.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="generation">The generation.</param>
    /// <param name="file">The file.</param>
    /// <param name="mayBeCut">True if the file may have less than was known.</param>
    /// <param name="changes">Gets the changes for the checkpoints.</param>
    private void Resume(TailedStream stream, Generation generation, FileCandidate file, bool mayBeCut, CheckpointChanges changes)
    {
        bool isCut = mayBeCut && !file.IsGzip && file.Size < generation.Size;
        if (generation.IsTruncated || isCut)
        {
            // Written after the copy was made and before the file was truncated, or not yet on the disk when the machine went down.
            losses.Count(stream, generation, LossReasons.Truncated, generation.Size - Math.Max(file.Size, generation.Read.Min));
        }

        generation.Attach(file.Handle, file.Status, file.Content);
        if (isCut)
        {
            SentRange? sent = generation.CutTo(file.Size);
            changes.Updates.Add((stream.Checkpoint, new CheckpointUpdate(generation.Checkpoint, generation.Identity, file.Status.Inode, generation.Read, file.Size)));
            if (sent is { } range)
            {
                changes.Sent.Add(new(generation.Checkpoint, range));
            }
        }

        SuspectInDoubt(generation);
        generation.Name = file.Name;
        FileEvents.FileRecognised(services.Logger, generation.Path, file.Size, generation.Read.Min);
        generation.Identify(file.Head);
        KeepOrPark(stream, generation);
    }

    /// <summary>Takes up a file that was not known.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="series">Its log.</param>
    /// <param name="file">The file.</param>
    /// <param name="read">How much of it was read in another place.</param>
    /// <param name="changes">Gets the changes for the checkpoints.</param>
    private void AddNew(TailedStream stream, LogSeries series, FileCandidate file, long read, CheckpointChanges changes)
    {
        (GenerationName name, FileStatus status, long size) = (file.Name, file.Status, file.Size);
        GenerationCheckpoint checkpoint = services.Checkpoints.AddGeneration(stream.Checkpoint, series.LogPath(name));
        var generation = new Generation(series, name, checkpoint) { LastGrowth = services.Time.GetTimestamp() };
        generation.Identify(file.Head);
        generation.Attach(file.Handle, status, file.Content);
        SuspectInDoubt(generation);
        long start = read > 0 || !series.IsInitial || series.IsListed ? read : _startFinder.Find(generation, stream.Source);
        if (start > 0)
        {
            generation.Read = Offsets.Both(start);
            generation.Scanned = start;
            generation.IsExhausted = file.IsGzip && start >= size;
            generation.Prove([]);
            changes.Updates.Add((stream.Checkpoint, new CheckpointUpdate(checkpoint, generation.Identity, status.Inode, generation.Read, size, generation.Proof)));
            if (read == 0)
            {
                changes.Bookings.Add(new(checkpoint, new Booking(IsLost: false, DropReasons.BeforeStart, start)));
            }
        }

        FileEvents.FileFound(services.Logger, generation.Path, size, generation.Read.Min);
        stream.Add(generation);
        KeepOrPark(stream, generation);
    }

    /// <summary>A file was opened. It stays open if there is room for it; else its stream has to wait for its turn.</summary>
    public void KeepOrPark(TailedStream stream, Generation generation)
    {
        stream.HasNews = true;
        if (!files.TryKeep(generation.Handle!) && generation.CanPark)
        {
            generation.Park();
        }
    }

    /// <summary>What is opened for the first time while there is doubt may have been sent.</summary>
    private void SuspectInDoubt(Generation generation)
    {
        if (generation.SuspectUntil == 0 && services.Checkpoints.IsInDoubt)
        {
            generation.SuspectUntil = generation.Size;
            generation.IsUnaskable = services.Checkpoints.IsUnaskable;
        }
    }

    /// <summary>
    /// Tells whether the file under a name is the one that the listing had there, and takes note if it is not. If it is so with the next listing as
    /// well, nothing moved: the listings of some file systems have other inodes, and a link may lead nowhere.
    /// </summary>
    private bool IsListed(string path, ulong listed, ulong found)
    {
        if (listed == found || !_moved.Add((path, listed)))
        {
            return true;
        }

        HasMoved = true;
        IsIncomplete = true;
        return false;
    }

    /// <summary>Looks in other directories for a generation that is missing in its log's.</summary>
    /// <returns>True if it goes on in a file that was found.</returns>
    public bool TryFindMoved(TailedStream stream, LogSeries series, Generation generation, CheckpointChanges changes)
    {
        int opened = 0;
        foreach ((string directory, DirectoryEntry entry) in _movedFiles.FindCandidates(series, generation))
        {
            if (opened++ > MaxOpened || LogFileOpener.Open(directory + "/" + entry.Name, out SafeFileHandle? handle, out FileStatus status) != 0 || handle is null)
            {
                continue;
            }

            // A copy of the directory is another log's by now.
            bool isTaken = stream.Generations.Exists(other => other != generation && other.HasFile && other.Status.IsSameFile(status));
            if (!isTaken && IsMoved(series, generation, entry.Name, handle, status, out FileContent content) && series.TryClaim(directory + "/" + entry.Name, status.Inode))
            {
                var file = new FileCandidate(GenerationName.OfMoved(entry.Name, generation.Name.Restart), handle, status, content, _head);

                // An older copy has less.
                Resume(stream, generation, file, mayBeCut: true, changes);
                generation.IsListed = false;
                if (directory != series.Directory)
                {
                    generation.Directory = directory;
                    services.Checkpoints.SetDirectory(series.Path, directory);
                    AddBehind(stream, series, generation, changes);
                }

                return true;
            }

            handle.Dispose();
        }

        return false;
    }

    /// <summary>Adds the files of a log that were moved to the directory of a moved one after it.</summary>
    public void AddBehind(TailedStream stream, LogSeries series, Generation generation, CheckpointChanges changes)
    {
        string directory = generation.Directory!;
        foreach ((GenerationName name, ulong inode) in _movedFiles.FindBehind(series, directory, generation.Status))
        {
            if (FindOpen(stream, series, inode, directory) is null)
            {
                Identify(stream, series, name, inode, changes, directory);
            }
        }
    }

    /// <summary>Tells whether a file of another directory is a generation.</summary>
    private bool IsMoved(LogSeries series, Generation generation, string name, SafeFileHandle handle, FileStatus status, out FileContent content)
    {
        content = default;
        try
        {
            content = FileContent.Look(handle, status, _head);
            var file = new FileCandidate(GenerationName.OfMoved(name, 0), handle, status, content, _head);

            // Few bytes prove little: the inode may be used again or one of another disk, and the name one of another log.
            bool isSameFile = generation.Checkpoint.Inode == status.Inode && FileStatus.OfPath(series.Directory, out FileStatus own) == 0 && own.Device == status.Device
                && !status.IsYoungerThan(generation.Checkpoint.WrittenNs) && !FileOwners.IsNamedAfterAnother(series.Directory, name, series.LogPath(generation.Name));
            return generation.Identity.Matches(file.Head)
                && (generation.Identity.Length == FileIdentity.MaxLength || isSameFile || series.TryParse(name, out _))
                && ContentComparer.CompareWithClosed(generation, file, mayBeCut: false) == ContentMatch.Same;
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            // If no other candidate is the file, it is reported as lost.
            return false;
        }
    }

    /// <summary>Says once that a file can't be read because of how it is compressed.</summary>
    public void ReportCompressed(LogSeries series, GenerationName name)
    {
        if (_compressed.Count >= MaxReported)
        {
            _compressed.Clear();
        }

        string path = series.Directory + "/" + name.FileName;
        if (FileStatus.OfPath(path, out FileStatus status) == 0 && _compressed.Add((series.Directory, status.Inode, status.BornNs != 0 ? status.BornNs : status.ModifiedNs)))
        {
            services.Metrics.FileErrors.Add("compressed", 1);
            DiscoveryEvents.FileCompressed(services.Logger, path);
        }
    }

    private void OpenFailed(string path, ulong inode, int error, FileKind kind)
    {
        IsIncomplete |= error != 0;
        if (error == Libc.ErrorNotFound)
        {
            // Renamed or deleted since the listing: the next one tells.
            IsListed(path, inode, found: 0);
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
        services.Metrics.FileErrors.Add(reason, 1);
        FileEvents.FileUnreadable(services.Logger, path, message, remedy);
    }
}
