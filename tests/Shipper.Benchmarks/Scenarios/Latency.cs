using System.Globalization;
using Shipper.Benchmarks.Receiving;
using Shipper.Benchmarks.Suite;

namespace Shipper.Benchmarks.Scenarios;

/// <summary>Measures how long a line takes from the file to the receiver.</summary>
internal sealed class Latency() : Scenario(
    "latency",
    "1,000 lines per second from 10 pods for 20 s, with a batch wait of 1 s and of 100 ms. The time runs from before write(2) until the receiver has counted the line and responds.")
{
    private static readonly LiveLoad Load = new(Files: 10, LinesPerSecond: 1_000, TimeSpan.Zero, TimeSpan.FromSeconds(20));

    public override async Task RunAsync(BenchmarkRun bench, CancellationToken stopping)
    {
        await RunAsync(bench, TimeSpan.FromSeconds(1), 1300, stopping);
        await RunAsync(bench, TimeSpan.FromMilliseconds(100), 300, stopping);
    }

    private async Task RunAsync(BenchmarkRun bench, TimeSpan batchWait, int targetMs, CancellationToken stopping)
    {
        TrialResult result = await Load.RunAsync(bench, bench.Ours, Name, stopping, batchWait);
        LatencySummary latency = result.Received.Latency;
        string more = string.Create(CultureInfo.InvariantCulture, $" (p50 {latency.P50Ms} ms, longest {latency.MaxMs} ms)");
        bench.Add(Finding.AtMost($"written to accepted, batch wait {batchWait.TotalMilliseconds} ms, p99", latency.P99Ms, targetMs, "0 ms", more));
    }
}
