using Shipper.Checkpoints;
using Shipper.Lanes;
using Shipper.Processing;
using Shipper.Processing.Assembling;
using Shipper.Records;
using Shipper.Tailing.Losses;
using Shipper.Tailing.Streams;

namespace Shipper.Tailing.Reading;

/// <summary>
/// Reads the records of one stream at a time, oldest generation first: takes lines from a cursor, joins them, and moves on to the next generation.
/// </summary>
/// <remarks>
/// <para>
/// Not thread-safe. Each lane has one, with all buffers that reading needs, so that a thousand idle files need no buffers.
/// An incomplete line is forgotten when the lane switches to another stream, and is read again from its start.
/// </para>
/// <para>
/// A record is a view of the buffers and must be processed before the next call. <see cref="Save"/> stores the position
/// after the last one in the generations.
/// </para>
/// </remarks>
internal sealed class LogReader : IDisposable
{
    private readonly LineCursor _cursor;
    private readonly Assembler _assembler;
    private readonly ReadPositions _positions;

    private TailedStream? _stream;
    private int _revision;
    private QuietFlush _flush;

    // True if the directory was listed after the end of the generation had been reached.
    private bool _isListed;
    private bool _isDrained;

    // The result of the quiet flush of this turn: whether it keeps lines that are read in parts. Null if there was none.
    private bool? _flushKeepsParts;

    /// <param name="maxLineBytes">The largest line limit of all sources.</param>
    /// <param name="bufferBytes">Buffer size in bytes: that of one read(2). A line may be longer.</param>
    public LogReader(int maxLineBytes, TailingServices services, LossRecorder losses, int bufferBytes = LaneOptions.DefaultReadBufferBytes)
    {
        _assembler = new Assembler(maxLineBytes);
        _cursor = new LineCursor(bufferBytes, services, losses, _assembler);
        _positions = new ReadPositions(_assembler);
    }

    /// <summary>What to do at the end of a generation.</summary>
    private enum Next
    {
        Wait,
        Line,
        Rest,
        Flush,
        FlushGroup,
        List,
        Pause,
    }

    /// <summary>The stream that is being read; null between two turns.</summary>
    public TailedStream? Stream => _stream;

    /// <summary>The generation that is being read; null between two turns.</summary>
    public Generation? Generation => _positions.Generation;

    /// <summary>False if the file that is being read was replaced, so that reading must start over.</summary>
    public bool IsCurrent => _positions.Generation is { } generation && generation.File.Revision == _revision;

    /// <summary>Number of bytes read for the first time since this was last set to 0.</summary>
    public long BytesRead
    {
        get => _cursor.BytesRead;
        set => _cursor.BytesRead = value;
    }

    /// <summary>Checks whether the next line is after a position.</summary>
    public bool HasPassed(Generation generation, FilePosition position) => Generation != generation || _cursor.LineStart >= position.Max;

    /// <summary>Begins a turn at the oldest unread byte of a stream.</summary>
    /// <param name="flush">What to send as it is, because nothing was written for some time.</param>
    /// <param name="memory">What the rules have learned from the stream's records; they learn from each record.</param>
    /// <returns>False if there is nothing to read.</returns>
    public bool Begin(TailedStream stream, QuietFlush flush, StageMemory memory)
    {
        Generation? first = stream.Queue.FindUnread();
        if (first is null)
        {
            return false;
        }

        _stream = stream;
        _flush = flush;
        _flushKeepsParts = null;
        _assembler.BeginTurn(stream.Attributes.Rules, memory, stream.LineLimit.MaxBytes, in stream.FlushedGroups);
        _cursor.Begin(stream);
        _positions.Begin(first);
        Enter();
        return true;
    }

    /// <summary>True while a group is held that can be sent as it is if the log stays quiet.</summary>
    public bool HoldsGroup => _assembler.CanFlushGroup;

    /// <summary>
    /// True if this turn sent something as it is because nothing was written for some time. The end of the push then marks the end of that record, so nothing
    /// after it may become part of the same push.
    /// </summary>
    public bool HasFlushed => _flushKeepsParts is not null;

    /// <summary>Number of lines, since this was last set to 0, that would have continued a group which was sent before them because the log was quiet.</summary>
    public long LateLines
    {
        get => _assembler.LateLines;
        set => _assembler.LateLines = value;
    }

    /// <summary>Ends the turn. Everything that has not been saved is forgotten.</summary>
    public void End()
    {
        _stream = null;
        _positions.End();
        _cursor.EndTurn();
    }

