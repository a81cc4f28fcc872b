using System.Runtime.CompilerServices;
using Shipper.Records;

namespace Shipper.Processing.Assembling;

/// <summary>
/// Makes records from lines, by joining the parts of a line for each output. No other code between the read buffer and a batch keeps bytes of more than one
/// line, so <see cref="PositionOf"/> alone determines how far reading has progressed.
/// </summary>
/// <remarks>Not thread-safe: each lane has its own instance. A draft is a view of the line, or of the held parts, until the next call.</remarks>
/// <param name="capacity">Number of bytes to keep of each output's partial line: the largest maximum line size of any source.</param>
internal sealed class Assembler(int capacity)
{
    private readonly PartialLine _stdout = new(capacity);
    private readonly PartialLine _stderr = new(capacity);

    // Number of bytes in the earlier files of this turn, so that distances can be computed across files.
    private long _passedBytes;

    /// <summary>True while an output has a partial line.</summary>
    public bool HasPartialLine => _stdout.IsOpen || _stderr.IsOpen;

    /// <summary>Number of the file that is being read. It increases with each turn, and with each file of a turn.</summary>
    public int FileOrdinal { get; private set; }

    /// <summary>True once this turn has produced a record.</summary>
    public bool HasMadeRecord { get; private set; }

    /// <summary>
    /// For the last record: the ordinal of the file with its first part, and the number of bytes that its parts take in the file that is being read.
    /// </summary>
    public (int FirstOrdinal, long Bytes) LastRecord { get; private set; }

    private PartialLine this[LogOutput output] => output == LogOutput.Stdout ? _stdout : _stderr;

    /// <summary>Begins a turn. Parts that were held are forgotten, because they are read again.</summary>
    public void BeginTurn()
    {
        _stdout.Close();
        _stderr.Close();
        _passedBytes = 0;
        HasMadeRecord = false;
        FileOrdinal++;
    }

    /// <summary>Continues in the next file.</summary>
    /// <param name="end">Offset at which reading of the current file ended.</param>
    /// <returns>Number of bytes that the partial line of each output takes in the current file.</returns>
    public (long Stdout, long Stderr) ContinueInNextFile(long end)
    {
        (long, long) partialBytes = (_stdout.FileBytes, _stderr.FileBytes);
        _stdout.FileBytes = 0;
        _stderr.FileBytes = 0;
        _passedBytes += end;
        FileOrdinal++;
        return partialBytes;
    }

    /// <summary>Adds a line.</summary>
    /// <param name="place">Its place in the file.</param>
    /// <param name="draft">Receives the record, if any. Its metadata is not set.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public AddResult Add(scoped in LogLine line, LineRange place, ref RecordDraft draft)
    {
        if (line.IsPartial || HasPartialLine)
        {
            return Join(in line, place, ref draft);
        }

        Complete(in line, place, ref draft);
        return AddResult.Record;
    }

    /// <summary>Makes a record from a partial line as it is. Call only if there is a partial line.</summary>
    public void Flush(ref RecordDraft draft) => Finish(_stdout.IsOpen ? LogOutput.Stdout : LogOutput.Stderr, ref draft);

    /// <summary>
    /// Returns the position of an output in a file: the offset of its first held byte or, if nothing is held, of the next line. In the files after the one in
    /// which a partial line begins, everything of the output belongs to that line.
    /// </summary>
    /// <param name="ordinal">Ordinal of the file.</param>
    /// <param name="begin">Offset at which reading of the output in the file began.</param>
    /// <param name="done">Offset of the next line.</param>
    public long PositionOf(LogOutput output, int ordinal, long begin, long done)
    {
        PartialLine partialLine = this[output];
        return !partialLine.IsOpen || partialLine.Ordinal > ordinal ? done
            : partialLine.Ordinal == ordinal ? partialLine.Start
            : begin;
    }

    private AddResult Join(scoped in LogLine line, LineRange place, ref RecordDraft draft)
    {
        PartialLine partialLine = this[line.Output];
        if (!line.IsContinuation)
        {
            if (line.IsTorn && _stdout.IsOpen)
            {
                Finish(LogOutput.Stdout, ref draft);
                return AddResult.OlderRecordFirst;
            }

            // A torn line has no time of its own, so only the distance counts.
            if (FindExpired(line.IsTorn ? 0 : line.TimestampNs, _passedBytes + place.Start) is { } expired)
            {
                Finish(expired, ref draft);
                return AddResult.OlderRecordFirst;
            }
        }

        if (!line.IsPartial && !partialLine.IsOpen)
        {
            Complete(in line, place, ref draft);
            return AddResult.Record;
        }

        if (!partialLine.IsOpen)
        {
            partialLine.Open(line.TimestampNs, FileOrdinal, place.Start);
        }

        partialLine.Append(line.Content, _passedBytes + place.End, place.Bytes);
        if (line.IsPartial)
        {
            return AddResult.Held;
        }

        Finish(line.Output, ref draft);
        draft.IsRemainder = line.IsRemainder;
        return AddResult.Record;
    }

    /// <summary>Finds a line that has waited long enough for its end (<see cref="PartialLine.IsExpired"/>).</summary>
    private LogOutput? FindExpired(long timestampNs, long offset) =>
        _stdout.IsExpired(timestampNs, offset) ? LogOutput.Stdout
        : _stderr.IsExpired(timestampNs, offset) ? LogOutput.Stderr
        : null;

    /// <summary>Makes a record from a complete line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Complete(scoped in LogLine line, LineRange place, ref RecordDraft draft)
    {
        HasMadeRecord = true;
        LastRecord = (FileOrdinal, place.Bytes);
        draft.TimestampNs = line.TimestampNs;
        draft.Output = line.Output;

        // Slicing copies the span in two halves, just as the parser has written it. A copy of the whole span would have to wait for both writes.
        draft.Line = line.Content[..line.Content.Length];
        draft.IsAscii = line.IsAscii;
        draft.Length = line.Content.Length;
        draft.IsRemainder = line.IsRemainder;
    }

    /// <summary>Makes a record from a joined line.</summary>
    private void Finish(LogOutput output, ref RecordDraft draft)
    {
        PartialLine partialLine = this[output];
        partialLine.Close();
        HasMadeRecord = true;
        LastRecord = (partialLine.Ordinal, partialLine.FileBytes);
        draft.TimestampNs = partialLine.TimestampNs;
        draft.Output = output;
        draft.Line = partialLine.Kept;
        draft.IsAscii = false;
        draft.Length = partialLine.Length;
        draft.IsRemainder = false;
    }
}
