using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Native;
using Shipper.Records;

namespace Shipper.Discovery.Rotation;

/// <summary>
/// Decides whether a file with a name like <c>app-1.log</c> or <c>app-2026-11-29.log</c> is a rotated file of <c>app.log</c> or a log of its own. Tailing's
/// DESIGN.md lists the rules.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="checkpoints">The files that were read before.</param>
internal sealed class RotationEvidence(CheckpointStore checkpoints, TimeProvider time)
{
    /// <summary>How long a writer may continue to write to the rotated file before it learns of the rotation.</summary>
    private const long WriterDelayNs = 10_000_000_000;

    /// <summary>A file that was created or changed more recently than this may be an unfinished copy.</summary>
    private const long CopyDelayNs = 10_000_000_000;

    /// <summary>A bound for the granularity of the kernel's file times, which advance in steps of up to 10 ms.</summary>
    private const long ClockTickNs = 20_000_000;

    /// <summary>Decides whether a file is a rotated file of a log.</summary>
    /// <param name="directory">The directory of both.</param>
    /// <param name="logName">Name of the live file.</param>
    /// <param name="name">Name of the file in question.</param>
    /// <param name="status">Status of the file in question.</param>
    /// <param name="isIncluded">True if the file is read anyway, because a glob matches it.</param>
    /// <returns>Null if it can't be decided yet.</returns>
    public bool? IsRotated(string directory, string logName, string name, FileStatus status, bool isIncluded)
    {
        string log = directory + "/" + logName;
        if (!GenerationName.TryParse(name, logName, 0, out GenerationName parsed) || parsed.Tag is not { } tag)
        {
            return false;
        }

        bool isTime = tag.Kind == RotationTagKind.Time;
        if (parsed.Compression != FileCompression.None || IsLinkToRotated(log, directory, logName))
        {
            // Nobody writes to a compressed file. If the log's name is a link to a file with such a name, all files with such names are the log's.
            return true;
        }

        if (FileStatus.OfPath(log, out FileStatus live) != 0)
        {
            // The log is being rotated, or its writer creates the next file only when it has a line to write.
            return isTime || HasReadPredecessors(directory, logName, name, tag);
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

        return HasReadPredecessors(directory, logName, name, tag) ? true : status.Size == 0 && !isTime ? null : false;
    }

    /// <summary>
    /// True if nothing was written to the file after the live file was created, except by a writer that did not know of the rotation yet; a log of its own
    /// would continue to grow. If a glob matches the file anyway, only its label depends on the decision, and more evidence is required: the file was renamed
    /// after its last line was written, or the live file was created immediately after it.
    /// </summary>
    private static bool WasLastWrittenBefore(FileStatus live, FileStatus status, long nowNs, bool isIncluded)
    {
        // If the file system does not record when the live file was created, its last write still bounds that time from above.
        long madeNs = live.CreatedNs > 0 ? live.CreatedNs : live.ModifiedNs;
        return status.ModifiedNs <= madeNs
            ? !isIncluded || status.ChangedNs > status.ModifiedNs || madeNs - status.ModifiedNs <= ClockTickNs
            : status.ModifiedNs <= madeNs + WriterDelayNs && nowNs - status.ModifiedNs >= WriterDelayNs;
    }

    /// <summary>
    /// True if the file was renamed after its last line was written and before the live file was created. A file that was restored from a backup does not
    /// count: its last line is older than the file itself.
    /// </summary>
    private static bool WasMovedBefore(FileStatus live, FileStatus status) =>
        status.CreatedNs > 0 && live.CreatedNs > 0 && status.CreatedNs <= status.ModifiedNs && status.ModifiedNs < status.ChangedNs
        && status.ModifiedNs <= live.CreatedNs && status.ChangedNs <= live.CreatedNs + WriterDelayNs;

    private static bool IsLinkToRotated(string log, string directory, string logName) =>
        FileStatus.OfLink(log, out FileStatus link) == 0 && link.Kind == FileKind.SymbolicLink && RealPath.Resolve(log, out string target) == 0
        && Path.GetDirectoryName(target) == directory && GenerationName.TryParse(Path.GetFileName(target), logName, 0, out GenerationName name) && !name.IsLive;

    /// <summary>True if a file is a copy of the log, made before the log was truncated or instead of truncating it.</summary>
    /// <returns>Null if the file may be an unfinished copy.</returns>
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
            // Content that the live file has as well may be a header that is the same in every file.
            if (file.HasContentOf(known) && !live.HasContentOf(known))
            {
                return true;
            }
        }

        if (!file.IsPrefixOf(live))
        {
            return false;
        }

        return isTime || file.Status.Size >= CommonPrefix.MaxHeadingBytes ? true
            : time.GetUnixNanoseconds() - Math.Max(file.Status.CreatedNs, file.Status.ChangedNs) < CopyDelayNs ? null
            : false;
    }

    /// <summary>True if another file with such a name was read earlier as the live file.</summary>
    private bool HasReadPredecessors(string directory, string logName, string name, RotationTag tag)
    {
        List<KnownFile> known = checkpoints.FindFilesNamed(logName);
        var listing = new List<DirectoryEntry>();
        if (known.Count == 0 || DirectoryLister.List(directory, listing, out _) != 0)
        {
            return false;
        }

        foreach (DirectoryEntry entry in listing)
        {
            if (entry.Name != name && GenerationName.TryParse(entry.Name, logName, 0, out GenerationName other) && other.Tag is { } otherTag && otherTag.Kind == tag.Kind
                && known.Exists(file => file.Inode == entry.Inode || other.IsGzip))
            {
                using PeekedFile? predecessor = PeekedFile.Open(directory + "/" + entry.Name);
                if (predecessor is not null && known.Exists(predecessor.HasContentOf))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
