using System.Globalization;
using Shipper.Loki;
using Shipper.Native;

namespace Shipper.Discovery.Rotation;

/// <summary>
/// All generations of one log in one directory. In a container's directory below /var/log/pods these are the files of all
/// its restarts, <c>0.log</c>, <c>1.log</c>, …; elsewhere those whose names are the log's with a number or a time.
/// </summary>
/// <param name="directory">The directory, with all symbolic links resolved.</param>
/// <param name="logName">The log's name in it; null if the names are restart numbers.</param>
/// <param name="restart">The restart that the log belongs to, where the name does not say it.</param>
/// <param name="owners">Decides what belongs to the log; null if only names that leave no doubt do.</param>
internal sealed class LogSeries(string directory, string? logName, int restart, FileOwners? owners = null)
{
    private const string LogSuffix = ".log";

    public string Directory { get; } = directory;

    /// <summary>True if the directory belongs to this log alone.</summary>
    public bool OwnsDirectory => logName is null;

    /// <summary>True if a container runtime wrote the lines, each with a time.</summary>
    public bool HasHeaders { get; set; } = true;

    /// <summary>Tells what its records are sent with.</summary>
    public IAttributeSource Attributes { get; set; } = new FixedAttributes(new Loki.StreamAttributes(Loki.StreamLabels.Create([]), [], hasOutput: true));

    /// <summary>Position among the series of its stream: a pod that is created anew under its old name gets the next.</summary>
    public int Order { get; set; }

    /// <summary>True for what the agent found when it started for the first time: <c>startAt</c> decides where to begin.</summary>
    public bool IsInitial { get; set; }

    /// <summary>Paths of files that belong to the log, as discovery found out.</summary>
    public IReadOnlyCollection<string> KnownFiles => owners?.FilesOf(Path) ?? [];

    /// <summary>Assigns a file in another directory to the log.</summary>
    /// <returns>False if it belongs to another log.</returns>
    public bool TryClaim(string path, ulong inode) => owners?.TryClaim(Path, path, inode) ?? true;

    /// <summary>Tells whether the file with that path is read in any case, because a glob matches it.</summary>
    public Predicate<string> IsIncluded { get; init; } = static _ => false;

    /// <summary>True once no link of the included directories leads here any more.</summary>
    public bool IsUnlinked { get; set; }

    /// <summary>What the path of the directory led to when it was last listed; null if it never was.</summary>
    public (ulong Device, ulong Inode)? Place { get; set; }

    /// <summary>Since when the directory is not there, as a timestamp of the <see cref="TimeProvider"/>; null if it is.</summary>
    public long? GoneSince { get; set; }

    /// <summary>True once another directory is at the path, so that a listing does not show the open files.</summary>
    public bool IsExchanged { get; set; }

    /// <summary>True once the directory was listed.</summary>
    public bool IsListed { get; set; }

    /// <summary>Identifies the series.</summary>
    public string Path { get; } = logName is null ? directory : directory + "/" + logName;

    /// <summary>True if it is the same log, which may have moved to another directory: the directories of a pod have its UID in their name.</summary>
    /// <param name="other">A series of the same stream.</param>
    public bool IsSameLog(LogSeries other) =>
        other == this || (logName is null ? other.OwnsDirectory && other.PodDirectory.SequenceEqual(PodDirectory) : System.IO.Path.GetFileName(other.Path) == logName);

    private ReadOnlySpan<char> PodDirectory => System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(Directory.AsSpan()));

    /// <summary>The same series, as if it had just been found.</summary>
    public LogSeries Renew() => new(Directory, logName, restart, owners) { IsInitial = IsInitial, IsIncluded = IsIncluded };

    /// <summary>Makes the series that a resolved log file belongs to.</summary>
    /// <param name="path">The log file, with all symbolic links resolved.</param>
    /// <param name="restart">The restart it belongs to, where its own name does not say it.</param>
    /// <param name="owners">Decides what belongs to the log; null if only names that leave no doubt do.</param>
    /// <param name="isIncluded">Tells whether the file with that path is read in any case.</param>
    public static LogSeries Of(string path, int restart, FileOwners? owners = null, Predicate<string>? isIncluded = null)
    {
        string directory = System.IO.Path.GetDirectoryName(path) ?? "/";
        string name = System.IO.Path.GetFileName(path);
        var numbered = new LogSeries(directory, null, 0);
        return numbered.TryParse(name, out _) ? numbered : new LogSeries(directory, LogNameOf(name), restart, owners) { IsIncluded = isIncluded ?? (static _ => false) };
    }

    /// <summary>The log that a file belongs to, as far as its name tells: <c>app.log</c> of <c>app.log.1</c>.</summary>
    public static string LogNameOf(string name)
    {
        int end = name.LastIndexOf(LogSuffix, StringComparison.Ordinal) + LogSuffix.Length;
        return end > LogSuffix.Length && GenerationName.TryParse(name, name[..end], 0, out GenerationName parsed) && parsed.IsCertain ? name[..end] : name;
    }

    /// <summary>Reads the restart number of <c>N.log</c>.</summary>
    public static bool TryParseRestart(ReadOnlySpan<char> name, out int restart)
    {
        restart = 0;
        return name.EndsWith(LogSuffix, StringComparison.Ordinal)
            && int.TryParse(name[..^LogSuffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out restart);
    }

    /// <summary>Tells whether a file of the directory is a generation of this log, and which.</summary>
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

    /// <summary>The path under which the checkpoint knows a generation: that of the live file.</summary>
    public string LogPath(GenerationName name) =>
        logName is not null ? Path : string.Create(CultureInfo.InvariantCulture, $"{Directory}/{name.Restart}{LogSuffix}");

    /// <summary>Tells whether a generation in the checkpoint is one of this series.</summary>
    public bool Owns(string logPath) =>
        logName is not null
            ? logPath == Path
            : System.IO.Path.GetDirectoryName(logPath) == Directory && TryParseRestart(System.IO.Path.GetFileName(logPath.AsSpan()), out _);

    /// <summary>Finds the generations among the names of the directory, oldest first.</summary>
    /// <param name="listing">All names, in ordinal order.</param>
    /// <param name="found">Cleared, then filled.</param>
    /// <param name="isUndecided">True if it can't be decided yet whether one of the files belongs to the log.</param>
    /// <returns>False if such a file has content, so that it may be a generation that is missing.</returns>
    public bool Find(List<DirectoryEntry> listing, List<(GenerationName Name, ulong Inode)> found, out bool isUndecided)
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
