using Shipper.Parsing;

namespace Shipper.Tailing;

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
internal sealed class LogReader : IDisposable
{
    /// <summary>Bytes of one read(2): large enough to make its cost vanish, small enough for the second-level cache.</summary>
    public const int DefaultBufferBytes = 256 * 1024;

    private readonly byte[] _buffer;
    private readonly ContainerLineParser _parser;
    private readonly GzipContent _gzip = new();
    private readonly LineText _text;
    private readonly OpenLine[] _open;
    private readonly List<(Generation Generation, int Ordinal, long End)> _passed = [];
    private readonly TimeProvider _time;
    private readonly ITailingObserver _observer;

    private TailedStream? _stream;
    private Generation? _generation;
    private int _revision;

    // Counts the generations since Begin.
    private int _ordinal;
    private bool _flushesOpenLines;

    // The buffer: bytes [_position, _filled) are not taken yet; _bufferOffset is where its first byte stands in the file.
    private long _bufferOffset;
    private int _position;
    private int _filled;
    private bool _isAtEnd;

    // Bytes read in this turn.
    private long _turnBytes;

    // True while TryRead has said that there is nothing more.
    private bool _isDrained;

    // Lines that begin below their output's floor are done with.
    private Offsets _floor;

    // Bytes of the generations passed since Begin, so that distances can be told across generations.
    private long _passedBytes;

    // A line longer than the buffer, in the middle of which reading stands.
    private bool _isInsideLine;
    private bool _insideIsSkipped;
    private bool _insideIsPartial;
    private LogOutput _insideOutput;
    private long _insideStart;

    /// <param name="maxLineBytes">The largest line size of any source.</param>
    /// <param name="time">The clock, for lines without a time of their own.</param>
    /// <param name="observer">Is asked before reading goes on to the next generation, and told what is lost.</param>
    /// <param name="bufferBytes">Bytes of one read(2). A line may be longer.</param>
    public LogReader(int maxLineBytes, TimeProvider time, ITailingObserver observer, int bufferBytes = DefaultBufferBytes)
    {
        _buffer = GC.AllocateUninitializedArray<byte>(bufferBytes);
        _parser = new ContainerLineParser(bufferBytes);
        _text = new LineText(maxLineBytes);
        _open = [new OpenLine(maxLineBytes), new OpenLine(maxLineBytes)];
        _time = time;
        _observer = observer;
    }

    /// <summary>The stream that is being read; null between two.</summary>
    public TailedStream? Stream => _stream;

    /// <summary>False where the file that is being read was exchanged: reading has to begin again.</summary>
    public bool IsCurrent => _generation is not null && _generation.Revision == _revision;

    /// <summary>True where <see cref="TryRead"/> returned false so that others have their turn, not because it came to the end.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Bytes read since the last time this was set to 0.</summary>
    public long BytesRead { get; set; }

    /// <summary>Records left out because they were longer than allowed, since the last time this was set to 0.</summary>
    public long SkippedRecords { get; set; }

    /// <summary>Records cut because they were longer than allowed, since the last time this was set to 0.</summary>
    public long TruncatedRecords { get; set; }

    private long LineStart => _isInsideLine ? _insideStart : _bufferOffset + _position;

