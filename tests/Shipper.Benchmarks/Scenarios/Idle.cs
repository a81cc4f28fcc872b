using System.Diagnostics;
using System.Globalization;
using Shipper.Benchmarks.Input;
using Shipper.Benchmarks.Processes;
using Shipper.Benchmarks.Suite;

namespace Shipper.Benchmarks.Scenarios;

/// <summary>Measures what an agent costs while nothing is written, and how soon it then notices a line.</summary>
/// <param name="files">Number of files, each with a few lines that were sent before.</param>
/// <param name="maxMiB">Target: highest resident memory.</param>
/// <param name="maxCores">Target: highest CPU time, as a fraction of a core.</param>
internal sealed class Idle(int files, double maxMiB, double maxCores) : Scenario(
    string.Create(CultureInfo.InvariantCulture, $"idle-{files}"),
    string.Create(CultureInfo.InvariantCulture, $"{files:N0} files of {LinesPerFile} lines, each in its own pod; soft limit of open files {SoftFileLimit:N0} at the start; 30 s, after a warm-up of 60 s. Then {Probes} lines half a second apart in different files, batch wait 100 ms. The result is the slowest line, minus the batch wait."))
{
    private const int LinesPerFile = 10;
    private const int Probes = 20;
    private const int SoftFileLimit = 1024;

    /// <summary>An agent returns the memory of its start after half a minute without work.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MeasuredTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(530);

    public override async Task RunAsync(BenchmarkRun bench, CancellationToken stopping)
    {
        foreach (MeasuredAgent agent in files < SoftFileLimit ? bench.Agents : [bench.Ours])
        {
            TrialResult result = await RunAsync(bench, agent, stopping);
            if (!agent.IsOurs)
            {
                continue;
            }

            string idle = string.Create(CultureInfo.InvariantCulture, $"idle with {files:N0} files");
            bench.Add(Finding.AtMost($"{idle}: resident memory", result.ResidentMiB, maxMiB, "0.0 MiB"));
            bench.Add(Finding.AtMost($"{idle}: CPU, of a core", result.Cores, maxCores, "0.000 %"));
            double noticedMs = result.Received.Latency.MaxMs - Trial.ShortBatchWait.TotalMilliseconds;
            bench.Add(Finding.AtMost($"{idle}: a new line is noticed within", noticedMs, 1000, "0 ms", string.Create(CultureInfo.InvariantCulture, $" (accepted within {result.Received.Latency.MaxMs} ms, with a batch wait of 100 ms)")));
        }
    }

    private async Task<TrialResult> RunAsync(BenchmarkRun bench, MeasuredAgent agent, CancellationToken stopping)
    {
        using var writer = new LiveWriter(bench.MakeDirectory("idle"), files);
        for (int line = 0; line < files * LinesPerFile; line++)
        {
            writer.WriteLine(line % files, isTimed: false);
        }

        using Trial trial = await Trial.StartAsync(bench, agent, writer.Written.Logs, Trial.ShortBatchWait, string.Create(CultureInfo.InvariantCulture, $"ulimit -Sn {SoftFileLimit}; "));
        await trial.WaitForAsync(writer.Written.Lines, stopping);
        await Task.Delay(SettleTime, TimeProvider.System, stopping);
        trial.BeginMeasuring();
        long start = Stopwatch.GetTimestamp();
        await Task.Delay(MeasuredTime, TimeProvider.System, stopping);
        ProcessUsage after = trial.Process.ReadUsage();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        for (int probe = 0; probe < Probes; probe++)
        {
            writer.WriteLine(probe * files / Probes);

            // Not a multiple of the scan interval, so that lines arrive at different times of a scan.
            await Task.Delay(ProbeInterval, TimeProvider.System, stopping);
        }

        return await trial.EndAsync(Name, writer.Written, lines: 0, seconds, after, stopping);
    }
}
