using Shipper.Native;
using Shipper.Telemetry;

namespace Shipper.Agents;

/// <summary>
/// Gives back what the start leaves behind, and a burst: garbage, and pages of the program that are not used any more. With 30 files that is 8 of
/// 23 MiB, with 1,500 files 27 of 50.
/// </summary>
internal sealed class IdleMemory(AgentMetrics metrics, TimeProvider time)
{
    /// <summary>What was there at the start is in hand by then.</summary>
    private static readonly TimeSpan StartDelay = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(10);

    /// <summary>As many intervals it has been quiet.</summary>
    private const int QuietIntervals = 3;

    /// <summary>A burst has as many records in one interval, and at least ten times as many as what follows.</summary>
    private const long BurstRecords = 100_000;

    /// <summary>Until told to stop.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            // Nothing tells when a start is over, and nobody waits for this.
            await Task.Delay(StartDelay, time, stopping);
            Release();
            using var timer = new PeriodicTimer(CheckInterval, time);
            long sent = metrics.SentRecords.Get();

            // What there is at the start counts as one, however little it is: pods and files are known after it.
            long burst = BurstRecords;
            int quiet = 0;
            while (await timer.WaitForNextTickAsync(stopping))
            {
                long before = sent;
                sent = metrics.SentRecords.Get();
                burst = Math.Max(burst, sent - before);
                quiet = sent - before < burst / 10 ? quiet + 1 : 0;
                if (burst >= BurstRecords && quiet >= QuietIntervals)
                {
                    burst = 0;
                    Release();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    private static void Release()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        ResidentMemory.ForgetProgram();
    }
}
