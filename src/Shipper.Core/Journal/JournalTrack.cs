namespace Shipper.Journal;

/// <summary>
/// Records what a reader of a directory has passed: the place and sequence number of the last entry, and the stretches of entries that it took. The reader
/// passes copies of entries that were taken from another directory without taking them.
/// </summary>
/// <remarks>Owned by its reader; not thread-safe. Nothing is allocated per entry.</remarks>
internal sealed class JournalTrack
{
    /// <summary>
    /// Maximum number of stretches. A stretch ends with a boot, and when journald moves its journal. Older stretches are not needed any more.
    /// </summary>
    private const int MaxStretches = 8;

    private readonly List<JournalStretch> _stretches = [];
    private JournalPlace _place;
    private JournalCursor? _numbered;

    // Number of entries passed since the last cursor. If any of them were taken, also the range of their places.
    private long _passed;
    private bool _hasTaken;
    private ulong _oldest;
    private JournalPlace _newest;

    // True until it is known whether the last entry was taken.
    private bool _isUndecided;

    // True if the next taken entry does not continue the last stretch.
    private bool _hasEnded = true;

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
            // The cursor of an earlier version has no stretches.
            IsStretchStartKnown = false;
            stretches = [new JournalStretch { First = place.Monotonic, Last = place }];
        }

        _stretches.AddRange(stretches);
        _hasEnded = _stretches.Count == 0 || _stretches[^1].Last != place;
        AttachCursor(JournalCursor.ForLibrary(cursor));
    }

    /// <summary>False if the beginning of the last stretch is unknown.</summary>
    public bool IsStretchStartKnown { get; private set; } = true;

    /// <summary>The place of the last entry.</summary>
    public JournalPlace Place => _place;

    /// <summary>True once the sequence number of an entry is known, so that later numbers can be compared with it.</summary>
    public bool HasSequenceNumber => _numbered is not null;

    /// <summary>Number of entries passed since the last cursor.</summary>
    public long Passed => _passed;

    /// <summary>The stretches up to the last cursor, oldest first.</summary>
    public IReadOnlyList<JournalStretch> Stretches => _stretches;

    /// <summary>Passes an entry. The entry counts as taken unless <see cref="MarkAsCopy"/> is called next.</summary>
    /// <param name="boot">The entry's boot.</param>
    /// <param name="monotonic">The entry's time, in microseconds since that boot.</param>
    public void Pass(JournalId boot, ulong monotonic)
    {
        TakeLast();
        if (boot != _place.Boot)
        {
            EndStretch();
        }

        _place = boot == _place.Boot && monotonic == _place.Monotonic ? _place with { Ordinal = _place.Ordinal + 1 } : new JournalPlace(boot, monotonic, 1);
        _passed++;
        _isUndecided = true;
    }

    /// <summary>Records that the last entry is not taken, because it is a copy of one that was taken from another directory.</summary>
    public void MarkAsCopy()
    {
        _isUndecided = false;
        EndStretch();
    }

    /// <summary>Records the cursor of the last entry.</summary>
    /// <param name="cursor">The cursor as the library wrote it.</param>
    /// <returns>Number of sequence numbers since the previous cursor that belong to no passed entry; 0 if this is unknown.</returns>
    public ulong RecordCursor(string cursor)
    {
        TakeLast();
        JournalCursor? now = JournalCursor.TryParse(cursor, out JournalCursor parsed) ? parsed : null;
        ulong missing = 0;
        if (now is { } last && _numbered is { } first && last.SequenceId == first.SequenceId)
        {
            missing = last.Sequence > first.Sequence + (ulong)_passed ? last.Sequence - first.Sequence - (ulong)_passed : 0;
            _hasEnded |= missing > 0;
        }
        else
        {
            _hasEnded = true;
        }

        ExtendStretch();
        _numbered = now;
        AttachCursor(cursor);
        _passed = 0;
        return missing;
    }

    /// <summary>Sets the beginning of the last stretch to the directory's first entry of its boot.</summary>
    /// <param name="first">Microseconds since that boot.</param>
    public void SetStretchStart(ulong first)
    {
        IsStretchStartKnown = true;
        _stretches[^1].First = Math.Min(_stretches[^1].First, first);
    }

    /// <summary>True if an entry at a place may have been taken.</summary>
    public bool MayHaveTaken(in JournalPlace place)
    {
        if (place == _place ? _isUndecided : _hasTaken && place.Monotonic >= _oldest && _newest.IsAtOrAfter(place))
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

    /// <summary>Counts the last entry as taken, unless it was declined.</summary>
    private void TakeLast()
    {
        if (_isUndecided)
        {
            _isUndecided = false;
            _oldest = _hasTaken ? Math.Min(_oldest, _place.Monotonic) : _place.Monotonic;
            _newest = _hasTaken && !_place.IsAtOrAfter(_newest) ? _newest : _place;
            _hasTaken = true;
        }
    }

    /// <summary>Stores a cursor in the last stretch, and in all stretches without a cursor.</summary>
    private void AttachCursor(string cursor)
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

    /// <summary>Ends the last stretch, so that the next taken entry does not continue it.</summary>
    private void EndStretch()
    {
        ExtendStretch();
        _hasEnded = true;
    }

    /// <summary>Adds the entries taken since the last cursor to the last stretch, or starts a new one.</summary>
    private void ExtendStretch()
    {
        if (!_hasTaken)
        {
            return;
        }

        _hasTaken = false;
        if (!_hasEnded)
        {
            JournalStretch last = _stretches[^1];
            last.First = Math.Min(last.First, _oldest);
            last.Last = _newest.IsAtOrAfter(last.Last) ? _newest : last.Last;
            return;
        }

        if (_stretches.Count == MaxStretches)
        {
            _stretches.RemoveAt(0);
        }

        _hasEnded = false;
        _stretches.Add(new JournalStretch { First = _oldest, Last = _newest });
    }
}
