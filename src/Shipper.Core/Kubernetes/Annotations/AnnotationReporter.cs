using Microsoft.Extensions.Logging;
using Shipper.Telemetry;

namespace Shipper.Kubernetes.Annotations;

/// <summary>Counts annotations that are not obeyed, and logs each one once for each owner.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class AnnotationReporter(ILogger logger, AgentMetrics metrics)
{
    /// <summary>Maximum number of logged errors to remember. When it is reached, all are forgotten and may be logged again.</summary>
    private const int MaxRemembered = 1024;

    private readonly Lock _lock = new();
    private readonly HashSet<(string Owner, string Text)> _logged = [];

    /// <summary>Reports the errors of a pod or namespace. Call when its annotations have changed.</summary>
    /// <param name="owner">For messages: <c>shop/web</c> for all pods of a Deployment, or <c>namespace shop</c>.</param>
    public void Report(string owner, IReadOnlyList<AnnotationError> errors)
    {
        foreach (AnnotationError error in errors)
        {
            metrics.AnnotationErrors.Add(error.Reason, error.Count);
            if (IsNew(owner, error.Text))
            {
                AnnotationEvents.Ignored(logger, owner, error.Text);
            }
        }
    }

    private bool IsNew(string owner, string text)
    {
        lock (_lock)
        {
            if (_logged.Count >= MaxRemembered)
            {
                _logged.Clear();
            }

            return _logged.Add((owner, text));
        }
    }
}
