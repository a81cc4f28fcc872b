using Microsoft.Extensions.Logging;

namespace Shipper.Loki;

internal static partial class PushEvents
{
    [LoggerMessage(LogLevel.Error, "Loki's certificate ({subject}) is not trusted: {reason}. Check loki.tls.caFile and loki.tls.serverName")]
    public static partial void CertificateRefused(ILogger logger, string subject, string reason);

    [LoggerMessage(LogLevel.Warning, "{key} {path} can't be read: {error}. The agent keeps using the version that it read before")]
    public static partial void FileUnreadable(ILogger logger, string key, string path, string error);
}
