using System.Runtime.CompilerServices;
using Shipper.Checkpoints;
using Shipper.Parsing;
using Shipper.Processing.Assembling;
using Shipper.Records;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Reading;

/// <summary>
/// Returns the lines of one generation after another, each with its place in the file. A line is the text between two newlines, without the remains of a
/// power loss or a full disk.
/// </summary>
/// <remarks>Not thread-safe. Each lane has one. A line is a view of the buffers, and valid until the next call.</remarks>
internal sealed class LineCursor : IDisposable
{
    /// <summary>
    /// Length of a turn in buffers if resuming later means reading much again: more than an eighth of a buffer, or a .gz from its start. Any other turn is one
    /// buffer long, so that the other streams are soon read, too.
    /// </summary>
    private const int MaxBuffersWhenReReading = 8;

    private readonly Assembler _assembler;
    private readonly ReadBuffer _buffer;
    private readonly PlainTextDecoder _plain;
    private readonly LineParser _parser;
    private readonly LongLine _long;

    private TailedStream? _stream;
    private Generation? _generation;

    // Lines that begin before the position of their output have been processed.
    private FilePosition _floor;

    // Length of the last line in the buffer, for PutBack.
    private int _taken;

    /// <param name="bufferBytes">Buffer size in bytes: that of one read(2). A line may be longer.</param>
    /// <param name="losses">Records lost bytes.</param>
    /// <param name="assembler">Tells how much must be read again after a turn.</param>
    public LineCursor(int bufferBytes, TailingServices services, LossRecorder losses, Assembler assembler)
    {
        _assembler = assembler;
        _buffer = new ReadBuffer(bufferBytes, services, losses);
        _plain = new PlainTextDecoder(bufferBytes);
        _parser = new LineParser(_buffer, _plain, new ContainerLineParser(bufferBytes), services);
        _long = new LongLine(_buffer, _plain, _parser.Damaged);
    }

    /// <summary>True if <see cref="TryNext"/> returned false because the turn is over, not because the end was reached.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>True if the lines from here on need another time, so that they belong to another turn.</summary>
    public bool IsAtLimit => _buffer.Offset >= _stream!.Turn.Limit;

    /// <summary>Offset of the line that is being read in pieces or, if there is none, of the next line.</summary>
    public long LineStart => _long.IsOpen ? _long.Start : _buffer.Offset;

    /// <summary>Offset up to which the generation has been read.</summary>
    public long End => _buffer.End;

    /// <summary>True if an incomplete line follows the last one.</summary>
    public bool HasRest => _long.IsOpen || !_buffer.IsEmpty;

    /// <summary>The bytes before <see cref="LineStart"/> that are still in the buffer.</summary>
    public ReadOnlySpan<byte> Consumed => _long.IsOpen ? [] : _buffer.Consumed;

    /// <summary>Number of bytes read for the first time since this was last set to 0.</summary>
    public long BytesRead
    {
        get => _buffer.BytesRead;
        set => _buffer.BytesRead = value;
    }

    /// <summary>Everything that was skipped since the list was last cleared.</summary>
    public List<Drop> Drops => _parser.Drops;

    /// <summary>
    /// True if the other streams should be read now. Bytes that were read again count half, so the total is at most three times the content, however far back
    /// reading begins. No turn ends inside a line that is longer than the buffer.
    /// </summary>
    private bool IsTurnOver => _buffer.MayHaveMore && !_long.IsOpen && (_assembler.HasMadeRecord || !_assembler.IsHolding)
        && _buffer.NewBytes >= Math.Max(_buffer.Capacity * (MustReadMuchAgain ? MaxBuffersWhenReReading : 1L), _buffer.RepeatedBytes / 2);

    private bool MustReadMuchAgain => _generation!.IsGzip || _assembler.BytesToReadAgain(_buffer.Offset) > _buffer.Capacity / MaxBuffersWhenReReading;

    /// <summary>Begins the turn of a stream.</summary>
    public void Begin(TailedStream stream)
    {
        _stream = stream;
        _parser.Begin(stream);
        _buffer.BeginTurn(stream);
    }

    /// <summary>Switches to a generation.</summary>
    /// <param name="position">The position at which to begin.</param>
    public void Enter(Generation generation, FilePosition position)
    {
        _generation = generation;
        _floor = position;
        _long.End();
        _buffer.Enter(generation, position);
        _parser.Enter(generation, position);
    }

    /// <summary>Ends the turn.</summary>
    public void EndTurn()
    {
        _stream = null;
        _long.End();
    }

