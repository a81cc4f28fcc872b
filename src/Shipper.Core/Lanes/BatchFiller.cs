using Microsoft.Extensions.Logging;
using Shipper.Batching;
using Shipper.Parsing;
using Shipper.Tailing;
using Shipper.Telemetry;

namespace Shipper.Lanes;

/// <summary>Reads into a batch, a turn of each stream that has something to read.</summary>
/// <remarks>Owned by a lane; not safe for concurrent use.</remarks>
internal sealed class BatchFiller(Tailer tailer, LogReader reader, TimeProvider time, ILogger logger, AgentMetrics metrics) : IDisposable
{
    private readonly List<Mark> _marks = [];

    /// <summary>Fills a batch as far as there is something to read.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="wait">How long until there may be more, where the batch is not full.</param>
    /// <returns>True where something was read.</returns>
    public bool Fill(Batch batch, out TimeSpan wait)
    {
        bool hasRead = false;
        wait = TimeSpan.Zero;
        while (!batch.IsFull)
        {
            if (reader.Stream is not null && !reader.IsCurrent)
            {
                reader.End();
            }

            if (reader.Stream is null)
            {
                TailedStream? next = tailer.FindReady(out wait);
                if (next is null)
                {
                    break;
                }

                if (!reader.Begin(next, next.FlushesOpenLines))
                {
                    tailer.Drained(next);
                    continue;
                }
            }

            ReadTurn(batch, reader.Stream!);
            hasRead = true;
        }

        return hasRead;
    }

    public void Dispose() => reader.Dispose();

    private void ReadTurn(Batch batch, TailedStream stream)
    {
        int recordsBefore = batch.Records;
        batch.BeginRun(stream, time.GetUnixNanoseconds());
        bool hasMore;
        try
        {
            // One record at the least: the labels of the run may have filled the batch.
            while ((hasMore = reader.TryRead(out LogRecord record)) && batch.Append(in record))
            {
            }

            EndRun(batch);
        }
        catch (IOException e)
        {
            // What was read before the bad place counts.
            Generation unreadable = reader.Generation!;
            EndRun(batch);
            Count(stream, batch.Records - recordsBefore);
            reader.End();
            tailer.Suspend(stream, unreadable, e);
            return;
        }
#pragma warning disable CA1031 // Whatever is wrong with one file, the others go on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            batch.AbandonRun();
            reader.End();
            tailer.Suspend(stream, e);
            return;
        }

        reader.Generation!.Failing = null;
        Count(stream, batch.Records - recordsBefore);
        if (!hasMore)
        {
            if (!reader.IsPaused)
            {
                tailer.Drained(stream);
            }

            reader.End();
        }
    }

    private void EndRun(Batch batch)
    {
        _marks.Clear();
        reader.Save(_marks);
        batch.EndRun(_marks);
    }

    private void Count(TailedStream stream, int records)
    {
        const string Source = "container";
        RecordMaker maker = reader.Maker;
        metrics.ReadBytes.Add(Source, reader.BytesRead);
        metrics.ReadRecords.Add(Source, records + maker.Skipped);
        metrics.DroppedRecords.Add(DropReasons.LineTooLong, maker.Skipped);
        metrics.TruncatedRecords.Add(maker.Truncated);
        if (maker.Skipped > 0)
        {
            LaneLog.LongLinesSkipped(logger, maker.Skipped, stream.Labels.Selector, stream.MaxLineBytes);
        }

        reader.BytesRead = 0;
        maker.Skipped = 0;
        maker.Truncated = 0;
    }
}