    /// <summary>Reads the next record.</summary>
    /// <param name="draft">Receives the record, if any.</param>
    /// <returns>What happened: a record was read, or why reading stopped. At the end of the turn call <see cref="Save"/> and <see cref="End"/>.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    public ReadResult Read(ref RecordDraft draft)
    {
        _isDrained = false;
        if (_assembler.HasPending && _assembler.TryTakePending(ref draft))
        {
            return Complete(ref draft);
        }

        if (_flushKeepsParts is { } keepsParts)
        {
            // More may have been written in the meantime.
            return _assembler.TryFlush(isQuiet: true, keepsParts, ref draft) ? Complete(ref draft) : EndDrained();
        }

        while (true)
        {
            if (_isListed && !IsCurrent)
            {
                return EndDrained();
            }

            if (!_cursor.TryNext(out LogLine line, out LineRange place))
            {
                if (_cursor.IsPaused)
                {
                    // What was sent before up to the limit is a record again.
                    return _cursor.IsAtLimit && _assembler.TryFlush(isQuiet: true, keepsParts: false, ref draft) ? Complete(ref draft) : ReadResult.Paused;
                }

                switch (FindNext())
                {
                    case Next.Line:
                    case Next.Rest when !_cursor.TryReadRest(out line, out place):
                        continue;
                    case Next.FlushGroup when _assembler.TryFlush(isQuiet: true, keepsParts: true, ref draft):
                        _flushKeepsParts = true;
                        return Complete(ref draft);
                    case Next.Flush when _assembler.TryFlush(isQuiet: _flush != QuietFlush.None, keepsParts: false, ref draft):
                        _flushKeepsParts = _flush == QuietFlush.None ? null : false;
                        return Complete(ref draft);
                    case Next.Flush or Next.FlushGroup:
                        continue;
                    case Next.List:
                        return ReadResult.NeedsListing;
                    case Next.Pause:
                        return ReadResult.Paused;
                    case Next.Wait:
                        return EndDrained();
                }
            }

            AddResult step = _assembler.Add(in line, place, ref draft);
            if (step == AddResult.Held)
            {
                continue;
            }

            if (step == AddResult.OlderRecordFirst)
            {
                _cursor.PutBack();
            }

            return Complete(ref draft);
        }
    }

    /// <summary>Drops the last record. Its bytes count as dropped once the position after the record is acknowledged.</summary>
    /// <param name="reason">One of <see cref="Telemetry.DropReasons"/>.</param>
    /// <param name="records">Number of records to count.</param>
    public void Drop(LogOutput output, string reason, int records) => _positions.AddDrops(output, reason, records, _cursor.Drops);

    /// <summary>Stores the position after the last record in the generations, and adds it and the drops to the mark.</summary>
    public void Save(FileMark mark)
    {
        _stream!.FlushedGroups = _assembler.GetFlushedGroups();
        mark.Drops.AddRange(_cursor.Drops);
        _cursor.Drops.Clear();
        _positions.Save(_cursor.LineStart, _cursor.Consumed, mark);
        _positions.Generation!.Progress.ScanTo(_isDrained ? _cursor.End : _cursor.LineStart);
    }

    public void Dispose() => _cursor.Dispose();

    private ReadResult Complete(ref RecordDraft draft)
    {
        draft.Metadata = _stream!.Attributes.MetadataOf(draft.Output);
        draft.AddedMetadataBytes = 0;
        return ReadResult.Record;
    }

    private ReadResult EndDrained()
    {
        _isDrained = true;
        return ReadResult.Drained;
    }

    private void Enter()
    {
        Generation generation = _positions.Generation!;
        _revision = generation.File.Revision;
        _isListed = false;
        _cursor.Enter(generation, _positions.Floor);
        _assembler.SetBoundary(generation.Resend.Unconfirmed is { } sent ? (sent.End.Stdout, sent.End.Stderr) : default);
    }

    /// <summary>Decides what to do after the last complete line of a generation: how to handle the rest, and where to continue.</summary>
    private Next FindNext()
    {
        Generation generation = _positions.Generation!;
        bool isFinal = _stream!.Queue.IsFinal(generation);
        if (isFinal && !generation.IsGzip && _cursor.RetryRefill())
        {
            // The file may have grown between hitting its end and learning that it is final: read once more.
            _isListed = false;
            return Next.Line;
        }

        bool isEnd = isFinal && !_stream.Queue.MayContinueElsewhere(generation);
        if (_cursor.HasRest)
        {
            return isEnd || _flush == QuietFlush.Everything ? Next.Rest : WaitOrFlushGroup();
        }

        Generation? next = null;
        if (isFinal)
        {
            if (!_isListed)
            {
                _isListed = true;
                return Next.List;
            }

            next = _stream.Queue.FindAfter(generation);
        }

        _isListed = false;
        if (next is not null && !_assembler.IsHolding && !_stream.Turn.CanContinueIn(next))
        {
            // The next generation gets a turn of its own.
            return Next.Pause;
        }

        // A partial line or group may also continue in a parked file that is still empty.
        bool linesContinue = _assembler.IsHolding && (next ?? _stream.Queue.FindParkedAfter(generation)) is { } following
            && following.Place.Continues(generation.Place);
        bool isQuietEnd = _flush == QuietFlush.Everything && (next is null || (!next.IsParked && !linesContinue));
        if (_assembler.IsHolding && (isQuietEnd || (isEnd && !linesContinue)))
        {
            return Next.Flush;
        }

        if (next is null or { IsParked: true } || !_stream.Queue.IsFinal(generation))
        {
            return next is null ? WaitOrFlushGroup() : Next.Wait;
        }

        // Even if a partial line continues in the next generation: everything that this turn reads of it has the same attributes.
        next.Resend.Attributes = _stream.Attributes;
        _positions.MoveToNext(next, _cursor.LineStart);
        Enter();
        return Next.Line;
    }

    private Next WaitOrFlushGroup() => _flush == QuietFlush.Groups && _assembler.CanFlushGroup ? Next.FlushGroup : Next.Wait;
}
