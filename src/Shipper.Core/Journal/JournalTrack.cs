namespace Shipper.Journal;

/// <summary>
/// What a reader of a directory has passed: the place and number of the last entry, and the stretches of entries that it took. The reader passes copies of
/// entries that were taken from another directory, but does not take them.
/// </summary>
/// <remarks>Owned by its reader; not safe for concurrent use. Nothing is allocated per entry.</remarks>
internal sealed class JournalTrack
{
    /// <summary>A stretch ends with a boot and when journald moves its journal; older ones are no longer needed.</summary>
    private const int MaxStretches = 8;

    private readonly List<JournalStretch> _stretches = [];
    private JournalPlace _place;
    private JournalCursor? _numbered;

    // Entries passed since the last cursor. If any of them were taken: from where to where.
    private long _passed;
    private bool _hasTaken;
    private ulong _oldest;
    private JournalPlace _newest;

    // True until it is known whether the last entry is taken.
    private bool _isOpen;

    // True if what is taken next does not follow the last stretch.
    private bool _isBroken = true;

    /// <param name="cursor">The cursor of the last entry that an earlier process passed; null if there is none.</param>
    public JournalTrack(string? cursor)
    {
        if (cursor is null)
        {
            return;
        }

        bool isNumbered = JournalCursor.TryParse(cursor, out JournalCursor numbered);
        _numbered = isNumbered ? numbered : null;
        if (JournalCursor.ReadPlace(cursor) is not { } place)
        {
            return;
        }

        _place = place;
        if (JournalCursor.ReadStretches(cursor) is not { } stretches)
        {
            // An earlier version did not keep them.
            IsComplete = false;
            stretches = [new JournalStretch { First = place.Monotonic, Last = place }];
        }

        _stretches.AddRange(stretches);
        _isBroken = _stretches.Count == 0 || _stretches[^1].Last != place;
        Mark(JournalCursor.ForLibrary(cursor));
    }

    /// <summary>False if it is not known where the last stretch began.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>The last entry's place.</summary>
    public JournalPlace Place => _place;

    /// <summary>True once the number of an entry is known, with which those that follow are compared.</summary>
    public bool IsNumbered => _numbered is not null;

    /// <summary>Entries passed since the last cursor.</summary>
    public long Passed => _passed;

    /// <summary>The stretches, the newest last, up to the last cursor.</summary>
    public IReadOnlyList<JournalStretch> Stretches => _stretches;

    /// <summary>Passes an entry, and takes it unless <see cref="Decline"/> follows.</summary>
    /// <param name="boot">Its boot.</param>
    /// <param name="monotonic">Microseconds since that boot.</param>
    public void Pass(JournalId boot, ulong monotonic)
    {
        Take();
        if (boot != _place.Boot)
        {
            Break();
        }

        _place = boot == _place.Boot && monotonic == _place.Monotonic ? _place with { Ordinal = _place.Ordinal + 1 } : new JournalPlace(boot, monotonic, 1);
        _passed++;
        _isOpen = true;
    }

    /// <summary>Does not take the last entry: it is a copy of one that was taken from another directory.</summary>
    public void Decline()
    {
        _isOpen = false;
        Break();
    }

    /// <summary>Takes note of the last entry's cursor.</summary>
    /// <param name="cursor">The cursor, as the library has it.</param>
    /// <returns>How many numbers between the previous cursor and this one no entry had; 0 if that is not known.</returns>
    public ulong Save(string cursor)
    {
        Take();
        JournalCursor? now = JournalCursor.TryParse(cursor, out JournalCursor parsed) ? parsed : null;
        ulong missing = 0;
        if (now is { } last && _numbered is { } first && last.SequenceId == first.SequenceId)
        {
            missing = last.Sequence > first.Sequence + (ulong)_passed ? last.Sequence - first.Sequence - (ulong)_passed : 0;
            _isBroken |= missing > 0;
        }
        else
        {
            _isBroken = true;
        }

        Extend();
        _numbered = now;
        Mark(cursor);
        _passed = 0;
        return missing;
    }

    /// <summary>Sets the beginning of the last stretch: the first entry that the directory has of its boot.</summary>
    /// <param name="first">Microseconds since that boot.</param>
    public void Complete(ulong first)
    {
        IsComplete = true;
        _stretches[^1].First = Math.Min(_stretches[^1].First, first);
    }

    /// <summary>True if an entry at that place may have been taken.</summary>
    public bool MayHaveTaken(in JournalPlace place)
    {
        if (place == _place ? _isOpen : _hasTaken && place.Monotonic >= _oldest && _newest.IsNotBefore(place))
        {
            return true;
        }

        foreach (JournalStretch stretch in _stretches)
        {
            if (stretch.Covers(place))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Counts the last entry among those that were taken.</summary>
    private void Take()
    {
        if (_isOpen)
        {
            _isOpen = false;
            _oldest = _hasTaken ? Math.Min(_oldest, _place.Monotonic) : _place.Monotonic;
            _newest = _hasTaken && !_place.IsNotBefore(_newest) ? _newest : _place;
            _hasTaken = true;
        }
    }

    /// <summary>Keeps a cursor with the last stretch, and with those that have none.</summary>
    private void Mark(string cursor)
    {
        for (int i = 0; i < _stretches.Count; i++)
        {
            JournalStretch stretch = _stretches[i];
            if (stretch.Last.Boot == _place.Boot && (stretch.Cursor.Length == 0 || i == _stretches.Count - 1))
            {
                stretch.Cursor = cursor;
                stretch.Number = _numbered?.Sequence ?? 0;
            }
        }
    }

    /// <summary>What is taken next does not follow what was taken last.</summary>
    private void Break()
    {
        Extend();
        _isBroken = true;
    }

    /// <summary>Adds what was taken since the last cursor to the last stretch, or begins another.</summary>
    private void Extend()
    {
        if (!_hasTaken)
        {
            return;
        }

        _hasTaken = false;
        if (!_isBroken)
        {
            JournalStretch last = _stretches[^1];
            last.First = Math.Min(last.First, _oldest);
            last.Last = _newest.IsNotBefore(last.Last) ? _newest : last.Last;
            return;
        }

        if (_stretches.Count == MaxStretches)
        {
            _stretches.RemoveAt(0);
        }

        _isBroken = false;
        _stretches.Add(new JournalStretch { First = _oldest, Last = _newest });
    }
}
