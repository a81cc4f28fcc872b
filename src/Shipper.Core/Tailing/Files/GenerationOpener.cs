using Microsoft.Win32.SafeHandles;
using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Files;

/// <summary>Opens log files and identifies their generations by content.</summary>
/// <remarks>Not thread-safe: each lane has its own.</remarks>
internal sealed class GenerationOpener(
    TailingServices services, FileBudget.Share files, OpenFailures failures, LossRecorder losses, RecentlyRemovedFiles? removedFiles)
{
    private readonly NewFiles _new = new(services, files);
    private readonly Relocation _relocation = new(services, removedFiles);
    private readonly ListedNames _names = new();
    private readonly byte[] _head = new byte[FileIdentity.MaxLength];

    /// <summary>True if a file could not be examined. The caller resets it.</summary>
    public bool IsIncomplete { get; set; }

    /// <summary>True if a listed file was not found because names have moved since the listing.</summary>
    public bool HaveNamesMoved => _names.HaveMoved;

    /// <summary>True if a file has been opened since the directory was listed.</summary>
    public bool HasOpened { get; set; }

    /// <summary>True if a known file was found in another directory. The caller resets it.</summary>
    public bool HasRelocated { get; set; }

    /// <summary>Prepares for a listing of a directory.</summary>
    /// <param name="isAgain">True if this repeats a recent listing because files changed in the meantime.</param>
    public void BeginListing(bool isAgain)
    {
        _names.BeginListing(isAgain);
        HasOpened = false;
    }

    /// <summary>
    /// Marks a generation as listed because a file with its content was. The generation takes that file's name, unless its own open file was listed under
    /// another name: a name that the open file no longer has would put newer files before it.
    /// </summary>
    private static void SetListed(Generation generation, GenerationName name)
    {
        if (!generation.HasFile || !generation.IsListed)
        {
            generation.Place.Name = name;
        }

        generation.Place.IsListed = true;
    }

    /// <summary>Returns the generation that has a file with a given inode open; null if there is none.</summary>
    public static Generation? FindOpen(TailedStream stream, RotatedLog rotatedLog, ulong inode, string? directory = null) => stream.Generations.FirstOrDefault(
        generation => generation.Log == rotatedLog && generation.Handle is not null && !generation.IsLeftBehind && generation.Status.Inode == inode && generation.Directory == directory);

    private static Generation? FindKnown(TailedStream stream, RotatedLog rotatedLog, FileSignature signature) =>
        stream.Generations.FirstOrDefault(generation => generation.Log == rotatedLog && generation.File.KnownSignatures.Contains(signature));

    /// <summary>Opens a listed file and finds its generation by content. If the content is unknown, the file becomes a new generation.</summary>
    /// <param name="rotatedLog">The log in the listed directory.</param>
    /// <param name="inode">Inode according to the listing.</param>
    /// <param name="changes">Receives the changes to the checkpoint.</param>
    /// <param name="directory">The directory to which the file was moved; null if it is in the log's directory.</param>
    /// <param name="readBefore">True if an older version of the agent has read the file and the checkpoint does not contain it.</param>
    public void Identify(TailedStream stream, RotatedLog rotatedLog, GenerationName name, ulong inode, CheckpointChanges changes, string? directory = null, bool readBefore = false)
    {
        string path = (directory ?? rotatedLog.Directory) + "/" + name.FileName;
        if (FileStatus.OfPath(path, out FileStatus listed) == 0
            && FindKnown(stream, rotatedLog, FileSignature.Of(name.FileName, listed)) is { } closed
            && (!closed.IsParked || closed.File.IsParkedAs(listed) || closed.TryCheckParked(services.Time.GetTimestamp(), out _)))
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
            ReportOpenFailure(stream, path, inode, error, status.Kind);
            return;
        }

        stream.Problem = stream.Problem?.Path == path ? null : stream.Problem;
        try
        {
            if (!IsListed(path, inode, status.Inode))
            {
                handle.Dispose();
            }
            else if (status.Inode != inode && FindOpen(stream, rotatedLog, status.Inode) is { } open)
            {
                // Some file systems list other inodes than they return for the files.
                open.Place.IsListed = true;
                open.Place.Name = name;
                handle.Dispose();
            }
            else if (!TryIdentify(stream, rotatedLog, name, handle, status, readBefore, changes))
            {
                handle.Dispose();
            }
            else if (directory is not null && stream.Generations.FirstOrDefault(generation => generation.Log == rotatedLog && generation.HasFile && generation.Status.Inode == status.Inode) is { } moved)
            {
                moved.Place.Directory = directory;
                moved.Place.IsListed = false;
            }
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            handle.Dispose();
            IsIncomplete = true;
            services.Metrics.FileErrors.Add(FileErrorReasons.Unreadable, 1);
            FileEvents.FileUnreadable(services.Logger, path, e.Message, "Other files are not affected; the agent retries at the next scan.");
        }
    }

    /// <returns>True if a generation took ownership of the handle.</returns>
    private bool TryIdentify(
        TailedStream stream, RotatedLog rotatedLog, GenerationName name, SafeFileHandle handle, FileStatus status, bool readBefore, CheckpointChanges changes)
    {
        FileContent content = FileContent.Inspect(handle, status, _head);
        if (content.IsInconclusive(name.IsGzip) && GzipContent.MayBeUnfinished(status, services.Time))
        {
            IsIncomplete = true;
            return false;
        }

        var file = new FileCandidate(name, handle, status, content, _head);
        ReadOnlySpan<byte> head = file.Head;

        // Most certain identity first: all lines of a day start with the same bytes, and so do files that were still short when they disappeared.
        foreach (Generation generation in stream.Generations.OrderByDescending(generation => (generation.File.IsParkedAs(status), generation.Identity.Length)))
        {
            bool isParked = generation.File.IsParkedAs(status) && (generation.Identity.Length == 0 || generation.Identity.Matches(head));
            if (generation.Log != rotatedLog || generation.IsLeftBehind || !(isParked || (generation.Identity.Matches(head) && MayBecome(generation, name, status))))
            {
                continue;
            }

            if (isParked)
            {
                // The file has grown or moved. If it was truncated, the next check notices that, as if the file had stayed open.
                generation.File.Resume(handle);
                SetListed(generation, name);
                generation.Place.Name = name;
                FileStatus before = generation.Status;
                if (!generation.TryCheck(services.Time.GetTimestamp()))
                {
                    generation.File.Status = before;
                }

                files.KeepOrPark(stream, generation);
                return true;
            }

            bool mayBeCut = services.Checkpoints.HasCrashed && !rotatedLog.IsListed && !content.IsGzip && generation.Checkpoint.Inode == status.Inode;
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
                    generation.File.KnownSignatures.Add(FileSignature.Of(name.FileName, status));
                    return false;
                case ContentMatch.Undecided:
                    IsIncomplete = true;
                    return false;
            }
        }

        if (!name.IsLive && (OverwriteDetector.IsOverwritten(head) || content.HasNoContent) && status.CreatedNs > 0
            && stream.Generations.Exists(known => known.Log == rotatedLog && known.Handle is null && known.Status.IsSameFile(status)))
        {
            // A program overwrites a file that has been read, to delete it afterwards (shred).
            return false;
        }

        if (name.IsRenamed || (head.IsEmpty && !name.IsLive))
        {
            // A different file now has the inode, or the file is empty.
            return false;
        }

        if (content.Compression == FileCompression.Unsupported)
        {
            failures.ReportCompressed(rotatedLog, name);
            return false;
        }

        if (_relocation.Find(stream, rotatedLog, file, changes, out long start) is { } moved)
        {
            HasRelocated = true;
            Resume(stream, moved, file, mayBeCut: true, changes);
            HasOpened = true;
            return true;
        }

        HasRelocated |= start > 0;
        _new.Add(stream, rotatedLog, file, readBefore ? content.Size : start, changes);
        HasOpened = true;
        return true;
    }

    /// <summary>
    /// Checks whether a file may be a short generation, judged by its name. A file never moves to another restart of a container, and a name that is not one
    /// of the log's must have been given to the same file. A few bytes are weaker evidence than that: all files start with the same half of a timestamp.
    /// </summary>
    private bool MayBecome(Generation generation, GenerationName name, FileStatus status) =>
        generation.Identity.Length == FileIdentity.MaxLength
        || (name.IsRenamed
            ? !status.IsYoungerThan(generation.Checkpoint.CheckpointWrittenNs) && !IsOfAnother(generation, status)
            : generation.Name.IsRenamed || generation.Name.Restart == name.Restart);

    /// <summary>True if a deleted file's inode was reused by a file of another log, which was read since then.</summary>
    private bool IsOfAnother(Generation generation, FileStatus status) =>
        generation.Handle is null && services.Checkpoints.IsBetterKnown(status.Inode, generation.Checkpoint.LogPath, generation.Identity.Length);

    /// <summary>Continues a generation in a file that has its content.</summary>
    /// <param name="mayBeCut">True if the file may have less content than was known.</param>
    /// <param name="changes">Receives the changes to the checkpoint.</param>
    public void Resume(TailedStream stream, Generation generation, FileCandidate file, bool mayBeCut, CheckpointChanges changes)
    {
        bool isCut = mayBeCut && !file.IsGzip && file.Size < generation.Size;
        if (generation.Fate == Fate.Truncated || isCut)
        {
            // The missing bytes were written between the copy and the truncation, or had not reached the disk when the machine crashed.
            losses.Count(stream, generation, LossReasons.Truncated, generation.Size - Math.Max(file.Size, generation.ReadPosition.Min));
        }

        generation.Attach(file.Handle, file.Status, file.Content);
        if (isCut)
        {
            SentRange? sent = generation.Truncate(file.Size);
            changes.Updates.Add((stream.Checkpoint, new GenerationUpdate(generation.Checkpoint, generation.Identity, file.Status.Inode, generation.ReadPosition, file.Size)));
            if (sent is { } range)
            {
                changes.SentPositions.Add(new(generation.Checkpoint, range));
            }
        }

        generation.Resend.MarkUnconfirmed(generation.Size, services.Checkpoints);
        generation.Place.Name = file.Name;
        FileEvents.FileRecognized(services.Logger, generation.Path, file.Size, generation.ReadPosition.Min);
        generation.ExtendIdentity(file.Head);
        files.KeepOrPark(stream, generation);
    }

    /// <summary>Checks whether a name still leads to the file that the listing showed. If not, the scan is incomplete.</summary>
    private bool IsListed(string path, ulong listed, ulong found)
    {
        bool isListed = _names.MatchesListing(path, listed, found);
        IsIncomplete |= !isListed;
        return isListed;
    }

    private void ReportOpenFailure(TailedStream stream, string path, ulong inode, int error, FileKind kind)
    {
        IsIncomplete |= error != 0;
        if (error == Libc.ErrorNotFound)
        {
            // The file was renamed or deleted after the listing; the next listing shows which.
            IsListed(path, inode, found: 0);
        }
        else
        {
            failures.Report(stream, path, error, kind);
        }
    }
}
