using Microsoft.Extensions.Logging;

namespace Shipper.Kubernetes.Api;

internal static partial class ApiEvents
{
    [LoggerMessage(LogLevel.Warning, "Request to the API server failed ({verb} {resource} at {server}): {status} {message}. {remedy}. Logs are still sent, with the pod labels known so far. Retrying in at most {seconds} s")]
    public static partial void Failing(ILogger logger, string verb, string resource, string server, string status, string message, string remedy, double seconds);

    [LoggerMessage(LogLevel.Information, "The API server no longer has the last seen version of {resource}: {status} {message}. Reading them again in at most {seconds} s")]
    public static partial void VersionExpired(ILogger logger, string resource, string status, string message, double seconds);

    [LoggerMessage(LogLevel.Information, "The API server answers again for {resource}")]
    public static partial void Recovered(ILogger logger, string resource);

    [LoggerMessage(LogLevel.Warning, "Skipped one of the {resource} that the API server sent: {message}. Its logs are sent with labels from file names only")]
    public static partial void ObjectSkipped(ILogger logger, string resource, string message);

    [LoggerMessage(LogLevel.Error, "BUG: watching {resource} failed. The watch starts again")]
    public static partial void Bug(ILogger logger, Exception exception, string resource);
}
