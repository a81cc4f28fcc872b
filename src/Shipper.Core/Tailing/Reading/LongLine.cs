using Shipper.Parsing;
using Shipper.Processing.Assembling;
using Shipper.Records;

namespace Shipper.Tailing.Reading;

/// <summary>A line that is longer than the read buffer and is read in pieces.</summary>
/// <remarks>Not thread-safe. Each lane has one.</remarks>
/// <param name="buffer">Contains the pieces.</param>
/// <param name="plain">Decodes pieces of plain lines.</param>
/// <param name="damaged">Detects another record inside the line.</param>
internal sealed class LongLine(ReadBuffer buffer, PlainTextDecoder plain, DamagedLines damaged)
{
    /// <summary>Number of bytes that are enough to recognize a record.</summary>
    private const int HeaderBytes = 64;

    private bool _hasHeaders;
    private bool _isPartial;
    private bool _isSkipped;
    private bool _isRest;
    private LogOutput _output;
    private long _timestampNs;
    private long _oldestNextNs;
    private long _length;

    /// <summary>True while the line is being read.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Offset of the line. If the line was so long that its beginning became a record of its own, the offset of the rest.</summary>
    public long Start { get; private set; }

    /// <summary>
    /// This many NULs end the line, regardless of what follows: a power loss leaves whole disk blocks of NULs. If an application prints that many in one line,
    /// the line becomes two records.
    /// </summary>
    private int MaxNuls => buffer.Capacity / 2;

    /// <summary>Begins a line after its first piece was read.</summary>
    /// <param name="line">The first piece.</param>
    /// <param name="start">Offset of the line.</param>
    /// <param name="hasHeaders">True if a container runtime wrote the line.</param>
    /// <param name="isSkipped">True if the line has been processed before, so that none of its pieces is returned.</param>
    public void Begin(scoped in LogLine line, long start, bool hasHeaders, bool isSkipped)
    {
        IsOpen = true;
        Start = start;
        _hasHeaders = hasHeaders;
        _isPartial = line.IsPartial;
        _isSkipped = isSkipped;
        _isRest = false;
        _output = line.Output;
        _timestampNs = line.TimestampNs;
        _oldestNextNs = hasHeaders && !line.IsTorn ? line.TimestampNs : long.MinValue;
        _length = line.Content.Length;
    }

    /// <summary>Forgets the line.</summary>
    public void End() => IsOpen = false;

    /// <summary>Returns the next piece.</summary>
    /// <param name="isLast">True if nothing will be added to the line.</param>
    /// <param name="line">The piece. It is marked as partial unless it is the last one or completes a record of the maximum length.</param>
    /// <param name="place">Its place in the file.</param>
    /// <returns>False if the buffer has no more of the line, or if a skipped line ended.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool TryNext(bool isLast, out LogLine line, out LineRange place)
    {
        while (IsOpen)
        {
            ReadOnlySpan<byte> unread = buffer.Unread;
            int nuls = plain.CountNuls(unread, buffer.Offset);
            bool? isEnd = nuls > 0 ? EndsBeforeNuls(unread, nuls, isLast) : unread.IsEmpty && isLast;
            if (isEnd is null || (unread.IsEmpty && !isLast))
            {
                break;
            }

            if (isEnd.Value)
            {
                MakeLine([], taken: 0, isEnd: true, out line, out place);
            }
            else if (!TryTake(unread, nuls, isLast, out line, out place))
            {
                break;
            }

            if (!_isSkipped)
            {
                return true;
            }
        }

        line = default;
        place = default;
        return false;
    }

    /// <summary>
    /// Returns the part of an unfinished line that can be consumed. Bytes after NULs must be read first, because they show whether the NULs belong to the
    /// line.
    /// </summary>
    public ReadOnlySpan<byte> PieceOf(ReadOnlySpan<byte> text, bool hasHeaders) =>
        plain.IndexOfNul(text, buffer.Offset) is >= 0 and int nul ? text[..nul]
        : hasHeaders ? text
        : text[..plain.DecodableLength(text, buffer.Offset)];

    /// <summary>Finds the end of a line that is at the beginning of the buffer and fills it: the first NULs that end a line, whatever follows.</summary>
    /// <returns>Index of these NULs; -1 if there are none.</returns>
    public int IndexOfEnd(ReadOnlySpan<byte> text)
    {
        for (int start = 0, found; (found = text[start..].IndexOf((byte)0)) >= 0;)
        {
            start += found;
            int nuls = text[start..].IndexOfAnyExcept((byte)0) is >= 0 and int other ? other : text.Length - start;
            if (nuls >= MaxNuls)
            {
                return start;
            }

            start += nuls;
        }

        return -1;
    }

    private bool TryTake(ReadOnlySpan<byte> unread, int nuls, bool isLast, out LogLine line, out LineRange place)
    {
        int length = nuls > 0 ? -1 : plain.IndexOfNewline(unread, buffer.Offset);
        ReadOnlySpan<byte> piece = nuls > 0 ? unread[..nuls] : length >= 0 ? unread[..length] : isLast ? unread : PieceOf(unread, _hasHeaders);
        if (nuls == 0 && plain.IndexOfNul(piece, buffer.Offset) is >= 0 and int nul)
        {
            piece = piece[..nul];
            length = -1;
        }

        bool isEnd = length >= 0;
        int taken = piece.Length + (isEnd ? plain.NewlineBytes : 0);
        MakeLine(_hasHeaders ? piece : plain.Decode(piece, buffer.Offset, isStart: false, isEnd), taken, isEnd, out line, out place);
        return taken > 0;
    }

    private void MakeLine(ReadOnlySpan<byte> content, int taken, bool isEnd, out LogLine line, out LineRange place)
    {
        place = new LineRange(buffer.Offset, buffer.Offset + taken);
        buffer.Consume(taken);
        _length += content.Length;
        bool isCut = !isEnd && !_isSkipped && _length >= PartialLine.MaxLength;
        line = new LogLine(_timestampNs, _output, isEnd ? _isPartial : !isCut, content) { IsContinuation = true, IsRemainder = _isRest };
        IsOpen = !isEnd;
        if (isCut)
        {
            _isRest = true;
            Start = buffer.Offset;
            _length = 0;
        }
    }

    /// <summary>Decides whether NULs belong to the line, or end it because a record follows or because there are too many.</summary>
    /// <returns>Null if more bytes are needed to decide.</returns>
    private bool? EndsBeforeNuls(ReadOnlySpan<byte> unread, int nuls, bool isLast)
    {
        if (nuls >= MaxNuls)
        {
            return nuls == unread.Length && buffer.TryEndBeforeNuls() ? null : true;
        }

        ReadOnlySpan<byte> behind = unread[nuls..];
        bool isKnown = isLast || (_hasHeaders ? behind.Length >= HeaderBytes || behind.Contains((byte)'\n') : behind.Length >= plain.NewlineBytes);
        return isKnown ? _hasHeaders && damaged.StartsNextRecord(behind, _oldestNextNs) : null;
    }
}
