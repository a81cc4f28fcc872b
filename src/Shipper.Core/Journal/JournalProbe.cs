namespace Shipper.Journal;

/// <summary>Searches a directory of journal files for single entries.</summary>
/// <remarks>Opens the directory on first use. Not thread-safe.</remarks>
internal sealed class JournalProbe(string directory) : IDisposable
{
    private JournalHandle? _handle;
    private bool _hasFailed;

    private JournalHandle? Handle
    {
        get
        {
            if (_handle is null && !_hasFailed)
            {
                _handle = LibSystemd.IsAvailable ? JournalHandle.TryOpen(directory, out _) : null;
                _hasFailed = _handle is null;
            }

            return _handle;
        }
    }

    /// <summary>True if the directory has an entry, or a copy of it.</summary>
    /// <param name="content">The part of the cursor that an entry shares with its copies (<see cref="JournalCursor.ContentOf"/>).</param>
    /// <param name="place">The entry's place.</param>
    public bool HasEntry(string content, in JournalPlace place) =>
        // Copies are looked up in order, so the next entry is nearly always the right one.
        content.Length > 0 && Handle is { } handle && ((handle.Next() > 0 && handle.IsAt(content)) || FindOrdinal(content, place) > 0);

    /// <summary>Finds an entry, or a copy of it.</summary>
    /// <param name="content">The part of the cursor that an entry shares with its copies.</param>
    /// <param name="place">The entry's place. Of several equal entries, the last one up to its ordinal is returned, otherwise the first.</param>
    /// <returns>The entry's ordinal within its microsecond in this directory, starting at 1; 0 if there is no such entry.</returns>
    public int FindOrdinal(string content, in JournalPlace place)
    {
        int found = 0;
        if (content.Length == 0 || Handle is not { } handle || handle.SeekCursor(content) < 0)
        {
            return found;
        }

        for (int ordinal = 1; handle.Next() > 0 && handle.GetTimes(out _, out ulong monotonic, out JournalId boot) >= 0; ordinal++)
        {
            if (boot != place.Boot || monotonic != place.Monotonic || (found > 0 && ordinal > place.Ordinal))
            {
                break;
            }

            found = handle.IsAt(content) ? ordinal : found;
        }

        return found;
    }

    /// <summary>
    /// True if the directory has entries of the boot at or before a place. Then a later entry that is missing from the directory was not logged there.
    /// </summary>
    public bool ReachesBackTo(in JournalPlace place) =>
        Handle is { } handle && handle.TryGetSpan(place.Boot, out ulong first, out _) && first <= place.Monotonic;

    public void Dispose() => _handle?.Dispose();
}
