using Microsoft.Extensions.Logging;

namespace Shipper.Reloading;

internal static partial class ReloadEvents
{
    [LoggerMessage(LogLevel.Error, "Configuration refused, {problem}")]
    public static partial void Problem(ILogger logger, string problem);

    [LoggerMessage(LogLevel.Error, "{path} was refused: {reason}. The configuration in use goes on; mend the file, and it is read again")]
    public static partial void Refused(ILogger logger, string path, string reason);

    [LoggerMessage(LogLevel.Warning, "{path} is read again once the positions can be saved in {directory}: what keeps them from it stands in the log. The configuration in use goes on")]
    public static partial void Unsaved(ILogger logger, string path, string directory);

    [LoggerMessage(LogLevel.Information, "The new configuration is in use: cluster {cluster}, node {node}, pushing to {url}")]
    public static partial void Done(ILogger logger, string cluster, string node, Uri url);

    [LoggerMessage(LogLevel.Warning, "Of the new configuration this needs a restart of the agent: {keys}. The rest is taken")]
    public static partial void NeedsRestart(ILogger logger, string keys);
}
