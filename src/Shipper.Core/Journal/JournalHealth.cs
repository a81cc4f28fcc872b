using Microsoft.Extensions.Logging;

namespace Shipper.Journal;

/// <summary>Checks whether the library reads all files of a directory to their end, and reports what keeps it from that.</summary>
/// <remarks>Owned by a reader; not thread-safe.</remarks>
internal sealed class JournalHealth(string directory, TimeProvider time, ILogger logger)
{
    // For what no event reports: permissions, another directory under the same name, files that the library gave up.
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMinutes(1);

    // While files come and go, and if there are no events.
    private static readonly TimeSpan ShortCheckInterval = TimeSpan.FromSeconds(2);

    private readonly JournalProblems _problems = new(logger);
    private ulong _unreadTime;
    private int _stalls;
    private bool _isChanged;
    private long? _checkedAt;

    /// <summary>The files of the directory.</summary>
    public JournalFiles Files { get; } = new(directory);

    /// <summary>What keeps the directory, or parts of it, from being read.</summary>
    public IReadOnlyList<JournalProblem> Problems => _problems.Present;

    /// <summary>True if all entries were given; to be set by the reader.</summary>
    public bool IsAtEnd { get; set; }

    /// <summary>True if it is time to open the directory, for the first time or again.</summary>
    public bool IsOpeningDue => _checkedAt is not { } at || time.GetElapsedTime(at) > ShortCheckInterval;

    /// <summary>Takes note of the library's events.</summary>
    /// <returns>True if it is time for a check.</returns>
    public bool IsCheckDue(JournalHandle handle)
    {
        _isChanged |= handle.Process();
        return time.GetElapsedTime(_checkedAt ?? 0) > (_isChanged || !handle.IsWatched ? ShortCheckInterval : CheckInterval);
    }

    /// <summary>Begins to wait until the directory is opened or checked again.</summary>
    public void Wait() => _checkedAt = time.GetTimestamp();

    /// <summary>Reports what keeps the agent from opening the directory at all.</summary>
    /// <returns>False if something does.</returns>
    public bool MayOpen()
    {
        if (!LibSystemd.IsAvailable && Directory.Exists(directory))
        {
            _problems.Report([new JournalProblem(
                JournalProblemReasons.NoLibrary, directory, "libsystemd.so.0 is not to be found", "Install it beside the agent (package libsystemd0 or systemd-libs), or set sources.journal.enabled to false.")]);
            return false;
        }

        if (Files.FindTooMany() is { } tooMany)
        {
            _problems.Report([tooMany]);
            return false;
        }

        return true;
    }

    /// <summary>Reports that the directory could not be opened.</summary>
    /// <param name="error">The library's negative error number.</param>
    public void ReportUnopened(int error) => _problems.Report([JournalFiles.Describe(directory, error)]);

    /// <summary>Compares what is there with what the library reads.</summary>
    /// <param name="handle">The open directory.</param>
    /// <param name="cursor">The cursor of the last entry; null if none was read.</param>
    /// <param name="newestTime">The newest time that was read, in microseconds since 1970.</param>
    /// <returns>True if the library lacks something, so that the directory must be opened again.</returns>
    public bool MustReopen(JournalHandle handle, string? cursor, ulong newestTime)
    {
        bool isLacking = Files.Check(cursor);
        if (isLacking)
        {
            // Perhaps the library has not noticed the file yet.
            _ = handle.Process();
            isLacking = Files.Check(cursor);
        }

        CountStalls(newestTime);
        if (!isLacking && _stalls != 1)
        {
            return false;
        }

        Files.NoteOpenedAgain();
        return true;
    }

    /// <summary>Ends a check: reports the problems that were found.</summary>
    public void Report(JournalHandle handle)
    {
        Wait();
        _isChanged = false;
        var problems = new List<JournalProblem>(Files.Problems);
        if (_stalls > 1)
        {
            problems.Add(new JournalProblem(
                JournalProblemReasons.Stalled, directory, "its files have newer entries than libsystemd gives", "A file is damaged, or the node's clock was once ahead. journalctl --verify tells more."));
        }

        if (!handle.IsWatched && Files.Count > 0)
        {
            problems.Add(new JournalProblem(
                JournalProblemReasons.NoWatch, directory, "no inotify instance is to be had", "New files are found by listing every 2 s. Raise fs.inotify.max_user_instances."));
        }

        _problems.Report(problems);
    }

    /// <summary>
    /// Counts the checks at which nothing more is given, though at the check before the headers of the files named a newer entry.
    /// At the first one the journal is opened again, from the second on it is a problem.
    /// </summary>
    private void CountStalls(ulong newestTime)
    {
        _stalls = IsAtEnd && _unreadTime > newestTime ? _stalls + 1 : 0;
        _unreadTime = IsAtEnd ? Files.NewestTime : 0;

        // Must be shown again until the next check: while nobody reads, nothing stalls.
        IsAtEnd = false;
    }
}
