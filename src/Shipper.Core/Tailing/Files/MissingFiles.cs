using Microsoft.Win32.SafeHandles;
using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>Searches for files that rotation moved out of the directory of their log, and gives up those that are not found.</summary>
/// <remarks>Not thread-safe: each lane has its own.</remarks>
internal sealed class MissingFiles(TailingServices services, GenerationOpener opener, LossRecorder losses)
{
    /// <summary>Maximum number of files to open while searching for a moved file.</summary>
    private const int MaxOpened = 100;

    private readonly MovedFiles _movedFiles = new(services.Checkpoints);
    private readonly byte[] _head = new byte[FileIdentity.MaxLength];

    /// <summary>True if an open file still has a name, but not in the directory of its log.</summary>
    public static bool IsMovedAway(Generation generation) =>
        generation is { Handle: not null, IsListed: false, IsDeleted: false, IsLeftBehind: false, File.Copy: null, Directory: null, Log.OwnsDirectory: false };

    /// <summary>Searches other directories for files that rotation moved out of the log's directory. Files that are not found are lost.</summary>
    public void Find(TailedStream stream, RotatedLog rotatedLog, List<Generation> missing, CheckpointChanges changes)
    {
        foreach (Generation generation in missing)
        {
            // It is unknown what was written to a parked file before it was moved.
            bool isDone = generation is { IsAcknowledged: true, Place.WasLive: false, IsParked: false };
            if (rotatedLog.OwnsDirectory || isDone || !TryFindMoved(stream, rotatedLog, generation, changes))
            {
                GiveUp(stream, generation);
            }
        }

        foreach (Generation generation in stream.Generations.Where(generation => generation.Log == rotatedLog && IsMovedAway(generation)).ToList())
        {
            if (MovedFiles.FindDirectoryOf(generation) is { } directory && !stream.Logs.Exists(other => other.Directory == directory))
            {
                generation.Place.Directory = directory;
                services.Checkpoints.SetRotationDirectory(rotatedLog.Path, directory);
                AddRotatedAfter(stream, rotatedLog, generation, changes);
            }
        }
    }

    private void GiveUp(TailedStream stream, Generation generation)
    {
        if (generation is { Place.WasLive: true, IsAcknowledged: true, Fate: not Fate.Truncated, IsLeftBehind: false, Log.IsUnlinked: false })
        {
            losses.ReportUnknown(stream, generation);
        }

        generation.Place.WasLive = false;
        generation.File.Detach()?.Dispose();
        losses.GiveUp(stream, generation, generation.Fate.LossReason());
    }

    /// <summary>Searches other directories for a generation that is missing from the log's directory.</summary>
    /// <returns>True if a file was found in which the generation continues.</returns>
    private bool TryFindMoved(TailedStream stream, RotatedLog rotatedLog, Generation generation, CheckpointChanges changes)
    {
        int opened = 0;
        foreach ((string directory, DirectoryEntry entry) in _movedFiles.FindCandidates(rotatedLog, generation))
        {
            if (opened++ > MaxOpened || LogFileOpener.Open(directory + "/" + entry.Name, out SafeFileHandle? handle, out FileStatus status) != 0 || handle is null)
            {
                continue;
            }

            // If the directory was copied, the file may be another log's by now.
            bool isTaken = stream.Generations.Exists(other => other != generation && other.HasFile && other.Status.IsSameFile(status));
            if (!isTaken && IsMoved(rotatedLog, generation, entry.Name, handle, status, out FileContent content) && rotatedLog.TryClaim(directory + "/" + entry.Name, status.Inode))
            {
                var file = new FileCandidate(GenerationName.FromRenamed(entry.Name, generation.Name.Restart), handle, status, content, _head);

                // An older copy of the content is shorter.
                opener.Resume(stream, generation, file, mayBeCut: true, changes);
                generation.Place.IsListed = false;
                if (directory != rotatedLog.Directory)
                {
                    generation.Place.Directory = directory;
                    services.Checkpoints.SetRotationDirectory(rotatedLog.Path, directory);
                    AddRotatedAfter(stream, rotatedLog, generation, changes);
                }

                return true;
            }

            handle.Dispose();
        }

        return false;
    }

    /// <summary>Adds the log's files that were moved to the same directory later than a moved file.</summary>
    private void AddRotatedAfter(TailedStream stream, RotatedLog rotatedLog, Generation generation, CheckpointChanges changes)
    {
        string directory = generation.Directory!;
        foreach ((GenerationName name, ulong inode) in _movedFiles.FindRotatedAfter(rotatedLog, directory, generation.Status))
        {
            if (GenerationOpener.FindOpen(stream, rotatedLog, inode, directory) is null)
            {
                opener.Identify(stream, rotatedLog, name, inode, changes, directory);
            }
        }
    }

    /// <summary>Checks whether a file in another directory is a generation.</summary>
    private bool IsMoved(RotatedLog rotatedLog, Generation generation, string name, SafeFileHandle handle, FileStatus status, out FileContent content)
    {
        content = default;
        try
        {
            content = FileContent.Inspect(handle, status, _head);
            var file = new FileCandidate(GenerationName.FromRenamed(name, 0), handle, status, content, _head);

            // A few bytes prove little: the inode may have been reused or belong to another disk, and the name may be another log's.
            bool isSameFile = generation.Checkpoint.Inode == status.Inode && FileStatus.OfPath(rotatedLog.Directory, out FileStatus own) == 0 && own.Device == status.Device
                && !status.IsYoungerThan(generation.Checkpoint.CheckpointWrittenNs)
                && !services.Checkpoints.IsBetterKnown(status.Inode, generation.Checkpoint.LogPath, generation.Identity.Length)
                && !FileOwners.IsNamedAfterAnother(rotatedLog.Directory, name, rotatedLog.LogPathOf(generation.Name));
            return generation.Identity.Matches(file.Head)
                && (generation.Identity.Length == FileIdentity.MaxLength || isSameFile || rotatedLog.TryParse(name, out _))
                && ContentComparer.CompareWithClosed(generation, file, mayBeCut: false) == ContentMatch.Same;
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            // If no other candidate matches, the generation is reported as lost.
            return false;
        }
    }
}
