using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

/// <summary>
/// Runs one scenario: pods that write, an agent that is started as often as needed, and a final count. Random events depend on a seed, which is in
/// the test's output.
/// </summary>
internal sealed class FaultRun : IDisposable
{
    // Far longer than a busy machine needs: only a failing test waits this long.
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan BurstInterval = TimeSpan.FromMilliseconds(25);

    private readonly List<RunningShipper> _agents = [];
    private readonly int _seed = Environment.GetEnvironmentVariable("SHIPPER_FAULTS_SEED") is { Length: > 0 } seed ? int.Parse(seed, CultureInfo.InvariantCulture) : Environment.TickCount;

    /// <param name="loki">The Loki that everything is sent to. The caller disposes it.</param>
    /// <param name="pods">Number of pods that write.</param>
    /// <param name="lineBytes">Length of their lines in bytes; 0 for various lengths.</param>
    public FaultRun(ILokiUnderTest loki, int pods, int lineBytes = 0)
    {
        Loki = loki;
        Random = new Random(_seed);
        Pods = [.. Enumerable.Range(0, pods).Select(i => new PodLog(Node, $"pod-{i}", lineBytes))];
        Log($"seed {_seed}: {pods} pods");
    }

    /// <summary>True if <c>SHIPPER_FAULTS=long</c> asks for longer runs.</summary>
    public static bool IsLong => Environment.GetEnvironmentVariable("SHIPPER_FAULTS") == "long";

    public ILokiUnderTest Loki { get; }

    public NodeDirectory Node { get; } = new();

    public Random Random { get; }

    public List<PodLog> Pods { get; }

    /// <summary>Address that the agent pushes to instead of Loki; null for Loki itself.</summary>
    public Uri? Proxy { get; set; }

    /// <summary>Returns the second value in a long run, else the first.</summary>
    public static int Choose(int usual, int whenLong) => IsLong ? whenLong : usual;

    /// <summary>Writes to the test's output.</summary>
    public static void Log(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);

    /// <summary>Starts the agent.</summary>
    public RunningShipper Start(string lokiYaml = "", string? wrapper = null, string extraYaml = "")
    {
        var agent = RunningShipper.Start(Node, Proxy ?? Loki.Address, extraYaml, lokiYaml, wrapper: wrapper, cluster: Loki.Cluster);
        _agents.Add(agent);
        return agent;
    }

    /// <summary>Lets all pods write for some time, and optionally rotates one of them now and then.</summary>
    /// <param name="linesPerBurst">Lines for each pod, 40 times a second.</param>
    public async Task WriteForAsync(TimeSpan duration, int linesPerBurst = 20, bool rotates = false)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            Pods.ForEach(pod => pod.Write(linesPerBurst));
            int chosen = Random.Next(Pods.Count * 3);
            if (rotates && chosen < Pods.Count)
            {
                await RotateAsync(Pods[chosen]);
            }

