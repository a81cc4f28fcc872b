using System.Globalization;
using Shipper.Native;

namespace Shipper.Tailing;

/// <summary>
/// All generations of one log in one directory. In a container's directory below /var/log/pods these are the files of all
/// its restarts, <c>0.log</c>, <c>1.log</c>, …; elsewhere those that begin with the log's name.
/// </summary>
/// <param name="directory">The directory, with all symbolic links resolved.</param>
/// <param name="logName">The log's name in it; null where the names are restart numbers.</param>
/// <param name="restart">The restart that the log belongs to, where the name does not say it.</param>
internal sealed class LogSeries(string directory, string? logName, int restart)
{
    private const string LogSuffix = ".log";

    public string Directory { get; } = directory;

    /// <summary>True where the directory belongs to this log alone.</summary>
    public bool OwnsDirectory => logName is null;

    /// <summary>Tells what its records are sent with.</summary>
    public IAttributeSource Attributes { get; set; } = new FixedAttributes(new Batching.StreamAttributes(Batching.StreamLabels.Create([]), [], hasOutput: true));

    /// <summary>Position among the series of its stream: a pod that is created anew under its old name gets the next.</summary>
    public int Order { get; set; }

    /// <summary>True for what the agent found when it started for the first time: <c>startAt</c> decides where to begin.</summary>
    public bool IsInitial { get; set; }

    /// <summary>True once no link of the included directories leads here any more.</summary>
    public bool IsUnlinked { get; set; }

    /// <summary>True once the directory was listed.</summary>
    public bool IsListed { get; set; }

    /// <summary>Identifies the series.</summary>
    public string Path { get; } = logName is null ? directory : directory + "/" + logName;

    /// <summary>The same series, as if it had just been found.</summary>
    public LogSeries Renew() => new(Directory, logName, restart) { IsInitial = IsInitial };

    /// <summary>Makes the series that a resolved log file belongs to.</summary>
    /// <param name="path">The log file, with all symbolic links resolved.</param>
    /// <param name="restart">The restart it belongs to, where its own name does not say it.</param>
    public static LogSeries Of(string path, int restart)
    {
        string directory = System.IO.Path.GetDirectoryName(path) ?? "/";
        string name = System.IO.Path.GetFileName(path);
        var numbered = new LogSeries(directory, null, 0);
        return numbered.TryParse(name, out _) ? numbered : new LogSeries(directory, LogNameOf(name), restart);
    }

    /// <summary>The log that a file belongs to, as far as its name tells: <c>app.log</c> of <c>app.log.1</c>.</summary>
    public static string LogNameOf(string name)
    {
        int end = name.LastIndexOf(LogSuffix, StringComparison.Ordinal) + LogSuffix.Length;
        return end > LogSuffix.Length && GenerationName.TryParse(name, name[..end], 0, out _) ? name[..end] : name;
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
        int end = fileName.IndexOf(LogSuffix, StringComparison.Ordinal);
        return end > 0
            && TryParseRestart(fileName.AsSpan(0, end + LogSuffix.Length), out int number)
            && GenerationName.TryParse(fileName, fileName[..(end + LogSuffix.Length)], number, out name);
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
    public void Find(List<DirectoryEntry> listing, List<(GenerationName Name, ulong Inode)> found)
    {
        found.Clear();
        int i = logName is null ? 0 : FirstAtOrAfter(listing, logName);
        for (; i < listing.Count; i++)
        {
            DirectoryEntry entry = listing[i];
            if (entry.IsValidName && TryParse(entry.Name, out GenerationName name))
            {
                found.Add((name, entry.Inode));
            }
            else if (logName is not null && !entry.Name.StartsWith(logName, StringComparison.Ordinal))
            {
                break;
            }
        }

        found.Sort(static (a, b) => a.Name.CompareTo(b.Name));
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
