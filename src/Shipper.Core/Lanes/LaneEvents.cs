using Microsoft.Extensions.Logging;

namespace Shipper.Lanes;

internal static partial class LaneEvents
{
    [LoggerMessage(LogLevel.Error, "BUG: the delivery of a batch ended with an exception. It is tried again")]
    public static partial void DeliveryFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Loki refuses {stream} for now; it goes back and is tried again in {seconds} s, the others go on: {message}")]
    public static partial void StreamRefused(ILogger logger, string stream, double seconds, string message);

    [LoggerMessage(LogLevel.Warning, "Left out {lines} lines of {stream} that are longer than {maxLineBytes} bytes (longLines: skip)")]
    public static partial void LongLinesSkipped(ILogger logger, long lines, string stream, int maxLineBytes);

    [LoggerMessage(LogLevel.Error, "{lane} is stalled: there is something to send, and nothing was acknowledged for {minutes:0} minutes. Loki's last answer: {answer}")]
    public static partial void Stalled(ILogger logger, string lane, double minutes, string answer);

    [LoggerMessage(LogLevel.Information, "{lane}: Loki acknowledges again, after {minutes:0} minutes")]
    public static partial void Resumed(ILogger logger, string lane, double minutes);

    [LoggerMessage(LogLevel.Warning, "Stopped with {records} records that Loki has not acknowledged. They are read and sent again at the next start")]
    public static partial void StoppedUnanswered(ILogger logger, int records);
}
