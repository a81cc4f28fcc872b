using System.Runtime.CompilerServices;
using Shipper.Records;

namespace Shipper.Processing.Assembling;

/// <summary>
/// Makes records of lines: joins the parts of each output. Nothing else between the read buffer and a batch keeps bytes of more than one line, so
/// <see cref="PositionOf"/> is the only rule for how far reading has come.
/// </summary>
/// <remarks>Not safe for concurrent use. Each lane has one. A draft is a view of the line, or of the parts that are held, until the next call.</remarks>
/// <param name="capacity">Bytes kept of each output's open line: the largest line size of any source.</param>
internal sealed class Assembler(int capacity)
{
    private readonly OpenLine _stdout = new(capacity);
    private readonly OpenLine _stderr = new(capacity);

    // Bytes of the files that this turn has passed, so that distances can be told across files.
    private long _passedBytes;

    /// <summary>True while an output has a line that is not complete.</summary>
    public bool IsHolding => _stdout.IsOpen || _stderr.IsOpen;

    /// <summary>The number of the file that is being read, counted here.</summary>
    public int Ordinal { get; private set; }

    /// <summary>True once there was a record in this turn.</summary>
    public bool HasMadeRecord { get; private set; }

    /// <summary>Of the last record: the number of the file in which its first part stands, and the bytes that its parts take in the file that is being read.</summary>
    public (int FirstOrdinal, long Bytes) Last { get; private set; }

    private OpenLine this[LogOutput output] => output == LogOutput.Stdout ? _stdout : _stderr;

    /// <summary>A turn begins. What was held is forgotten: it is read again.</summary>
    public void Begin()
    {
        _stdout.Close();
        _stderr.Close();
        _passedBytes = 0;
        HasMadeRecord = false;
        Ordinal++;
    }

    /// <summary>Reading goes on in the next file.</summary>
    /// <param name="end">Where reading ended in this one.</param>
    /// <returns>Bytes that the open line of each output takes in this one.</returns>
    public (long Stdout, long Stderr) GoOn(long end)
    {
        (long, long) open = (_stdout.FileBytes, _stderr.FileBytes);
        _stdout.FileBytes = 0;
        _stderr.FileBytes = 0;
        _passedBytes += end;
        Ordinal++;
        return open;
    }

    /// <summary>Takes a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="place">Where it stands in the file.</param>
    /// <param name="draft">The record, if there is one. Its metadata is not set.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Step Take(scoped in LogLine line, LinePlace place, ref Draft draft)
    {
        if (line.IsPartial || IsHolding)
        {
            return Join(in line, place, ref draft);
        }

        Complete(in line, place, ref draft);
        return Step.Record;
    }

    /// <summary>Sends an open line as it is; only where there is one.</summary>
    public void Flush(ref Draft draft) => Finish(_stdout.IsOpen ? LogOutput.Stdout : LogOutput.Stderr, ref draft);

    /// <summary>
    /// The position of an output in a file: where the first byte stands that is held of it, or where the next line begins if nothing is. In files behind
    /// the one in which an open line begins, all of its output belongs to that line.
    /// </summary>
    /// <param name="output">The output.</param>
    /// <param name="ordinal">The number of the file.</param>
    /// <param name="begin">Where reading of the output began in it.</param>
    /// <param name="done">Where the next line begins.</param>
    public long PositionOf(LogOutput output, int ordinal, long begin, long done)
    {
        OpenLine open = this[output];
        return !open.IsOpen || open.Ordinal > ordinal ? done
            : open.Ordinal == ordinal ? open.Start
            : begin;
    }

    private Step Join(scoped in LogLine line, LinePlace place, ref Draft draft)
    {
        OpenLine open = this[line.Output];
        if (!line.IsContinuation)
        {
            if (line.IsTorn && _stdout.IsOpen)
            {
                Finish(LogOutput.Stdout, ref draft);
                return Step.RecordFirst;
            }

            // A torn line has no time of its own, so only the distance counts.
            if (FindExpired(line.IsTorn ? 0 : line.TimestampNs, _passedBytes + place.Start) is { } expired)
            {
                Finish(expired, ref draft);
                return Step.RecordFirst;
            }
        }

        if (!line.IsPartial && !open.IsOpen)
        {
            Complete(in line, place, ref draft);
            return Step.Record;
        }

        if (!open.IsOpen)
        {
            open.Open(line.TimestampNs, Ordinal, place.Start);
        }

        open.Append(line.Content, _passedBytes + place.End, place.Bytes);
        if (line.IsPartial)
        {
            return Step.Held;
        }

        Finish(line.Output, ref draft);
        draft.IsRest = line.IsRest;
        return Step.Record;
    }

    /// <summary>Finds a line that waited long enough for its end, as <see cref="OpenLine.IsExpired"/> tells.</summary>
    private LogOutput? FindExpired(long timestampNs, long offset) =>
        _stdout.IsExpired(timestampNs, offset) ? LogOutput.Stdout
        : _stderr.IsExpired(timestampNs, offset) ? LogOutput.Stderr
        : null;

    /// <summary>A line is a record by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Complete(scoped in LogLine line, LinePlace place, ref Draft draft)
    {
        HasMadeRecord = true;
        Last = (Ordinal, place.Bytes);
        draft.TimestampNs = line.TimestampNs;
        draft.Output = line.Output;

        // A slice, because that is copied in two halves, as the parser wrote it a moment ago. A copy at once would have to wait for both.
        draft.Line = line.Content[..line.Content.Length];
        draft.IsAscii = line.IsAscii;
        draft.Length = line.Content.Length;
        draft.IsRest = line.IsRest;
    }

    /// <summary>A line that was joined is a record now.</summary>
    private void Finish(LogOutput output, ref Draft draft)
    {
        OpenLine open = this[output];
        open.Close();
        HasMadeRecord = true;
        Last = (open.Ordinal, open.FileBytes);
        draft.TimestampNs = open.TimestampNs;
        draft.Output = output;
        draft.Line = open.Kept;
        draft.IsAscii = false;
        draft.Length = open.Length;
        draft.IsRest = false;
    }
}
