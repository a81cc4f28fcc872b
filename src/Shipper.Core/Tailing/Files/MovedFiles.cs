using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Discovery.Rotation;
using Shipper.Native;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Files;

/// <summary>
/// Searches for files that rotation moved out of the directory of their log (logrotate's olddir), or compressed under a name that is not one of the log's.
/// Searches the directory to which such a file was moved before, the subdirectories of the log's directory, and its sibling directories.
/// </summary>
/// <remarks>Not thread-safe: each lane has its own.</remarks>
internal sealed class MovedFiles(CheckpointStore checkpoints)
{
    private const int MaxDirectories = 64;
    private const int MaxNames = 10_000;

    private readonly List<DirectoryEntry> _listing = [];

    /// <summary>Finds files that may be a generation's: first those with its inode, then those with a name that starts like the log's.</summary>
    public List<(string Directory, DirectoryEntry Entry)> FindCandidates(RotatedLog rotatedLog, Generation generation)
    {
        var same = new List<(string, DirectoryEntry)>();
        var alike = new List<(string, DirectoryEntry)>();
        string logName = Path.GetFileName(rotatedLog.LogPathOf(generation.Name));
        string name = Path.GetFileNameWithoutExtension(logName);
        int names = 0;
        foreach (string directory in FindDirectories(rotatedLog))
        {
            if (names > MaxNames || DirectoryLister.List(directory, _listing, out _) != 0)
            {
                continue;
            }

            names += _listing.Count;
            if (directory != rotatedLog.Directory && _listing.Exists(entry => entry.Name == logName && entry.Inode != generation.Checkpoint.Inode))
            {
                // The directory belongs to another log, or belongs to this one by now.
                continue;
            }

            foreach (DirectoryEntry entry in _listing)
            {
                // Files with one of the log's own names have been examined already.
                if (!entry.IsValidName || (directory == rotatedLog.Directory && rotatedLog.TryParse(entry.Name, out _)))
                {
                    continue;
                }

                if (entry.Inode == generation.Checkpoint.Inode)
                {
                    same.Add((directory, entry));
                }
                else if (directory == rotatedLog.Directory ? CompressedName.Detect(entry.Name) == FileCompression.Gzip : entry.Name.StartsWith(name, StringComparison.Ordinal))
                {
                    alike.Add((directory, entry));
                }
            }
        }

        return [.. same, .. alike];
    }

    /// <summary>Finds the log's files in another directory that were modified later than a file that was moved there.</summary>
    public List<(GenerationName Name, ulong Inode)> FindRotatedAfter(RotatedLog rotatedLog, string directory, FileStatus moved)
    {
        var found = new List<(GenerationName Name, ulong Inode)>();
        if (DirectoryLister.List(directory, _listing, out _) != 0)
        {
            return found;
        }

        foreach (DirectoryEntry entry in _listing)
        {
            string path = directory + "/" + entry.Name;
            if (entry.IsValidName && entry.Inode != moved.Inode && rotatedLog.TryParse(entry.Name, out GenerationName name) && !name.IsLive
                && FileStatus.OfPath(path, out FileStatus status) == 0 && status.ModifiedNs > moved.ModifiedNs && rotatedLog.TryClaim(path, status.Inode))
            {
                found.Add((name, entry.Inode));
            }
        }

        RotationOrder.Sort(found, directory);
        return found;
    }

    /// <summary>Returns the directory to which an open file was moved; null if it is unknown.</summary>
    public static string? FindDirectoryOf(Generation generation)
    {
        string? path = new FileInfo($"/proc/self/fd/{generation.Handle!.DangerousGetHandle()}").LinkTarget;
        return path is not null && path.StartsWith('/') && File.Exists(path) ? Path.GetDirectoryName(path) : null;
    }

    private IEnumerable<string> FindDirectories(RotatedLog rotatedLog)
    {
        IEnumerable<string> found = [rotatedLog.Directory, .. Below(rotatedLog.Directory), .. Below(Path.GetDirectoryName(rotatedLog.Directory))];
        return (checkpoints.GetRotationDirectory(rotatedLog.Path) is { } known ? found.Prepend(known) : found).Select(Resolve).Distinct().Take(MaxDirectories);
    }

    /// <summary>Resolves links: a linked directory contains files of other logs, and those logs are known by their resolved paths.</summary>
    private static string Resolve(string directory) => RealPath.Resolve(directory, out string resolved) == 0 ? resolved : directory;

    private static IEnumerable<string> Below(string? directory)
    {
        try
        {
            return directory is null ? [] : Directory.EnumerateDirectories(directory).Take(MaxDirectories).Order(StringComparer.Ordinal).ToList();
        }
        catch (Exception e) when (IoFailure.Is(e))
        {
            // Directories that can't be listed are not searched.
            return [];
        }
    }
}
