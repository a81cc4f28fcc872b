using System.Globalization;
using Shipper.Loki;
using Shipper.Native;

namespace Shipper.Discovery.Rotation;

/// <summary>
/// A log and all its generations in one directory. In a container's directory below /var/log/pods these are the files of all restarts, <c>0.log</c>,
/// <c>1.log</c>, …; elsewhere they are the files whose names are the log's with a number or a time.
/// </summary>
/// <param name="directory">The directory, with all symbolic links resolved.</param>
/// <param name="logName">The log's name in the directory; null if the names are restart counts.</param>
/// <param name="restart">The restart count that the log belongs to, if its name does not contain it.</param>
/// <param name="owners">Decides which files belong to the log; null if only files with unambiguous names do.</param>
internal sealed class RotatedLog(string directory, string? logName, int restart, FileOwners? owners = null)
{
    private const string LogSuffix = ".log";

    public string Directory { get; } = directory;

    /// <summary>True if the directory belongs to this log alone.</summary>
    public bool OwnsDirectory => logName is null;

    /// <summary>True if a container runtime wrote the lines, each with a timestamp.</summary>
    public bool HasHeaders { get; set; } = true;

    /// <summary>Provides the labels and metadata of its records.</summary>
    public IAttributeSource Attributes { get; set; } = new FixedAttributes(new Loki.StreamAttributes(Loki.StreamLabels.Create([]), [], hasOutput: true));

    /// <summary>The log's index among the logs of its stream: a pod that is recreated under the same name gets the next one.</summary>
    public int Order { get; set; }

    /// <summary>True if the log existed when the agent started for the first time, so that <c>startAt</c> decides where to start.</summary>
    public bool IsInitial { get; set; }

    /// <summary>Paths of files that discovery has assigned to the log.</summary>
    public IReadOnlyCollection<string> KnownFiles => owners?.FilesOf(Path) ?? [];

    /// <summary>Assigns a file in another directory to the log.</summary>
    /// <returns>False if the file belongs to another log.</returns>
    public bool TryClaim(string path, ulong inode) => owners?.TryClaim(Path, path, inode) ?? true;

    /// <summary>True if the file with the given path is read anyway, because a glob matches it.</summary>
    public Predicate<string> IsIncluded { get; init; } = static _ => false;

    /// <summary>True once no path of the included directories leads to the log any longer.</summary>
    public bool IsUnlinked { get; set; }

    /// <summary>The identity of the directory when it was last listed; null if it was never listed.</summary>
    public (ulong Device, ulong Inode)? DirectoryIdentity { get; set; }

    /// <summary>Since when the directory has been missing, as a timestamp of the <see cref="TimeProvider"/>; null if it exists.</summary>
    public long? MissingSince { get; set; }

    /// <summary>True once another directory has replaced this one, so that a listing does not include the files that are open.</summary>
    public bool IsDirectoryReplaced { get; set; }

    /// <summary>True once the directory has been listed.</summary>
    public bool IsListed { get; set; }

    /// <summary>The path that identifies the log: that of its directory if the log owns it, else that of the live file.</summary>
    public string Path { get; } = logName is null ? directory : directory + "/" + logName;

    /// <summary>
    /// True if the other is the same log, perhaps moved to another directory: the directories of a pod have the pod's UID in their names, and other logs keep
    /// their file name.
    /// </summary>
    /// <param name="other">A log of the same stream.</param>
    public bool IsSameLog(RotatedLog other) =>
        other == this || (logName is null ? other.OwnsDirectory && other.PodDirectory.SequenceEqual(PodDirectory) : System.IO.Path.GetFileName(other.Path) == logName);

