using Shipper.Processing.Redaction;

namespace Shipper.Processing.Assembling;

/// <summary>A partly read line of one output. Keeps as many bytes as can be sent, and counts the rest.</summary>
/// <remarks>Not thread-safe: each lane has one for each output.</remarks>
/// <param name="capacity">Number of bytes to keep: the largest maximum line size of any source.</param>
internal sealed class PartialLine(int capacity)
{
    /// <summary>Length in bytes of the pieces in which a line without an end is sent.</summary>
    public const long MaxLength = 16 * 1024 * 1024;

    /// <summary>A line is sent unfinished when this many bytes of other lines have followed its last part.</summary>
    public const long MaxDistance = 4 * 1024 * 1024;

    /// <summary>A line is sent unfinished when it has waited this long for its end.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    private const long MaxWaitNs = 30L * 1_000_000_000;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(capacity);
    private int _kept;
    private long _end;
    private bool _isRemainder;
    private HiddenKeys _hidden;

    /// <summary>True from the first part of the line until the line is taken.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>True if the line gets no further part.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Time of the first part, in nanoseconds since 1970, which becomes the time of the whole line.</summary>
    public long TimestampNs { get; private set; }

    /// <summary>Ordinal of the file that contains the first part, counted by the assembler.</summary>
    public int Ordinal { get; private set; }

    /// <summary>Offset of the first part in that file.</summary>
    public long Start { get; private set; }

    /// <summary>Total length of the parts in bytes, including bytes that are not kept.</summary>
    public long Length { get; private set; }

    /// <summary>Number of bytes that the parts take in the file that is being read, including headers and newlines.</summary>
    public long FileBytes { get; set; }

    /// <summary>Begins a line.</summary>
    public void Open(long timestampNs, int ordinal, long start)
    {
        IsOpen = true;
        IsComplete = false;
        _isRemainder = false;
        TimestampNs = timestampNs;
        Ordinal = ordinal;
        Start = start;
        Length = 0;
        FileBytes = 0;
        _kept = 0;
        _hidden.Clear();
    }

    /// <summary>Adds a part.</summary>
    /// <param name="content">The part.</param>
    /// <param name="end">Offset of its end, counted from the place at which reading began.</param>
    /// <param name="fileBytes">Number of bytes that the part takes in the file.</param>
    public void Append(ReadOnlySpan<byte> content, long end, long fileBytes)
    {
        FileBytes += fileBytes;
        Length += content.Length;
        ReadOnlySpan<byte> kept = content[..Math.Min(content.Length, _bytes.Length - _kept)];
        kept.CopyTo(_bytes.AsSpan(_kept));
        _kept += kept.Length;
        if (kept.Length < content.Length)
        {
            if (Length - content.Length + kept.Length == _kept)
            {
                // The line that begins a key may be cut.
                _hidden.Add(_bytes.AsSpan(Math.Max(0, _kept - PrivateKeyText.MaxMarkerBytes).._kept));
            }

            _hidden.Add(content[kept.Length..]);
        }

        _end = end;
    }

    /// <summary>
    /// Returns true if the line must be sent without its end when a line with this time is read at this offset. Depends only on the content of the file, so
    /// reading it again gives the same result.
    /// </summary>
    public bool IsExpired(long timestampNs, long offset) =>
        IsOpen && (timestampNs - TimestampNs >= MaxWaitNs || offset - _end >= MaxDistance || Length >= MaxLength);

    /// <summary>Notes that the line gets no further part.</summary>
    /// <param name="isRemainder">True if the line is the rest of one that was so long that its beginning has already become a record.</param>
    public void Complete(bool isRemainder = false)
    {
        IsComplete = true;
        _isRemainder = isRemainder;
    }

    /// <summary>Returns the line as it is.</summary>
    /// <returns>A view that is valid until the next <see cref="Open"/>.</returns>
    public AssembledLine ToLine() => new()
    {
        TimestampNs = TimestampNs,
        Content = _bytes.AsSpan(0, _kept),
        Length = Length,
        HiddenKey = _hidden.Last,
        IsRemainder = _isRemainder,
        IsAlone = _isRemainder,
        Ordinal = Ordinal,
        Start = Start,
        FileBytes = FileBytes,
        End = _end,
    };

    /// <summary>Ends or forgets the line.</summary>
    public void Close() => IsOpen = IsComplete = false;
}
