using Microsoft.Extensions.Logging;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Discovery;
using Shipper.Lanes;
using Shipper.Processing;
using Shipper.Records;
using Shipper.Tailing.Files;
using Shipper.Tailing.Held;
using Shipper.Tailing.Reading;
using Shipper.Tailing.Streams;
using Shipper.Taps;

namespace Shipper.Tailing;

/// <summary>Reads files into a batch, one turn for each stream that has something to read.</summary>
/// <remarks>Owned by a lane. Only <see cref="Publish"/> and <see cref="Status"/> are thread-safe.</remarks>
/// <param name="budget">The budget for held files, which all lanes share.</param>
/// <param name="files">The descriptors for log files, which all lanes share.</param>
/// <param name="logger">Logger of the category <c>Lanes</c>.</param>
internal sealed class FileSource(LaneOptions options, HeldBudget budget, FileBudget files, TailingServices services, ILogger logger) : ILaneSource
{
    // Upper bound: the lane is woken earlier if there is something to read.
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    // A stream that is over a limit is read in portions, because a wait for each record would be too short for a timer.
    private static readonly TimeSpan MinHoldBack = TimeSpan.FromMilliseconds(100);

    private LogReader? _reader;

    // True once it is known whether Loki may have records that are missing in the checkpoints.
    private bool _isSettled;

    // The stream that gets the next turn: it could not share the previous batch, or it needs its own batch and did not fill that one.
    private TailedStream? _postponed;

    private FileMarks? _marks;
    private RecordPipeline? _pipeline;
    private TapTracer? _tracer;

    private readonly TurnCounter _count = new(services, logger);
    private readonly LossReports _reports = new(services);

    /// <summary>The lane's logs.</summary>
    public TailedLogs Logs { get; } = new(budget, files, services, options.Batch.Wait);

    public SourceStatus Status => Logs.Status;

    private LogReader Reader => _reader ??= new LogReader(options.MaxLineBytes, services, Logs.Losses, options.ReadBufferBytes);

    private RecordPipeline Pipeline => _pipeline ??= new RecordPipeline(options.MaxLineBytes);

    private TapTracer Tracer => _tracer ??= new TapTracer(services.Taps, Pipeline, options.MaxLineBytes);

    private FileMarks Marks => _marks ??= new FileMarks(Logs.Nuls, services.Time, services.Metrics);

    /// <summary>Adds a message from discovery.</summary>
    public void Publish(LogChange change) => Logs.Publish(change);

    public bool DrainInbox() => Logs.DrainInbox();

    public void Rewind(LogStream stream, bool isUnconfirmed, CheckpointChanges changes)
    {
        var tailed = (TailedStream)stream;
        if (Reader.Stream == tailed)
        {
            Reader.End();
        }

        Logs.Rewind(tailed, isUnconfirmed);
    }

    public void Describe(LaneStatus status) => Logs.Describe(status);

    public void Maintain() => Logs.Maintain();

    public bool TrySaveNext() => Logs.ShutdownFiles.SaveStep();

    public bool Fill(Batch batch, long nextPush, out TimeSpan wait)
    {
        wait = MaxWait;
        if (!_isSettled)
        {
            if (!services.Checkpoints.IsSettled)
            {
                return false;
            }

            _isSettled = true;
            Logs.Settle();
        }

        Logs.NextPush = nextPush;
        bool hasRead = false;
        wait = TimeSpan.Zero;
        while (!batch.IsFull)
        {
            if (Reader.Stream is not null && !Reader.IsCurrent)
            {
                Reader.End();
            }

            if (Reader.Stream is null)
            {
                TailedStream? next = _postponed is { } postponed && Logs.IsReadable(postponed) ? postponed : Logs.FindReady(out wait);
                _postponed = null;
                if (next is null)
                {
                    break;
                }

                if (next.NeedsOwnRequest(batch, services.Time.GetMonotonicMicroseconds()))
                {
                    batch.Seal();
                    _postponed = next;
                    break;
                }

                if (!next.Turn.TryPrepare())
                {
                    continue;
                }

                if (next.IsReportDue)
                {
                    Logs.LimitReports.Note(next);
                }

                if (next.NextUnreportedLoss() is { } loss)
                {
                    _reports.Report(batch, next, loss);
                    hasRead = true;
                    continue;
                }

                StageMemory memory = Pipeline.Context.Memory;
                memory.CopyFrom(next.PrepareMemory(next.Attributes.Rules));
                if (!Reader.Begin(next, next.Flush, memory))
                {
                    next.HoldsGroup = false;
                    Logs.OnDrained(next);
                    continue;
                }
            }

            ReadTurn(batch, Reader.Stream!);
            hasRead = true;
        }

        return hasRead;
    }

