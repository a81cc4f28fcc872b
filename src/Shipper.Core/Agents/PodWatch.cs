using Shipper.Enrichment;
using Shipper.Kubernetes;
using Shipper.Lanes;

namespace Shipper.Agents;

/// <summary>Watches the pods of the node from before the agent runs until the agent has ended.</summary>
/// <param name="metadata">The pods of the node; null if the agent does not use the API server.</param>
/// <param name="services">The services that every stage uses.</param>
internal sealed class PodWatch(KubernetesMetadata? metadata, StageServices services) : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _end = new();
    private Task? _watch;

    /// <summary>Completes when the watch has ended, and fails if the watch fails.</summary>
    public Task Task => _watch ?? Task.CompletedTask;

    /// <summary>
    /// Starts the watch and waits for the list of pods, for at most <see cref="PodAttributes.MaxWait"/>, so that excluded logs are not opened and all others
    /// have their labels from the first record. Further calls do nothing: a reload starts the watch while the previous agent still runs.
    /// </summary>
    public async Task StartAsync(CancellationToken stopping)
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
                KubernetesEvents.StartingWithoutPods(services.Loggers.CreateLogger("Kubernetes"), PodAttributes.MaxWait.TotalSeconds);
                return;
            }

            // The list arrives once, within a few tenths of a second: polling needs no signal from the watcher.
            await Task.Delay(PollInterval, services.Time, stopping);
        }
    }

    /// <summary>Ends the watch.</summary>
    public Task StopAsync() => _end.CancelAsync();

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }
}
