using Microsoft.Extensions.Logging;

namespace Shipper.Journal;

/// <summary>Checks that the library reads all files of a directory to their end, and reports problems that prevent this.</summary>
/// <remarks>Owned by a reader; not thread-safe.</remarks>
internal sealed class JournalHealth(string directory, TimeProvider time, ILogger logger)
{
    // For changes without an event: changed permissions, another directory at the same path, and files that the library has dropped.
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMinutes(1);

    // The interval after files have appeared or disappeared, and without inotify.
    private static readonly TimeSpan ShortCheckInterval = TimeSpan.FromSeconds(2);

    private readonly JournalProblems _problems = new(logger);
    private ulong _unreadTime;
    private int _stalls;
    private bool _isChanged;
    private long? _checkedAt;

    /// <summary>The files of the directory.</summary>
    public JournalFiles Files { get; } = new(directory);

    /// <summary>The problems that prevent reading the directory or parts of it.</summary>
    public IReadOnlyList<JournalProblem> Problems => _problems.Current;

    /// <summary>True if the library has returned all entries. Set by the reader.</summary>
    public bool IsAtEnd { get; set; }

    /// <summary>True if it is time to open the directory, for the first time or again.</summary>
    public bool IsOpeningDue => _checkedAt is not { } at || time.GetElapsedTime(at) > ShortCheckInterval;

    /// <summary>Processes the library's events.</summary>
    /// <returns>True if it is time for a check.</returns>
    public bool IsCheckDue(JournalHandle handle)
    {
        _isChanged |= handle.Process();
        return time.GetElapsedTime(_checkedAt ?? 0) > (_isChanged || !handle.IsWatched ? ShortCheckInterval : CheckInterval);
    }

    /// <summary>Restarts the interval after which the directory is opened or checked again.</summary>
    public void RestartInterval() => _checkedAt = time.GetTimestamp();

    /// <summary>Checks whether the directory may be opened, and reports the problem if not.</summary>
    /// <returns>False if there is a problem.</returns>
    public bool CanOpen()
    {
        if (!LibSystemd.IsAvailable && Directory.Exists(directory))
        {
            _problems.Report([new JournalProblem(
                JournalProblemReasons.NoLibrary, directory, "libsystemd.so.0 was not found", "Install it alongside the agent (package libsystemd0 or systemd-libs), or set sources.journal.enabled to false.")]);
            return false;
        }

        if (Files.CheckDescriptorLimit() is { } tooMany)
        {
            _problems.Report([tooMany]);
            return false;
        }

        return true;
    }

    /// <summary>Reports that the directory could not be opened.</summary>
    /// <param name="error">The library's negative error number.</param>
    public void ReportUnopened(int error) => _problems.Report([JournalFiles.Describe(directory, error)]);

    /// <summary>Compares the files in the directory with those that the library reads.</summary>
    /// <param name="handle">The open directory.</param>
    /// <param name="cursor">The cursor of the last entry; null if none was read.</param>
    /// <param name="newestTime">The newest time of an entry that was read, in microseconds since 1970.</param>
    /// <returns>True if the library is missing files or entries, so that the directory must be reopened.</returns>
    public bool MustReopen(JournalHandle handle, string? cursor, ulong newestTime)
    {
        bool isIncomplete = Files.Check(cursor);
        if (isIncomplete)
        {
            // The library may not have noticed a new file yet.
            _ = handle.Process();
            isIncomplete = Files.Check(cursor);
        }

        CountStalls(newestTime);
        if (!isIncomplete && _stalls != 1)
        {
            return false;
        }

        Files.OnReopened();
        return true;
    }

    /// <summary>Ends a check, and reports the problems that were found.</summary>
    public void Report(JournalHandle handle)
    {
        RestartInterval();
        _isChanged = false;
        var problems = new List<JournalProblem>(Files.Problems);
        if (_stalls > 1)
        {
            problems.Add(new JournalProblem(
                JournalProblemReasons.Stalled, directory, "its files have newer entries than libsystemd returns", "A file is damaged, or the node's clock was once ahead. journalctl --verify shows details."));
        }

        if (!handle.IsWatched && Files.Count > 0)
        {
            problems.Add(new JournalProblem(
                JournalProblemReasons.NoWatch, directory, "no inotify instance is available", "New files are found by listing the directory every 2 s. Raise fs.inotify.max_user_instances."));
        }

        _problems.Report(problems);
    }

    /// <summary>
    /// Counts the consecutive checks in which the library returned no newer entry although the file headers had shown one in the previous check. After the
    /// first such check the journal is reopened; from the second on it is a problem.
    /// </summary>
    private void CountStalls(ulong newestTime)
    {
        _stalls = IsAtEnd && _unreadTime > newestTime ? _stalls + 1 : 0;
        _unreadTime = IsAtEnd ? Files.NewestUnreadTime : 0;

        // The reader must set this again before the next check: a reader that is not reading can't stall.
        IsAtEnd = false;
    }
}
