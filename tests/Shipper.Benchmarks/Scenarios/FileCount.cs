using System.Globalization;
using Shipper.Benchmarks.Suite;

namespace Shipper.Benchmarks.Scenarios;

/// <summary>What the number of files costs.</summary>
internal sealed class FileCount() : Scenario(
    "files",
    "20,000 lines a second over 1, 10, 100 and 1,500 files, batch wait 1 s; 20 s each, after 5 s that are not counted. CPU time per line, the most against the least.")
{
    private const double MicrosecondsPerSecond = 1e6;

    private static readonly int[] Counts = [1, 10, 100, 1_500];

    public override async Task RunAsync(Bench bench, CancellationToken stopping)
    {
        var costs = new List<double>();
        foreach (int files in Counts)
        {
            var load = new LiveLoad(files, LinesPerSecond: 20_000, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20));
            TrialResult result = await load.RunAsync(bench, bench.Ours, string.Create(CultureInfo.InvariantCulture, $"{Name} ({files})"), stopping);
            costs.Add(MicrosecondsPerSecond / result.LinesPerCpuSecond);
        }

        string each = string.Join(", ", Counts.Zip(costs, (files, cost) => string.Create(CultureInfo.InvariantCulture, $"{files:N0}: {cost:0.00} µs")));
        bench.Add(Finding.AtMost("cost per line from 1 to 1,500 files, most to least", costs.Max() / costs.Min(), 1.5, "0.00 x", $" ({each})"));
    }
}
