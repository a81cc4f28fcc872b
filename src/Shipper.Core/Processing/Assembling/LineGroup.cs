using Shipper.Processing.Multiline;
using Shipper.Processing.Redaction;

namespace Shipper.Processing.Assembling;

/// <summary>
/// Lines of one output that are joined to one record. Keeps as many bytes as can be sent. If the group is longer, it keeps the beginning and, as far as there is
/// room, the last cause.
/// </summary>
/// <remarks>Not thread-safe: each lane has one for each output.</remarks>
/// <param name="capacity">Number of bytes to keep: the largest maximum line size of any source.</param>
internal sealed class LineGroup(int capacity)
{
    /// <summary>Number of lines to keep.</summary>
    public const int MaxKeptLines = 2_000;

    /// <summary>A group ends when it has this many lines.</summary>
    public const int MaxLines = 20_000;

    /// <summary>A group ends when its lines have this many bytes.</summary>
    public const long MaxLength = 4 * 1024 * 1024;

    /// <summary>A group ends before a line of any output that is more than this much younger than the group's last line.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    /// <summary>Number of bytes to keep of the last cause.</summary>
    public const int TailBytes = 16 * 1024;

    private const long MaxWaitNs = 2L * 1_000_000_000;

    // Room for the marker and the newlines around it.
    private const int MarkerBytes = 64;

    // The longest tokens, such as JSON Web Tokens, are shorter.
    private const int MaxWordBytes = 4 * 1024;

    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(capacity);
    private readonly byte[] _tail = GC.AllocateUninitializedArray<byte>(TailBytes);
    private int _kept;
    private int _tailLength;
    private bool _hasTail;
    private bool _isTailFull;
    private HiddenKeys _hidden;
    private bool _isCut;
    private bool _isAscii;
    private int _maxBytes = capacity;
    private GroupState _state;

    /// <summary>True while the group may get another line.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Time of the first line, in nanoseconds since 1970, which becomes the time of the record.</summary>
    public long TimestampNs { get; private set; }

    /// <summary>Ordinal of the file that contains the first line, counted by the assembler.</summary>
    public int Ordinal { get; private set; }

    /// <summary>Offset of the first line in that file.</summary>
    public long Start { get; private set; }

    /// <summary>Number of bytes that the lines take in the file that is being read, including headers and newlines.</summary>
    public long FileBytes { get; set; }

    /// <summary>Length of the joined text in bytes, including bytes that are not kept.</summary>
    public long Length { get; private set; }

    /// <summary>Number of lines.</summary>
    public int Lines { get; private set; }

    /// <summary>True if the text is known to be ASCII only.</summary>
    public bool IsAscii => _isAscii && !_isCut;

    /// <summary>True if the group must end because of its size.</summary>
    public bool IsFull => Lines >= MaxLines || Length >= MaxLength;

    /// <summary>The state of the rule after the last line.</summary>
    public ref GroupState State => ref _state;

    /// <summary>Which of the lines around a private key came last since the first line that is not kept.</summary>
    public KeyMark HiddenKey => _hidden.Last;

    private long LastNs { get; set; }

    private long End { get; set; }

    /// <summary>Begins a group.</summary>
    /// <param name="maxBytes">Maximum length of the record; at most the capacity.</param>
    public void Open(in AssembledLine line, in GroupState state, int maxBytes)
    {
        IsOpen = true;
        TimestampNs = line.TimestampNs;
        Ordinal = line.Ordinal;
        Start = line.Start;
        FileBytes = 0;
        Length = -1;
        Lines = 0;
        _kept = 0;
        _tailLength = 0;
        _hasTail = false;
        _isTailFull = false;
        _isCut = false;
        _isAscii = true;
        _hidden.Clear();
        _maxBytes = maxBytes;
        Append(in line, in state, isCause: false);
    }

