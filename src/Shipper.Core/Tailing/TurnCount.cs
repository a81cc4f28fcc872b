using Microsoft.Extensions.Logging;
using Shipper.Lanes;
using Shipper.Processing;
using Shipper.Tailing.Reading;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Tailing;

/// <summary>Counts what a turn of reading came to.</summary>
/// <remarks>Owned by a lane; not thread-safe.</remarks>
/// <param name="logger">Category <c>Lanes</c>.</param>
internal sealed class TurnCount(TailingServices services, ILogger logger)
{
    private long _dropped;
    private long _tooLong;

    /// <summary>Records that were cut.</summary>
    public long Truncated { get; set; }

    /// <summary>A record is not sent. If it is the rest of a line that is left out for its length, it was counted with its beginning.</summary>
    public void Drop(LogReader reader, in Draft draft, string reason, LineLimit limit)
    {
        int records = draft.IsRest && limit.LongLines == LongLines.Skip ? 0 : 1;
        reader.Drop(draft.Output, reason, records);
        _dropped += records;
        _tooLong += reason == DropReasons.LineTooLong ? records : 0;
    }

    /// <summary>The turn is over: shows what it came to.</summary>
    /// <param name="stream">What was read.</param>
    /// <param name="reader">What read it.</param>
    /// <param name="records">How many records are in the batch.</param>
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

    /// <summary>What was counted is read again.</summary>
    public void Clear() => _dropped = _tooLong = Truncated = 0;
}
