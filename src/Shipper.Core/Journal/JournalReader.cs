using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

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
    private readonly string _directory;
    private readonly JournalUnits _units;
    private readonly ILogger _logger;
    private readonly JournalFields _fields;
    private readonly JournalGaps _gaps;
    private readonly JournalHealth _health;
    private readonly JournalSeeker _seeker;

    private JournalHandle? _handle;
    private ulong _lastTime;
    private ulong _newestTime;

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
        _logger = logger;
        _fields = new JournalFields(maxMessageBytes);
        _gaps = new JournalGaps(directory, start.Cursor, (first, last) => AreElsewhere?.Invoke(this, first, last) == true, time, logger);
        _health = new JournalHealth(directory, time, logger);
        _seeker = new JournalSeeker(directory, start.Since, _gaps, _health.Files, logger);
        _newestTime = start.Cursor is { } cursor
            ? JournalCursor.ReadTime(cursor) ?? ulong.MaxValue
            : JournalSeeker.ToMicroseconds(start.Since ?? DateTimeOffset.UnixEpoch);
    }

    /// <summary>The machine's present boot, if it is known.</summary>
    public JournalId? Boot
    {
        get => _seeker.Boot;
        init => _seeker.Boot = value;
    }

    /// <summary>Tells whether entries of another directory have numbers in a gap of this one, which is given by the numbers around it.</summary>
    public Func<JournalReader, ulong, ulong, bool>? AreElsewhere { get; init; }

    /// <summary>What was passed so far.</summary>
    public JournalTrack Track => _gaps.Track;

    /// <summary>The directory.</summary>
    public string Directory => _directory;

    /// <summary>What keeps the directory, or parts of it, from being read. Empty before the first <see cref="Refresh"/>.</summary>
    public IReadOnlyList<JournalProblem> Problems => _health.Problems;

    /// <summary>True while at least one file is read.</summary>
    public bool IsReading => _handle is not null && _health.Files.ReadCount > 0;

    /// <summary>The newest time of an entry that was read, wanted or not, or that the position tells, in nanoseconds since 1970.</summary>
    public long NewestNs => (long)Math.Min(_newestTime, long.MaxValue / NanosecondsPerMicrosecond) * (long)NanosecondsPerMicrosecond;

    /// <summary>Entries that were given so far.</summary>
    public long EntryCount { get; private set; }

    /// <summary>Entries of which a field could not be read.</summary>
    public long DamagedCount { get; private set; }

    /// <summary>
    /// Entries that journald has numbered and that were not given: gone before they were read, or unreadable. Counted with
    /// each cursor; a lower bound where several journalds write to one directory.
    /// </summary>
    public ulong MissingCount => _gaps.MissingCount;

    /// <summary>How often the library could not go on, and the journal was opened again.</summary>
    public long FailureCount { get; private set; }

    /// <summary>
    /// Takes note of what has changed in the directory, and opens it where it is not open. Ends the validity of an entry.
    /// </summary>
    public void Refresh()
    {
        if (_handle is null)
        {
            if (_health.IsOpeningDue)
            {
                Open();
            }

            return;
        }

        // Before files go, for the library forgets where it is together with the file it is in.
        SaveCursor();
        if (_health.IsCheckDue(_handle))
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
            _health.IsAtEnd = false;
            _seeker.Read();
            EntryCount++;
            if (!Track.IsNumbered)
            {
                // What the numbers of all that follow are compared with.
                SaveCursor();
            }

            return true;
        }

        _health.IsAtEnd = _handle is not null;
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
        return _gaps.Cursor;
    }

    public void Dispose() => Close();

    private void Open()
    {
        _health.Wait();
        if (!_health.MayOpen())
        {
            return;
        }

        int error = LibSystemd.IsAvailable ? OpenDirectory() : -Native.Libc.ErrorNotFound;
        if (error < 0)
        {
            _health.ReportUnopened(error);
            return;
        }

        Check();
        JournalEvents.Opened(_logger, _directory, _health.Files.ReadCount);
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
            error = _seeker.Seek(_handle);
        }

        if (error < 0)
        {
            Close();
        }

        return error;
    }

    /// <summary>Moves to the next entry.</summary>
    private bool Advance()
    {
        if (_handle is null)
        {
            return false;
        }

        int result = _handle.Next();
        while (result > 0 && _seeker.WasRead(_handle))
        {
            result = _handle.Next();
        }

        if (result < 0)
        {
            OnFailure(result);
        }

        return result > 0;
    }

    /// <summary>The library can't continue: the journal is opened again.</summary>
    private void OnFailure(int error)
    {
        FailureCount++;
        SaveCursor();
        Close();
        _health.Wait();
        _seeker.Fail(error, _lastTime);
    }

    private void SaveCursor()
    {
        if (_handle is not null && _gaps.TrySave(_handle, _lastTime))
        {
            _seeker.Saved();
        }
    }

    private void CountDamaged(int error)
    {
        if (DamagedCount++ == 0)
        {
            JournalEvents.EntryDamaged(_logger, _directory, Marshal.GetPInvokeErrorMessage(-error));
        }
    }

    /// <summary>Compares what is there with what the library reads; opens the journal again if the library lacks something.</summary>
    private void Check()
    {
        if (_health.MustReopen(_handle!, _gaps.Cursor, _newestTime))
        {
            SaveCursor();
            Close();
            int error = OpenDirectory();
            if (error < 0)
            {
                _health.ReportUnopened(error);
                return;
            }

            _ = _health.Files.Check(_gaps.Cursor);
        }

        _health.Report(_handle!);
    }

    private void Close()
    {
        _handle?.Dispose();
        _handle = null;
    }
}
