using System.Runtime.CompilerServices;
using Shipper.Processing.Levels;
using Shipper.Processing.Multiline;
using Shipper.Processing.Redaction;
using Shipper.Records;

namespace Shipper.Processing.Assembling;

/// <summary>
/// Makes records from lines: for each output, joins the parts of a line, and the lines of a group. No other code between the read buffer and a batch keeps bytes
/// of more than one line, so <see cref="PositionOf"/> alone determines how far reading has progressed.
/// </summary>
/// <remarks>
/// <para>Not thread-safe: each lane has its own instance. A draft is a view of the line, or of what is held, until the next call.</para>
/// <para>
/// Where a group ends depends only on the content of the files, so reading them again gives the same records. The exception is the last group of a quiet log,
/// which is sent as it is. Its end is recorded with the push, as the position up to which records were sent, and <see cref="SetBoundary"/> makes it the end of
/// the group whenever the group is read again.
/// </para>
/// </remarks>
internal sealed class Assembler
{
    private readonly OutputLines _stdout;
    private readonly OutputLines _stderr;
    private readonly RecordMaker _records;
    private StageMemory _memory = new();
    private int _maxBytes;
    private GroupRule? _stdoutRule;
    private GroupRule? _stderrRule;

    // Number of bytes in the earlier files of this turn, so that distances can be computed across files.
    private long _passedBytes;
    private (long Stdout, long Stderr) _boundary;

    /// <param name="capacity">Number of bytes to keep of a record: the largest maximum line size of any source.</param>
    public Assembler(int capacity)
    {
        _records = new RecordMaker(capacity);
        _stdout = new OutputLines(capacity, LogOutput.Stdout, _records);
        _stderr = new OutputLines(capacity, LogOutput.Stderr, _records);
    }

    /// <summary>True while a line or group is held.</summary>
    public bool IsHolding => _stdout.IsHolding || _stderr.IsHolding;

    /// <summary>True if the group of an output can be sent as it is.</summary>
    public bool CanFlushGroup => _stdout.CanFlushGroup || _stderr.CanFlushGroup;

    /// <summary>True if <see cref="TryTakePending"/> must be called before the next line is read.</summary>
    public bool HasPending => _stdout.HasPending || _stderr.HasPending;

    /// <summary>Number of the file that is being read. It increases with each turn, and with each file of a turn.</summary>
    public int FileOrdinal { get; private set; }

    /// <inheritdoc cref="RecordMaker.HasMadeRecord"/>
    public bool HasMadeRecord => _records.HasMadeRecord;

    /// <inheritdoc cref="RecordMaker.LastRecord"/>
    public (int FirstOrdinal, long Bytes) LastRecord => _records.LastRecord;

    /// <summary>Number of lines in this turn that continue a group which was sent before them because the log was quiet.</summary>
    public long LateLines { get; set; }

    private OutputLines this[LogOutput output] => output == LogOutput.Stdout ? _stdout : _stderr;

    /// <summary>Begins a turn. What was held is forgotten, because it is read again.</summary>
    /// <param name="rules">The rules of the stream.</param>
    /// <param name="memory">The memory of the stream. Rules learn from each record.</param>
    /// <param name="maxBytes">Maximum length of a record.</param>
    /// <param name="flushed">The result of <see cref="GetFlushedGroups"/> after the stream's turn before.</param>
    public void BeginTurn(StreamRules rules, StageMemory memory, int maxBytes, in FlushedGroups flushed)
    {
        _memory = memory;
        _maxBytes = maxBytes;
        _stdoutRule = rules.Stdout.Group;
        _stderrRule = rules.Stderr.Group;
        _stdout.BeginTurn(_stdoutRule, in flushed.Stdout);
        _stderr.BeginTurn(_stderrRule, in flushed.Stderr);
        _passedBytes = 0;
        _boundary = default;
        _records.HasMadeRecord = false;
        FileOrdinal++;
    }

    /// <summary>Returns the groups that were sent because the log was quiet, and that no line has followed.</summary>
    public FlushedGroups GetFlushedGroups() => new() { Stdout = _stdout.FlushedGroup, Stderr = _stderr.FlushedGroup };

