namespace Shipper.Journal;

/// <summary>
/// Recognizes entries that were already taken from another directory. journald moves the volatile journal to the disk by copying it: each entry is then in
/// both directories, or only in the second one. The copy has another number, but the same place in the same boot.
/// </summary>
/// <remarks>Owned by the journal's lane; not safe for concurrent use.</remarks>
internal sealed class JournalCopies : IDisposable
{
    private const int MaxCopied = 64;

    private readonly List<JournalReader> _readers = [];
    private readonly Dictionary<string, JournalProbe> _probes = [];

    // The last entry of a stretch that another directory is known to have as well.
    private readonly Dictionary<(JournalStretch, string), JournalPlace> _copied = [];

    // Stretches whose last entry was not found in another directory in this turn.
    private readonly HashSet<(JournalStretch, string)> _notFound = [];

    /// <summary>Adds a directory.</summary>
    /// <param name="reader">Its reader, which reads all entries.</param>
    public void Add(JournalReader reader) => _readers.Add(reader);

    /// <summary>Begins a turn: closes the probes, because files may have come and gone since the last one.</summary>
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
            // The lane asks again for those that it still needs.
            _copied.Clear();
        }
    }

    /// <summary>True if the entry that a reader gave last was taken from another directory already.</summary>
    /// <param name="reader">The reader.</param>
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

    /// <summary>True if another directory has entries of the same boot with numbers in a gap of this one: then no entry needs to be missing here.</summary>
    /// <param name="reader">The reader of this directory.</param>
    /// <param name="after">The number before the gap.</param>
    /// <param name="before">The number behind it.</param>
    public bool AreNumbered(JournalReader reader, ulong after, ulong before)
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

    /// <summary>Finds the directory to which journald moved entries that were taken from another one.</summary>
    /// <param name="reader">The reader that took them.</param>
    /// <param name="cursor">The cursor of the entry before them.</param>
    /// <param name="passed">The stretch that they are in.</param>
    /// <returns>The directory that has them now; null if they are still in the reader's own, or nowhere.</returns>
    public string? FindMoved(JournalReader reader, string cursor, out JournalStretch? passed)
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

    /// <summary>The first stretch of which something was taken behind an entry; null if there is none.</summary>
    private static JournalStretch? FindNext(IReadOnlyList<JournalStretch> stretches, JournalPlace? entry) =>
        stretches.FirstOrDefault(stretch => entry is not { } place || (stretch.Last.Boot == place.Boot && !place.IsNotBefore(stretch.Last)));

    private bool IsCopied(JournalReader reader, JournalReader other)
    {
        JournalPlace place = reader.Track.Place;
        string? content = null;

        // So that its last stretch is complete.
        _ = other.GetCursor();
        foreach (JournalStretch stretch in other.Track.Stretches)
        {
            if (!stretch.Covers(place))
            {
                continue;
            }

            if (_copied.TryGetValue((stretch, reader.Directory), out JournalPlace copied) && copied.IsNotBefore(place))
            {
                return true;
            }

            content ??= reader.GetContent();
            if (ProbeOf(other.Directory).Has(content, place))
            {
                return true;
            }

            // If the other directory reaches back that far, this is certainly another entry. If not, that part of it was removed.
            if (!ProbeOf(other.Directory).ReachesBackTo(place) && IsMoved(stretch, reader.Directory) && _copied[(stretch, reader.Directory)].IsNotBefore(place))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True if a directory has the last entry of a stretch. journald copies in order, so the directory has the entries before it as well.</summary>
    private bool IsMoved(JournalStretch stretch, string directory)
    {
        if (_copied.TryGetValue((stretch, directory), out JournalPlace copied) && copied.IsNotBefore(stretch.Last))
        {
            return true;
        }

        if (_notFound.Contains((stretch, directory)))
        {
            return false;
        }

        // Equal entries of one microsecond differ only in the ordinal. If the cursor is an older entry's, finding that one is enough.
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
