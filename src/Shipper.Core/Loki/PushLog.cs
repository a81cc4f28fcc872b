using Microsoft.Extensions.Logging;

namespace Shipper.Loki;

internal static partial class PushLog
{
    [LoggerMessage(LogLevel.Warning, "Loki did not take a batch of {records} records: {status} {message}. Sending it again in at most {seconds} s")]
    public static partial void Retrying(ILogger logger, int records, string status, string message, double seconds);

    [LoggerMessage(LogLevel.Error, "Loki can't take anything as it is configured: {status} {message}. {remedy}. Nothing is dropped; the batch is sent again in at most {seconds} s")]
    public static partial void Misconfigured(ILogger logger, string status, string message, string remedy, double seconds);

    [LoggerMessage(LogLevel.Information, "Loki takes batches again")]
    public static partial void Recovered(ILogger logger);

    [LoggerMessage(LogLevel.Error, "The certificate of Loki ({subject}) is not trusted: {reason}. Check loki.tls.caFile and loki.tls.serverName")]
    public static partial void CertificateRefused(ILogger logger, string subject, string reason);

    [LoggerMessage(LogLevel.Warning, "{key} {path} can't be read: {error}. The one that was read before is used")]
    public static partial void FileUnreadable(ILogger logger, string key, string path, string error);
}