    /// <summary>Continues in the next file.</summary>
    /// <param name="end">Offset at which reading of the current file ended.</param>
    /// <returns>Number of bytes that are held of the current file, for each output.</returns>
    public (long Stdout, long Stderr) ContinueInNextFile(long end)
    {
        (long, long) heldBytes = (_stdout.FileBytes, _stderr.FileBytes);
        _stdout.ContinueInNextFile(FileOrdinal, _boundary.Stdout);
        _stderr.ContinueInNextFile(FileOrdinal, _boundary.Stderr);
        _passedBytes += end;
        FileOrdinal++;
        return heldBytes;
    }

    /// <summary>Sets the position in the current file up to which records may have been sent before. No record contains bytes from both sides of it.</summary>
    /// <param name="sent">The position for each output; the beginning of the file if none were sent.</param>
    public void SetBoundary((long Stdout, long Stderr) sent) => _boundary = sent;

    /// <summary>Adds a line.</summary>
    /// <param name="place">Its place in the file.</param>
    /// <param name="draft">Receives the record, if any. Its metadata is not set.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public AddResult Add(scoped in LogLine line, LineRange place, ref RecordDraft draft)
    {
        if (line.IsPartial || IsHolding || _stdout.FollowsFlushedGroup || _stderr.FollowsFlushedGroup)
        {
            return Join(in line, place, ref draft);
        }

        GroupRule? rule = line.Output == LogOutput.Stdout ? _stdoutRule : _stderrRule;
        if (rule is not null && !line.IsTorn && !line.IsRemainder)
        {
            GroupState state = default;
            if (rule.Classify(line.Content, ref state, in _memory[line.Output]) != LineRole.Single)
            {
                this[line.Output].Group.Open(ToLine(in line, place), in state, _maxBytes);
                return AddResult.Held;
            }

            if (rule.Learns)
            {
                rule.Learn(in state, 1, ref _memory[line.Output]);
            }
        }

        Complete(in line, place, ref draft);
        return AddResult.Record;
    }

    /// <summary>Makes a record from what is held and complete. Must be called after each record until it returns false, before the next line is added.</summary>
    public bool TryTakePending(ref RecordDraft draft) =>
        _stdout.TryTakePending(ref _memory[LogOutput.Stdout], _maxBytes, ref draft) || _stderr.TryTakePending(ref _memory[LogOutput.Stderr], _maxBytes, ref draft);

    /// <summary>Makes a record from what is held, as it is.</summary>
    /// <param name="isQuiet">True if the reason is that the log is quiet.</param>
    /// <param name="keepsParts">True to keep an output of which a line is being read in parts.</param>
    /// <returns>False if nothing is held that may be sent.</returns>
    public bool TryFlush(bool isQuiet, bool keepsParts, ref RecordDraft draft) =>
        TryFlush(LogOutput.Stdout, isQuiet, keepsParts, ref draft) || TryFlush(LogOutput.Stderr, isQuiet, keepsParts, ref draft);

    /// <summary>
    /// Returns the position of an output in a file: the offset of its first held byte or, if nothing is held, of the next line. In the files after the one in
    /// which the held bytes begin, everything of the output belongs to them.
    /// </summary>
    /// <param name="ordinal">Ordinal of the file.</param>
    /// <param name="begin">Offset at which reading of the output in the file began.</param>
    /// <param name="done">Offset of the next line.</param>
    public long PositionOf(LogOutput output, int ordinal, long begin, long done)
    {
        OutputLines lines = this[output];
        if (!lines.IsHolding)
        {
            return done;
        }

        (int firstOrdinal, long start) = lines.First;
        return firstOrdinal > ordinal ? done
            : firstOrdinal == ordinal ? start
            : begin;
    }

    /// <summary>Returns the number of bytes before an offset that must be read again if the turn ends there.</summary>
    public long BytesToReadAgain(long offset) => Math.Max(BytesToReadAgain(_stdout, offset), BytesToReadAgain(_stderr, offset));

    private long BytesToReadAgain(OutputLines lines, long offset) =>
        !lines.IsHolding ? 0 : lines.First.Ordinal == FileOrdinal ? offset - lines.First.Start : offset + _passedBytes;

    private bool TryFlush(LogOutput output, bool isQuiet, bool keepsParts, ref RecordDraft draft)
    {
        OutputLines lines = this[output];
        while (keepsParts ? lines.CanFlushGroup : lines.IsHolding)
        {
            if (lines.TryFlush(isQuiet, ref _memory[output], _maxBytes, ref draft))
            {
                return true;
            }
        }

        return false;
    }

