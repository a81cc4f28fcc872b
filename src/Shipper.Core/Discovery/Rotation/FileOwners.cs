using System.Runtime.InteropServices;
using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Native;

namespace Shipper.Discovery.Rotation;

/// <summary>
/// Decides which log a file belongs to, given that rotation may have moved or created the file. Discovery asks because it would otherwise take the file for a
/// log of its own, and the lanes ask as well. A decision holds for as long as the file keeps its name, so that both get the same answer.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class FileOwners(CheckpointStore checkpoints, TimeProvider time)
{
    private const int MaxDecisions = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Decision> _decisions = new(StringComparer.Ordinal);

    // Paths of the files of each log, except for the live file.
    private readonly Dictionary<string, HashSet<string>> _files = new(StringComparer.Ordinal);

    /// <summary>Finds the log of a file that discovery has reached.</summary>
    /// <param name="directory">The file's directory, with all links resolved.</param>
    /// <param name="name">The file's name in the directory.</param>
    /// <param name="isKnown">True if a log with the given path is already read.</param>
    /// <param name="isIncluded">True if a log with the given path is to be read if it exists.</param>
    /// <returns>The log; null if it can't be decided yet: the file is empty, has the same content as the live file, or has just been renamed.</returns>
    public FileOwner? Find(string directory, string name, Predicate<string> isKnown, Predicate<string> isIncluded)
    {
        string path = PathOf(directory, name);
        int error = FileStatus.OfPath(path, out FileStatus status);
        if (error != 0)
        {
            return error == Libc.ErrorNotFound ? null : new FileOwner(path, null);
        }

        lock (_lock)
        {
            if (_decisions.TryGetValue(path, out Decision? decision) && decision.IsOf(status.Inode))
            {
                return decision.Owner;
            }

            FileOwner? owner = Decide(directory, name, status, isKnown, isIncluded);
            if (owner is null || !IsStillThere(path, status))
            {
                return null;
            }

            Remember(path, new Decision(owner, status.Inode));
            return owner;
        }
    }

    /// <summary>True if a file in a log's directory is one of the log's generations.</summary>
    /// <param name="rotatedLog">The log.</param>
    /// <param name="entry">The file's entry in the directory listing.</param>
    /// <returns>Null if it can't be decided yet.</returns>
    public bool? Owns(RotatedLog rotatedLog, DirectoryEntry entry)
    {
        string path = PathOf(rotatedLog.Directory, entry.Name);
        lock (_lock)
        {
            if (!_decisions.TryGetValue(path, out Decision? decision) || !decision.IsOf(entry.Inode))
            {
                if (FileStatus.OfPath(path, out FileStatus status) != 0)
                {
                    return false;
                }

                if (decision is null || !decision.IsOf(status.Inode))
                {
                    FileOwner? owner = Decide(rotatedLog.Directory, entry.Name, status, log => log == rotatedLog.Path, rotatedLog.IsIncluded);
                    if (owner is null || !IsStillThere(path, status))
                    {
                        return null;
                    }

                    if (owner.LogPath != rotatedLog.Path)
                    {
                        // Don't record the decision: discovery may have more information.
                        return false;
                    }

                    decision = new Decision(owner, status.Inode);
                    Remember(path, decision);
                }

                // On some file systems, directory listings report other inodes than stat.
                decision.ListedInode = entry.Inode;
            }

            return decision.Owner.LogPath == rotatedLog.Path;
        }
    }

    /// <summary>Assigns a file in another directory to a log.</summary>
    /// <returns>False if it belongs to another log.</returns>
    public bool TryClaim(string logPath, string path, ulong inode)
    {
        lock (_lock)
        {
            if (_decisions.TryGetValue(path, out Decision? decision) && decision.IsOf(inode))
            {
                return decision.Owner.LogPath == logPath;
            }

            Remember(path, new Decision(new FileOwner(logPath, null), inode));
            return true;
        }
    }

    /// <summary>Returns the files that were assigned to a log and that have another name than the log.</summary>
    public IReadOnlyCollection<string> FilesOf(string logPath)
    {
        lock (_lock)
        {
            return _files.TryGetValue(logPath, out HashSet<string>? files) ? [.. files] : [];
        }
    }

    private void Remember(string path, Decision decision)
    {
        if (_decisions.Count >= MaxDecisions)
        {
            // Decisions that are still needed are made again.
            _decisions.Clear();
            _files.Clear();
        }

        if (_decisions.TryGetValue(path, out Decision? before) && _files.TryGetValue(before.Owner.LogPath, out HashSet<string>? files))
        {
            files.Remove(path);
        }

        _decisions[path] = decision;
        if (decision.Owner.LogPath != path)
        {
            (CollectionsMarshal.GetValueRefOrAddDefault(_files, decision.Owner.LogPath, out _) ??= new(StringComparer.Ordinal)).Add(path);
        }
    }

    private FileOwner? Decide(string directory, string name, FileStatus status, Predicate<string> isKnown, Predicate<string> isIncluded)
    {
        string path = PathOf(directory, name);
        if (FindKnown(path, status, isKnown) is { } known)
        {
            // If the whole directory was moved, the live file is in the same directory as this file.
            string logHere = PathOf(directory, Path.GetFileName(known.LogPath));
            bool isMovedAlong = logHere != known.LogPath && GenerationName.TryParse(name, Path.GetFileName(logHere), 0, out _)
                && (isKnown(logHere) || (isIncluded(logHere) && File.Exists(logHere)));
            return new FileOwner(isMovedAlong ? logHere : known.LogPath, known.Key);
        }

        // Longest name first: app-1.log.2 is a generation of app-1.log rather than of app.
        foreach (string logName in RotatedName.FindLogNames(name, isCertain: true))
        {
            string log = PathOf(directory, logName);
            if (isKnown(log) || File.Exists(log) || (isIncluded(log) && checkpoints.FindFiles(log).Count > 0))
            {
                return new FileOwner(log, null);
            }
        }

        foreach (string logName in RotatedName.FindLogNames(name, isCertain: false))
        {
            string log = PathOf(directory, logName);
            if (isKnown(log) || (isIncluded(log) && (File.Exists(log) || checkpoints.FindFiles(log).Count > 0)))
            {
                return new RotationEvidence(checkpoints, time).IsRotated(directory, logName, name, status, isIncluded(path)) switch
                {
                    true => new FileOwner(log, null),
                    false => new FileOwner(path, null),
                    null => null,
                };
            }

            if (File.Exists(log))
            {
                break;
            }
        }

        return CompressedName.Detect(name) == FileCompression.Gzip && FindContent(directory, path) is { } content
            ? new FileOwner(content.LogPath, content.Key)
            : new FileOwner(PathOf(directory, RotatedLog.LogNameOf(name)), null);
    }

    /// <summary>
    /// Finds the log that has the same content as a compressed file. The log must be in the same directory or have a matching name. Nobody writes to a
    /// compressed file, so it is not a log of its own.
    /// </summary>
    private KnownFile? FindContent(string directory, string path)
    {
        using PeekedFile? file = PeekedFile.Open(path);
        string name = Path.GetFileName(path);
        return checkpoints.FindRelatedFiles(directory, name).Find(known => known.Identity.Length == FileIdentity.MaxLength && file?.HasContentOf(known) == true);
    }

    /// <summary>
    /// True if a name is that of another log's rotated file. A number or a time in the name is only proof if the file is compressed, because nobody writes to a
    /// compressed file.
    /// </summary>
    /// <param name="directory">The directory of the file and of the other log.</param>
    /// <param name="name">The file's name.</param>
    /// <param name="logPath">Path of the log that the file is known to belong to, in any directory.</param>
    public static bool IsNamedAfterAnother(string directory, string name, string logPath) =>
        RotatedName.FindLogNames(name, isCertain: true)
            .Concat(CompressedName.SuffixLength(name) > 0 ? RotatedName.FindLogNames(name, isCertain: false) : [])
            .FirstOrDefault(log => File.Exists(PathOf(directory, log))) is { } log && log != Path.GetFileName(logPath);

    /// <summary>Finds the log that the file belonged to when it was read before, under any name.</summary>
    private KnownFile? FindKnown(string path, FileStatus status, Predicate<string> isKnown)
    {
        List<KnownFile> files = checkpoints.FindFiles(status.Inode);
        KnownFile? same = files.Find(known => known.LogPath == path);
        if (files.Count == 0 || same is not null)
        {
            return same;
        }

        // Inodes are reused, and files on other disks have the same ones. With only a few known bytes, perhaps half a line, the name is better evidence, and
        // so is a log of which more bytes are known.
        using PeekedFile? file = PeekedFile.Open(path);
        return files.OrderByDescending(known => known.Identity.Length).FirstOrDefault(known => file?.HasContentOf(known) == true
            && (known.Identity.Length == FileIdentity.MaxLength
                || (FileStatus.OfPath(Path.GetDirectoryName(known.LogPath) ?? "/", out FileStatus directory) == 0 && directory.Device == status.Device
                    && !status.IsYoungerThan(known.CheckpointWrittenNs) && !isKnown(path) && !IsNamedAfterAnother(Path.GetDirectoryName(path) ?? "/", Path.GetFileName(path), known.LogPath))));
    }

    /// <summary>False if rotation moved or compressed the file while it was examined, so that the wrong content may have been read.</summary>
    private static bool IsStillThere(string path, FileStatus status) => FileStatus.OfPath(path, out FileStatus present) == 0 && present.Inode == status.Inode;

    private static string PathOf(string directory, string name) => directory == "/" ? "/" + name : directory + "/" + name;

    private sealed class Decision(FileOwner owner, ulong inode)
    {
        public FileOwner Owner { get; } = owner;

        /// <summary>The file's inode in directory listings; 0 until it has been seen in one.</summary>
        public ulong ListedInode { get; set; }

        public bool IsOf(ulong other) => other == inode || other == ListedInode;
    }
}
