using Microsoft.Extensions.Logging;

namespace Shipper.Kubernetes;

internal static partial class KubernetesLog
{
    [LoggerMessage(LogLevel.Warning, "This is no pod of a cluster and kubernetes.kubeconfig is not set: there is no API server to ask, and labels come from file names alone. Set kubernetes.enabled to false where that is meant")]
    public static partial void NoCluster(ILogger logger);

    [LoggerMessage(LogLevel.Information, "Asking the API server for {resources}")]
    public static partial void Watching(ILogger logger, string resources);
}