    private AddResult Join(scoped in LogLine line, LineRange place, ref RecordDraft draft)
    {
        OutputLines lines = this[line.Output];
        if (!line.IsContinuation && TryEndOlder(in line, place, ref draft))
        {
            return AddResult.OlderRecordFirst;
        }

        if (lines.FollowsFlushedGroup)
        {
            LateLines += lines.IsLate(line.Content, in _memory[line.Output]) ? 1 : 0;
        }

        // A piece of a line can't be put back, so it is kept even if the line consists of one piece.
        if (!line.IsPartial && !lines.Parts.IsOpen && !line.IsContinuation)
        {
            return lines.Add(ToLine(in line, place), ref _memory[line.Output], _maxBytes, ref draft);
        }

        if (!lines.Parts.IsOpen)
        {
            lines.Parts.Open(line.TimestampNs, FileOrdinal, place.Start);
        }

        lines.Parts.Append(line.Content, _passedBytes + place.End, place.Bytes);
        if (line.IsPartial)
        {
            return AddResult.Held;
        }

        lines.Parts.Complete(line.IsRemainder);
        return lines.TryTakePending(ref _memory[line.Output], _maxBytes, ref draft) ? AddResult.Record : AddResult.Held;
    }

    /// <summary>Ends what is held and must end before a line.</summary>
    /// <returns>True if a record is due before the line.</returns>
    private bool TryEndOlder(scoped in LogLine line, LineRange place, ref RecordDraft draft)
    {
        if (line.IsTorn && TryFlush(LogOutput.Stdout, isQuiet: false, keepsParts: false, ref draft))
        {
            return true;
        }

        if ((IsBehind(LogOutput.Stdout, place, _boundary.Stdout) && TryFlush(LogOutput.Stdout, isQuiet: true, keepsParts: false, ref draft))
            || (IsBehind(LogOutput.Stderr, place, _boundary.Stderr) && TryFlush(LogOutput.Stderr, isQuiet: true, keepsParts: false, ref draft)))
        {
            return true;
        }

        // A torn line has no time of its own, so only the distance counts.
        long timestampNs = line.IsTorn ? 0 : line.TimestampNs;
        long offset = _passedBytes + place.Start;
        return (_stdout.IsExpired(timestampNs, offset) && TryEndExpired(LogOutput.Stdout, timestampNs, offset, ref draft))
            || (_stderr.IsExpired(timestampNs, offset) && TryEndExpired(LogOutput.Stderr, timestampNs, offset, ref draft));
    }

    /// <summary>True if a line is behind the boundary of an output, and what is held of that output was sent before.</summary>
    private bool IsBehind(LogOutput output, LineRange place, long boundary) =>
        place.Start >= boundary && this[output] is { IsHolding: true } lines && (lines.First.Ordinal == FileOrdinal ? lines.First.Start < boundary : lines.WasSent);

    private bool TryEndExpired(LogOutput output, long timestampNs, long offset, ref RecordDraft draft)
    {
        OutputLines lines = this[output];
        do
        {
            if (lines.TryFlush(isQuiet: false, ref _memory[output], _maxBytes, ref draft))
            {
                return true;
            }
        }
        while (lines.IsExpired(timestampNs, offset));
        return false;
    }

    private AssembledLine ToLine(scoped in LogLine line, LineRange place) => new()
    {
        TimestampNs = line.TimestampNs,
        Content = line.Content,
        Length = line.Content.Length,
        IsAscii = line.IsAscii,
        IsRemainder = line.IsRemainder,
        IsAlone = line.IsRemainder || line.IsTorn,
        Ordinal = FileOrdinal,
        Start = place.Start,
        FileBytes = place.Bytes,
        End = _passedBytes + place.End,
    };

    /// <summary>Makes a record from a complete line: the path of nearly every line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Complete(scoped in LogLine line, LineRange place, ref RecordDraft draft)
    {
        _records.HasMadeRecord = true;
        _records.LastRecord = (FileOrdinal, place.Bytes);
        draft.TimestampNs = line.TimestampNs;
        draft.Output = line.Output;

        // Slicing copies the span in two halves, just as the parser has written it. A copy of the whole span would have to wait for both writes.
        draft.Line = line.Content[..line.Content.Length];
        draft.IsAscii = line.IsAscii;
        draft.Length = line.Content.Length;
        draft.HiddenKey = KeyMark.None;
        draft.IsRemainder = line.IsRemainder;
        draft.Lines = 1;
        draft.RemovedBytes = 0;
        draft.Level = RecordLevel.None;
        draft.FoundFields = null;
    }
}
