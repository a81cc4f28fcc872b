using Microsoft.Extensions.Logging;

namespace Shipper.Journal;

/// <summary>Tracks the cursor up to which a reader has read, and counts the entries that are missing before it.</summary>
/// <remarks>Owned by a reader; not thread-safe.</remarks>
internal sealed class CursorTracker
{
    private static readonly TimeSpan MissingLogInterval = TimeSpan.FromMinutes(1);

    private readonly string _directory;
    private readonly Func<ulong, ulong, bool> _isGapFilledElsewhere;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private long? _missingLoggedAt;

    /// <param name="cursor">The cursor after which reading starts; null if there is none.</param>
    /// <param name="isGapFilledElsewhere">Returns true if another directory has entries between two sequence numbers.</param>
    public CursorTracker(string directory, string? cursor, Func<ulong, ulong, bool> isGapFilledElsewhere, TimeProvider time, ILogger logger)
    {
        _directory = directory;
        _isGapFilledElsewhere = isGapFilledElsewhere;
        _time = time;
        _logger = logger;
        Cursor = cursor;
        Track = new JournalTrack(cursor);
    }

    /// <summary>The last saved cursor, or the cursor after which reading started; null if there is none.</summary>
    public string? Cursor { get; private set; }

    /// <summary>The entries that the reader has passed so far.</summary>
    public JournalTrack Track { get; private set; }

    /// <summary>See <see cref="JournalReader.MissingCount"/>.</summary>
    public ulong MissingCount { get; private set; }

    /// <summary>Saves the cursor of the last entry, and counts the entries that are missing before that entry.</summary>
    /// <param name="handle">The handle, positioned at the entry.</param>
    /// <param name="lastTime">The entry's time, in microseconds since 1970.</param>
    /// <returns>False if no entry was passed since the last saved cursor.</returns>
    public bool TrySave(JournalHandle handle, ulong lastTime)
    {
        if (Track.Passed == 0)
        {
            return false;
        }

        // The entry's file may have disappeared while the library searched the file for the next entry.
        string cursor = handle.GetCursor() ?? JournalCursor.ForLibrary(JournalCursor.OfPlace(Track.Place, lastTime));
        ulong first = JournalCursor.TryParse(Cursor ?? "", out JournalCursor before) ? before.Sequence : 0;
        long passed = Track.Passed;
        ulong missing = Track.RecordCursor(cursor);
        if (missing > 0 && !_isGapFilledElsewhere(first, first + missing + (ulong)passed))
        {
            MissingCount += missing;
            if (_missingLoggedAt is not { } loggedAt || _time.GetElapsedTime(loggedAt) > MissingLogInterval)
            {
                _missingLoggedAt = _time.GetTimestamp();
                JournalEvents.EntriesMissing(_logger, _directory, missing, Cursor ?? "the start");
            }
        }

        Cursor = JournalCursor.AppendTrack(cursor, Track);
        return true;
    }

    /// <summary>Discards a cursor that the library rejects.</summary>
    public void Reset()
    {
        Cursor = null;
        Track = new JournalTrack(null);
    }
}
