using Shipper.Checkpoints;
using Shipper.Parsing;
using Shipper.Records;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Reading;

/// <summary>Takes apart what stands between two newlines: a line of a container runtime, one that it did not write as it should have, or a plain one.</summary>
/// <remarks>Not thread-safe. Each lane has one. A line is a view of the buffers, until the next call.</remarks>
/// <param name="buffer">Has the bytes.</param>
/// <param name="plain">Reads plain lines.</param>
/// <param name="parser">Reads lines of container runtimes.</param>
internal sealed class LineParser(ReadBuffer buffer, PlainText plain, ContainerLineParser parser, TailingServices services)
{
    private readonly MissingTimes _times = new(parser, services.Time);
    private readonly NulRuns _nuls = new(buffer, plain);
    private TailedStream? _stream;
    private Generation? _generation;
    private Offsets _floor;

    /// <summary>Finds records within a line.</summary>
    public DamagedLines Damaged { get; } = new(parser);

    /// <summary>What was passed over since this was last cleared.</summary>
    public List<Drop> Drops { get; } = [];

    /// <summary>True if a container runtime writes the lines.</summary>
    public bool HasHeaders { get; private set; }

    /// <summary>A stream's turn begins.</summary>
    public void Begin(TailedStream stream)
    {
        _stream = stream;
        HasHeaders = stream.Source.HasHeaders;
        Drops.Clear();
    }

    /// <summary>Turns to a generation.</summary>
    /// <param name="floor">Lines that begin below their output's are done with.</param>
    public void Enter(Generation generation, Offsets floor)
    {
        _generation = generation;
        _floor = floor;
        plain.Encoding = default;
        if (!HasHeaders)
        {
            PlainEncoding.Find(generation, buffer, plain);
        }
    }

    /// <summary>Takes a line apart that stands at the beginning of the buffer. Leaves it there.</summary>
    /// <param name="text">The line without its newline.</param>
    /// <param name="isText">True if all of it is known to be ASCII without NULs.</param>
    /// <param name="length">Bytes that it takes in the buffer, newline included. Fewer, if another record begins within it.</param>
    /// <param name="line">The line.</param>
    /// <returns>False if something else was taken from the buffer instead: NULs, or a byte order mark.</returns>
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

        // The content of docker's JSON is in another buffer, and its escapes may stand for anything.
        line.IsAscii = isText && text.Overlaps(line.Content);
        return true;
    }

    /// <summary>Takes the first piece of a line apart that is longer than the buffer.</summary>
    /// <param name="text">The piece.</param>
    /// <param name="line">The piece as a line.</param>
    /// <returns>False if there is nothing in it: a byte order mark, and NULs behind it.</returns>
    public bool TryReadPiece(ReadOnlySpan<byte> text, out LogLine line)
    {
        if (!HasHeaders)
        {
            line = new LogLine(_stream!.Turn.BaseNs, LogOutput.Stdout, isPartial: false, plain.Read(text, buffer.Offset, isStart: true, isEnd: false));
            return !line.Content.IsEmpty;
        }

        if (!parser.TryParse(text, out line))
        {
            line = NewTorn(text, following: []);
        }

        return true;
    }

    /// <summary>Tells where the next record begins in a buffer that is full of one line.</summary>
    /// <returns>Bytes before the next record; 0 if none begins in the buffer.</returns>
    public int FindEnd(ReadOnlySpan<byte> text) =>
        !HasHeaders ? 0
        : parser.TryParse(text, out LogLine line) ? Damaged.FindEndBeforeNuls(text, line.TimestampNs)
        : Damaged.FindEnd(text);

    /// <summary>Passes over NULs that a line begins with.</summary>
    /// <returns>False if it does not.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool TryTakeNuls(ReadOnlySpan<byte> text) => _nuls.TryTake(text, _stream!, _generation!, _floor.Max, Drops);

    /// <summary>A plain line: nothing in it can end, join or date another.</summary>
    private bool TryReadPlain(ReadOnlySpan<byte> text, bool isText, int length, out LogLine line)
    {
        if (isText)
        {
            // It has no NULs and no byte order mark, and it is ended.
            line = new LogLine(_stream!.Turn.BaseNs, LogOutput.Stdout, isPartial: false, PlainText.WithoutCarriageReturn(text));
            return true;
        }

        line = default;
        if (TryTakeNuls(text))
        {
            return false;
        }

        bool isEnded = length > text.Length;
        ReadOnlySpan<byte> content = plain.Read(text, buffer.Offset, isStart: true, isEnded);
        if (content.IsEmpty && !isEnded)
        {
            // Nothing but the byte order mark was written yet.
            buffer.Take(length);
            return false;
        }

        if (content is [0, ..])
        {
            // Like NULs at the beginning of a line, those behind a byte order mark are not part of it.
            buffer.Take(plain.MarkBytes);
            return false;
        }

        PlainEncoding.Report(_generation!, text, plain, services);
        line = new LogLine(_stream!.Turn.BaseNs, LogOutput.Stdout, isPartial: false, content);
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

        if (Damaged.FindEnd(text) is > 0 and int end)
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

    // It needs no time if it is done with.
    private LogLine NewTorn(ReadOnlySpan<byte> text, ReadOnlySpan<byte> following) =>
        new(buffer.Offset < _floor.Stdout ? 0 : _times.For(_stream!, following), LogOutput.Stdout, isPartial: false, text) { IsTorn = true };
}
