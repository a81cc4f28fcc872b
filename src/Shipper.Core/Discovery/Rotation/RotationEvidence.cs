using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Native;
using Shipper.Records;

namespace Shipper.Discovery.Rotation;

/// <summary>
/// Decides whether a file with a name like <c>app-1.log</c> or <c>app-2026-11-29.log</c> is what rotation made of <c>app.log</c>, or a log of its own. The
/// rules stand in DESIGN.md.
/// </summary>
/// <remarks>Not safe for concurrent use.</remarks>
/// <param name="checkpoints">What was read before.</param>
/// <param name="time">The clock.</param>
internal sealed class RotationEvidence(CheckpointStore checkpoints, TimeProvider time)
{
    /// <summary>A writer goes on in the rotated file until it has heard of the rotation.</summary>
    private const long WriterDelayNs = 10_000_000_000;

    /// <summary>A file that was made or changed within this time may be an unfinished copy.</summary>
    private const long CopyDelayNs = 10_000_000_000;

    /// <summary>The kernel's file times move in steps of up to 10 ms.</summary>
    private const long ClockTickNs = 20_000_000;

    /// <summary>Decides it.</summary>
    /// <param name="directory">The directory of both.</param>
    /// <param name="logName">Name of the live file.</param>
    /// <param name="name">Name of the file in question.</param>
    /// <param name="status">What that is like.</param>
    /// <param name="isIncluded">True if the file is read in any case.</param>
    /// <returns>Null if it can't be told yet.</returns>
    public bool? IsRotated(string directory, string logName, string name, FileStatus status, bool isIncluded)
    {
        string log = directory + "/" + logName;
        if (!GenerationName.TryParse(name, logName, 0, out GenerationName parsed) || parsed.Mark is not { } mark)
        {
            return false;
        }

        bool isTime = mark.Kind == RotationMarkKind.Time;
        if (parsed.Compression != FileCompression.None || IsLinkToRotated(log, directory, logName))
        {
            // Nobody writes to a compressed file. A link to the live file has the log's name.
            return true;
        }

        if (FileStatus.OfPath(log, out FileStatus live) != 0)
        {
            // Between two files; or the next one is only made for the next line.
            return isTime || HasRelatives(directory, logName, name, mark);
        }

        if (live.Device == status.Device && live.Inode == status.Inode)
        {
            return true;
        }

        if (IsCopy(log, directory + "/" + name, isTime) is not false and var isCopy)
        {
            return isCopy;
        }

        long nowNs = time.GetUnixNanoseconds();
        if (isTime ? WasLastWrittenBefore(live, status, nowNs, isIncluded) : WasMovedBefore(live, status))
        {
            return true;
        }

        return HasRelatives(directory, logName, name, mark) ? true : status.Size == 0 && !isTime ? null : false;
    }

    /// <summary>
    /// True if nothing was written to the file since the live one was made, but for what its writer had not heard of; a log of its own goes on. Of a file
    /// that is read anyway more is asked, for its label alone depends on it: that it got its name behind its last line, or was followed by the live one at once.
    /// </summary>
    private static bool WasLastWrittenBefore(FileStatus live, FileStatus status, long nowNs, bool isIncluded)
    {
        // The file system may not know when the live file was made, but that it was written to since.
        long madeNs = live.BornNs > 0 ? live.BornNs : live.ModifiedNs;
        return status.ModifiedNs <= madeNs
            ? !isIncluded || status.ChangedNs > status.ModifiedNs || madeNs - status.ModifiedNs <= ClockTickNs
            : status.ModifiedNs <= madeNs + WriterDelayNs && nowNs - status.ModifiedNs >= WriterDelayNs;
    }

    /// <summary>
    /// True if the file got its name behind its last line and before the live file was made. One that was restored from a backup has a last line that is
    /// older than itself.
    /// </summary>
    private static bool WasMovedBefore(FileStatus live, FileStatus status) =>
        status.BornNs > 0 && live.BornNs > 0 && status.BornNs <= status.ModifiedNs && status.ModifiedNs < status.ChangedNs
        && status.ModifiedNs <= live.BornNs && status.ChangedNs <= live.BornNs + WriterDelayNs;

    private static bool IsLinkToRotated(string log, string directory, string logName) =>
        FileStatus.OfName(log, out FileStatus link) == 0 && link.Kind == FileKind.SymbolicLink && RealPath.Resolve(log, out string target) == 0
        && Path.GetDirectoryName(target) == directory && GenerationName.TryParse(Path.GetFileName(target), logName, 0, out GenerationName name) && !name.IsLive;

    /// <summary>Tells whether a file is a copy of the log, made before the log was emptied or instead of that.</summary>
    /// <returns>Null if it may be an unfinished copy.</returns>
    private bool? IsCopy(string log, string path, bool isTime)
    {
        using PeekedFile? file = PeekedFile.Open(path);
        using PeekedFile? live = PeekedFile.Open(log);
        if (file is null || live is null || file.Status.Size == 0)
        {
            return false;
        }

        foreach (KnownFile known in checkpoints.FindFilesNamed(Path.GetFileName(log)))
        {
            // What the live file has as well may be a heading.
            if (file.Has(known) && !live.Has(known))
            {
                return true;
            }
        }

        if (!file.IsBeginningOf(live))
        {
            return false;
        }

        return isTime || file.Status.Size >= CommonContent.SurelyCopied ? true
            : time.GetUnixNanoseconds() - Math.Max(file.Status.BornNs, file.Status.ChangedNs) < CopyDelayNs ? null
            : false;
    }

    /// <summary>True if another file with such a name was read as the live one before.</summary>
    private bool HasRelatives(string directory, string logName, string name, RotationMark mark)
    {
        List<KnownFile> known = checkpoints.FindFilesNamed(logName);
        var listing = new List<DirectoryEntry>();
        if (known.Count == 0 || DirectoryLister.List(directory, listing, out _) != 0)
        {
            return false;
        }

        foreach (DirectoryEntry entry in listing)
        {
            if (entry.Name != name && GenerationName.TryParse(entry.Name, logName, 0, out GenerationName other) && other.Mark is { } otherMark && otherMark.Kind == mark.Kind
                && known.Exists(file => file.Inode == entry.Inode || other.IsGzip))
            {
                using PeekedFile? relative = PeekedFile.Open(directory + "/" + entry.Name);
                if (relative is not null && known.Exists(relative.Has))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
