using System.Runtime.CompilerServices;
using Shipper.Checkpoints;
using Shipper.Lanes;
using Shipper.Parsing;
using Shipper.Processing;
using Shipper.Records;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Reading;

/// <summary>
/// Reads the records of one stream at a time, oldest generation first: takes lines out of its buffer, joins the parts of
/// each output and makes them fit to send.
/// </summary>
/// <remarks>
/// <para>
/// Not safe for concurrent use. A lane has one, with all the buffers that reading needs, so that a thousand idle files
/// cost none. Whatever is incomplete when the lane turns to another stream is forgotten, and read again from where it begins.
/// </para>
/// <para>
/// A record is a view of the buffers and must be used up before the next call. <see cref="Save"/> writes the position
/// behind the last one into the generations.
/// </para>
/// </remarks>
internal sealed partial class LogReader : IDisposable
{
    /// <summary>
    /// Buffers in a turn if coming back means to read something again: from the start of an open line, or a .gz from its start. Any other turn is one
    /// buffer, so that the other streams soon have theirs.
    /// </summary>
    private const int DearTurnBuffers = 8;

    private readonly ReadBuffer _buffer;
    private readonly ContainerLineParser _parser;
    private readonly DamagedLines _damaged;
    private readonly PlainText _plain;
    private readonly OpenLines _open;
    private readonly ReadPositions _positions;
    private readonly TimeProvider _time;
    private readonly ITailingObserver _observer;

    private TailedStream? _stream;
    private int _revision;
    private bool _flushesOpenLines;

    // A line of this turn is done with, so that the next one begins further on.
    private bool _hasMoved;

    // True while TryRead has said that there is nothing more.
    private bool _isDrained;

    // Where the last record stands: bytes that its line takes in the file, or, if that is 0, where its first part stands and what its parts take.
    private long _lineBytes;
    private (int Ordinal, long FileBytes) _joined;

    /// <param name="maxLineBytes">The largest line size of any source.</param>
    /// <param name="time">The clock, for lines without a time of their own.</param>
    /// <param name="observer">Is asked before reading goes on to the next generation, and told what is lost.</param>
    /// <param name="bufferBytes">Bytes of one read(2). A line may be longer.</param>
    public LogReader(int maxLineBytes, TimeProvider time, ITailingObserver observer, int bufferBytes = LaneOptions.DefaultReadBufferBytes)
    {
        _buffer = new ReadBuffer(bufferBytes, time, observer);
        _parser = new ContainerLineParser(bufferBytes);
        _damaged = new DamagedLines(_parser);
        _plain = new PlainText(bufferBytes);
        _open = new OpenLines(maxLineBytes);
        _positions = new ReadPositions(_open);
        _time = time;
        _observer = observer;
    }

    /// <summary>The stream that is being read; null between two.</summary>
    public TailedStream? Stream => _stream;

    /// <summary>The generation that is being read; null between two streams.</summary>
    public Generation? Generation => _positions.Generation;

    /// <summary>False where the file that is being read was exchanged: reading has to begin again.</summary>
    public bool IsCurrent => _positions.Generation is { } generation && generation.Revision == _revision;

    /// <summary>True where <see cref="TryRead"/> returned false so that others have their turn, not because it came to the end.</summary>
    public bool IsPaused { get; private set; }

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
    private bool IsTurnOver => _buffer.MayHaveMore && !_isInsideLine && (_hasMoved || !_open.HasAny)
        && _buffer.NewBytes >= Math.Max(
            _buffer.Capacity * (_open.HasAny || _positions.Generation!.IsGzip ? DearTurnBuffers : 1L), _buffer.RepeatedBytes / 2);

    private long LineStart => _isInsideLine ? _insideStart : _buffer.Offset;

    /// <summary>Tells whether the next line is behind a position.</summary>
    public bool HasPassed(Generation generation, Offsets position) => Generation != generation || LineStart >= position.Max;

    /// <summary>Begins to read a stream at its oldest unread byte.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="flushesOpenLines">True where nothing came for so long that incomplete lines are sent as they are.</param>
    /// <returns>False where there is nothing to read.</returns>
    public bool Begin(TailedStream stream, bool flushesOpenLines)
    {
        Generation? first = stream.FindUnread();
        if (first is null)
        {
            return false;
        }

        _stream = stream;
        _flushesOpenLines = flushesOpenLines;
        _hasMoved = false;
        Drops.Clear();
        _open.Close();
        _buffer.BeginTurn(stream);
        _positions.Begin(first);
        Enter();
        return true;
    }