    public void Dispose()
    {
        _reader?.Dispose();
        Logs.Dispose();
    }

    private void ReadTurn(Batch batch, TailedStream stream)
    {
        int recordsBefore = batch.Records;
        long now = services.Time.GetMonotonicMicroseconds();
        TimeWindow window = stream.WindowFor(batch, stream.Turn.IsUnconfirmed, services.Time);
        if (stream.Turn.BaseNs == 0 || (!stream.Kind.HasHeaders && stream.Turn.Limit == long.MaxValue))
        {
            stream.Turn.BaseNs = batch.BaseOf(stream) ?? (stream.Kind.HasHeaders ? 0 : stream.Clock.TimeForUntimedLine(services.Time.GetUnixNanoseconds(), in window));
        }

        // To ask Loki for lines without a timestamp, the agent must know the time that they were sent with.
        bool cannotAsk = Reader.Generation is { IsUnconfirmed: true } unconfirmed && !stream.Turn.IsUnconfirmed && (!stream.Kind.HasHeaders || unconfirmed.Resend.IsQueryImpossible);
        Pipeline.Context.ClearCounts();
        batch.BeginRun(stream, stream.Attributes, in window, now, stream.Turn.BaseNs, stream.Turn.IsUnconfirmed);
        long bytesBefore = batch.Bytes.Length;
        ReadResult end;
        try
        {
            end = ReadRecords(batch, stream, in window, bytesBefore);
            EndRun(batch, stream);
        }
        catch (IOException e)
        {
            // Keep everything that was read before the unreadable place.
            Generation unreadable = Reader.Generation!;
            EndRun(batch, stream);
            EndCounts(stream, batch.Records - recordsBefore);
            Reader.End();
            Logs.Suspend(stream, unreadable, e);
            return;
        }
#pragma warning disable CA1031 // An error in one file must not stop the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            batch.AbandonRun();
            _count.Clear();
            Reader.End();
            Logs.Suspend(stream, e);
            return;
        }

        Generation read = Reader.Generation!;
        read.Failing = null;
        if (stream.Problem is { } problem && problem.Path == read.Path)
        {
            stream.Problem = null;
        }

        EndCounts(stream, batch.Records - recordsBefore);
        stream.HoldsGroup = Reader.HoldsGroup;
        Tracer.End();
        services.Metrics.PossibleDuplicates.Add(cannotAsk ? batch.Records - recordsBefore : 0);
        stream.Policy.CountBytes(batch.Bytes.Length - bytesBefore, now);
        bool hasMore = end == ReadResult.Record;

