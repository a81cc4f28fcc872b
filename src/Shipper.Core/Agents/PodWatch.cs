using Shipper.Enrichment;
using Shipper.Kubernetes;
using Shipper.Telemetry;

namespace Shipper.Agents;

/// <summary>Watches the pods of the node, from before the agent runs until it has ended.</summary>
/// <param name="metadata">What the API server knows; null if it is not asked.</param>
/// <param name="services">What every stage needs.</param>
internal sealed class PodWatch(KubernetesMetadata? metadata, StageServices services) : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _end = new();
    private Task? _watch;

    /// <summary>The watch; it ends when it is told to, or fails.</summary>
    public Task Task => _watch ?? Task.CompletedTask;

    /// <summary>
    /// Begins to watch, and waits for the list of pods, but not for long: so that logs which are excluded are not opened, and the others have their labels from the
    /// first record. Done once: while another agent still runs, or at the start.
    /// </summary>
    public async Task BeginAsync(CancellationToken stopping)
    {
        if (metadata is null || _watch is not null)
        {
            return;
        }

        _watch = metadata.RunAsync(_end.Token);
        long start = services.Time.GetTimestamp();
        while (metadata.IsConfigured && !metadata.Pods.IsComplete)
        {
            if (services.Time.GetElapsedTime(start) >= PodAttributes.MaxWait)
            {
                KubernetesEvents.StartingWithout(services.Loggers.CreateLogger("Kubernetes"), PodAttributes.MaxWait.TotalSeconds);
                return;
            }

            // The list comes within a few tenths of a second, once: not worth a signal from the watcher to here.
            await Task.Delay(PollInterval, services.Time, stopping);
        }
    }

    /// <summary>Ends the watch.</summary>
    public Task EndAsync() => _end.CancelAsync();

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }
}
