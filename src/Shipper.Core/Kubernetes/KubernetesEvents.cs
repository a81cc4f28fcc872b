using Microsoft.Extensions.Logging;

namespace Shipper.Kubernetes;

internal static partial class KubernetesEvents
{
    [LoggerMessage(LogLevel.Information, "The agent does not run in a pod and kubernetes.kubeconfig is not set: there is no API server to ask, and labels come from file names only. Set kubernetes.enabled to false if that is intended")]
    public static partial void NotInCluster(ILogger logger);

    [LoggerMessage(LogLevel.Information, "Not reading the logs of {container}: excluded by {rule}")]
    public static partial void Excluded(ILogger logger, string container, string rule);

    [LoggerMessage(LogLevel.Information, "Reading the logs of {container}: no longer excluded")]
    public static partial void NoLongerExcluded(ILogger logger, string container);

    [LoggerMessage(LogLevel.Warning, "Label or metadata {name} of {container} was {how}: {reason}")]
    public static partial void LabelAdjusted(ILogger logger, string name, string container, string how, string reason);

    [LoggerMessage(LogLevel.Warning, "The API server has not returned the pods within {seconds} s. Logs are sent with labels from file names only; labels of pods are added once the API server responds")]
    public static partial void StartingWithoutPods(ILogger logger, double seconds);

    [LoggerMessage(LogLevel.Information, "Watching these resources on the API server: {resources}")]
    public static partial void Watching(ILogger logger, string resources);
}
