using Microsoft.Extensions.Logging;

namespace Shipper.Agents;

internal static partial class AgentEvents
{
    [LoggerMessage(LogLevel.Information, "Stopping: waiting up to {seconds:0} s for Loki")]
    public static partial void WaitingForLoki(ILogger logger, double seconds);

    [LoggerMessage(LogLevel.Warning, "Stopped with {records} unacknowledged records. They are read and sent again at the next start")]
    public static partial void StoppedUnacknowledged(ILogger logger, int records);

    [LoggerMessage(LogLevel.Debug, "The agent with the previous configuration ended with {records} unacknowledged records. They are read and sent again")]
    public static partial void HandedOverUnacknowledged(ILogger logger, int records);
}
