using System.Diagnostics;
using System.Globalization;
using System.Net;
using Shipper.Benchmarks.Input;
using Shipper.Benchmarks.Suite;

namespace Shipper.Benchmarks.Scenarios;

/// <summary>Measures the size of the program and the time until it is ready.</summary>
internal sealed class Startup() : Scenario(
    "startup",
    "The time from starting the published program until GET /readyz, sent every millisecond, returns 200; 20 empty files, the program in the page cache. The median of 11 starts.")
{
    private const int Starts = 11;
    private const int Files = 20;

    private static readonly TimeSpan AskInterval = TimeSpan.FromMilliseconds(1);

    public override async Task RunAsync(BenchmarkRun bench, CancellationToken stopping)
    {
        bench.Add(Finding.AtMost("published program", new FileInfo(bench.Ours.Binary).Length / 1e6, 20, "0.0 MB"));
        using var writer = new LiveWriter(bench.MakeDirectory("startup"), Files);
        var times = new List<double>();
        for (int start = 0; start < Starts; start++)
        {
            using Trial trial = await Trial.StartAsync(bench, bench.Ours, writer.Written.Logs);
            times.Add(await MeasureAsync(trial, stopping));
        }

        times.Sort();
        bench.Add(Finding.AtMost("start to ready", times[times.Count / 2], 100, "0 ms", string.Create(CultureInfo.InvariantCulture, $" ({times[0]:0} to {times[^1]:0})")));
    }

    private static async Task<double> MeasureAsync(Trial trial, CancellationToken stopping)
    {
        using var http = new HttpClient();
        var ready = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{trial.Port}/readyz"));
        while (!trial.Process.HasExited)
        {
            try
            {
                using HttpResponseMessage answer = await http.GetAsync(ready, stopping);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return Stopwatch.GetElapsedTime(trial.Process.StartedAt).TotalMilliseconds;
                }
            }
            catch (HttpRequestException)
            {
                // The agent does not listen yet.
            }

            // Another process: it signals nothing when it is ready.
            await Task.Delay(AskInterval, TimeProvider.System, stopping);
        }

        throw new InvalidOperationException($"{trial.Agent.Name} ended by itself: {trial.Process.OutputTail}");
    }
}
