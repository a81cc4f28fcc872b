using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Discovery;

/// <summary>
/// Runs <see cref="LogDiscovery"/> when a name changes and at each interval. It has its own thread, which sleeps in the kernel in between: polling the watch
/// ten times a second (and the journal four times) took half of the CPU time of an agent with 30 quiet files.
/// </summary>
internal sealed class DiscoveryLoop(LogDiscovery discovery, DirectoryWatch watch, TimeSpan scanInterval, TimeProvider time, Heartbeat heartbeat)
{
    private const string Name = "discovery";

    /// <summary>The delay after an event, so that changes that belong together are handled together.</summary>
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan MaxIdle = TimeSpan.FromSeconds(1);

    /// <summary>The interval at which all directories are listed, regardless of their modification times.</summary>
    private static readonly TimeSpan FullScanInterval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The interval of full scans if the watch reports all changes. Listing 1,500 directories takes 120 ms: once a minute, that was a fifth of an idle agent's
    /// CPU time.
    /// </summary>
    private static readonly TimeSpan WatchedFullScanInterval = TimeSpan.FromMinutes(10);

    /// <summary>Runs until cancellation.</summary>
    public Task RunAsync(CancellationToken stopping) =>
        Task.Factory.StartNew(() => Run(stopping), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Run(CancellationToken stopping)
    {
        using CancellationTokenRegistration registration = stopping.Register(watch.Interrupt);
        long lastScan = time.GetTimestamp();
        long lastFullScan = lastScan;
        TimeSpan idle = WatchInterval;
        while (!stopping.IsCancellationRequested)
        {
            heartbeat.Beat(Name);
            if (watch.Wait(idle))
            {
                stopping.WaitHandle.WaitOne(WatchInterval);
            }

            if (stopping.IsCancellationRequested)
            {
                break;
            }

            long now = time.GetTimestamp();
            bool mustBeFull = discovery.CollectChanges() || time.GetElapsedTime(lastFullScan, now) >= (watch.IsReliable ? WatchedFullScanInterval : FullScanInterval);
            if (mustBeFull || time.GetElapsedTime(lastScan, now) >= scanInterval || discovery.HaveGlobDirectoriesChanged)
            {
                discovery.Scan(mustBeFull);
                lastScan = now;
                lastFullScan = mustBeFull ? now : lastFullScan;
            }
            else
            {
                discovery.PublishChanges();
            }

            TimeSpan untilScan = scanInterval - time.GetElapsedTime(lastScan);
            idle = untilScan < MaxIdle ? untilScan : MaxIdle;
        }

        heartbeat.End(Name);
    }
}
