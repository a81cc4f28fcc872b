using Microsoft.Extensions.Logging;

namespace Shipper.Kubernetes;

internal static partial class KubernetesEvents
{
    [LoggerMessage(LogLevel.Information, "This is no pod of a cluster and kubernetes.kubeconfig is not set: there is no API server to ask, and labels come from file names alone. Set kubernetes.enabled to false where that is meant")]
    public static partial void NoCluster(ILogger logger);

    [LoggerMessage(LogLevel.Information, "Not reading the logs of {container}: excluded by {rule}")]
    public static partial void Excluded(ILogger logger, string container, string rule);

    [LoggerMessage(LogLevel.Information, "Reading the logs of {container}: no longer excluded")]
    public static partial void Included(ILogger logger, string container);

    [LoggerMessage(LogLevel.Warning, "Label {name} of {container} was {how}: {reason}")]
    public static partial void LabelAdjusted(ILogger logger, string name, string container, string how, string reason);

    [LoggerMessage(LogLevel.Warning, "The API server has not told of the pods within {seconds} s. Logs are sent with what file names tell; labels of pods follow when it does")]
    public static partial void StartingWithout(ILogger logger, double seconds);

    [LoggerMessage(LogLevel.Information, "Asking the API server for {resources}")]
    public static partial void Watching(ILogger logger, string resources);
}
