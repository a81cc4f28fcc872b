using Microsoft.Extensions.Logging;

namespace Shipper.Kubernetes.Annotations;

internal static partial class AnnotationEvents
{
    [LoggerMessage(LogLevel.Warning, "Ignoring an annotation of {owner}: {problem}")]
    public static partial void Ignored(ILogger logger, string owner, string problem);
}
