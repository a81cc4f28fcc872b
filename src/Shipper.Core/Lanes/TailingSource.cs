using Microsoft.Extensions.Logging;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Loki;
using Shipper.Parsing;
using Shipper.Tailing;
using Shipper.Telemetry;

namespace Shipper.Lanes;

/// <summary>Reads files into a batch, a turn of each stream that has something to read.</summary>
/// <remarks>Owned by a lane; not safe for concurrent use, but for what <see cref="Tailing.Tailer"/> says.</remarks>
internal sealed class TailingSource(LaneOptions options, HeldBudget budget, CheckpointStore checkpoints, TimeProvider time, ILoggerFactory loggers, AgentMetrics metrics)
    : ILaneSource
{
    private readonly ILogger _logger = loggers.CreateLogger("Lanes");
    private readonly List<Mark> _marks = [];
    private LogReader? _reader;

    /// <summary>The lane's files.</summary>
    public Tailer Tailer { get; } = new(budget, checkpoints, time, loggers.CreateLogger("Tailing"), metrics);

    public TailerStatus Status => Tailer.Status;

    private LogReader Reader => _reader ??= new LogReader(options.MaxLineBytes, time, Tailer, options.ReadBufferBytes);

    public bool TakeNews() => Tailer.TakeNews();

    public bool TakesRefusals => false;

    public bool TryRefuse(Batch underWay, Batch filling, PushAnswer answer, CheckpointChanges changes) => false;

    public void Acknowledge(Batch batch, CheckpointChanges changes)
    {
        // The marks say it all.
    }

    public void Maintain() => Tailer.Maintain();

    public bool Fill(Batch batch, out TimeSpan wait)
    {
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
                TailedStream? next = Tailer.FindReady(out wait);
                if (next is null)
                {
                    break;
                }

                if (!next.TryPrepare())
                {
                    continue;
                }

                if (!Reader.Begin(next, next.FlushesOpenLines))
                {
                    Tailer.Drained(next);
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
        Tailer.Dispose();
    }

    private void ReadTurn(Batch batch, TailedStream stream)
    {
        int recordsBefore = batch.Records;
        long presentNs = time.GetUnixNanoseconds();
        if (!stream.Source.HasHeaders && stream.Limit == long.MaxValue)
        {
            stream.BaseNs = batch.BaseOf(stream) ?? stream.Clock.After(presentNs);
        }

        batch.BeginRun(stream, stream.Attributes, presentNs, stream.Source.HasHeaders ? 0 : stream.BaseNs);
        bool hasMore;
        try
        {
            // One record at the least: the labels of the run may have filled the batch.
            while ((hasMore = Reader.TryRead(out LogRecord record)) && batch.Append(in record))
            {
            }

            EndRun(batch);
        }
        catch (IOException e)
        {
            // What was read before the bad place counts.
            Generation unreadable = Reader.Generation!;
            EndRun(batch);
            Count(stream, batch.Records - recordsBefore);
            Reader.End();
            Tailer.Suspend(stream, unreadable, e);
            return;
        }
#pragma warning disable CA1031 // Whatever is wrong with one file, the others go on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            batch.AbandonRun();
            Reader.End();
            Tailer.Suspend(stream, e);
            return;
        }

        Reader.Generation!.Failing = null;
        Count(stream, batch.Records - recordsBefore);
        if (!hasMore)
        {
            if (!Reader.IsPaused)
            {
                Tailer.Drained(stream);
            }

            Reader.End();
        }
    }

    private void EndRun(Batch batch)
    {
        _marks.Clear();
        Reader.Save(_marks);
        batch.EndRun(_marks);
    }

    private void Count(TailedStream stream, int records)
    {
        RecordMaker maker = Reader.Maker;
        metrics.ReadBytes.Add(stream.Source.Name, Reader.BytesRead);
        metrics.ReadRecords.Add(stream.Source.Name, records + maker.Skipped + maker.Excluded);
        metrics.DroppedRecords.Add(DropReasons.LineTooLong, maker.Skipped);
        metrics.DroppedRecords.Add(DropReasons.Excluded, maker.Excluded);
        metrics.TruncatedRecords.Add(maker.Truncated);
        if (maker.Skipped > 0)
        {
            LaneLog.LongLinesSkipped(_logger, maker.Skipped, stream.Selector, stream.MaxLineBytes);
        }

        Reader.BytesRead = 0;
        maker.Skipped = 0;
        maker.Excluded = 0;
        maker.Truncated = 0;
    }
}