    private bool HasOpenLine => _open[0].IsOpen || _open[1].IsOpen;

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
        _passedBytes = 0;
        _passed.Clear();
        _turnBytes = 0;
        Array.ForEach(_open, line => line.Close());
        Enter(first);
        return true;
    }

    /// <summary>Ends reading. What was not saved is forgotten.</summary>
    public void End()
    {
        _stream = null;
        _generation = null;
        _isInsideLine = false;
    }

    /// <summary>Reads the next record.</summary>
    /// <returns>False where there is none for now; <see cref="Save"/> and <see cref="End"/> are due then.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public bool TryRead(out LogRecord record)
    {
        _isDrained = false;
        IsPaused = false;
        while (true)
        {
            if (_isInsideLine)
            {
                if (TryGoOnInside(out bool hasRecord, out record))
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
                ReadOnlySpan<byte> unread = _buffer.AsSpan(_position, _filled - _position);
                int length = unread.IndexOf((byte)'\n');
                if (length >= 0)
                {
                    if (TryTake(unread[..length], _position + length + 1, out record))
                    {
                        return true;
                    }

                    continue;
                }
            }

            // A turn is one buffer, unless that would mean to read the same again: an open line begins further back, and
            // a compressed file can't be entered in the middle.
            if (_turnBytes >= _buffer.Length && _position > 0 && !_isAtEnd && !_isInsideLine && !HasOpenLine && !_generation!.IsGzip)
            {
                IsPaused = true;
                record = default;
                return false;
            }

            if (Refill())
            {
                continue;
            }

            if (_filled == _buffer.Length && !_isAtEnd)
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

    /// <summary>Writes the position behind the last record into the generations it moved in, and marks them.</summary>
    public void Save(List<Mark> marks)
    {
        for (int i = _passed.Count - 1; i >= 0; i--)
        {
            (Generation generation, int ordinal, long end) = _passed[i];
            SaveGeneration(generation, ordinal, end, default, marks);
            if (!HasOpenLine)
            {
                _passed.RemoveAt(i);
            }
        }

        SaveGeneration(_generation!, _ordinal, LineStart, _floor, marks);
        _generation!.Scanned = _isDrained ? _bufferOffset + _filled : LineStart;
    }

    public void Dispose() => _gzip.Dispose();

    private void SaveGeneration(Generation generation, int ordinal, long lineStart, Offsets floor, List<Mark> marks)
    {
        var position = new Offsets(
            PositionOf(LogOutput.Stdout, generation, ordinal, Math.Max(floor.Stdout, lineStart)),
            PositionOf(LogOutput.Stderr, generation, ordinal, Math.Max(floor.Stderr, lineStart)));
        if (position != generation.Read)
        {
            generation.Read = position;
            marks.Add(new Mark(generation, position));
        }
    }

    /// <summary>
    /// An open line keeps its output at its first part; in generations behind that, where the output began in them, since all of it
    /// there belongs to the open line.
    /// </summary>
    private long PositionOf(LogOutput output, Generation generation, int ordinal, long done)
    {
        OpenLine open = _open[(int)output];
        return !open.IsOpen || open.Ordinal > ordinal ? done
            : open.Ordinal == ordinal ? open.Start
            : generation.Read[output];
    }

    private void Enter(Generation generation)
    {
        _generation = generation;
        _ordinal++;
        _revision = generation.Revision;
        _floor = generation.Read;
        _bufferOffset = _floor.Min;
        _position = 0;
        _filled = 0;
        _isAtEnd = false;
        _isInsideLine = false;
    }

    /// <summary>Reads more behind what is not taken yet.</summary>
    /// <returns>False at the end, or where the buffer is full of one line.</returns>
    private bool Refill()
    {
        if (_isAtEnd)
        {
            return false;
        }

        if (_position > 0)
        {
            _buffer.AsSpan(_position, _filled - _position).CopyTo(_buffer);
            _bufferOffset += _position;
            _filled -= _position;
            _position = 0;
        }

        Span<byte> free = _buffer.AsSpan(_filled);
        if (free.IsEmpty)
        {
            return false;
        }

        Generation generation = _generation!;
        int length = generation.IsGzip
            ? ReadGzip(generation, free, _bufferOffset + _filled)
            : RandomAccess.Read(generation.Handle!, free, _bufferOffset + _filled);
        _filled += length;
        BytesRead += length;
        _turnBytes += length;
        _isAtEnd = generation.IsGzip ? length == 0 : length < free.Length;
        return length > 0;
    }

    private int ReadGzip(Generation generation, Span<byte> target, long offset)
    {
        int length = 0;
        try
        {
            length = _gzip.Read(generation, target, offset);
        }
        catch (InvalidDataException e)
        {
            _observer.GzipDamaged(generation, offset, e.Message);
        }

        if (length == 0)
        {
            if (generation.Size > offset)
            {
                _observer.BytesLost(_stream!, generation, "damaged_gzip", generation.Size - offset);
            }

            generation.IsExhausted = true;
            generation.Size = offset;
            _gzip.Close();
        }

        return length;
    }

    /// <summary>Takes a complete line, or leaves it for the next call where an older one has to go first.</summary>
    /// <param name="text">The line without its newline, at the buffer's position.</param>
    /// <param name="next">Where the next line begins in the buffer.</param>
    /// <param name="record">The record that is complete now.</param>
    /// <returns>False where none is.</returns>
    private bool TryTake(ReadOnlySpan<byte> text, int next, out LogRecord record)
    {
        long offset = _bufferOffset + _position;
        if (!_parser.TryParse(text, out LogLine line))
        {
            return TryTakeWithoutHeader(text, next, offset, out record);
        }

        if (offset < _floor[line.Output])
        {
            _position = next;
            record = default;
            return false;
        }

        if (HasOpenLine && FindExpired(line.TimestampNs, offset) is { } expired)
        {
            return TryFinish(expired, out record);
        }

        _position = next;
        OpenLine open = _open[(int)line.Output];
        if (!line.IsPartial && !open.IsOpen)
        {
            return TryMakeRecord(line.TimestampNs, line.Output, line.Content, line.Content.Length, out record);
        }

        Append(open, in line, offset, _bufferOffset + next);
        if (line.IsPartial)
        {
            record = default;
            return false;
        }

        return TryFinish(line.Output, out record);
    }

    /// <summary>A line that the runtime did not write as it should have: it goes on as it is, to stdout.</summary>
    private bool TryTakeWithoutHeader(ReadOnlySpan<byte> text, int next, long offset, out LogRecord record)
    {
        if (offset < _floor.Stdout)
        {
            _position = next;
            record = default;
            return false;
        }

        if (_open[0].IsOpen)
        {
            return TryFinish(LogOutput.Stdout, out record);
        }

        if (HasOpenLine && FindExpired(0, offset) is { } expired)
        {
            return TryFinish(expired, out record);
        }

        _position = next;
        return TryMakeRecord(TimeWithoutHeader(), LogOutput.Stdout, text, text.Length, out record);
    }

    /// <summary>The buffer is full of one line: what is there becomes the beginning of an open line.</summary>
    private bool TryEnterLine(out LogRecord record)
    {
        ReadOnlySpan<byte> text = _buffer.AsSpan(_position, _filled - _position);
        long offset = _bufferOffset + _position;
        if (!_parser.TryParse(text, out LogLine line))
        {
            if (_open[0].IsOpen && offset >= _floor.Stdout)
            {
                return TryFinish(LogOutput.Stdout, out record);
            }

            line = new LogLine(TimeWithoutHeader(), LogOutput.Stdout, isPartial: false, text);
        }
        else if (HasOpenLine && offset >= _floor[line.Output] && FindExpired(line.TimestampNs, offset) is { } expired)
        {
            return TryFinish(expired, out record);
        }

        _insideStart = offset;
        _isInsideLine = true;
        _insideOutput = line.Output;
        _insideIsPartial = line.IsPartial;
        _insideIsSkipped = offset < _floor[line.Output];
        if (!_insideIsSkipped)
        {
            Append(_open[(int)line.Output], in line, offset, _bufferOffset + _filled);
        }

        _position = _filled;
        record = default;
        return false;
    }

    /// <summary>Takes more of a line that is longer than the buffer.</summary>
    /// <returns>False where the buffer has no more.</returns>
    private bool TryGoOnInside(out bool hasRecord, out LogRecord record)
    {
        hasRecord = false;
        record = default;
        ReadOnlySpan<byte> unread = _buffer.AsSpan(_position, _filled - _position);
        if (unread.IsEmpty)
        {
            return false;
        }

        int length = unread.IndexOf((byte)'\n');
        ReadOnlySpan<byte> content = length < 0 ? unread : unread[..length];
        _position += length < 0 ? unread.Length : length + 1;
        OpenLine open = _open[(int)_insideOutput];
        if (!_insideIsSkipped)
        {
            open.Append(content, _passedBytes + _bufferOffset + _position);
        }

        if (length >= 0)
        {
            _isInsideLine = false;
            hasRecord = !_insideIsSkipped && !_insideIsPartial && TryFinish(_insideOutput, out record);
        }
        else if (!_insideIsSkipped && open.Length >= OpenLine.MaxLength)
        {
            hasRecord = TryFinish(_insideOutput, out record);
            _insideStart = _bufferOffset + _position;
            open.Open(TimeWithoutHeader(), _ordinal, _insideStart);
        }

        return true;
    }

    /// <summary>All of the generation is taken that is there. Decides what becomes of the rest, and where to go on.</summary>
    /// <returns>False where nothing is to be done for now.</returns>
    private bool TryEndGeneration(out bool isRecord, out LogRecord record)
    {
        Generation generation = _generation!;
        isRecord = false;
        record = default;
        bool isFinal = _stream!.IsFinal(generation);
        if (isFinal && !generation.IsGzip)
        {
            // The end that was found may be older than the knowledge that nothing comes behind it.
            _isAtEnd = false;
            if (Refill() || !_isAtEnd)
            {
                return true;
            }
        }

        if (_isInsideLine || _position < _filled)
        {
            if (!isFinal && !_flushesOpenLines)
            {
                return false;
            }

            if (_isInsideLine)
            {
                _isInsideLine = false;
                isRecord = !_insideIsSkipped && !_insideIsPartial && TryFinish(_insideOutput, out record);
            }
            else
            {
                isRecord = TryTake(_buffer.AsSpan(_position, _filled - _position), _filled, out record);
            }

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

        bool linesGoOn = next is not null && next.Series == generation.Series && next.Name.Restart == generation.Name.Restart;
        if (HasOpenLine && (_flushesOpenLines || (isFinal && !linesGoOn)))
        {
            isRecord = TryFinish(_open[0].IsOpen ? LogOutput.Stdout : LogOutput.Stderr, out record);
            return true;
        }

        if (next is null || !_stream.IsFinal(generation))
        {
            return false;
        }

        generation.Scanned = LineStart;
        _passed.Add((generation, _ordinal, LineStart));
        _passedBytes += LineStart;
        Enter(next);
        return true;
    }

    private void Append(OpenLine open, in LogLine line, long offset, long end)
    {
        if (!open.IsOpen)
        {
            open.Open(line.TimestampNs, _ordinal, offset);
        }

        open.Append(line.Content, _passedBytes + end);
    }

    /// <summary>Finds an open line that waited long enough for its end.</summary>
    private LogOutput? FindExpired(long timestampNs, long offset)
    {
        foreach (LogOutput output in (ReadOnlySpan<LogOutput>)[LogOutput.Stdout, LogOutput.Stderr])
        {
            if (_open[(int)output].IsExpired(timestampNs, _passedBytes + offset))
            {
                return output;
            }
        }

        return null;
    }

    private bool TryFinish(LogOutput output, out LogRecord record)
    {
        OpenLine open = _open[(int)output];
        open.Close();
        return TryMakeRecord(open.TimestampNs, output, open.Kept, open.Length, out record);
    }

    private bool TryMakeRecord(long timestampNs, LogOutput output, ReadOnlySpan<byte> text, long length, out LogRecord record)
    {
        ReadOnlySpan<byte> line = _text.Prepare(text, length, _stream!.MaxLineBytes, out long truncatedBytes);
        if (truncatedBytes > 0)
        {
            if (_stream.LongLines == LongLines.Skip)
            {
                SkippedRecords++;
                record = default;
                return false;
            }

            TruncatedRecords++;
        }

        record = new LogRecord(timestampNs, output, line, truncatedBytes);
        return true;
    }

    /// <summary>The stream's last time, so that the line stays behind its neighbour; the present where there was none.</summary>
    private long TimeWithoutHeader()
    {
        const long NanosecondsPerTick = 100;
        long last = _stream!.Clock.LastRawNs;
        return last != Batching.StreamClock.None
            ? last
            : (_time.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) * NanosecondsPerTick;
    }
}
