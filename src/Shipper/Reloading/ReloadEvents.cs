using Microsoft.Extensions.Logging;

namespace Shipper.Reloading;

internal static partial class ReloadEvents
{
    [LoggerMessage(LogLevel.Error, "Configuration refused: {problem}")]
    public static partial void ConfigError(ILogger logger, string problem);

    [LoggerMessage(LogLevel.Error, "{path} was refused: {reason}. The agent keeps its current configuration; fix the file, and the agent reads it again")]
    public static partial void Refused(ILogger logger, string path, string reason);

    [LoggerMessage(LogLevel.Warning, "{path} will be reloaded once the positions can be saved in {directory}; another message in this log names the cause. The agent keeps its current configuration until then")]
    public static partial void WaitingForCheckpoint(ILogger logger, string path, string directory);

    [LoggerMessage(LogLevel.Information, "The new configuration is in use: cluster {cluster}, node {node}, pushing to {url}")]
    public static partial void Reloaded(ILogger logger, string cluster, string node, Uri url);

    [LoggerMessage(LogLevel.Warning, "Ignored until the agent is restarted: {keys}. All other changes are in effect")]
    public static partial void NeedsRestart(ILogger logger, string keys);
}
