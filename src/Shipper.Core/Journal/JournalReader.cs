using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Shipper.Journal;

/// <summary>
/// Reads one directory of journal files with libsystemd, and follows it. Problems that prevent reading are values (<see cref="Problems"/>) and are logged
/// when they appear and when they are resolved. Reading starts automatically when the cause is gone. See DESIGN.md.
/// </summary>
/// <remarks>
/// <para>Usage: call <see cref="Refresh"/>, then <see cref="TryRead"/> until it returns false, and repeat after a second. Only disk reads block. Usable from
/// any thread, but only from one at a time. An entry is valid until the next call.</para>
/// <para>The library uses one inotify instance (<c>fs.inotify.max_user_instances</c>, 128 for all processes of a user) and one descriptor for each journal
/// file.</para>
/// </remarks>
internal sealed class JournalReader : IDisposable
{
    private const ulong NanosecondsPerMicrosecond = 1_000;
    private readonly string _directory;
    private readonly JournalUnits _units;
    private readonly ILogger _logger;
    private readonly JournalFields _fields;
    private readonly CursorTracker _cursor;
    private readonly JournalHealth _health;
    private readonly JournalSeeker _seeker;

    private JournalHandle? _handle;
    private ulong _lastTime;
    private ulong _newestTime;

    /// <param name="directory">The directory that contains the files, or directories named after machine IDs.</param>
    /// <param name="maxMessageBytes">Maximum length in bytes of a message that is returned whole.</param>
    /// <param name="units">Resolves units.</param>
    public JournalReader(string directory, JournalStart start, int maxMessageBytes, JournalUnits units, TimeProvider time, ILogger logger)
    {
        _directory = directory;
        _units = units;
        _logger = logger;
        _fields = new JournalFields(maxMessageBytes);
        _cursor = new CursorTracker(directory, start.Cursor, (first, last) => IsGapFilledElsewhere?.Invoke(this, first, last) == true, time, logger);
        _health = new JournalHealth(directory, time, logger);
        _seeker = new JournalSeeker(directory, start.Since, _cursor, _health.Files, logger);
        _newestTime = start.Cursor is { } cursor
            ? JournalCursor.ReadTime(cursor) ?? ulong.MaxValue
            : JournalSeeker.ToMicroseconds(start.Since ?? DateTimeOffset.UnixEpoch);
    }

    /// <summary>The machine's current boot; null if it is unknown.</summary>
    public JournalId? Boot
    {
        get => _seeker.Boot;
        init => _seeker.Boot = value;
    }

    /// <summary>
    /// Returns true if another directory has entries with sequence numbers in a gap of this one. The arguments are the reader and the numbers before and
    /// after the gap.
    /// </summary>
    public Func<JournalReader, ulong, ulong, bool>? IsGapFilledElsewhere { get; init; }

    /// <summary>The entries that the reader has passed so far.</summary>
    public JournalTrack Track => _cursor.Track;

    /// <summary>The path of the directory.</summary>
    public string Directory => _directory;

    /// <summary>The problems that prevent reading the directory or parts of it. Empty before the first <see cref="Refresh"/>.</summary>
    public IReadOnlyList<JournalProblem> Problems => _health.Problems;

    /// <summary>True while the library reads at least one file.</summary>
    public bool IsReading => _handle is not null && _health.Files.ReadCount > 0;

    /// <summary>
    /// The newest time of an entry that was read, wanted or not, or the time of the position at which reading started, in nanoseconds since 1970.
    /// </summary>
    public long NewestNs => (long)Math.Min(_newestTime, long.MaxValue / NanosecondsPerMicrosecond) * (long)NanosecondsPerMicrosecond;

    /// <summary>Number of entries that were returned so far.</summary>
    public long EntryCount { get; private set; }

    /// <summary>Number of entries that had a field which could not be read.</summary>
    public long DamagedCount { get; private set; }

    /// <summary>
    /// Number of entries that journald has numbered and the library did not return, because they were deleted before they were read or can't be read. Updated
    /// with each cursor. A lower bound if several journalds write to one directory.
    /// </summary>
    public ulong MissingCount => _cursor.MissingCount;

    /// <summary>Number of times that the library could not continue, so that the journal was reopened.</summary>
    public long FailureCount { get; private set; }

    /// <summary>Applies changes in the directory, and opens it if necessary. Invalidates the last entry.</summary>
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

        // Save the cursor before files disappear: the library forgets its place together with the file.
        SaveCursor();
        if (_health.IsCheckDue(_handle))
        {
            Check();
        }
    }

    /// <summary>Reads the next entry.</summary>
    /// <returns>False if there is no entry at the moment.</returns>
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
            _seeker.OnRead();
            EntryCount++;
            if (!Track.HasSequenceNumber)
            {
                // Later sequence numbers are compared with this entry's.
                SaveCursor();
            }

            return true;
        }

        _health.IsAtEnd = _handle is not null;
        entry = default;
        return false;
    }

    /// <summary>Returns the part of the cursor that the last entry shares with its copies in other directories; empty if the entry's file is gone.</summary>
    public string GetContent() => _handle?.GetCursor() is { } cursor ? JournalCursor.ContentOf(cursor) : "";

    /// <summary>
    /// Returns the cursor of the last entry that was returned. A reader that starts with this cursor continues after that entry. The call takes one or two
    /// microseconds in the library and allocates a string, so call it once per batch and not for each entry.
    /// </summary>
    /// <returns>If nothing has been read, the cursor that reading started with, or null.</returns>
    public string? GetCursor()
    {
        SaveCursor();
        return _cursor.Cursor;
    }

    public void Dispose() => Close();

    private void Open()
    {
        _health.RestartInterval();
        if (!_health.CanOpen())
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

    /// <summary>Closes the journal after an error of the library, so that it is reopened.</summary>
    private void OnFailure(int error)
    {
        FailureCount++;
        SaveCursor();
        Close();
        _health.RestartInterval();
        _seeker.OnFailure(error, _lastTime);
    }

    private void SaveCursor()
    {
        if (_handle is not null && _cursor.TrySave(_handle, _lastTime))
        {
            _seeker.OnSaved();
        }
    }

    private void CountDamaged(int error)
    {
        if (DamagedCount++ == 0)
        {
            JournalEvents.EntryDamaged(_logger, _directory, Marshal.GetPInvokeErrorMessage(-error));
        }
    }

    /// <summary>Compares the files in the directory with those that the library reads, and reopens the journal if files or entries are missing.</summary>
    private void Check()
    {
        if (_health.MustReopen(_handle!, _cursor.Cursor, _newestTime))
        {
            SaveCursor();
            Close();
            int error = OpenDirectory();
            if (error < 0)
            {
                _health.ReportUnopened(error);
                return;
            }

            _ = _health.Files.Check(_cursor.Cursor);
        }

        _health.Report(_handle!);
    }

    private void Close()
    {
        _handle?.Dispose();
        _handle = null;
    }
}
