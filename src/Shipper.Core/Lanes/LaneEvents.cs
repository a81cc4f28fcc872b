using Microsoft.Extensions.Logging;

namespace Shipper.Lanes;

internal static partial class LaneEvents
{
    [LoggerMessage(LogLevel.Error, "BUG: the delivery of a batch failed with an exception. Retrying")]
    public static partial void DeliveryFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Loki refuses {stream} for now. Retrying it in {seconds} s; other streams continue: {message}")]
    public static partial void StreamRefused(ILogger logger, string stream, double seconds, string message);

    [LoggerMessage(LogLevel.Warning, "Skipped {lines} lines of {stream} that are longer than {maxLineBytes} bytes (longLines: skip)")]
    public static partial void LongLinesSkipped(ILogger logger, long lines, string stream, int maxLineBytes);

    [LoggerMessage(Message = "{lane} is stalled: it has records to send, but Loki has acknowledged nothing for {minutes:0} minutes. Loki's last response: {answer}")]
    public static partial void Stalled(ILogger logger, LogLevel level, string lane, double minutes, string answer);

    [LoggerMessage(Message = "{lane} is no longer stalled: Loki acknowledges again after {minutes:0} minutes")]
    public static partial void Resumed(ILogger logger, LogLevel level, string lane, double minutes);
}
