using System.Runtime.CompilerServices;
using Shipper.Checkpoints;
using Shipper.Parsing;
using Shipper.Processing.Assembling;
using Shipper.Records;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Reading;

/// <summary>
/// Gives the lines of one generation after the other, each with its place: what is between two newlines, without what a power loss or a full disk left.
/// </summary>
/// <remarks>Not thread-safe. Each lane has one. A line is a view of the buffers, until the next call.</remarks>
internal sealed class LineCursor : IDisposable
{
    /// <summary>
    /// Buffers in a turn if coming back means to read something again: from the start of an open line, or a .gz from its start. Any other turn is one
    /// buffer, so that the other streams soon have theirs.
    /// </summary>
    private const int DearTurnBuffers = 8;

    private readonly Assembler _assembler;
    private readonly ReadBuffer _buffer;
    private readonly PlainText _plain;
    private readonly LineParser _parser;
    private readonly LongLine _long;

    private TailedStream? _stream;
    private Generation? _generation;

    // Lines that begin below their output's are done with.
    private Offsets _floor;

    // Bytes of the last line, to put it back.
    private int _taken;

    /// <param name="bufferBytes">Bytes of one read(2). A line may be longer.</param>
    /// <param name="losses">Records lost bytes.</param>
    /// <param name="assembler">Tells how dear it is to end a turn.</param>
    public LineCursor(int bufferBytes, TailingServices services, LossBook losses, Assembler assembler)
    {
        _assembler = assembler;
        _buffer = new ReadBuffer(bufferBytes, services, losses);
        _plain = new PlainText(bufferBytes);
        _parser = new LineParser(_buffer, _plain, new ContainerLineParser(bufferBytes), services);
        _long = new LongLine(_buffer, _plain, _parser.Damaged);
    }

    /// <summary>True if <see cref="TryNext"/> returned false because the turn is over, not because it came to the end.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Where the next line begins, or the one begins in which reading stands.</summary>
    public long LineStart => _long.IsOpen ? _long.Start : _buffer.Offset;

    /// <summary>Where what was read of the generation ends.</summary>
    public long End => _buffer.End;

    /// <summary>True if there is something behind the last line: a part of the next one.</summary>
    public bool HasRest => _long.IsOpen || !_buffer.IsEmpty;

    /// <summary>What stands before <see cref="LineStart"/>, as far as it is still in the buffer.</summary>
    public ReadOnlySpan<byte> Taken => _long.IsOpen ? [] : _buffer.Taken;

    /// <summary>Bytes read for the first time, since this was last set to 0.</summary>
    public long BytesRead
    {
        get => _buffer.BytesRead;
        set => _buffer.BytesRead = value;
    }

    /// <summary>What was passed over since this was last cleared.</summary>
    public List<Drop> Drops => _parser.Drops;

    /// <summary>
    /// True if the other streams have their turn now. Bytes that were read again count half: however far back reading begins, the total is at most
    /// three times the content. No turn ends inside a line that is longer than the buffer.
    /// </summary>
    private bool IsTurnOver => _buffer.MayHaveMore && !_long.IsOpen && (_assembler.HasMadeRecord || !_assembler.IsHolding)
        && _buffer.NewBytes >= Math.Max(
            _buffer.Capacity * (_assembler.IsHolding || _generation!.IsGzip ? DearTurnBuffers : 1L), _buffer.RepeatedBytes / 2);

    /// <summary>A stream's turn begins.</summary>
    public void Begin(TailedStream stream)
    {
        _stream = stream;
        _parser.Begin(stream);
        _buffer.BeginTurn(stream);
    }

    /// <summary>Turns to a generation.</summary>
    /// <param name="position">Where to begin.</param>
    public void Enter(Generation generation, Offsets position)
    {
        _generation = generation;
        _floor = position;
        _long.End();
        _buffer.Enter(generation, position);
        _parser.Enter(generation, position);
    }

    /// <summary>The turn is over.</summary>
    public void EndTurn()
    {
        _stream = null;
        _long.End();
    }

    /// <summary>Gives the next line.</summary>
    /// <param name="line">The line, or a piece of one that is longer than the buffer.</param>
    /// <param name="place">Where it stands.</param>
    /// <returns>False if there is none: the turn is over, or no more of the generation is complete.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryNext(out LogLine line, out LinePlace place)
    {
        // Nearly every line: a whole one, in the buffer.
        if (!_long.IsOpen && !_plain.IsWide && _buffer.Offset < _stream!.Turn.Limit)
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

    private bool TryFind(out LogLine line, out LinePlace place)
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
                int length = _plain.IsWide ? _plain.IndexOfNewline(unread, _buffer.Offset) : LineScanner.IndexOfNewline(unread, out isText);
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

    /// <summary>Gives what stands behind the last newline as a line; nothing more of it is to come.</summary>
    /// <returns>False if it is not given as it is: call <see cref="TryNext"/> again.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool TryTakeRest(out LogLine line, out LinePlace place) =>
        _long.IsOpen ? _long.TryNext(isLast: true, out line, out place) : TryTake(_buffer.Unread, isText: false, _buffer.Unread.Length, out line, out place);

    /// <summary>The last line is given again by the next call. It must not have been a continuation.</summary>
    public void PutBack()
    {
        _buffer.Take(-_taken);
        _long.End();
    }

    /// <summary>Reads on where the end was found before, since the file may have grown.</summary>
    /// <returns>False if that is still the end.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool RefillAgain() => _buffer.RefillAgain();

    public void Dispose() => _buffer.Dispose();

    /// <summary>Takes a line.</summary>
    /// <param name="text">The line without its newline, at the beginning of the buffer.</param>
    /// <param name="isText">True if all of it is known to be ASCII without NULs.</param>
    /// <param name="length">Bytes that it takes in the buffer, newline included.</param>
    /// <param name="line">The line.</param>
    /// <param name="place">Where it stands.</param>
    /// <returns>False if something else was taken instead: NULs, or a line that is done with.</returns>
    private bool TryTake(ReadOnlySpan<byte> text, bool isText, int length, out LogLine line, out LinePlace place)
    {
        if (!_parser.TryRead(text, isText, ref length, out line))
        {
            place = default;
            return false;
        }

        place = new LinePlace(_buffer.Offset, _buffer.Offset + length);
        _buffer.Take(length);
        _taken = length;
        return place.Start >= _floor[line.Output];
    }

    /// <summary>The buffer is full of one line: its first piece is taken.</summary>
    private bool TryBeginLong(out LogLine line, out LinePlace place)
    {
        line = default;
        place = default;
        ReadOnlySpan<byte> text = _buffer.Unread;
        if (_parser.TryTakeNuls(text))
        {
            return false;
        }

        if (_parser.FindEnd(text) is > 0 and int end)
        {
            return TryTake(text[..end], isText: false, end, out line, out place);
        }

        text = _long.PieceOf(text, _parser.HasHeaders);
        bool isLine = _parser.TryReadPiece(text, out line);
        place = new LinePlace(_buffer.Offset, _buffer.Offset + text.Length);
        _buffer.Take(text.Length);
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
