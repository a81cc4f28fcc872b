using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Discovery;

/// <summary>
/// Calls <see cref="LogDiscovery"/> when a name changes, and at each interval, on a thread of its own: it sleeps in the kernel in between. Asking the watch ten times a
/// second (and the journal four times) took half of the CPU time of an agent with 30 quiet files.
/// </summary>
internal sealed class DiscoveryLoop(LogDiscovery discovery, DirectoryWatch watch, TimeSpan scanInterval, TimeProvider time, Heartbeat heartbeat)
{
    private const string Name = "discovery";

    /// <summary>How often the watch is asked while much happens.</summary>
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan MaxIdle = TimeSpan.FromSeconds(1);

    /// <summary>How often everything is listed, whatever the directories' times say.</summary>
    private static readonly TimeSpan FullScanInterval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The same if the watch reports all changes. To list 1,500 directories takes 120 ms: each minute that was a fifth of an idle agent's CPU time.
    /// </summary>
    private static readonly TimeSpan WatchedFullScanInterval = TimeSpan.FromMinutes(10);

    /// <summary>Runs until it is told to stop.</summary>
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
                // Changes that belong together are looked at once.
                stopping.WaitHandle.WaitOne(WatchInterval);
            }

            if (stopping.IsCancellationRequested)
            {
                break;
            }

            long now = time.GetTimestamp();
            bool mustBeFull = discovery.TakeChanges() || time.GetElapsedTime(lastFullScan, now) >= (watch.TellsAll ? WatchedFullScanInterval : FullScanInterval);
            if (mustBeFull || time.GetElapsedTime(lastScan, now) >= scanInterval || discovery.HaveGlobsChanged)
            {
                discovery.Scan(mustBeFull);
                lastScan = now;
                lastFullScan = mustBeFull ? now : lastFullScan;
            }
            else
            {
                discovery.AnnounceChanges();
            }

            TimeSpan untilScan = scanInterval - time.GetElapsedTime(lastScan);
            idle = untilScan < MaxIdle ? untilScan : MaxIdle;
        }

        heartbeat.End(Name);
    }
}
