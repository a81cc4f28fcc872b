using System.Diagnostics;
using Shipper.Benchmarks.Input;
using Shipper.Benchmarks.Processes;

namespace Shipper.Benchmarks.Suite;

/// <summary>A load that writes lines at a steady rate while an agent runs.</summary>
/// <param name="Files">Number of files, which are written in turn.</param>
/// <param name="LinesPerSecond">Lines per second in all files together.</param>
/// <param name="Settling">Time before the measurement.</param>
/// <param name="Measured">Time of the measurement.</param>
internal sealed record LiveLoad(int Files, int LinesPerSecond, TimeSpan Settling, TimeSpan Measured)
{
    /// <summary>How long the agent has to find the files before the first line.</summary>
    private static readonly TimeSpan StartWait = TimeSpan.FromSeconds(3);

    public async Task<TrialResult> RunAsync(BenchmarkRun bench, MeasuredAgent agent, string scenario, CancellationToken stopping, TimeSpan? batchWait = null)
    {
        using var writer = new LiveWriter(bench.MakeDirectory("live"), Files);
        using Trial trial = await Trial.StartAsync(bench, agent, writer.Written.Logs, batchWait);
        await Task.Delay(StartWait, TimeProvider.System, stopping);
        await writer.WriteAsync(LinesPerSecond, Settling, stopping);
        long before = writer.Written.Lines;
        long start = Stopwatch.GetTimestamp();
        trial.BeginMeasuring();
        await writer.WriteAsync(LinesPerSecond, Measured, stopping);
        ProcessUsage after = trial.Process.ReadUsage();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return await trial.EndAsync(scenario, writer.Written, writer.Written.Lines - before, seconds, after, stopping);
    }
}
