using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Shipper.Records;

namespace Shipper.Journal;

/// <summary>
/// Reads one directory of journal files with libsystemd, and follows it. Whatever keeps it from reading is a value
/// (<see cref="Problems"/>), logged when it comes and when it goes; reading begins by itself when the cause is gone.
/// See DESIGN.md.
/// </summary>
/// <remarks>
/// <para>Use: <see cref="Refresh"/>, then <see cref="TryRead"/> until it gives no more, a second later again. Nothing blocks
/// but the disk. Any thread, but one at a time. An entry is valid until the next call.</para>
/// <para>The library takes one inotify instance (<c>fs.inotify.max_user_instances</c>, 128 for all of a user's processes) and
/// one descriptor for each journal file.</para>
/// </remarks>
internal sealed class JournalReader : IDisposable
{
    private const ulong NanosecondsPerMicrosecond = 1_000;
    private const ulong MicrosecondsPerSecond = 1_000_000;
    private const int MaxDoublings = 16;

    // What no event tells: permissions, another directory under the same name, files that the library gave up.
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMinutes(1);

    // While files come and go, and where there are no events.
    private static readonly TimeSpan ShortCheckInterval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan MissingLogInterval = TimeSpan.FromMinutes(1);

    private readonly string _directory;
    private readonly JournalUnits _units;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly JournalFields _fields;
    private readonly JournalFiles _files;
    private readonly JournalProblems _problems;

    private JournalHandle? _handle;
    private string? _cursor;
    private JournalEntrance? _start;
    private DateTimeOffset? _since;
    private ulong _lastTime;
    private ulong _newestTime;
    private ulong _unreadTime;
    private ulong _skipTo;
    private int _failures;
    private int _stalls;
    private bool _isAtEnd;
    private bool _isChanged;
    private bool _wasOpened;
    private long _checkedAt;
    private long? _missingLoggedAt;

    /// <param name="directory">The directory: of files, or of directories named after machine ids.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="maxMessageBytes">The longest message that is given whole.</param>
    /// <param name="units">Where units are found.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public JournalReader(string directory, JournalStart start, int maxMessageBytes, JournalUnits units, TimeProvider time, ILogger logger)
    {
        _directory = directory;
        _units = units;
        _time = time;
        _logger = logger;
        _fields = new JournalFields(maxMessageBytes);
        _files = new JournalFiles(directory);
        _problems = new JournalProblems(logger);
        _cursor = start.Cursor;
        _since = start.Since;
        Track = new JournalTrack(_cursor);
        _newestTime = _cursor is not null
            ? JournalCursor.ReadTime(_cursor) ?? ulong.MaxValue
            : ToMicroseconds(_since ?? DateTimeOffset.UnixEpoch);
    }

    /// <summary>The machine's present boot, if it is known.</summary>
    public JournalId? Boot { get; init; }

    /// <summary>Tells whether entries of another directory have numbers in a gap of this one, which is given by the numbers around it.</summary>
    public Func<JournalReader, ulong, ulong, bool>? AreElsewhere { get; init; }

    /// <summary>What was passed so far.</summary>
    public JournalTrack Track { get; private set; }

    /// <summary>The directory.</summary>
    public string Directory => _directory;

    /// <summary>What keeps the directory, or parts of it, from being read. Empty before the first <see cref="Refresh"/>.</summary>
    public IReadOnlyList<JournalProblem> Problems => _problems.Present;

    /// <summary>True while at least one file is read.</summary>
    public bool IsReading => _handle is not null && _files.ReadCount > 0;

    /// <summary>The newest time of an entry that was read, wanted or not, or that the position tells, in nanoseconds since 1970.</summary>
    public long NewestNs => (long)Math.Min(_newestTime, long.MaxValue / NanosecondsPerMicrosecond) * (long)NanosecondsPerMicrosecond;

    /// <summary>Files of the directory.</summary>
    public int FileCount => _files.Count;

    /// <summary>Entries that were given so far.</summary>
    public long EntryCount { get; private set; }

    /// <summary>Entries of which a field could not be read.</summary>
    public long DamagedCount { get; private set; }

    /// <summary>
    /// Entries that journald has numbered and that were not given: gone before they were read, or unreadable. Counted with
    /// each cursor; a lower bound where several journalds write to one directory.
    /// </summary>
    public ulong MissingCount { get; private set; }

    /// <summary>How often the library could not go on, and the journal was opened again.</summary>
    public long FailureCount { get; private set; }

