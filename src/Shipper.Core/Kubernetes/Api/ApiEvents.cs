using Microsoft.Extensions.Logging;

namespace Shipper.Kubernetes.Api;

internal static partial class ApiEvents
{
    [LoggerMessage(LogLevel.Warning, "The API server can't be asked ({verb} {resource} at {server}): {status} {message}. {remedy}. Logs are sent all the same, with what is known of the pods. Trying again in at most {seconds} s")]
    public static partial void Failing(ILogger logger, string verb, string resource, string server, string status, string message, string remedy, double seconds);

    [LoggerMessage(LogLevel.Information, "The API server has forgotten what was last seen of the {resource}: {status} {message}. Reading them anew in at most {seconds} s")]
    public static partial void Expired(ILogger logger, string resource, string status, string message, double seconds);

    [LoggerMessage(LogLevel.Information, "The API server answers again for {resource}")]
    public static partial void Recovered(ILogger logger, string resource);

    [LoggerMessage(LogLevel.Warning, "One of the {resource} is left out as the API server sent it: {message}. Its logs get what their file names tell")]
    public static partial void ObjectSkipped(ILogger logger, string resource, string message);

    [LoggerMessage(LogLevel.Error, "BUG: watching {resource} failed. It begins anew")]
    public static partial void Bug(ILogger logger, Exception exception, string resource);
}
