using System.Globalization;
using Shipper.Benchmarks.Processes;
using Shipper.Benchmarks.Suite;

namespace Shipper.Benchmarks.Scenarios;

/// <summary>Measures the throughput with one CPU.</summary>
internal sealed class OneCpu() : Scenario(
    "one-cpu",
    "The same input, with the agent pinned to the first CPU and the receiver to the others, measured from the agent's start to the last line; batch wait 100 ms. The median run. If the agent used less than its whole CPU, the receiver or other work on the machine delayed it.")
{
    public override async Task RunAsync(BenchmarkRun bench, CancellationToken stopping)
    {
        var results = new List<TrialResult>();
        using (new CpuSplit(bench.Receiver))
        {
            for (int run = 0; run < bench.Runs; run++)
            {
                using Trial trial = await Trial.StartAsync(bench, bench.Ours, bench.MainInput.Logs, Trial.ShortBatchWait, CpuSplit.Prefix);
                await trial.WaitForAsync(bench.MainInput.Lines, stopping);
                results.Add(await trial.EndAsync(Name, bench.MainInput, stopping));
            }
        }

        TrialResult median = Median(results, result => result.MbPerSecond);
        string range = string.Create(CultureInfo.InvariantCulture, $" ({results.Min(one => one.MbPerSecond):N0} to {results.Max(one => one.MbPerSecond):N0}; the agent had {median.Cores:P0} of its CPU)");
        bench.Add(Finding.AtLeast("throughput with one CPU", median.MbPerSecond, 350, "0 MB/s", range));
    }
}