    /// <summary>
    /// Takes note of what has changed in the directory, and opens it where it is not open. Ends the validity of an entry.
    /// </summary>
    public void Refresh()
    {
        if (_handle is null)
        {
            if (!_wasOpened || Elapsed > ShortCheckInterval)
            {
                Open();
            }

            return;
        }

        // Before files go, for the library forgets where it is together with the file it is in.
        SaveCursor();
        _isChanged |= _handle.Process();
        if (Elapsed > (_isChanged || !_handle.IsWatched ? ShortCheckInterval : CheckInterval))
        {
            Check();
        }
    }

    /// <summary>Reads the next entry.</summary>
    /// <returns>False where there is none at the moment.</returns>
    public bool TryRead(out JournalEntry entry)
    {
        while (Advance())
        {
            int error = _handle!.GetTimes(out ulong time, out ulong monotonic, out JournalId boot);
            if (error < 0)
            {
                CountDamaged(error);
                continue;
            }

            entry = _fields.Read(_handle.Pointer, _units, (long)(time * NanosecondsPerMicrosecond), out error);
            if (error < 0)
            {
                CountDamaged(error);
            }

            Track.Pass(boot, monotonic);
            _lastTime = time;
            _newestTime = Math.Max(_newestTime, time);
            _isAtEnd = false;
            _failures = 0;
            EntryCount++;
            if (!Track.IsNumbered)
            {
                // What the numbers of all that follow are compared with.
                SaveCursor();
            }

            return true;
        }

        _isAtEnd = _handle is not null;
        entry = default;
        return false;
    }

    /// <summary>What the last entry and its copies in other directories have in common; empty if its file is gone.</summary>
    public string GetContent() => _handle?.GetCursor() is { } cursor ? JournalCursor.ContentOf(cursor) : "";

    /// <summary>
    /// The cursor of the last entry that was given: reading that begins with it goes on behind that entry. Asks the library
    /// (a microsecond or two, and a string), so it is for batches, not for entries.
    /// </summary>
    /// <returns>Where nothing was read yet, the cursor that reading began with, or null.</returns>
    public string? GetCursor()
    {
        SaveCursor();
        return _cursor;
    }

    public void Dispose() => Close();

    private TimeSpan Elapsed => _time.GetElapsedTime(_checkedAt);

    private void Open()
    {
        _wasOpened = true;
        _checkedAt = _time.GetTimestamp();
        if (!LibSystemd.IsAvailable && System.IO.Directory.Exists(_directory))
        {
            _problems.Report([new JournalProblem(
                JournalProblemReasons.NoLibrary, _directory, "libsystemd.so.0 is not to be found", "Install it beside the agent (package libsystemd0 or systemd-libs), or set sources.journal.enabled to false.")]);
            return;
        }

        if (_files.FindTooMany() is { } tooMany)
        {
            _problems.Report([tooMany]);
            return;
        }

        int error = LibSystemd.IsAvailable ? OpenDirectory() : -Native.Libc.ErrorNotFound;
        if (error < 0)
        {
            _problems.Report([JournalFiles.Describe(_directory, error)]);
            return;
        }

        Check();
        JournalEvents.Opened(_logger, _directory, _files.ReadCount);
    }

    private int OpenDirectory()
    {
        _handle = JournalHandle.TryOpen(_directory, out int error);
        if (_handle is null)
        {
            return error;
        }

        error = _handle.Follow(_fields.DataThreshold);
        if (error >= 0)
        {
            error = Seek();
        }

        if (error < 0)
        {
            Close();
        }

        return error;
    }

    /// <summary>Goes to where reading goes on: behind the last entry that was given, or to the start.</summary>
    private int Seek()
    {
        _start = null;
        if (_skipTo != 0)
        {
            return _handle!.SeekTime(_skipTo);
        }

        if (_cursor is not null)
        {
            string cursor = JournalCursor.ForLibrary(_cursor);
            if (Boot is { } boot && JournalCursor.ReadPlace(_cursor) is { } place && place.Boot != boot && _files.HasEarlierOf(boot, _cursor))
            {
                // The clock was behind when the machine booted: what was logged then is new, whatever its time says.
                cursor = JournalCursor.BeforeBoot(_cursor, boot);
            }

            int error = _handle!.SeekCursor(cursor);
            if (error >= 0)
            {
                if (!Track.IsComplete && _handle.TryGetSpan(Track.Place.Boot, out ulong first, out _))
                {
                    Track.Complete(first);
                }

                _start = new JournalEntrance(_directory, _cursor);
                return error;
            }

            JournalEvents.CursorInvalid(_logger, _directory, _cursor, Message(error), _since?.ToString("O") ?? "the oldest entry");
            _cursor = null;
            Track = new JournalTrack(null);
        }

        return _since is { } since
            ? _handle!.SeekTime(ToMicroseconds(since))
            : _handle!.SeekHead();
    }

