using Microsoft.Extensions.Logging;

namespace Shipper.Lanes;

internal static partial class LaneLog
{
    [LoggerMessage(LogLevel.Error, "BUG: a push ended with an exception. It is sent again")]
    public static partial void PushFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Error, "Loki refused {refused} of {records} records; they are dropped: {message}. The batch was of {streams}")]
    public static partial void RecordsRefused(ILogger logger, int refused, int records, string message, string streams);

    [LoggerMessage(LogLevel.Error, "Dropped {records} records after as many repetitions as loki.retry.limit allows: {status} {message}. They were of {streams}")]
    public static partial void RetryLimitReached(ILogger logger, int records, string status, string message, string streams);

    [LoggerMessage(LogLevel.Warning, "Left out {lines} lines of {stream} that are longer than {maxLineBytes} bytes (longLines: skip)")]
    public static partial void LongLinesSkipped(ILogger logger, long lines, string stream, int maxLineBytes);

    [LoggerMessage(LogLevel.Warning, "Stopped with {records} records that Loki has not acknowledged. They are read and sent again at the next start")]
    public static partial void StoppedUnanswered(ILogger logger, int records);
}
