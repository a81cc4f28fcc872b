namespace Shipper.Journal;

/// <summary>
/// Decides, when reading resumes after a cursor, which of the first entries were read before. Usually that is only the cursor's own entry, if it still
/// exists. In a copy of the journal, which has other sequence numbers, the cursor leads to the first entry of its microsecond; then all entries up to the
/// cursor's were read before.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class ResumeFilter(string directory, string cursor)
{
    private readonly string _cursor = JournalCursor.ForLibrary(cursor);
    private readonly JournalPlace? _place = JournalCursor.ReadPlace(cursor);
    private bool _isPassed;
    private int? _left;

    /// <summary>True if the library's current entry was read before the agent resumed.</summary>
    public bool WasRead(JournalHandle handle)
    {
        if (_isPassed)
        {
            return false;
        }

        if (_place is not { } place || handle.GetTimes(out _, out ulong monotonic, out JournalId boot) < 0)
        {
            _isPassed = true;
            return handle.IsAt(_cursor);
        }

        if (boot != place.Boot || monotonic < place.Monotonic)
        {
            // This entry is from another file. The cursor's own entry may still follow.
            return false;
        }

        if (monotonic > place.Monotonic)
        {
            _isPassed = true;
            return false;
        }

        if (handle.IsAt(_cursor))
        {
            _isPassed = true;
            return true;
        }

        if (HasSameNumbers(handle))
        {
            return false;
        }

        if (_left is null)
        {
            using var probe = new JournalProbe(directory);
            _left = probe.FindOrdinal(JournalCursor.ContentOf(cursor), place);
        }

        _isPassed = _left <= 1;
        return _left-- > 0;
    }

    private bool HasSameNumbers(JournalHandle handle) =>
        JournalCursor.TryParse(_cursor, out JournalCursor own) && JournalCursor.TryParse(handle.GetCursor() ?? "", out JournalCursor found) && found.SequenceId == own.SequenceId;
}