    private static ulong ToMicroseconds(DateTimeOffset time) => (ulong)Math.Max(UnixTime.ToNanoseconds(time), 0) / NanosecondsPerMicrosecond;

    /// <summary>Moves to the next entry.</summary>
    private bool Advance()
    {
        if (_handle is null)
        {
            return false;
        }

        int result = _handle.Next();
        while (result > 0 && _start?.WasRead(_handle) == true)
        {
            result = _handle.Next();
        }

        if (result < 0)
        {
            OnFailure(result);
        }

        return result > 0;
    }

    /// <summary>
    /// The library can't go on. It would give the same error for ever, so the journal is opened again: the first time at the
    /// same place, then each time twice as far behind it, so that what can't be read is as little as possible.
    /// </summary>
    private void OnFailure(int error)
    {
        FailureCount++;
        _failures++;
        SaveCursor();
        Close();
        _checkedAt = _time.GetTimestamp();
        ulong seconds = _failures == 1 || _lastTime == 0 ? 0 : 1UL << Math.Min(_failures - 2, MaxDoublings);
        _skipTo = seconds == 0 ? 0 : _lastTime + (seconds * MicrosecondsPerSecond);
        string message = Message(error);
        JournalEvents.ReadingFailed(_logger, _directory, _cursor ?? "its start", message, _failures, seconds);
    }

    /// <summary>Keeps the cursor of the last entry, and counts what is missing before it.</summary>
    private void SaveCursor()
    {
        if (Track.Passed == 0 || _handle is null)
        {
            return;
        }

        // The file may have gone while it was looked at for the next entry.
        string cursor = _handle.GetCursor() ?? JournalCursor.ForLibrary(JournalCursor.OfPlace(Track.Place, _lastTime));
        ulong first = JournalCursor.TryParse(_cursor ?? "", out JournalCursor before) ? before.Sequence : 0;
        long passed = Track.Passed;
        ulong missing = Track.Save(cursor);
        if (missing > 0 && AreElsewhere?.Invoke(this, first, first + missing + (ulong)passed) != true)
        {
            MissingCount += missing;
            if (_missingLoggedAt is not { } loggedAt || _time.GetElapsedTime(loggedAt) > MissingLogInterval)
            {
                _missingLoggedAt = _time.GetTimestamp();
                JournalEvents.EntriesMissing(_logger, _directory, missing, _cursor ?? "the start");
            }
        }

        _cursor = JournalCursor.With(cursor, Track);
        _skipTo = 0;
    }

    private void CountDamaged(int error)
    {
        if (DamagedCount++ == 0)
        {
            JournalEvents.EntryDamaged(_logger, _directory, Message(error));
        }
    }

    /// <summary>Compares what is there with what the library reads; opens the journal again where it lacks something.</summary>
    private void Check()
    {
        bool isLacking = _files.Check(_cursor);
        if (isLacking)
        {
            // Perhaps it only has not heard of it yet.
            _ = _handle!.Process();
            isLacking = _files.Check(_cursor);
        }

        CountStalls();
        if (isLacking || _stalls == 1)
        {
            _files.NoteOpenedAgain();
            SaveCursor();
            Close();
            int error = OpenDirectory();
            if (error < 0)
            {
                _problems.Report([JournalFiles.Describe(_directory, error)]);
                return;
            }

            _ = _files.Check(_cursor);
        }

        _checkedAt = _time.GetTimestamp();
        _isChanged = false;
        var problems = new List<JournalProblem>(_files.Problems);
        if (_stalls > 1)
        {
            problems.Add(new JournalProblem(
                JournalProblemReasons.Stalled, _directory, "its files have newer entries than libsystemd gives", "A file is damaged, or the node's clock was once ahead. journalctl --verify tells more."));
        }

        if (!_handle!.IsWatched && _files.Count > 0)
        {
            problems.Add(new JournalProblem(
                JournalProblemReasons.NoWatch, _directory, "no inotify instance is to be had", "New files are found by listing every 2 s. Raise fs.inotify.max_user_instances."));
        }

        _problems.Report(problems);
    }

    /// <summary>
    /// Counts the checks at which nothing more is given, though the headers of the files told of something newer at the
    /// check before. At the first one the journal is opened again, from the second on it is a problem.
    /// </summary>
    private void CountStalls()
    {
        _stalls = _isAtEnd && _unreadTime > _newestTime ? _stalls + 1 : 0;
        _unreadTime = _isAtEnd ? _files.NewestTime : 0;

        // To be shown anew until the next check: while no one reads, nothing stalls.
        _isAtEnd = false;
    }

    private static string Message(int error) => Marshal.GetPInvokeErrorMessage(-error);

    private void Close()
    {
        _handle?.Dispose();
        _handle = null;
    }
}
