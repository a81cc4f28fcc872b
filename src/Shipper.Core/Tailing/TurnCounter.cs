using Microsoft.Extensions.Logging;
using Shipper.Lanes;
using Shipper.Processing;
using Shipper.Tailing.Reading;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing;

/// <summary>Counts the records and bytes of a turn of reading.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
/// <param name="logger">Logger of the category <c>Lanes</c>.</param>
internal sealed class TurnCounter(TailingServices services, ILogger logger)
{
    private long _dropped;
    private long _tooLong;

    /// <summary>Number of truncated records.</summary>
    public long Truncated { get; set; }

    /// <summary>
    /// Counts a dropped record. Does not count the rest of a line that is skipped because of its length, because the beginning of the line was counted.
    /// </summary>
    public void Drop(LogReader reader, in RecordDraft draft, string reason, LineLimit limit)
    {
        int records = draft.IsRemainder && limit.LongLines == LongLineAction.Skip ? 0 : 1;
        reader.Drop(draft.Output, reason, records);
        _dropped += records;
        _tooLong += reason == DropReasons.LineTooLong ? records : 0;
    }

    /// <summary>Ends the turn, and adds its counts to the metrics.</summary>
    /// <param name="records">Number of records that the turn added to the batch.</param>
    public void End(TailedStream stream, LogReader reader, int records)
    {
        services.Metrics.ReadBytes.Add(stream.SourceName, reader.BytesRead);
        services.Metrics.CountRead(stream.SourceName, records + _dropped);
        services.Metrics.TruncatedRecords.Add(Truncated);
        if (_tooLong > 0)
        {
            LaneEvents.LongLinesSkipped(logger, _tooLong, stream.Selector, stream.LineLimit.MaxBytes);
        }

        reader.BytesRead = 0;
        Clear();
    }

    /// <summary>Discards the counts. The records will be read and counted again.</summary>
    public void Clear() => _dropped = _tooLong = Truncated = 0;
}
