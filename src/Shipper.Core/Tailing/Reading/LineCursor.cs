using System.Runtime.CompilerServices;
using Shipper.Checkpoints;
using Shipper.Parsing;
using Shipper.Processing.Assembling;
using Shipper.Records;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Reading;

/// <summary>
/// Gives the lines of one generation after the other, each with its place: what is between two newlines, without what a power loss or a full disk left.
/// </summary>
/// <remarks>Not safe for concurrent use. A lane has one. A line is a view of the buffers, until the next call.</remarks>
internal sealed class LineCursor : IDisposable
{
    /// <summary>
    /// Buffers in a turn if coming back means to read something again: from the start of an open line, or a .gz from its start. Any other turn is one
    /// buffer, so that the other streams soon have theirs.
    /// </summary>
    private const int DearTurnBuffers = 8;

    private readonly TailingServices _services;
    private readonly Assembler _assembler;
    private readonly ReadBuffer _buffer;
    private readonly ContainerLineParser _parser;
    private readonly DamagedLines _damaged;
    private readonly PlainText _plain;
    private readonly LongLine _long;
    private readonly MissingTimes _times;

    private TailedStream? _stream;
    private Generation? _generation;
    private bool _hasHeaders;

    // Lines that begin below their output's are done with.
    private Offsets _floor;

    // Bytes of the last line, to put it back.
    private int _taken;

    /// <param name="bufferBytes">Bytes of one read(2). A line may be longer.</param>
    /// <param name="services">What every part of tailing needs.</param>
    /// <param name="losses">Is told what is lost.</param>
    /// <param name="assembler">Tells how dear it is to end a turn.</param>
    public LineCursor(int bufferBytes, TailingServices services, LossBook losses, Assembler assembler)
    {
        _services = services;
        _assembler = assembler;
        _buffer = new ReadBuffer(bufferBytes, services, losses);
        _parser = new ContainerLineParser(bufferBytes);
        _damaged = new DamagedLines(_parser);
        _plain = new PlainText(bufferBytes);
        _long = new LongLine(_buffer, _plain, _damaged);
        _times = new MissingTimes(_parser, services.Time);
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
    public List<Drop> Drops { get; } = [];

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
        _hasHeaders = stream.Source.HasHeaders;
        Drops.Clear();
        _buffer.BeginTurn(stream);
    }

