using System.Globalization;
using Shipper.Benchmarks.Input;
using Shipper.Benchmarks.Processes;
using Shipper.Benchmarks.Suite;

namespace Shipper.Benchmarks.Scenarios;

/// <summary>Measures how an agent works off the backlog of an outage.</summary>
internal sealed class Backlog() : Scenario(
    "backlog",
    "The lines of 24 h from 20 pods, in rotated files, all written before the agent starts. The agent is pinned to the first CPU and the receiver to the others; batch wait 100 ms. Resident memory is sampled every second.")
{
    private const int Pods = 20;
    private const double BytesPerMiB = 1024 * 1024;

    /// <summary>Size of a rotated file.</summary>
    private const double GenerationBytes = 50e6;

    /// <summary>Space to leave free on the disk.</summary>
    private const double SpareBytes = 2e9;

    public override async Task RunAsync(BenchmarkRun bench, CancellationToken stopping)
    {
        double bytes = bench.BacklogGb * 1e9;
        if (bench.FreeBytes < bytes + SpareBytes)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"A backlog of {bench.BacklogGb} GB does not fit into the {bench.FreeBytes / 1e9:N1} GB that are free in {Path.GetTempPath()}. Choose a smaller backlog (--backlog-gb) or another directory (TMPDIR)."));
        }

        string root = bench.MakeDirectory("backlog");
        try
        {
            int generations = (int)Math.Ceiling(bytes / Pods / GenerationBytes);
            WrittenInput input = InputWriter.Write(root, Pods, (long)(bytes / LineWriter.MeanLineBytes), TimeSpan.FromDays(1), generations);
            await RunAsync(bench, input, stopping);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private async Task RunAsync(BenchmarkRun bench, WrittenInput input, CancellationToken stopping)
    {
        using var split = new CpuSplit(bench.Receiver);
        using Trial trial = await Trial.StartAsync(bench, bench.Ours, input.Logs, Trial.ShortBatchWait, CpuSplit.Prefix);
        var samples = new List<double>();
        await trial.WaitForAsync(input.Lines, stopping, () => samples.Add(trial.Process.ReadUsage().ResidentBytes / BytesPerMiB));
        TrialResult result = await trial.EndAsync(Name, input, stopping);

        string backlog = string.Create(CultureInfo.InvariantCulture, $"backlog of {input.Bytes / 1e9:N1} GB");
        bench.Add(Finding.AtLeast($"{backlog}: throughput with one CPU", result.MbPerSecond, 350, "0 MB/s", string.Create(CultureInfo.InvariantCulture, $" (the agent had {result.Cores:P0} of its CPU)")));
        bench.Add(Finding.AtLeast($"{backlog}: lines per CPU second", result.LinesPerCpuSecond, 2_000_000, "N0"));
        int third = Math.Max(samples.Count / 3, 1);
        double first = samples.Take(third).DefaultIfEmpty(result.ResidentMiB).Max();
        double last = samples.TakeLast(third).DefaultIfEmpty(result.ResidentMiB).Max();
        bench.Add(Finding.AtMost($"{backlog}: memory of the last third, of that of the first", last / first, 1.1, "0.00 x", string.Create(CultureInfo.InvariantCulture, $" ({first:0.0} MiB, {last:0.0} MiB; peak {result.PeakMiB:0.0} MiB)")));
    }
}