    /// <summary>Ends reading. What was not saved is forgotten.</summary>
    public void End()
    {
        _stream = null;
        _positions.End();
        _isInsideLine = false;
    }

    /// <summary>Reads the next record.</summary>
    /// <returns>False where there is none for now; <see cref="Save"/> and <see cref="End"/> are due then.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool TryRead(out Draft record)
    {
        _isDrained = false;
        IsPaused = false;
        while (true)
        {
            if (_buffer.Offset >= _stream!.Limit && !_isInsideLine)
            {
                IsPaused = true;
                record = default;
                return false;
            }

            if (_isInsideLine)
            {
                if (TryGoOnInside(isLast: false, out bool hasRecord, out record))
                {
                    if (hasRecord)
                    {
                        return true;
                    }

                    continue;
                }
            }
            else
            {
                ReadOnlySpan<byte> unread = _buffer.Unread;
                bool isText = false;
                int length = _plain.IsWide ? _plain.IndexOfNewline(unread, _buffer.Offset) : LineScanner.IndexOfNewline(unread, out isText);
                if (length >= 0)
                {
                    if (TryTake(unread[..length], isText, length + _plain.NewlineBytes, out record))
                    {
                        return true;
                    }

                    continue;
                }
            }

            if (IsTurnOver)
            {
                IsPaused = true;
                record = default;
                return false;
            }

            if (_buffer.Refill())
            {
                continue;
            }

            if (_buffer.IsFull)
            {
                if (TryEnterLine(out record))
                {
                    return true;
                }

                continue;
            }

            if (!TryEndGeneration(out bool isRecord, out record))
            {
                _isDrained = true;
                return false;
            }

            if (isRecord)
            {
                return true;
            }
        }
    }

    /// <summary>The last record is not sent: its bytes count as dropped once the position behind it is acknowledged.</summary>
    /// <param name="output">The output it was written to.</param>
    /// <param name="reason">Why, one of <see cref="DropReasons"/>.</param>
    public void Drop(LogOutput output, string reason)
    {
        if (_lineBytes > 0)
        {
            Streams.Drop.Add(Drops, new Drop(_positions.Generation!, reason, 1, _lineBytes));
        }
        else
        {
            _positions.AddDrops(output, _joined.Ordinal, _joined.FileBytes, reason, 1, Drops);
        }
    }

    /// <summary>Writes the position behind the last record into the generations it moved in, and into the mark with what was dropped.</summary>
    public void Save(FileMark mark)
    {
        mark.Drops.AddRange(Drops);
        Drops.Clear();
        _positions.Save(LineStart, _isInsideLine ? [] : _buffer.Taken, mark);
        _positions.Generation!.Scanned = _isDrained ? _buffer.End : LineStart;
    }

    public void Dispose() => _buffer.Dispose();

    private void Enter()
    {
        Generation generation = _positions.Generation!;
        _revision = generation.Revision;
        _isInsideLine = false;
        _plain.Encoding = default;
        _buffer.Enter(generation, _positions.Floor);
        if (!_stream!.Source.HasHeaders)
        {
            EnterPlain(generation);
        }
    }

    /// <summary>Takes a complete line, or leaves it for the next call where an older one has to go first.</summary>
    /// <param name="text">The line without its newline, at the beginning of the buffer.</param>
    /// <param name="isText">True if all of it is known to be ASCII without NULs.</param>
    /// <param name="length">Bytes that it takes in the buffer, newline included.</param>
    /// <param name="record">The record that is complete now.</param>
    /// <returns>False where none is.</returns>
    private bool TryTake(ReadOnlySpan<byte> text, bool isText, int length, out Draft record)
    {
        if (!_stream!.Source.HasHeaders)
        {
            return TryTakePlain(text, isText, length, out record);
        }

        if (!_parser.TryParse(text, out LogLine line))
        {
            return TryTakeDamaged(text, isText, length, out record);
        }

        if (!isText && _damaged.FindEndBeforeNuls(text, line.TimestampNs) is > 0 and int end && _parser.TryParse(text[..end], out LogLine first))
        {
            return TryTake(in first, text[..end], isText: false, end, out record);
        }

        return TryTake(in line, text, isText, length, out record);
    }