    /// <summary>Adds a line.</summary>
    /// <param name="state">The state of the rule after the line.</param>
    /// <param name="isCause">True if the line begins the part that is kept if the group is too long.</param>
    public void Append(in AssembledLine line, in GroupState state, bool isCause)
    {
        FileBytes += line.FileBytes;
        LastNs = line.TimestampNs;
        End = line.End;
        Length += line.Length + 1;
        Lines++;
        _isAscii &= line.IsAscii;
        _state = state;
        if (!_isCut)
        {
            int newline = _kept > 0 || Lines > 1 ? 1 : 0;
            if (Lines <= MaxKeptLines && line.Length == line.Content.Length && _kept + newline + line.Content.Length <= _maxBytes)
            {
                if (newline > 0)
                {
                    _bytes[_kept++] = (byte)'\n';
                }

                line.Content.CopyTo(_bytes.AsSpan(_kept));
                _kept += line.Content.Length;
                return;
            }

            _isCut = true;

            // The end of what is kept now gives way to the tail.
            _hidden.Add(_bytes.AsSpan(0, _kept));
            KeepBeginning(in line, newline);
        }

        _hidden.Add("\n"u8);
        _hidden.Add(line.Content);
        _hidden.Add(line.HiddenKey);
        if (isCause)
        {
            _hasTail = true;
            _isTailFull = false;
            _tailLength = 0;
        }

        if (_hasTail)
        {
            AppendToTail(line.Content);
        }
    }

    /// <summary>
    /// Returns true if the group must end before a line with this time at this offset. Depends only on the content of the file, so reading it again gives the
    /// same result.
    /// </summary>
    /// <param name="timestampNs">The line's own time; 0 if it has none.</param>
    public bool IsExpired(long timestampNs, long offset) =>
        IsOpen && ((timestampNs != 0 && timestampNs - LastNs > MaxWaitNs) || offset - End >= PartialLine.MaxDistance);

    /// <summary>Ends the group.</summary>
    /// <param name="spare">A buffer of the same capacity, which the next group uses; receives the buffer with the record.</param>
    /// <param name="removedBytes">Number of bytes of the joined text that the record does not contain; 0 if it is complete.</param>
    /// <returns>The text of the record, a view of <paramref name="spare"/>.</returns>
    public ReadOnlySpan<byte> Close(ref byte[] spare, out long removedBytes)
    {
        int length = _isCut ? Compose(out removedBytes) : Whole(out removedBytes);
        (spare, _bytes) = (_bytes, spare);
        Forget();
        return spare.AsSpan(0, length);
    }

    /// <summary>Forgets the group.</summary>
    public void Forget()
    {
        IsOpen = false;
        _state = default;
    }

    private int Whole(out long removedBytes)
    {
        removedBytes = 0;
        return _kept;
    }

    /// <summary>Keeps the beginning of the line that does not fit: the first line of a group may be longer than the limit.</summary>
    private void KeepBeginning(in AssembledLine line, int newline)
    {
        if (Lines > MaxKeptLines || _kept + newline >= _maxBytes)
        {
            return;
        }

        if (newline > 0)
        {
            _bytes[_kept++] = (byte)'\n';
        }

        ReadOnlySpan<byte> beginning = line.Content[..Math.Min(line.Content.Length, _maxBytes - _kept)];
        beginning.CopyTo(_bytes.AsSpan(_kept));
        _kept += beginning.Length;
    }

    /// <summary>
    /// Returns where to cut within a line: between two words, because secrets are removed later, and half a token would not be recognized.
    /// </summary>
    private int EndOfWord(int head)
    {
        int start = Math.Max(0, head - MaxWordBytes);
        int space = _bytes.AsSpan(start, head - start).LastIndexOfAny(" \t"u8);
        return space < 0 ? head : start + space;
    }

    private void AppendToTail(ReadOnlySpan<byte> line)
    {
        // Without a line, those behind it would not follow what is in front of them.
        _isTailFull |= _tailLength + line.Length + 1 > Math.Min(TailBytes, _maxBytes / 2);
        if (_isTailFull)
        {
            return;
        }

        _tail[_tailLength++] = (byte)'\n';
        line.CopyTo(_tail.AsSpan(_tailLength));
        _tailLength += line.Length;
    }

    /// <summary>Replaces what was not kept with a marker: <c>HEAD\n…[truncated N bytes]\nLAST CAUSE</c>.</summary>
    /// <returns>Length of the result.</returns>
    private int Compose(out long removedBytes)
    {
        int room = _maxBytes - MarkerBytes - _tailLength;
        int head = Math.Min(_kept, room);
        if (head < _kept || Lines > 1)
        {
            // Cut between two lines, unless that would remove most of the text.
            int newline = _bytes.AsSpan(0, head).LastIndexOf((byte)'\n');
            head = newline > head / 2 ? newline : EndOfWord(head);
        }

        removedBytes = Length - head - _tailLength;
        Span<byte> rest = _bytes.AsSpan(head);
        rest[0] = (byte)'\n';
        int length = 1;
        length += LineSanitizer.WriteMarker(rest[length..], removedBytes);
        _tail.AsSpan(0, _tailLength).CopyTo(rest[length..]);
        return head + length + _tailLength;
    }
}
