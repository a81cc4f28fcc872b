namespace Shipper.Journal;

/// <summary>
/// Knows entries again in other directories. journald moves the volatile journal to the disk by copying it: each entry then stands in both directories,
/// or only in the second one, with another number but at the same place of the same boot.
/// </summary>
/// <remarks>Owned by the journal's lane; not safe for concurrent use.</remarks>
internal sealed class JournalCopies : IDisposable
{
    private const int MaxCopied = 64;

    private readonly List<JournalReader> _readers = [];
    private readonly Dictionary<string, JournalProbe> _probes = [];

    // Up to where the entries of a stretch stand in another directory as well.
    private readonly Dictionary<(JournalStretch, string), JournalPlace> _copied = [];

    // Stretches whose last entry was not found in another directory in this turn.
    private readonly HashSet<(JournalStretch, string)> _notFound = [];

    /// <summary>Adds a directory.</summary>
    /// <param name="reader">Its reader, which reads all entries.</param>
    public void Add(JournalReader reader) => _readers.Add(reader);

    /// <summary>A turn begins: files may have come and gone since.</summary>
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
            // What is still needed is found out again.
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

    /// <summary>True if another directory has entries with numbers between two of this one, of the same boot: none of these need be missing here.</summary>
    /// <param name="reader">Who reads this directory.</param>
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

    /// <summary>Finds out where entries are now that were taken from a directory, if they are no longer there.</summary>
    /// <param name="reader">Who took them.</param>
    /// <param name="cursor">The cursor of the entry before them.</param>
    /// <param name="passed">The stretch that they are in.</param>
    /// <returns>The directory that has them; null if that is the reader's own, or none.</returns>
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

            // Where it could be asked, it is certain that this is another entry. Else the directory was emptied, or that part of it.
            if (!ProbeOf(other.Directory).ReachesBackTo(place) && IsMoved(stretch, reader.Directory) && _copied[(stretch, reader.Directory)].IsNotBefore(place))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True if a directory has the last entry of a stretch. journald copies in order, so it has those before it, too.</summary>
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

        // Of several equal entries of one microsecond, that many are meant; the cursor of an older entry stands for all up to the last.
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
