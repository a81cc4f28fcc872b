using System.Globalization;
using Shipper.Benchmarks.Input;
using Shipper.Benchmarks.Suite;

namespace Shipper.Benchmarks.Scenarios;

/// <summary>Measures how the cost per line depends on the number of files.</summary>
internal sealed class FileCount() : Scenario(
    "files",
    "The same lines in 1, 10, 100 and 1,500 files: 2,000,000 lines written before the agent starts, as in throughput; then 100,000 and 20,000 lines per second for 20 s, after a warm-up of 10 s, batch wait 1 s. The ratio is the highest CPU time per line to the lowest. At 20,000 lines per second, a check of one of 1,500 files finds 13 lines.")
{
    private const double MicrosecondsPerSecond = 1e6;
    private const double MaxRatio = 1.5;
    private const int BacklogLines = 2_000_000;

    private static readonly int[] Counts = [1, 10, 100, 1_500];
    private static readonly int[] Rates = [100_000, 20_000];
    private static readonly TimeSpan BacklogSpan = TimeSpan.FromMinutes(10);

    public override async Task RunAsync(BenchmarkRun bench, CancellationToken stopping)
    {
        await MeasureAsync(bench, "all there at the start", async (files, name) =>
        {
            WrittenInput input = InputWriter.Write(bench.MakeDirectory("files"), files, BacklogLines, BacklogSpan);
            using Trial trial = await Trial.StartAsync(bench, bench.Ours, input.Logs);
            await trial.WaitForAsync(input.Lines, stopping);
            TrialResult result = await trial.EndAsync(name, input, stopping);
            Directory.Delete(input.Logs.Root, recursive: true);
            return result;
        });
        foreach (int rate in Rates)
        {
            await MeasureAsync(bench, string.Create(CultureInfo.InvariantCulture, $"{rate:N0} lines a second"), (files, name) =>
                new LiveLoad(files, rate, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20)).RunAsync(bench, bench.Ours, name, stopping));
        }
    }

    private async Task MeasureAsync(BenchmarkRun bench, string what, Func<int, string, Task<TrialResult>> run)
    {
        var costs = new List<double>();
        foreach (int files in Counts)
        {
            TrialResult result = await run(files, string.Create(CultureInfo.InvariantCulture, $"{Name} ({files}, {what})"));
            costs.Add(MicrosecondsPerSecond / result.LinesPerCpuSecond);
        }

        string each = string.Join(", ", Counts.Zip(costs, (files, cost) => string.Create(CultureInfo.InvariantCulture, $"{files:N0}: {cost:0.00} µs")));
        bench.Add(Finding.AtMost($"cost per line from 1 to 1,500 files, {what}, most to least", costs.Max() / costs.Min(), MaxRatio, "0.00 x", $" ({each})"));
    }
}
