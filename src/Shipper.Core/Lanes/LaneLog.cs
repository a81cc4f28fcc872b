using Microsoft.Extensions.Logging;

namespace Shipper.Lanes;

internal static partial class LaneLog
{
    [LoggerMessage(LogLevel.Error, "BUG: a push ended with an exception. It is sent again")]
    public static partial void PushFailed(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Stopped with {records} records that Loki has not acknowledged. They are read and sent again at the next start")]
    public static partial void StoppedUnanswered(ILogger logger, int records);
}
