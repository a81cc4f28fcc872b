using System.Globalization;
using Shipper.Benchmarks.Suite;

namespace Shipper.Benchmarks.Scenarios;

/// <summary>Measures CPU time per line, with all lines written before the agent starts.</summary>
internal sealed class Throughput() : Scenario(
    "throughput",
    "2,000,000 lines in 20 files, written before the agent starts and in the page cache, measured from the agent's start until 1.5 s after the last line, so that the CPU time includes acknowledgements and the checkpoint. The agents run in turn; the median run by lines per CPU second.")
{
    public override async Task RunAsync(BenchmarkRun bench, CancellationToken stopping)
    {
        var results = bench.Agents.ToDictionary(agent => agent, _ => new List<TrialResult>());
        for (int run = 0; run <= bench.Runs; run++)
        {
            // The first run is not counted: the runtime still compiles the receiver.
            foreach (MeasuredAgent agent in run == 0 ? [bench.Ours] : bench.Agents)
            {
                using Trial trial = await Trial.StartAsync(bench, agent, bench.MainInput.Logs);
                await trial.WaitForAsync(bench.MainInput.Lines, stopping);
                TrialResult result = await trial.EndAsync(run == 0 ? "warming up" : Name, bench.MainInput, stopping);
                if (run > 0)
                {
                    results[agent].Add(result);
                }
            }
        }

        TrialResult ours = Median(results[bench.Ours], result => result.LinesPerCpuSecond);
        string range = string.Create(
            CultureInfo.InvariantCulture,
            $" ({results[bench.Ours].Min(one => one.LinesPerCpuSecond):N0} to {results[bench.Ours].Max(one => one.LinesPerCpuSecond):N0}; {ours.SystemSeconds / ours.CpuSeconds:P0} in the kernel)");
        bench.Add(Finding.AtLeast("lines per CPU second", ours.LinesPerCpuSecond, 2_000_000, "N0", range));
        double peak = results[bench.Ours].Max(one => one.PeakMiB);
        foreach (Peer peer in bench.Peers)
        {
            TrialResult theirs = Median(results[peer], result => result.LinesPerCpuSecond);
            double ratio = ours.LinesPerCpuSecond / theirs.LinesPerCpuSecond;
            string what = $"lines per CPU second, of those of {peer.Name}";
            bench.Add(peer.TargetRatio is { } target ? Finding.AtLeast(what, ratio, target, "0.0 x") : Finding.WithoutTarget(what, ratio, "0.0 x"));
            if (peer.LimitsMemory)
            {
                bench.Add(Finding.AtMost($"peak resident memory, against {peer.Name}", peak, theirs.PeakMiB, "0.0 MiB"));
            }
        }

        bench.Add(Finding.AtMost("peak resident memory at that, of all runs", peak, 48, "0.0 MiB"));

        // Sends the same data as the peers: the labels and the output.
        using Trial plain = await Trial.StartAsync(bench, new PublishedAgent(bench.Ours.Binary) { HasMetadata = false }, bench.MainInput.Logs);
        await plain.WaitForAsync(bench.MainInput.Lines, stopping);
        TrialResult sent = await plain.EndAsync("without structured metadata", bench.MainInput, stopping);
        bench.Add(Finding.AtMost(
            "bytes on the wire", sent.WireMb, 89, "0.0 MB", string.Create(CultureInfo.InvariantCulture, $" (of {sent.InputBytes / 1e6:N0} MB read; {ours.WireMb:0.0} MB with an identifier and an image as metadata of each line)")));
        bench.Add(Finding.WithoutTarget("what the receiver could take", ours.Received.BodyBytes / 1e6 / ours.ReceiverCpuSeconds, "N0", " MB of uncompressed pushes per CPU second"));
    }
}
