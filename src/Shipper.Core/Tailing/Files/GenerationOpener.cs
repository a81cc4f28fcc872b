using Microsoft.Win32.SafeHandles;
using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Files;

/// <summary>Opens log files and saved copies, and finds out by their content which generation they are.</summary>
/// <remarks>Not safe for concurrent use: each lane has its own.</remarks>
internal sealed class GenerationOpener(
    TailingServices services, FileBudget.Share files, OpenFailures failures, LossBook losses, ForgottenFiles? forgotten)
{
    private readonly NewFiles _new = new(services, files);
    private readonly Relocation _relocation = new(services, forgotten);
    private readonly ListedNames _names = new();
    private readonly byte[] _head = new byte[FileIdentity.MaxLength];

    /// <summary>True if a file could not be looked into, until it is set back.</summary>
    public bool IsIncomplete { get; set; }

    /// <summary>True if names moved since the directory was listed, so that a file that it showed was not found.</summary>
    public bool HasMoved => _names.HaveMoved;

    /// <summary>True if a file was opened since the directory was listed.</summary>
    public bool HasOpened { get; set; }

    /// <summary>True if files were found that were known in another directory, until it is set back.</summary>
    public bool HasRelocated { get; set; }

    /// <summary>A directory is about to be listed.</summary>
    /// <param name="isAgain">True if it was a moment ago, and the files changed meanwhile.</param>
    public void Begin(bool isAgain)
    {
        _names.Begin(isAgain);
        HasOpened = false;
    }

    /// <summary>
    /// A file of the listing holds the content of a generation. Its name counts unless the listing shows the open file itself: a name that this
    /// no longer has would put newer files before it.
    /// </summary>
    private static void SetListed(Generation generation, GenerationName name)
    {
        if (!generation.HasFile || !generation.IsListed)
        {
            generation.Place.Name = name;
        }

        generation.Place.IsListed = true;
    }

    /// <summary>The generation that has a file open; null if none has.</summary>
    public static Generation? FindOpen(TailedStream stream, LogSeries series, ulong inode, string? directory = null) => stream.Generations.FirstOrDefault(
        generation => generation.Series == series && generation.Handle is not null && !generation.IsLeftBehind && generation.Status.Inode == inode && generation.Directory == directory);

    private static Generation? FindKnown(TailedStream stream, LogSeries series, FileSignature signature) =>
        stream.Generations.FirstOrDefault(generation => generation.Series == series && generation.File.Known.Contains(signature));

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
            && (!closed.IsParked || closed.File.IsParkedAs(listed) || closed.TryLookParked(services.Time.GetTimestamp(), out _)))
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
                open.Place.IsListed = true;
                open.Place.Name = name;
                handle.Dispose();
            }
            else if (!TryIdentify(stream, series, name, handle, status, readBefore, changes))
            {
                handle.Dispose();
            }
            else if (directory is not null && stream.Generations.FirstOrDefault(generation => generation.Series == series && generation.HasFile && generation.Status.Inode == status.Inode) is { } moved)
            {
                moved.Place.Directory = directory;
                moved.Place.IsListed = false;
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

    /// <returns>True if a generation took the handle over.</returns>
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
        foreach (Generation generation in stream.Generations.OrderByDescending(generation => (generation.File.IsParkedAs(status), generation.Identity.Length)))
        {
            bool isParked = generation.File.IsParkedAs(status) && (generation.Identity.Length == 0 || generation.Identity.Matches(head));
            if (generation.Series != series || generation.IsLeftBehind || !(isParked || (generation.Identity.Matches(head) && MayBecome(generation, name, status))))
            {
                continue;
            }

            if (isParked)
            {
                // It has grown or moved. If it was truncated, the next look finds that out again, as if it had stayed open.
                generation.File.Resume(handle);
                SetListed(generation, name);
                generation.Place.Name = name;
                FileStatus before = generation.Status;
                if (!generation.TryLook(services.Time.GetTimestamp()))
                {
                    generation.File.Status = before;
                }

                files.KeepOrPark(stream, generation);
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
                    generation.File.Known.Add(FileSignature.Of(name.FileName, status));
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
            failures.ReportCompressed(series, name);
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
        _new.Add(stream, series, file, readBefore ? content.Size : start, changes);
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
    public void Resume(TailedStream stream, Generation generation, FileCandidate file, bool mayBeCut, CheckpointChanges changes)
    {
        bool isCut = mayBeCut && !file.IsGzip && file.Size < generation.Size;
        if (generation.Fate == Fate.Truncated || isCut)
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

        generation.Resend.Suspect(generation.Size, services.Checkpoints);
        generation.Place.Name = file.Name;
        FileEvents.FileRecognised(services.Logger, generation.Path, file.Size, generation.Read.Min);
        generation.Identify(file.Head);
        files.KeepOrPark(stream, generation);
    }

    /// <summary>Tells whether the file under a name is the one that the listing had there. If not, not all could be looked into.</summary>
    private bool IsListed(string path, ulong listed, ulong found)
    {
        bool isListed = _names.IsAsListed(path, listed, found);
        IsIncomplete |= !isListed;
        return isListed;
    }

    private void OpenFailed(string path, ulong inode, int error, FileKind kind)
    {
        IsIncomplete |= error != 0;
        if (error == Libc.ErrorNotFound)
        {
            // Renamed or deleted since the listing: the next one tells.
            IsListed(path, inode, found: 0);
        }
        else
        {
            failures.Report(path, error, kind);
        }
    }
}