    private ReadOnlySpan<char> PodDirectory => System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(Directory.AsSpan()));

    /// <summary>Creates a copy of the log in the state of a newly found one.</summary>
    public RotatedLog CreateNew() => new(Directory, logName, restart, owners) { IsInitial = IsInitial, IsIncluded = IsIncluded };

    /// <summary>Creates the log that a resolved file belongs to.</summary>
    /// <param name="path">The log file, with all symbolic links resolved.</param>
    /// <param name="restart">The restart count that the file belongs to, if its name does not contain it.</param>
    /// <param name="owners">Decides which files belong to the log; null if only files with unambiguous names do.</param>
    /// <param name="isIncluded">True if the file with the given path is read anyway, because a glob matches it.</param>
    public static RotatedLog FromFile(string path, int restart, FileOwners? owners = null, Predicate<string>? isIncluded = null)
    {
        string directory = System.IO.Path.GetDirectoryName(path) ?? "/";
        string name = System.IO.Path.GetFileName(path);
        var numbered = new RotatedLog(directory, null, 0);
        return numbered.TryParse(name, out _) ? numbered : new RotatedLog(directory, LogNameOf(name), restart, owners) { IsIncluded = isIncluded ?? (static _ => false) };
    }

    /// <summary>
    /// Returns the name of the log that a file certainly belongs to by its name, such as <c>app.log</c> for <c>app.log.1</c>; else the file's own name.
    /// </summary>
    public static string LogNameOf(string name)
    {
        int end = name.LastIndexOf(LogSuffix, StringComparison.Ordinal) + LogSuffix.Length;
        return end > LogSuffix.Length && GenerationName.TryParse(name, name[..end], 0, out GenerationName parsed) && parsed.IsCertain ? name[..end] : name;
    }

    /// <summary>Parses the restart count of <c>N.log</c>.</summary>
    public static bool TryParseRestart(ReadOnlySpan<char> name, out int restart)
    {
        restart = 0;
        return name.EndsWith(LogSuffix, StringComparison.Ordinal)
            && int.TryParse(name[..^LogSuffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out restart);
    }

    /// <summary>Parses the name of a file in the directory. Returns false if the file can't be a generation of this log.</summary>
    public bool TryParse(string fileName, out GenerationName name)
    {
        if (logName is not null)
        {
            return GenerationName.TryParse(fileName, logName, restart, out name);
        }

        name = default;
        int digits = fileName.AsSpan().IndexOfAnyExceptInRange('0', '9');
        return digits > 0
            && int.TryParse(fileName.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && GenerationName.TryParse(fileName, string.Concat(fileName.AsSpan(0, digits), LogSuffix), number, out name);
    }

    /// <summary>Returns the path under which the checkpoint has a generation: that of the live file.</summary>
    public string LogPathOf(GenerationName name) =>
        logName is not null ? Path : string.Create(CultureInfo.InvariantCulture, $"{Directory}/{name.Restart}{LogSuffix}");

    /// <summary>True if a generation in the checkpoint belongs to this log.</summary>
    public bool Owns(string logPath) =>
        logName is not null
            ? logPath == Path
            : System.IO.Path.GetDirectoryName(logPath) == Directory && TryParseRestart(System.IO.Path.GetFileName(logPath.AsSpan()), out _);

    /// <summary>Finds the log's generations among the names in the directory, oldest first.</summary>
    /// <param name="listing">All entries, in ordinal order.</param>
    /// <param name="found">Receives the generations, after it has been cleared.</param>
    /// <param name="isUndecided">True if it can't be decided yet whether some file belongs to the log.</param>
    /// <returns>False if such a file has content, so that a generation may be missing from the result.</returns>
    public bool FindGenerations(List<DirectoryEntry> listing, List<(GenerationName Name, ulong Inode)> found, out bool isUndecided)
    {
        found.Clear();
        isUndecided = false;
        bool isComplete = true;
        string prefix = logName is null ? "" : owners is null ? logName : logName[..^GenerationName.ExtensionOf(logName)];
        for (int i = FirstAtOrAfter(listing, prefix); i < listing.Count && listing[i].Name.StartsWith(prefix, StringComparison.Ordinal); i++)
        {
            DirectoryEntry entry = listing[i];
            if (!entry.IsValidName || !TryParse(entry.Name, out GenerationName name) || !(logName is null || owners is not null || name.IsCertain))
            {
                continue;
            }

            bool? isOwn = owners is null ? true : owners.Owns(this, entry);
            if (isOwn is null)
            {
                isUndecided = true;
                isComplete &= FileStatus.OfPath(Directory + "/" + entry.Name, out FileStatus status) == 0 && status.Size == 0;
            }
            else if (isOwn.Value)
            {
                found.Add((name, entry.Inode));
            }
        }

        RotationOrder.Sort(found, Directory);
        return isComplete;
    }

    private static int FirstAtOrAfter(List<DirectoryEntry> listing, string name)
    {
        int low = 0;
        int high = listing.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (string.CompareOrdinal(listing[middle].Name, name) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
