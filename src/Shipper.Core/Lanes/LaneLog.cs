using Microsoft.Extensions.Logging;

namespace Shipper.Lanes;

internal static partial class LaneLog
{
    [LoggerMessage(LogLevel.Error, "BUG: the delivery of a batch ended with an exception. It is tried again")]
    public static partial void DeliveryFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Loki refuses {stream} for now; it goes back and is tried again in {seconds} s, the others go on: {message}")]
    public static partial void StreamRefused(ILogger logger, string stream, double seconds, string message);

    [LoggerMessage(LogLevel.Warning, "Left out {lines} lines of {stream} that are longer than {maxLineBytes} bytes (longLines: skip)")]
    public static partial void LongLinesSkipped(ILogger logger, long lines, string stream, int maxLineBytes);

    [LoggerMessage(LogLevel.Warning, "Stopped with {records} records that Loki has not acknowledged. They are read and sent again at the next start")]
    public static partial void StoppedUnanswered(ILogger logger, int records);
}
