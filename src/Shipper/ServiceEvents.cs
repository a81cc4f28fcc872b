using Microsoft.Extensions.Logging;

namespace Shipper;

internal static partial class ServiceEvents
{
    [LoggerMessage(LogLevel.Information, "shipper {version} ({commit}) starts: cluster {cluster}, node {node}, pushing to {url}")]
    public static partial void Starting(ILogger logger, string version, string commit, string cluster, string node, Uri url);

    [LoggerMessage(LogLevel.Warning, "Configuration {warning}")]
    public static partial void ConfigWarning(ILogger logger, string warning);

    [LoggerMessage(LogLevel.Debug, "The agent may have up to {limit} files open")]
    public static partial void OpenFileLimit(ILogger logger, ulong limit);

    [LoggerMessage(LogLevel.Information, "Stopped; all positions are saved")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(LogLevel.Error, "Stopped, but not all positions could be saved in {directory}; another message in this log names the cause. The next start sends some acknowledged records again")]
    public static partial void StoppedUnsaved(ILogger logger, string directory);

    [LoggerMessage(LogLevel.Error, "The agent can't run: {error}")]
    public static partial void CannotRun(ILogger logger, string error);

    [LoggerMessage(LogLevel.Critical, "BUG: the agent failed")]
    public static partial void Failed(ILogger logger, Exception exception);
}
