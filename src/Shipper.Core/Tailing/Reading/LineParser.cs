using Shipper.Checkpoints;
using Shipper.Parsing;
using Shipper.Records;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Reading;

/// <summary>Parses the text between two newlines as a line of a container runtime, a malformed line of a runtime, or a plain line.</summary>
/// <remarks>Not thread-safe. Each lane has one. A line is a view of the buffers, and valid until the next call.</remarks>
/// <param name="buffer">Contains the bytes.</param>
/// <param name="plain">Parses plain lines.</param>
/// <param name="parser">Parses lines of container runtimes.</param>
internal sealed class LineParser(ReadBuffer buffer, PlainTextDecoder plain, ContainerLineParser parser, TailingServices services)
{
    private readonly MissingTimes _times = new(parser, services.Time);
    private readonly NulRuns _nuls = new(buffer, plain);
    private TailedStream? _stream;
    private Generation? _generation;
    private FilePosition _floor;

    /// <summary>Finds records inside a damaged line.</summary>
    public DamagedLines Damaged { get; } = new(parser);

    /// <summary>Everything that was skipped since the list was last cleared.</summary>
    public List<Drop> Drops { get; } = [];

    /// <summary>True if a container runtime writes the lines.</summary>
    public bool HasHeaders { get; private set; }

    /// <summary>Begins the turn of a stream.</summary>
    public void Begin(TailedStream stream)
    {
        _stream = stream;
        HasHeaders = stream.Kind.HasHeaders;
        Drops.Clear();
    }

    /// <summary>Switches to a generation.</summary>
    /// <param name="floor">Lines that begin before the position of their output have been processed.</param>
    public void Enter(Generation generation, FilePosition floor)
    {
        _generation = generation;
        _floor = floor;
        plain.Encoding = default;
        if (!HasHeaders)
        {
            PlainEncoding.Detect(generation, buffer, plain);
        }
    }

    /// <summary>Parses a line at the beginning of the buffer, and leaves it there.</summary>
    /// <param name="text">The line without its newline.</param>
    /// <param name="isText">True if the whole line is known to be ASCII without NULs.</param>
    /// <param name="length">Length of the line in the buffer in bytes, including the newline. Reduced if another record begins inside the line.</param>
    /// <returns>False if NULs or a byte order mark were consumed instead.</returns>
    public bool TryRead(ReadOnlySpan<byte> text, bool isText, scoped ref int length, out LogLine line)
    {
        if (!HasHeaders)
        {
            if (!TryReadPlain(text, isText, length, out line))
            {
                return false;
            }
        }
        else if (!parser.TryParse(text, out line))
        {
            if (!TryReadTorn(ref text, ref isText, ref length, out line))
            {
                return false;
            }
        }
        else if (!isText && Damaged.FindEndBeforeNuls(text, line.TimestampNs) is > 0 and int end && parser.TryParse(text[..end], out LogLine first))
        {
            line = first;
            length = end;
        }

        // The content of docker's JSON is decoded into another buffer, and its escapes may stand for any character.
        line.IsAscii = isText && text.Overlaps(line.Content);
        return true;
    }

    /// <summary>Parses the first piece of a line that is longer than the buffer.</summary>
    /// <param name="text">As much of the line as the buffer holds.</param>
    /// <param name="piece">The piece that can be consumed (<see cref="LongLine.PieceOf"/>).</param>
    /// <param name="line">The piece as a line.</param>
    /// <returns>False if the piece has no content, only a byte order mark followed by NULs.</returns>
    public bool TryReadPiece(ReadOnlySpan<byte> text, ReadOnlySpan<byte> piece, out LogLine line)
    {
        if (!HasHeaders)
        {
            line = new LogLine(_stream!.Turn.BaseNs, LogOutput.Stdout, isPartial: false, plain.Decode(piece, buffer.Offset, isStart: true, isEnd: false));
            return !line.Content.IsEmpty;
        }

        // A piece ends before NULs. A header is valid only if it would be valid in a shorter line, too: together with the NULs and the bytes behind them.
        if (!parser.TryParse(text.TrimEnd((byte)0), out _) || !parser.TryParse(piece, out line))
        {
            line = NewTorn(piece, following: []);
        }

        return true;
    }

    /// <summary>Finds the next record in a buffer that a single line fills.</summary>
    /// <returns>Bytes before the next record; 0 if none begins in the buffer.</returns>
    public int FindEnd(ReadOnlySpan<byte> text) =>
        !HasHeaders ? 0
        : parser.TryParse(text.TrimEnd((byte)0), out LogLine line) ? Damaged.FindEndBeforeNuls(text, line.TimestampNs)
        : Damaged.FindRecordEnd(text);

    /// <summary>Skips NULs at the beginning of a line.</summary>
    /// <returns>False if the line does not begin with NULs.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool TrySkipNuls(ReadOnlySpan<byte> text) => _nuls.TrySkip(text, _stream!, _generation!, _floor.Max, Drops);

    /// <summary>Parses a plain line. Nothing in a plain line can end, join or date another line.</summary>
    private bool TryReadPlain(ReadOnlySpan<byte> text, bool isText, int length, out LogLine line)
    {
        if (isText)
        {
            // The line has no NULs and no byte order mark, and is complete.
            line = new LogLine(_stream!.Turn.BaseNs, LogOutput.Stdout, isPartial: false, PlainTextDecoder.WithoutCarriageReturn(text));
            return true;
        }

        line = default;
        if (TrySkipNuls(text))
        {
            return false;
        }

        bool isEnded = length > text.Length;
        ReadOnlySpan<byte> content = plain.Decode(text, buffer.Offset, isStart: true, isEnded);
        if (content.IsEmpty && !isEnded)
        {
            // Only the byte order mark has been written so far.
            buffer.Consume(length);
            return false;
        }

        if (content is [0, ..])
        {
            // As at the beginning of any line, NULs after a byte order mark are not part of the line.
            buffer.Consume(plain.ByteOrderMarkBytes);
            return false;
        }

        PlainEncoding.Report(_generation!, text, plain, services);
        line = new LogLine(_stream!.Turn.BaseNs, LogOutput.Stdout, isPartial: false, content);
        return true;
    }

    /// <summary>
    /// Parses a malformed line of a runtime. The line is sent as it is, as stdout. If it was cut off and the next record follows on the same line, it ends
    /// before that record.
    /// </summary>
    private bool TryReadTorn(scoped ref ReadOnlySpan<byte> text, scoped ref bool isText, scoped ref int length, out LogLine line)
    {
        line = default;
        if (TrySkipNuls(text))
        {
            return false;
        }

        if (Damaged.FindRecordEnd(text) is > 0 and int end)
        {
            length = end;
            text = text[..end];
            if (parser.TryParse(text, out line))
            {
                isText = false;
                return true;
            }
        }

        line = NewTorn(text, buffer.Unread[length..]);
        return true;
    }

    // A line that has been processed before needs no time.
    private LogLine NewTorn(ReadOnlySpan<byte> text, ReadOnlySpan<byte> following) =>
        new(buffer.Offset < _floor.Stdout ? 0 : _times.ChooseFor(_stream!, following), LogOutput.Stdout, isPartial: false, text) { IsTorn = true };
}
