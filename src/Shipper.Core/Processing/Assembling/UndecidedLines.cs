using Shipper.Processing.Multiline;

namespace Shipper.Processing.Assembling;

/// <summary>
/// Lines after the open group of an output that may belong to it. Either a later line joins, and they become part of the group, or the group ends before them,
/// and each of them is classified anew.
/// </summary>
/// <remarks>Not thread-safe: each lane has one for each output. A line is a view of the buffer until the next call of <see cref="TryAdd"/>.</remarks>
internal sealed class UndecidedLines
{
    /// <summary>Maximum number of lines.</summary>
    public const int MaxLines = 16;

    /// <summary>Maximum number of bytes of all lines.</summary>
    public const int MaxBytes = 64 * 1024;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(MaxBytes);
    private readonly Entry[] _entries = new Entry[MaxLines];
    private int _used;
    private int _first;
    private int _end;

    // The lines from here on must be classified; those before it are undecided.
    private int _next;

    /// <summary>Number of lines.</summary>
    public int Count => _end - _first;

    /// <summary>Number of lines that are undecided.</summary>
    public int Undecided => _next - _first;

    /// <summary>True if there are lines that must be classified.</summary>
    public bool MustReplay => _next < _end;

    /// <summary>The state of the rule after the last undecided line. Only valid if there is one.</summary>
    public ref readonly GroupState LastState => ref _entries[_next - 1].State;

    /// <summary>Number of bytes that the lines take in the file that is being read.</summary>
    public long FileBytes
    {
        get
        {
            long bytes = 0;
            for (int i = _first; i < _end; i++)
            {
                bytes += _entries[i].FileBytes;
            }

            return bytes;
        }
    }

    /// <summary>Ordinal of the file with the first line, and the offset of that line.</summary>
    public (int Ordinal, long Start) First => (_entries[_first].Ordinal, _entries[_first].Start);

    /// <summary>Adds a line that is undecided. Call only if no line must be classified.</summary>
    /// <param name="state">The state of the rule after the line.</param>
    /// <returns>False if there is no room for it.</returns>
    public bool TryAdd(in AssembledLine line, in GroupState state)
    {
        if (Count == 0)
        {
            Clear();
        }

        if (_end == MaxLines || line.Length > MaxBytes - _used)
        {
            return false;
        }

        line.Content.CopyTo(_bytes.AsSpan(_used));
        _entries[_end++] = new Entry
        {
            TimestampNs = line.TimestampNs,
            Ordinal = line.Ordinal,
            Start = line.Start,
            FileBytes = line.FileBytes,
            End = line.End,
            Offset = _used,
            Length = line.Content.Length,
            State = state,
        };
        _used += line.Content.Length;
        _next = _end;
        return true;
    }

    /// <summary>Returns the line that must be classified next.</summary>
    public AssembledLine GetNext() => Get(_next);

    /// <summary>Returns the oldest line.</summary>
    /// <param name="state">The state of the rule after the line.</param>
    public AssembledLine GetFirst(out GroupState state)
    {
        state = _entries[_first].State;
        return Get(_first);
    }

    /// <summary>Notes that the next line was classified and is undecided.</summary>
    /// <param name="state">The state of the rule after the line.</param>
    public void KeepNext(in GroupState state) => _entries[_next++].State = state;

    /// <summary>Removes the oldest line.</summary>
    public void RemoveFirst()
    {
        _first++;
        _next = Math.Max(_next, _first);
    }

    /// <summary>Makes all lines be classified again, because the group has ended before them.</summary>
    public void Replay() => _next = _first;

    /// <summary>The lines continue in the next file.</summary>
    public void ContinueInNextFile()
    {
        for (int i = _first; i < _end; i++)
        {
            _entries[i].FileBytes = 0;
        }
    }

    /// <summary>Forgets all lines.</summary>
    public void Clear() => _used = _first = _end = _next = 0;

    private AssembledLine Get(int index)
    {
        ref readonly Entry entry = ref _entries[index];
        return new AssembledLine
        {
            TimestampNs = entry.TimestampNs,
            Content = _bytes.AsSpan(entry.Offset, entry.Length),
            Length = entry.Length,
            Ordinal = entry.Ordinal,
            Start = entry.Start,
            FileBytes = entry.FileBytes,
            End = entry.End,
        };
    }

    private struct Entry
    {
        public long TimestampNs;
        public int Ordinal;
        public long Start;
        public long FileBytes;
        public long End;
        public int Offset;
        public int Length;
        public GroupState State;
    }
}
