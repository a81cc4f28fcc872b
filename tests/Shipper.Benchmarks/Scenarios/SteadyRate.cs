using Shipper.Benchmarks.Suite;

namespace Shipper.Benchmarks.Scenarios;

/// <summary>Measures what the load of a typical node costs.</summary>
internal sealed class SteadyRate() : Scenario(
    "steady",
    "10,000 lines per second from 10 pods, one write(2) per line, batch wait 1 s (peers as configured); 30 s, after a warm-up of 10 s. Resident memory at the end.")
{
    private static readonly LiveLoad Load = new(Files: 10, LinesPerSecond: 10_000, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30));

    public override async Task RunAsync(BenchmarkRun bench, CancellationToken stopping)
    {
        foreach (MeasuredAgent agent in bench.Agents)
        {
            TrialResult result = await Load.RunAsync(bench, agent, Name, stopping);
            if (agent.IsOurs)
            {
                bench.Add(Finding.AtMost("10,000 lines/s from 10 pods", result.Cores, 0.02, "0.0000 core"));
                bench.Add(Finding.AtMost("resident memory at that", result.ResidentMiB, 30, "0.0 MiB"));
            }
        }
    }
}