    /// <summary>Turns to a generation.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="position">Where to begin.</param>
    public void Enter(Generation generation, Offsets position)
    {
        _generation = generation;
        _floor = position;
        _long.End();
        _plain.Encoding = default;
        _buffer.Enter(generation, position);
        if (!_hasHeaders)
        {
            FindEncoding(generation);
        }
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
        if (!_long.IsOpen && !_plain.IsWide && _buffer.Offset < _stream!.Limit)
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
                if (_buffer.Offset >= _stream!.Limit)
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
    /// <returns>False where that is the end still.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool RefillAgain() => _buffer.RefillAgain();

    public void Dispose() => _buffer.Dispose();

    /// <summary>A file of plain lines is begun: the first bytes say how they are encoded.</summary>
    private void FindEncoding(Generation generation)
    {
        Span<byte> head = stackalloc byte[sizeof(char)];
        try
        {
            generation.Encoding ??= PlainText.Detect(head[.._buffer.ReadHead(head)]);
        }
        catch (IOException)
        {
            // Reading says so in a moment.
        }

        _plain.Encoding = generation.Encoding ?? default;
        _buffer.UnitBytes = _plain.NewlineBytes;
    }

    /// <summary>Takes a line.</summary>
    /// <param name="text">The line without its newline, at the beginning of the buffer.</param>
    /// <param name="isText">True if all of it is known to be ASCII without NULs.</param>
    /// <param name="length">Bytes that it takes in the buffer, newline included.</param>
    /// <param name="line">The line.</param>
    /// <param name="place">Where it stands.</param>
    /// <returns>False if something else was taken instead: NULs, or a line that is done with.</returns>
    private bool TryTake(ReadOnlySpan<byte> text, bool isText, int length, out LogLine line, out LinePlace place)
    {
        long start = _buffer.Offset;
        place = default;
        if (!_hasHeaders)
        {
            if (!TryReadPlain(text, isText, length, out line))
            {
                return false;
            }
        }
        else if (!_parser.TryParse(text, out line))
        {
            if (!TryReadTorn(ref text, ref isText, ref length, out line))
            {
                return false;
            }
        }
        else if (!isText && _damaged.FindEndBeforeNuls(text, line.TimestampNs) is > 0 and int end && _parser.TryParse(text[..end], out LogLine first))
        {
            line = first;
            length = end;
        }

        _buffer.Take(length);
        _taken = length;

        // The content of docker's JSON is in another buffer, and its escapes may stand for anything.
        line.IsAscii = isText && text.Overlaps(line.Content);
        place = new LinePlace(start, start + length);
        return start >= _floor[line.Output];
    }

    /// <summary>A plain line: nothing in it can end, join or date another.</summary>
    private bool TryReadPlain(ReadOnlySpan<byte> text, bool isText, int length, out LogLine line)
    {
        if (isText)
        {
            // It has no NULs and no byte order mark, and it is ended.
            line = new LogLine(_stream!.BaseNs, LogOutput.Stdout, isPartial: false, PlainText.WithoutCarriageReturn(text));
            return true;
        }

        line = default;
        if (TryTakeNuls(text))
        {
            return false;
        }

        bool isEnded = length > text.Length;
        ReadOnlySpan<byte> content = _plain.Read(text, _buffer.Offset, isStart: true, isEnded);
        if (content.IsEmpty && !isEnded)
        {
            // Nothing but the byte order mark was written yet.
            _buffer.Take(length);
            return false;
        }

        if (content is [0, ..])
        {
            // Like NULs at the beginning of a line, those behind a byte order mark are not part of it.
            _buffer.Take(_plain.MarkBytes);
            return false;
        }

        if (!_generation!.HasToldOfEncoding && !_plain.IsWide && PlainText.LooksWide(text))
        {
            _generation.HasToldOfEncoding = true;
            ReadingEvents.EncodingUnknown(_services.Logger, _generation.Path);
        }

        line = new LogLine(_stream!.BaseNs, LogOutput.Stdout, isPartial: false, content);
        return true;
    }

    /// <summary>
    /// A line that the runtime did not write as it should have: it goes on as it is, to stdout. If it was cut off, and the next record stands behind
    /// it, it ends there.
    /// </summary>
    private bool TryReadTorn(scoped ref ReadOnlySpan<byte> text, scoped ref bool isText, scoped ref int length, out LogLine line)
    {
        line = default;
        if (TryTakeNuls(text))
        {
            return false;
        }

        if (_damaged.FindEnd(text) is > 0 and int end)
        {
            length = end;
            text = text[..end];
            if (_parser.TryParse(text, out line))
            {
                isText = false;
                return true;
            }
        }

        // It needs no time if it is done with.
        long timestampNs = _buffer.Offset < _floor.Stdout ? 0 : _times.For(_stream!, _buffer.Unread[length..]);
        line = new LogLine(timestampNs, LogOutput.Stdout, isPartial: false, text) { IsTorn = true };
        return true;
    }

    /// <summary>The buffer is full of one line: its first piece is taken.</summary>
    private bool TryBeginLong(out LogLine line, out LinePlace place)
    {
        line = default;
        place = default;
        ReadOnlySpan<byte> text = _buffer.Unread;
        if (TryTakeNuls(text))
        {
            return false;
        }

        if (_hasHeaders && FindEnd(text) is > 0 and int end)
        {
            return TryTake(text[..end], isText: false, end, out line, out place);
        }

        long start = _buffer.Offset;
        text = _long.PieceOf(text, _hasHeaders);
        if (!_hasHeaders)
        {
            line = new LogLine(_stream!.BaseNs, LogOutput.Stdout, isPartial: false, _plain.Read(text, start, isStart: true, isEnd: false));
            if (line.Content.IsEmpty)
            {
                // A byte order mark, and NULs behind it.
                _buffer.Take(text.Length);
                return false;
            }
        }
        else if (!_parser.TryParse(text, out line))
        {
            line = new LogLine(start < _floor.Stdout ? 0 : _times.For(_stream!, []), LogOutput.Stdout, isPartial: false, text) { IsTorn = true };
        }

        _buffer.Take(text.Length);
        _taken = text.Length;
        bool isSkipped = start < _floor[line.Output];
        _long.Begin(in line, start, _hasHeaders, isSkipped);
        line.IsPartial = true;
        place = new LinePlace(start, start + text.Length);
        return !isSkipped;
    }

    /// <returns>Bytes before the next record; 0 if none begins in the buffer.</returns>
    private int FindEnd(ReadOnlySpan<byte> text) =>
        _parser.TryParse(text, out LogLine line) ? _damaged.FindEndBeforeNuls(text, line.TimestampNs) : _damaged.FindEnd(text);

    /// <summary>
    /// Passes over NULs at the beginning of a line, and over the newline if there is nothing else in it: nobody wrote them. They count once, though
    /// a line may be open before them so that they are met again.
    /// </summary>
    /// <returns>False if the line does not begin with NULs.</returns>
    private bool TryTakeNuls(ReadOnlySpan<byte> text)
    {
        if (text is not [0, ..] || _plain.CountNuls(text, _buffer.Offset) == 0)
        {
            return false;
        }

        long offset = _buffer.Offset;
        long bytes = _buffer.TakeNuls();
        if (bytes == 0)
        {
            return true;
        }

        int newline = _plain.NewlineBytes;
        if (_buffer.Unread.Length >= newline && _plain.IndexOfNewline(_buffer.Unread[..newline], _buffer.Offset) == 0)
        {
            _buffer.Take(newline);
            bytes += newline;
        }

        if (offset >= _floor.Max)
        {
            Drop.Add(Drops, new Drop(_generation!, DropReasons.NulBytes, 0, bytes) { SinceNs = _stream!.Clock.LastRawNs, IsLost = offset > 0 && _hasHeaders });
        }

        return true;
    }
}
