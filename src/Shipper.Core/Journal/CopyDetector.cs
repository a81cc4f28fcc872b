namespace Shipper.Journal;

/// <summary>
/// Detects entries that were already taken from another directory. journald moves the volatile journal to the disk by copying it. So each entry is in both
/// directories for a while, and then only in the second one. A copy has another sequence number, but the same place in the same boot.
/// </summary>
/// <remarks>Owned by the journal's lane; not thread-safe.</remarks>
internal sealed class CopyDetector : IDisposable
{
    private const int MaxCopied = 64;

    private readonly List<JournalReader> _readers = [];
    private readonly Dictionary<string, JournalProbe> _probes = [];

    // For each stretch and other directory: the last entry of the stretch that is known to be in that directory, too.
    private readonly Dictionary<(JournalStretch, string), JournalPlace> _copied = [];

    // Stretches with a last entry that was not found in another directory during this turn.
    private readonly HashSet<(JournalStretch, string)> _notFound = [];

    /// <summary>Adds a directory.</summary>
    /// <param name="reader">The directory's shared reader, which reads all entries.</param>
    public void Add(JournalReader reader) => _readers.Add(reader);

    /// <summary>Begins a turn. Closes the probes, because files may have appeared or disappeared since the last turn.</summary>
    public void BeginTurn()
    {
        if (_probes.Count == 0)
        {
            return;
        }

        foreach (JournalProbe probe in _probes.Values)
        {
            probe.Dispose();
        }

        _probes.Clear();
        _notFound.Clear();
        if (_copied.Count > MaxCopied)
        {
            // Entries that are still needed will be found again.
            _copied.Clear();
        }
    }

    /// <summary>True if the last entry of a reader was already taken from another directory.</summary>
    public bool WasTaken(JournalReader reader)
    {
        foreach (JournalReader other in _readers)
        {
            if (other.Directory != reader.Directory && other.Track.MayHaveTaken(reader.Track.Place) && IsCopied(reader, other))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// True if another directory has entries of the same boot with sequence numbers in a gap of this directory, so that the gap does not mean that entries
    /// are missing.
    /// </summary>
    /// <param name="reader">The reader of this directory.</param>
    /// <param name="after">The sequence number before the gap.</param>
    /// <param name="before">The sequence number after the gap.</param>
    public bool IsGapFilledElsewhere(JournalReader reader, ulong after, ulong before)
    {
        foreach (JournalReader other in _readers)
        {
            foreach (JournalStretch stretch in other.Directory == reader.Directory ? [] : other.Track.Stretches)
            {
                if (stretch.Last.Boot == reader.Track.Place.Boot && stretch.Number > after && stretch.Number < before)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Finds the directory to which journald moved entries that a reader took.</summary>
    /// <param name="cursor">The cursor of the entry before the moved ones.</param>
    /// <param name="passed">The stretch that contains the moved entries.</param>
    /// <returns>The directory that has the entries now; null if they are still in the reader's own directory, or nowhere.</returns>
    public string? FindDirectoryMovedTo(JournalReader reader, string cursor, out JournalStretch? passed)
    {
        passed = FindNext(reader.Track.Stretches, JournalCursor.ReadPlace(cursor));
        if (passed is null || ProbeOf(reader.Directory).ReachesBackTo(JournalCursor.ReadPlace(cursor) ?? passed.Last with { Monotonic = passed.First }))
        {
            return null;
        }

        foreach (JournalReader other in _readers)
        {
            if (other.Directory != reader.Directory && IsMoved(passed, other.Directory))
            {
                return other.Directory;
            }
        }

        return null;
    }

    public void Dispose() => BeginTurn();

    /// <summary>Returns the first stretch that has entries after the given one; null if there is none.</summary>
    private static JournalStretch? FindNext(IReadOnlyList<JournalStretch> stretches, JournalPlace? entry) =>
        stretches.FirstOrDefault(stretch => entry is not { } place || (stretch.Last.Boot == place.Boot && !place.IsAtOrAfter(stretch.Last)));

    private bool IsCopied(JournalReader reader, JournalReader other)
    {
        JournalPlace place = reader.Track.Place;
        string? content = null;

        // Completes the last stretch of the other reader.
        _ = other.GetCursor();
        foreach (JournalStretch stretch in other.Track.Stretches)
        {
            if (!stretch.Covers(place))
            {
                continue;
            }

            if (_copied.TryGetValue((stretch, reader.Directory), out JournalPlace copied) && copied.IsAtOrAfter(place))
            {
                return true;
            }

            content ??= reader.GetContent();
            if (ProbeOf(other.Directory).HasEntry(content, place))
            {
                return true;
            }

            // If the other directory reaches back that far, this is certainly a different entry. If not, the copied part was removed from the other
            // directory.
            if (!ProbeOf(other.Directory).ReachesBackTo(place) && IsMoved(stretch, reader.Directory) && _copied[(stretch, reader.Directory)].IsAtOrAfter(place))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// True if a directory has the last entry of a stretch. journald copies entries in order, so the directory then has the stretch's earlier entries as well.
    /// </summary>
    private bool IsMoved(JournalStretch stretch, string directory)
    {
        if (_copied.TryGetValue((stretch, directory), out JournalPlace copied) && copied.IsAtOrAfter(stretch.Last))
        {
            return true;
        }

        if (_notFound.Contains((stretch, directory)))
        {
            return false;
        }

        // Equal entries of one microsecond differ only in their ordinal. If the cursor belongs to an older entry, it is enough to find that entry.
        bool isLast = JournalCursor.ReadPlace(stretch.Cursor) is { } place && place.Monotonic == stretch.Last.Monotonic;
        JournalPlace asked = isLast ? stretch.Last : JournalCursor.ReadPlace(stretch.Cursor) ?? stretch.Last;
        int ordinal = ProbeOf(directory).FindOrdinal(JournalCursor.ContentOf(stretch.Cursor), asked);
        if (ordinal == 0)
        {
            _notFound.Add((stretch, directory));
            return false;
        }

        _copied[(stretch, directory)] = isLast ? stretch.Last with { Ordinal = ordinal } : stretch.Last;
        return true;
    }

    private JournalProbe ProbeOf(string directory)
    {
        if (!_probes.TryGetValue(directory, out JournalProbe? probe))
        {
            probe = new JournalProbe(directory);
            _probes.Add(directory, probe);
        }

        return probe;
    }
}