        // A record that was sent as it is ends where the push ends, so what follows it goes into another push.
        stream.AwaitsResponse |= Reader.HasFlushed;
        if (hasMore && stream.HeldBackUntil > services.Time.GetTimestamp())
        {
            Reader.End();
        }
        else if (hasMore && (stream.IsBounded || stream.AwaitsResponse))
        {
            // The rest of the stream must go into another batch, or has other attributes.
            stream.AwaitsResponse |= stream.Policy.MaxRequestBytes < long.MaxValue;
            Reader.End();
        }
        else if (hasMore && stream.Policy.NeedsOwnRequest(now))
        {
            // End the turn together with the batch, so that the next turn has its full length.
            Reader.End();
        }
        else if (!hasMore)
        {
            if (end == ReadResult.Drained)
            {
                Logs.OnDrained(stream);
            }
            else if (!batch.IsFull && stream.Policy.NeedsOwnRequest(now))
            {
                // No other stream may share the batch, so this stream continues until the batch is full.
                _postponed = stream;
            }

            Reader.End();
        }
    }

    /// <summary>
    /// Reads lines, makes records of them and adds the records to the batch. Reads at least one record, because the labels of the run may have filled the
    /// batch.
    /// </summary>
    /// <returns>Why reading stopped; <see cref="ReadResult.Record"/> if there may be more records that must not go into this batch or this run.</returns>
    private ReadResult ReadRecords(Batch batch, TailedStream stream, in TimeWindow window, long bytesBefore)
    {
        LogReader reader = Reader;
        RecordPipeline pipeline = Pipeline;
        StreamRules rules = stream.Attributes.Rules;
        LineLimit limit = stream.LineLimit;
        bool isBounded = stream.IsBounded;
        bool isTapped = Tracer.Begin(stream.Attributes);
        long youngNs = long.MaxValue;
        bool isFirst = true;
        RecordDraft draft = default;
        ReadResult result;
        do
        {
            while ((result = reader.Read(ref draft)) == ReadResult.Record)
            {
                while (rules.Limits.Length > 0 && pipeline.TryReport(rules, draft.TimestampNs, draft.Metadata, out LogRecord report))
                {
                    batch.Append(in report);
                    if (isTapped)
                    {
                        Tracer.Report(in report);
                    }
                }

                scoped LogRecord record;
                string? dropped;
                if (!(isTapped ? Tracer.TryRun(rules, limit, ref draft, out record, out dropped) : pipeline.TryRun(rules, limit, ref draft, out record, out dropped)))
                {
                    _count.Drop(reader, in draft, dropped!, limit);
                    continue;
                }

                _count.Truncated += record.TruncatedBytes > 0 ? 1 : 0;
                if (!batch.Append(in record) || (isBounded && IsAtBound(batch, stream, bytesBefore)))
                {
                    return result;
                }

                if (isFirst)
                {
                    isFirst = false;
                    youngNs = window.AcceptedFromNs(record.TimestampNs);
                }

                if (pipeline.Context.HeldBackUntilNs != 0 && MustHoldBack(stream, record.TimestampNs))
                {
                    return result;
                }

                if (record.TimestampNs >= youngNs)
                {
                    // Stop here: if Loki refuses the older records because of their times, they can be resent with other times before the newer records.
                    stream.AwaitsResponse = true;
                    return result;
                }
            }

            if (result == ReadResult.NeedsListing)
            {
                Logs.ListDirectory(reader.Generation!);
            }
        }
        while (result == ReadResult.NeedsListing);
        return result;
    }

    /// <summary>Holds a stream back that is over a limit, once the wait is worth it.</summary>
    /// <returns>False if reading may go on.</returns>
    private bool MustHoldBack(TailedStream stream, long recordNs)
    {
        long nowNs = services.Time.GetUnixNanoseconds();
        long untilNs = Pipeline.Context.HeldBackUntilNs;
        Pipeline.Context.HeldBackUntilNs = 0;

        // A record from the future must not hold its stream back until that time has come.
        long waitNs = untilNs - Math.Max(nowNs, recordNs);
        if (waitNs < MinHoldBack.TotalNanoseconds)
        {
            return false;
        }

        stream.HeldBackUntil = services.Time.TimestampAfter(TimeSpan.FromTicks(waitNs / TimeSpan.NanosecondsPerTick));
        return true;
    }

    /// <summary>Checks whether the run must end here: it has reached the maximum size, or it has reached the last unconfirmed record.</summary>
    private bool IsAtBound(Batch batch, TailedStream stream, long bytesBefore) =>
        batch.Bytes.Length - bytesBefore >= stream.Policy.MaxRequestBytes || (stream.Turn.IsUnconfirmed && stream.Turn.UnconfirmedUntil is { } until && Reader.HasPassed(until.Generation, until.End));

    private void EndCounts(TailedStream stream, int records)
    {
        _count.End(stream, Reader, records);
        if (Reader.LateLines > 0)
        {
            Pipeline.Context.Count("multiline", "late", Reader.LateLines);
            Reader.LateLines = 0;
        }

        stream.Activity.Add(Pipeline.Context);
        Pipeline.Context.Report(services.Metrics);
    }

    private void EndRun(Batch batch, TailedStream stream)
    {
        FileMark mark = Marks.Rent();
        Reader.Save(mark);
        if (mark.Positions.Count > 0)
        {
            batch.EndRun(mark);

            // The base time may have been chosen while the run was read.
            mark.Run!.BaseNs = stream.Turn.BaseNs;
            if (stream.Attributes.Rules.HasMemory)
            {
                mark.HasMemory = true;
                mark.Memory.CopyFrom(Pipeline.Context.Memory);
                stream.Memory!.CopyFrom(mark.Memory);
            }

            return;
        }

        // The position did not move, so the dropped lines before it will be read and counted again.
        mark.Release();
        batch.EndRun();
    }
}
