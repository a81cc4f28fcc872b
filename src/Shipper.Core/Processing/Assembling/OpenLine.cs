namespace Shipper.Processing.Assembling;

/// <summary>
/// A line of one output of which parts were read and others may still come. It keeps as many bytes as can be sent and
/// counts the rest.
/// </summary>
/// <remarks>Not safe for concurrent use. Each lane has one for each output.</remarks>
/// <param name="capacity">Bytes kept: the largest line size of any source.</param>
internal sealed class OpenLine(int capacity)
{
    /// <summary>A line without an end is sent in pieces of this many bytes.</summary>
    public const long MaxLength = 16 * 1024 * 1024;

    /// <summary>A line is sent unfinished when this many bytes of other lines follow its last part.</summary>
    public const long MaxDistance = 4 * 1024 * 1024;

    /// <summary>A line is sent unfinished when it has waited this long for its end.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    private const long MaxWaitNs = 30L * 1_000_000_000;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(capacity);
    private int _kept;
    private long _end;

    /// <summary>True from the first part to the last.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Time of the first part, in nanoseconds since 1970: the time of the whole line.</summary>
    public long TimestampNs { get; private set; }

    /// <summary>The number of the generation that the first part stands in, counted by the reader.</summary>
    public int Ordinal { get; private set; }

    /// <summary>Where the first part begins in it.</summary>
    public long Start { get; private set; }

    /// <summary>Bytes of all parts, also of those no longer kept.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes that its parts take in the generation that is being read, with headers and newlines.</summary>
    public long FileBytes { get; set; }

    /// <summary>The beginning of the line; readable until the next <see cref="Open"/>.</summary>
    public ReadOnlySpan<byte> Kept => _bytes.AsSpan(0, _kept);

    /// <summary>Begins a line.</summary>
    public void Open(long timestampNs, int ordinal, long start)
    {
        IsOpen = true;
        TimestampNs = timestampNs;
        Ordinal = ordinal;
        Start = start;
        Length = 0;
        FileBytes = 0;
        _kept = 0;
    }

    /// <summary>Adds a part.</summary>
    /// <param name="content">The part.</param>
    /// <param name="end">Where it ends, counted from where reading began.</param>
    /// <param name="fileBytes">Bytes that it takes in the file.</param>
    public void Append(ReadOnlySpan<byte> content, long end, long fileBytes)
    {
        FileBytes += fileBytes;
        Length += content.Length;
        ReadOnlySpan<byte> kept = content[..Math.Min(content.Length, _bytes.Length - _kept)];
        kept.CopyTo(_bytes.AsSpan(_kept));
        _kept += kept.Length;
        _end = end;
    }

    /// <summary>
    /// Tells whether the line is to be sent without its end when a line of that time is read at that place. Only what stands in
    /// the file decides, so that reading it again comes to the same.
    /// </summary>
    public bool IsExpired(long timestampNs, long offset) =>
        IsOpen && (timestampNs - TimestampNs >= MaxWaitNs || offset - _end >= MaxDistance || Length >= MaxLength);

    /// <summary>Ends or forgets the line.</summary>
    public void Close() => IsOpen = false;
}
