using Shipper.Processing;
using Shipper.Records;

namespace Shipper.Tailing.Reading;

/// <content>Lines that are longer than the buffer.</content>
internal sealed partial class LogReader
{
    /// <summary>Bytes of a record that tell if it is one.</summary>
    private const int HeaderBytes = 64;

    // A line longer than the buffer, in the middle of which reading stands.
    private bool _isInsideLine;
    private bool _insideIsSkipped;
    private bool _insideIsPartial;

    // A piece of it was a record already.
    private bool _insideIsCut;
    private LogOutput _insideOutput;
    private long _insideStart;
    private long _insideNs;

    /// <summary>
    /// This many NULs end a long line, whatever follows them: a power loss leaves NULs in whole blocks of the disk. An application that prints them in
    /// one line gets two records.
    /// </summary>
    private int MaxNulsInside => _buffer.Capacity / 2;

    /// <summary>The buffer is full of one line: it becomes the beginning of an open line.</summary>
    private bool TryEnterLine(out Draft record)
    {
        record = default;
        ReadOnlySpan<byte> text = _buffer.Unread;
        if (StartsWithNuls(text))
        {
            TakeNuls();
            return false;
        }

        bool hasHeaders = _stream!.Source.HasHeaders;
        if (hasHeaders && FindEnd(text) is > 0 and int end)
        {
            return TryTake(text[..end], isText: false, end, out record);
        }

        long offset = _buffer.Offset;
        text = PieceOf(text);
        LogLine line;
        if (!hasHeaders)
        {
            line = new LogLine(_stream.BaseNs, LogOutput.Stdout, isPartial: false, _plain.Read(text, offset, isStart: true, isEnd: false));
            _insideNs = long.MinValue;
            if (line.Content.IsEmpty)
            {
                // A byte order mark, and NULs behind it.
                _buffer.Take(text.Length);
                return false;
            }
        }
        else if (_parser.TryParse(text, out line))
        {
            if (offset >= _positions.Floor[line.Output] && FindExpired(line.TimestampNs, offset) is { } expired)
            {
                return TryFinish(expired, out record);
            }

            _insideNs = line.TimestampNs;
        }
        else
        {
            if (_open[LogOutput.Stdout].IsOpen && offset >= _positions.Floor.Stdout)
            {
                return TryFinish(LogOutput.Stdout, out record);
            }

            line = new LogLine(TimeWithoutHeader([]), LogOutput.Stdout, isPartial: false, text);
            _insideNs = long.MinValue;
        }

        _insideStart = offset;
        _isInsideLine = true;
        _insideOutput = line.Output;
        _insideIsPartial = line.IsPartial;
        _insideIsCut = false;
        _insideIsSkipped = offset < _positions.Floor[line.Output];
        if (!_insideIsSkipped)
        {
            Append(_open[line.Output], in line, offset, offset + text.Length);
        }

        _buffer.Take(text.Length);
        return false;
    }

    /// <summary>Takes more of a line that is longer than the buffer.</summary>
    /// <param name="isLast">True if no more of it is to come.</param>
    /// <param name="hasRecord">True if there is a record now.</param>
    /// <param name="record">The record.</param>
    /// <returns>False where the buffer has no more.</returns>
    private bool TryGoOnInside(bool isLast, out bool hasRecord, out Draft record)
    {
        hasRecord = false;
        record = default;
        ReadOnlySpan<byte> unread = _buffer.Unread;
        int nuls = _plain.CountNuls(unread, _buffer.Offset);
        bool? isEnd = nuls > 0 ? EndsBeforeNuls(unread, nuls, isLast) : unread.IsEmpty && isLast ? true : false;
        if (isEnd is null || (unread.IsEmpty && !isLast))
        {
            return false;
        }

        if (isEnd.Value)
        {
            EndInside(out hasRecord, out record);
            return true;
        }

        bool hasHeaders = _stream!.Source.HasHeaders;
        int length = nuls > 0 ? -1 : _plain.IndexOfNewline(unread, _buffer.Offset);
        ReadOnlySpan<byte> piece = nuls > 0 ? unread[..nuls] : length >= 0 ? unread[..length] : isLast ? unread : PieceOf(unread);
        if (nuls == 0 && _plain.IndexOfNul(piece, _buffer.Offset) is >= 0 and int nul)
        {
            piece = piece[..nul];
            length = -1;
        }

        bool isWhole = length >= 0;
        int taken = piece.Length + (isWhole ? _plain.NewlineBytes : 0);
        if (taken == 0)
        {
            return false;
        }

        ReadOnlySpan<byte> content = hasHeaders ? piece : _plain.Read(piece, _buffer.Offset, isStart: false, isWhole);
        _buffer.Take(taken);
        OpenLine open = _open[_insideOutput];
        if (!_insideIsSkipped)
        {
            open.Append(content, _positions.PassedBytes + _buffer.Offset, taken);
        }

        if (isWhole)
        {
            EndInside(out hasRecord, out record);
        }
        else if (!_insideIsSkipped && open.Length >= OpenLine.MaxLength)
        {
            hasRecord = TryFinishInside(out record);
            _insideIsCut = true;
            _insideStart = _buffer.Offset;
            open.Open(open.TimestampNs, _positions.Ordinal, _insideStart);
        }

        return true;
    }

    private void EndInside(out bool hasRecord, out Draft record)
    {
        record = default;
        _isInsideLine = false;
        hasRecord = !_insideIsSkipped && !_insideIsPartial && TryFinishInside(out record);
    }

    /// <summary>Where long lines are left out, the rest of one is too; it was counted with its first piece.</summary>
    private bool TryFinishInside(out Draft record)
    {
        if (_insideIsCut && _stream!.LineLimit.LongLines == LongLines.Skip)
        {
            OpenLine open = _open[_insideOutput];
            open.Close();
            _positions.AddDrops(_insideOutput, open.Ordinal, open.FileBytes, ReasonOf(_insideOutput), 0, Drops);
            record = default;
            return false;
        }

        return TryFinish(_insideOutput, out record);
    }

    /// <returns>Bytes before the next record; 0 if none begins in the buffer.</returns>
    private int FindEnd(ReadOnlySpan<byte> text) =>
        _parser.TryParse(text, out LogLine line) ? _damaged.FindEndBeforeNuls(text, line.TimestampNs) : _damaged.FindEnd(text);

    /// <summary>The part of an unfinished line that can be taken. The bytes after NULs tell if the NULs belong to the line.</summary>
    private ReadOnlySpan<byte> PieceOf(ReadOnlySpan<byte> text) =>
        _plain.IndexOfNul(text, _buffer.Offset) is >= 0 and int nul ? text[..nul]
        : _stream!.Source.HasHeaders ? text
        : text[.._plain.WholeLength(text, _buffer.Offset)];

    /// <summary>Tells if NULs end a long line, because a record follows them or there are too many, or are part of it.</summary>
    /// <returns>Null if more must be read to tell.</returns>
    private bool? EndsBeforeNuls(ReadOnlySpan<byte> unread, int nuls, bool isLast)
    {
        if (nuls >= MaxNulsInside)
        {
            return nuls == unread.Length && _buffer.TryEndBeforeNuls() ? null : true;
        }

        ReadOnlySpan<byte> behind = unread[nuls..];
        bool hasHeaders = _stream!.Source.HasHeaders;
        bool isKnown = isLast || (hasHeaders ? behind.Length >= HeaderBytes || behind.Contains((byte)'\n') : behind.Length >= _plain.NewlineBytes);
        return isKnown ? hasHeaders && _damaged.IsNext(behind, _insideNs) : null;
    }
}