    /// <summary>Returns the next line.</summary>
    /// <param name="line">The line, or a piece of a line that is longer than the buffer.</param>
    /// <param name="place">Its place in the file.</param>
    /// <returns>False if the turn is over, or if the generation has no further complete line.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryNext(out LogLine line, out LineRange place)
    {
        // Fast path for nearly every line: it is completely in the buffer.
        if (!_long.IsOpen && !_plain.IsUtf16 && _buffer.Offset < _stream!.Turn.Limit)
        {
            ReadOnlySpan<byte> unread = _buffer.Unread;
            int length = LineScanner.IndexOfNewline(unread, out bool isText);
            if (length >= 0 && TryTake(unread[..length], isText, length + 1, out line, out place))
            {
                return true;
            }
        }

        return TryFind(out line, out place);
    }

    private bool TryFind(out LogLine line, out LineRange place)
    {
        IsPaused = false;
        while (true)
        {
            if (_long.IsOpen)
            {
                if (_long.TryNext(isLast: false, out line, out place))
                {
                    return true;
                }

                if (!_long.IsOpen)
                {
                    continue;
                }
            }
            else
            {
                if (_buffer.Offset >= _stream!.Turn.Limit)
                {
                    break;
                }

                ReadOnlySpan<byte> unread = _buffer.Unread;
                bool isText = false;
                int length = _plain.IsUtf16 ? _plain.IndexOfNewline(unread, _buffer.Offset) : LineScanner.IndexOfNewline(unread, out isText);
                if (length >= 0)
                {
                    if (TryTake(unread[..length], isText, length + _plain.NewlineBytes, out line, out place))
                    {
                        return true;
                    }

                    continue;
                }
            }

            if (IsTurnOver)
            {
                break;
            }

            if (_buffer.Refill())
            {
                continue;
            }

            if (!_buffer.IsFull)
            {
                line = default;
                place = default;
                return false;
            }

            if (TryBeginLong(out line, out place))
            {
                return true;
            }
        }

        IsPaused = true;
        line = default;
        place = default;
        return false;
    }

    /// <summary>Returns the bytes after the last newline as a line. Call only if nothing will be added to that line.</summary>
    /// <returns>False if the bytes are not a line by themselves: call <see cref="TryNext"/> again.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool TryReadRest(out LogLine line, out LineRange place) =>
        _long.IsOpen ? _long.TryNext(isLast: true, out line, out place) : TryTake(_buffer.Unread, isText: false, _buffer.Unread.Length, out line, out place);

    /// <summary>Makes the next call return the last line again. Must not be called for a continuation.</summary>
    public void PutBack()
    {
        _buffer.Consume(-_taken);
        _long.End();
    }

    /// <summary>Tries again to read at the previous end of the file, because the file may have grown.</summary>
    /// <returns>False if the file has not grown.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool RetryRefill() => _buffer.RetryRefill();

    public void Dispose() => _buffer.Dispose();

    /// <summary>Consumes a line from the buffer.</summary>
    /// <param name="text">The line without its newline, at the beginning of the buffer.</param>
    /// <param name="isText">True if the whole line is known to be ASCII without NULs.</param>
    /// <param name="length">Length of the line in the buffer in bytes, including the newline.</param>
    /// <param name="place">Its place in the file.</param>
    /// <returns>False if there is no line to process: NULs were consumed instead, or the line has been processed before.</returns>
    private bool TryTake(ReadOnlySpan<byte> text, bool isText, int length, out LogLine line, out LineRange place)
    {
        if (!_parser.TryRead(text, isText, ref length, out line))
        {
            place = default;
            return false;
        }

        place = new LineRange(_buffer.Offset, _buffer.Offset + length);
        _buffer.Consume(length);
        _taken = length;
        return place.Start >= _floor[line.Output];
    }

    /// <summary>Consumes the first piece of a line that fills the buffer.</summary>
    private bool TryBeginLong(out LogLine line, out LineRange place)
    {
        line = default;
        place = default;
        ReadOnlySpan<byte> text = _buffer.Unread;
        if (_parser.TrySkipNuls(text))
        {
            return false;
        }

        int nuls = _parser.HasHeaders ? _long.IndexOfEnd(text) : -1;
        if (nuls >= 0 && !text[nuls..].ContainsAnyExcept((byte)0) && _buffer.TryEndBeforeNuls())
        {
            return false;
        }

        // With the end of a long line in the buffer, it is a line like any other.
        int end = nuls >= 0 ? nuls : _parser.FindEnd(text);
        if (end > 0)
        {
            return TryTake(text[..end], isText: false, end, out line, out place);
        }

        ReadOnlySpan<byte> whole = text;
        text = _long.PieceOf(text, _parser.HasHeaders);
        bool isLine = _parser.TryReadPiece(whole, text, out line);
        place = new LineRange(_buffer.Offset, _buffer.Offset + text.Length);
        _buffer.Consume(text.Length);
        if (!isLine)
        {
            return false;
        }

        _taken = text.Length;
        bool isSkipped = place.Start < _floor[line.Output];
        _long.Begin(in line, place.Start, _parser.HasHeaders, isSkipped);
        line.IsPartial = true;
        return !isSkipped;
    }
}