            await PauseAsync(BurstInterval);
        }
    }

    /// <summary>Rotates a pod's file, unless that would delete a file that is still needed: a deleted file can't be delivered.</summary>
    public async Task RotateAsync(PodLog pod)
    {
        if (pod.NeededBeforeRotation == 0 || (pod.Settled ?? await Loki.ReachedAsync(pod.Pod)) >= pod.NeededBeforeRotation)
        {
            pod.Rotate();
        }
    }

    /// <summary>Waits for some time.</summary>
    public static Task PauseAsync(TimeSpan duration) => Task.Delay(duration, TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>Waits for a random time.</summary>
    public Task PauseUpToAsync(int milliseconds) => PauseAsync(TimeSpan.FromMilliseconds(Random.Next(milliseconds)));

    /// <summary>
    /// Waits until the agent, in its first run, has every file open and has recorded its size. A file that is deleted from then on is held, or
    /// counted as lost.
    /// </summary>
    public async Task WaitUntilSeenAsync(RunningShipper sut)
    {
        long written = Pods.Sum(pod => pod.Bytes);
        JsonElement totals = default;
        await sut.WaitUntilReadyAsync();
        await RunningShipper.WaitUntilAsync(
            async () =>
            {
                using JsonDocument status = JsonDocument.Parse(await sut.GetTextAsync("/api/status"));
                totals = status.RootElement.GetProperty("totals").Clone();

                // The lag dates from the last maintenance, which records the sizes.
                return totals.GetProperty("written").GetInt64() >= written
                    && (await sut.GetMetricsAsync())["shipper_lag_bytes"] >= written - totals.GetProperty("acknowledged").GetInt64();
            },
            () => $"The agent does not see all of the {written} bytes that were written: {totals}\n{string.Join('\n', sut.Log.TakeLast(60))}");
    }

    /// <summary>Waits until no line is missing and stops the agent cleanly, so that it has recorded all lines as acknowledged.</summary>
    public async Task SettleAsync(RunningShipper sut)
    {
        await WaitUntilDeliveredAsync(sut);
        Assert.Equal(0, await sut.StopAsync());
        Pods.ForEach(pod => pod.Settled = pod.Count);
    }

    /// <summary>Waits until no line is missing, and counts.</summary>
    /// <param name="sut">The agent, which must not stop in the meantime.</param>
    /// <param name="expectedLost">Number of lines that are known to be lost.</param>
    public async Task<Tally> WaitUntilDeliveredAsync(RunningShipper sut, long expectedLost = 0)
    {
        long start = Stopwatch.GetTimestamp();
        long written = Pods.Sum(pod => (long)pod.Count);
        long countedAt = -1;
        while (Stopwatch.GetElapsedTime(start) < MaxWait && !sut.Process.HasExited)
        {
            long count = await Loki.CountAsync();
            if (count >= written - expectedLost && count != countedAt)
            {
                countedAt = count;
                if (await CountAsync() is { } tally && tally.Lost <= expectedLost)
                {
                    return tally;
                }
            }

            await PauseAsync(TimeSpan.FromMilliseconds(100));
        }

        string status = sut.Process.HasExited ? "the agent ended" : await sut.GetTextAsync("/api/status");
        Assert.Fail($"seed {_seed}: not all of {written} lines arrived within {MaxWait}: {await CountAsync()}\n{await DescribeAsync()}\n{status}\n{string.Join('\n', sut.Log.TakeLast(60))}");
        return default;
    }

    /// <summary>Counts what has become of all lines so far.</summary>
    public async Task<Tally> CountAsync()
    {
        Tally sum = default;
        foreach (PodLog pod in Pods)
        {
            sum += await Loki.TallyAsync(pod.Pod, pod.Count);
        }

        return sum;
    }

    /// <summary>Waits until every line is stored, stops the agent cleanly, and counts again, because a copy may arrive late.</summary>
    /// <param name="mayMiscount">True if the agent may count stored lines as dropped or lost: Loki told it so, its state is damaged, or the file is gone and
    /// the response was lost.</param>
    /// <param name="maxLostBytes">Upper bound of the bytes that count as lost because rotation deleted them after Loki had stored them.</param>
    public async Task AssertDeliveredOnceAsync(RunningShipper sut, bool mayMiscount = false, long maxLostBytes = 0)
    {
        await sut.WaitUntilReadyAsync();
        Tally atFirst = await WaitUntilDeliveredAsync(sut);
        IReadOnlyDictionary<string, double> metrics = await sut.GetMetricsAsync();
        int exitCode = await sut.StopAsync();
        Tally tally = await CountAsync();
        Log($"seed {_seed}: {Pods.Sum(pod => (long)pod.Count)} lines: {tally} ({atFirst} before the shutdown)");
        Assert.True(tally == Tally.None, $"seed {_seed}: {tally} of {Pods.Sum(pod => (long)pod.Count)}\n{await DescribeAsync()}\n{string.Join("\n\n", _agents.TakeLast(5).Select(agent => string.Join('\n', agent.Log.TakeLast(40))))}");
        Assert.Equal(0, exitCode);
        Assert.True(mayMiscount || Sum(metrics, "shipper_dropped_records_total") == 0, $"seed {_seed}: {Sum(metrics, "shipper_dropped_records_total")} counted as dropped");
        Assert.True(mayMiscount || Sum(metrics, "shipper_lost_bytes_total") <= maxLostBytes, $"seed {_seed}: {Sum(metrics, "shipper_lost_bytes_total")} bytes counted as lost");
        Assert.Equal(0, metrics["shipper_internal_errors_total"]);
    }

    /// <summary>Adds up a metric over all its labels.</summary>
    public static double Sum(IReadOnlyDictionary<string, double> metrics, string name) =>
        metrics.Where(metric => metric.Key == name || metric.Key.StartsWith(name + "{", StringComparison.Ordinal)).Sum(metric => metric.Value);

    public void Dispose() => Node.Dispose();

    private async Task<string> DescribeAsync()
    {
        var lines = new List<string>();
        foreach (PodLog pod in Pods)
        {
            var findings = new List<string>();
            Tally tally = await Loki.TallyAsync(pod.Pod, pod.Count, findings);
            if (tally != Tally.None)
            {
                lines.Add($"{pod.Pod}: {tally} of {pod.Count}. Lines {string.Join("; ", findings)}");
            }
        }

        return string.Join('\n', lines);
    }
}
