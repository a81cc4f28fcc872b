using Shipper.Parsing;
using Shipper.Processing;
using Shipper.Records;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing.Reading;

/// <content>Lines that no container runtime wrote, or not as it should have.</content>
internal sealed partial class LogReader
{
    /// <summary>A file of plain lines is begun: the first bytes say how they are encoded.</summary>
    private void EnterPlain(Generation generation)
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

    /// <summary>A plain line: nothing in it can end, join or date another.</summary>
    private bool TryTakePlain(ReadOnlySpan<byte> text, bool isText, int length, out Draft record)
    {
        if (isText)
        {
            // It has no NULs and no byte order mark, and it is ended.
            return TryTake(new LogLine(_stream!.BaseNs, LogOutput.Stdout, isPartial: false, PlainText.WithoutCarriageReturn(text)), text, isText, length, out record);
        }

        record = default;
        if (StartsWithNuls(text))
        {
            TakeNuls();
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

        Generation generation = _positions.Generation!;
        if (!generation.HasToldOfEncoding && !_plain.IsWide && PlainText.LooksWide(text))
        {
            generation.HasToldOfEncoding = true;
            _observer.EncodingUnknown(generation);
        }

        return TryTake(new LogLine(_stream!.BaseNs, LogOutput.Stdout, isPartial: false, content), text, isText: false, length, out record);
    }

    /// <summary>
    /// A line that the runtime did not write as it should have: it goes on as it is, to stdout. If it was cut off, and the next record stands behind
    /// it, it ends there.
    /// </summary>
    private bool TryTakeDamaged(ReadOnlySpan<byte> text, bool isText, int length, out Draft record)
    {
        record = default;
        if (StartsWithNuls(text))
        {
            TakeNuls();
            return false;
        }

        if (_damaged.FindEnd(text) is > 0 and int end)
        {
            length = end;
            text = text[..end];
            if (_parser.TryParse(text, out LogLine line))
            {
                return TryTake(in line, text, isText: false, length, out record);
            }
        }

        long offset = _buffer.Offset;
        if (offset < _positions.Floor.Stdout)
        {
            _buffer.Take(length);
            return false;
        }

        if (_open[LogOutput.Stdout].IsOpen)
        {
            return TryFinish(LogOutput.Stdout, out record);
        }

        if (FindExpired(0, offset) is { } expired)
        {
            return TryFinish(expired, out record);
        }

        _buffer.Take(length);
        return TryMakeRecord(TimeWithoutHeader(_buffer.Unread), LogOutput.Stdout, text, isText, text.Length, length, out record);
    }

    private bool StartsWithNuls(ReadOnlySpan<byte> text) => text is [0, ..] && _plain.CountNuls(text, _buffer.Offset) > 0;

    /// <summary>
    /// Passes over NULs at the beginning of a line, and over the newline if there is nothing else in it: nobody wrote them. They count once, though
    /// a line may be open before them so that they are met again.
    /// </summary>
    private void TakeNuls()
    {
        long offset = _buffer.Offset;
        long bytes = _buffer.TakeNuls();
        if (bytes == 0)
        {
            return;
        }

        int newline = _plain.NewlineBytes;
        if (_buffer.Unread.Length >= newline && _plain.IndexOfNewline(_buffer.Unread[..newline], _buffer.Offset) == 0)
        {
            _buffer.Take(newline);
            bytes += newline;
        }

        if (offset >= _positions.Floor.Max)
        {
            Streams.Drop.Add(Drops, new Drop(_positions.Generation!, DropReasons.NulBytes, 0, bytes) { SinceNs = _stream!.Clock.LastRawNs, IsLost = offset > 0 && _stream.Source.HasHeaders });
        }
    }

    /// <summary>
    /// The stream's last time, so that the line stays behind its neighbour. Without one, just before the first line behind it that has
    /// one, since a later time would make that one and all others look too old. Else the present. Both depend on when the line is read, so the choice is kept: read again
    /// after a crash, the line goes out as it was.
    /// </summary>
    private long TimeWithoutHeader(ReadOnlySpan<byte> following)
    {
        long last = _stream!.Clock.LastRawNs;
        if (last != Checkpoints.StreamClock.None)
        {
            return last;
        }

        _stream.BaseNs = _stream.BaseNs == 0 ? TimeBefore(following) : _stream.BaseNs;
        return _stream.BaseNs;
    }

    private long TimeBefore(ReadOnlySpan<byte> following)
    {
        for (int lines = 1, length; (length = following.IndexOf((byte)'\n')) >= 0; lines++, following = following[(length + 1)..])
        {
            if (_parser.TryParse(following[..length].TrimStart((byte)0), out LogLine line))
            {
                return line.TimestampNs - lines;
            }
        }

        return _time.GetUnixNanoseconds();
    }
}
