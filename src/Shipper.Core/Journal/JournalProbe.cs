namespace Shipper.Journal;

/// <summary>Looks for single entries in a directory of journal files.</summary>
/// <remarks>Opened when it is first asked. Not safe for concurrent use.</remarks>
/// <param name="directory">The directory.</param>
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
    /// <param name="content">What both have in common (<see cref="JournalCursor.ContentOf"/>).</param>
    /// <param name="place">Its place.</param>
    public bool Has(string content, in JournalPlace place) =>
        // Copies are looked for in their order: nearly always the next one is it.
        content.Length > 0 && Handle is { } handle && ((handle.Next() > 0 && handle.IsAt(content)) || FindOrdinal(content, place) > 0);

    /// <summary>Finds an entry, or a copy of it.</summary>
    /// <param name="content">What both have in common.</param>
    /// <param name="place">Its place. Of several equal entries, the last up to its ordinal is meant, or the first.</param>
    /// <returns>Which entry of its microsecond it is in this directory, from 1 on; 0 if there is none.</returns>
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

    /// <summary>True if the directory has entries of the boot from that place or before on: what it lacks behind them was not logged there.</summary>
    public bool ReachesBackTo(in JournalPlace place) =>
        Handle is { } handle && handle.TryGetSpan(place.Boot, out ulong first, out _) && first <= place.Monotonic;

    public void Dispose() => _handle?.Dispose();
}