    private bool TryTake(scoped in LogLine line, ReadOnlySpan<byte> text, bool isText, int length, out Draft record)
    {
        long offset = _buffer.Offset;
        if (offset < _positions.Floor[line.Output])
        {
            _buffer.Take(length);
            record = default;
            return false;
        }

        if (FindExpired(line.TimestampNs, offset) is { } expired)
        {
            return TryFinish(expired, out record);
        }

        _buffer.Take(length);
        OpenLine open = _open[line.Output];
        if (!line.IsPartial && !open.IsOpen)
        {
            // The content of docker's JSON is in another buffer, and its escapes may stand for anything.
            return TryMakeRecord(line.TimestampNs, line.Output, line.Content, isText && text.Overlaps(line.Content), line.Content.Length, length, out record);
        }

        Append(open, in line, offset, offset + length);
        if (line.IsPartial)
        {
            record = default;
            return false;
        }

        return TryFinish(line.Output, out record);
    }

    /// <summary>All of the generation is taken that is there. Decides what becomes of the rest, and where to go on.</summary>
    /// <returns>False where nothing is to be done for now.</returns>
    private bool TryEndGeneration(out bool isRecord, out Draft record)
    {
        Generation generation = _positions.Generation!;
        isRecord = false;
        record = default;
        bool isFinal = _stream!.IsFinal(generation);
        if (isFinal && !generation.IsGzip && _buffer.RefillAgain())
        {
            // The end that was found was older than the knowledge that nothing comes behind it.
            return true;
        }

        bool isEnd = isFinal && !_stream.MayGoOnElsewhere(generation);
        if (_isInsideLine || !_buffer.IsEmpty)
        {
            if (!isEnd && !_flushesOpenLines)
            {
                return false;
            }

            if (_isInsideLine)
            {
                TryGoOnInside(isLast: true, out isRecord, out record);
                return true;
            }

            isRecord = TryTake(_buffer.Unread, isText: false, _buffer.Unread.Length, out record);
            return true;
        }

        Generation? next = null;
        if (isFinal)
        {
            _observer.BeforeNextGeneration(generation);
            if (!IsCurrent)
            {
                return false;
            }

            next = _stream.FindAfter(generation);
        }

        if (next is not null && !_open.HasAny && !_stream.CanGoOn(next))
        {
            // In a turn of its own.
            IsPaused = true;
            return false;
        }

        // An open line may also go on in a parked file that is still empty.
        bool linesGoOn = _open.HasAny && (next ?? _stream.FindParkedAfter(generation)) is { } following
            && following.GoesOnFrom(generation);
        if (_open.HasAny && ((_flushesOpenLines && next is not { IsParked: true }) || (isEnd && !linesGoOn)))
        {
            isRecord = TryFinish(_open.First, out record);
            return true;
        }

        if (next is null or { IsParked: true } || !_stream.IsFinal(generation))
        {
            return false;
        }

        // Also where an open line leads on into it: what is read of it now is sent with the same.
        next.Attributes = _stream.Attributes;
        _positions.GoOn(next, LineStart);
        Enter();
        return true;
    }

    private void Append(OpenLine open, in LogLine line, long offset, long end)
    {
        if (!open.IsOpen)
        {
            open.Open(line.TimestampNs, _positions.Ordinal, offset);
        }

        open.Append(line.Content, _positions.PassedBytes + end, end - offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private LogOutput? FindExpired(long timestampNs, long offset) => _open.HasAny ? _open.FindExpired(timestampNs, _positions.PassedBytes + offset) : null;

    /// <summary>A line that was joined is a record now.</summary>
    /// <returns>True.</returns>
    private bool TryFinish(LogOutput output, out Draft record)
    {
        OpenLine open = _open[output];
        open.Close();
        _joined = (open.Ordinal, open.FileBytes);
        return TryMakeRecord(open.TimestampNs, output, open.Kept, isAscii: false, open.Length, fileBytes: 0, out record);
    }

    /// <param name="timestampNs">The line's time, in nanoseconds since 1970.</param>
    /// <param name="output">The output it was written to.</param>
    /// <param name="text">The line, or as much of its beginning as can be sent.</param>
    /// <param name="isAscii">True if all of it is known to be ASCII.</param>
    /// <param name="length">Bytes of the whole line.</param>
    /// <param name="fileBytes">Bytes that it takes in the file; 0 if it was joined.</param>
    /// <param name="record">The record.</param>
    /// <returns>True.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryMakeRecord(long timestampNs, LogOutput output, ReadOnlySpan<byte> text, bool isAscii, long length, long fileBytes, out Draft record)
    {
        _hasMoved = true;
        _lineBytes = fileBytes;
        record.TimestampNs = timestampNs;
        record.Output = output;
        record.Line = text;
        record.IsAscii = isAscii;
        record.Length = length;
        record.Metadata = _stream!.Attributes.MetadataOf(output);
        return true;
    }

    private string ReasonOf(LogOutput output) => output == _stream!.Attributes.Rules.Excluded ? DropReasons.Excluded : DropReasons.LineTooLong;
}
