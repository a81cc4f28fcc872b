using System.Globalization;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

public class CrashTests
{
    private const int Kills = 15;
    private const int Containers = 20;

    /// <summary>
    /// kill -9 at random moments under load, while files are rotated: nothing is lost or out of order, and only lines of the last push before a kill
    /// may be stored twice.
    /// </summary>
    [Fact]
    public async Task Kill_AtRandomMoments_LosesNothingAndRepeatsOnlyUnconfirmedLines()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();

        // Makes it likely that a kill falls between storing and answering.
        loki.AnswerDelay = TimeSpan.FromMilliseconds(50);
        using var node = new NodeDirectory();
        CriWriter[] writers = [.. Enumerable.Range(0, Containers).Select(i => new CriWriter(node.AddContainer($"pod-{i}")))];
        int seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int kill = 0; kill <= Kills; kill++)
        {
            Array.ForEach(writers, writer => writer.Write(400));
            await using RunningShipper sut = RunningShipper.Start(node, loki.Address, lokiYaml: $"  tenant: life-{kill}");
            if (kill == Kills)
            {
                await sut.WaitUntilAsync(() => HasDistinctLines(loki, writers.Sum(writer => writer.Count)));
                Assert.Equal(0, await sut.StopAsync());
                break;
            }

            await sut.WaitUntilReadyAsync();
            int bursts = random.Next(1, 20);
            for (int burst = 0; burst < bursts; burst++)
            {
                Array.ForEach(writers, writer => writer.Write(50));
                if (random.Next(3) == 0)
                {
                    writers[random.Next(Containers)].Rotate();
                }

                // Spreads the writes, so that the kill meets the agent in different states.
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20)), TimeProvider.System, TestContext.Current.CancellationToken);
            }

            await sut.KillAsync();
        }

        for (int i = 0; i < Containers; i++)
        {
            var seen = new HashSet<string>();
            ILookup<bool, string> lines = loki.GetStoredStreams()[Labels(i)].Select(entry => entry.Line).ToLookup(seen.Add);
            Assert.Equal(Enumerable.Range(0, writers[i].Count).Select(CriWriter.Line), lines[true]);
            Assert.Subset(loki.GetLastPushes().Where(push => push.Key.Labels == Labels(i)).SelectMany(push => push.Value).ToHashSet(), lines[false].ToHashSet());
        }
    }

    [Fact]
    public async Task Outage_UnderLoad_DeliversEveryLineWithBoundedMemory()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        CriWriter[] writers = [.. Enumerable.Range(0, Containers).Select(i => new CriWriter(node.AddContainer($"pod-{i}")))];
        await using RunningShipper sut = RunningShipper.Start(node, loki.Address, lokiYaml: "  tenant: a");
        Array.ForEach(writers, writer => writer.Write(1));

        // The agent reads nothing before Loki has responded for the first time.
        await sut.WaitUntilAsync(() => HasDistinctLines(loki, writers.Length));
        loki.IsUnavailable = true;
        Array.ForEach(writers, writer => writer.Write(59_999));
        await RunningShipper.WaitUntilAsync(
            async () => await sut.GetMetricsAsync() is { } sample && sample["shipper_buffer_bytes"] > 2_000_000 && sample["shipper_lag_bytes"] > 40_000_000,
            () => "The agent does not read, or does not see how much there is to read.");
        IReadOnlyDictionary<string, double> metrics = await sut.GetMetricsAsync();
        Assert.True(metrics["shipper_buffer_bytes"] <= metrics["shipper_buffer_limit_bytes"]);

        loki.IsUnavailable = false;
        await sut.WaitUntilAsync(() => HasDistinctLines(loki, writers.Sum(writer => writer.Count)));

        Assert.All(loki.GetStoredStreams().Values, entries => Assert.Equal(Enumerable.Range(0, 60_000).Select(CriWriter.Line), entries.Select(entry => entry.Line)));
        Assert.InRange(ReadAnonymousBytes(sut), 0, 80 * 1024 * 1024);
    }

    [Fact]
    public async Task Start_StateHeldByAnotherAgent_WaitsUntilItStops()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        var writer = new CriWriter(node.AddContainer("web-1"));
        writer.Write(10);
        await using RunningShipper first = RunningShipper.Start(node, loki.Address);
        await first.WaitUntilAsync(() => loki.Count() == 10);
        await using RunningShipper second = RunningShipper.Start(node, loki.Address);
        await second.WaitForLogAsync("Another agent holds");
        Assert.Equal(System.Net.HttpStatusCode.OK, await second.GetStatusAsync("/healthz"));
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, await second.GetStatusAsync("/readyz"));

        await first.StopAsync();
        await second.WaitUntilReadyAsync();
        writer.Write(5);
        await second.WaitUntilAsync(() => loki.Count() >= 15);
        Assert.Equal(15, loki.Count());
    }

    [Fact]
    public async Task Start_StateHeldForAMinute_ExitsWithError()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        await using RunningShipper first = RunningShipper.Start(node, loki.Address);
        await first.WaitUntilReadyAsync();
        await using RunningShipper second = RunningShipper.Start(node, loki.Address);

        Assert.Equal(1, await second.WaitForExitAsync());
        Assert.Contains(second.Log, line => line.Contains("Another agent has held", StringComparison.Ordinal));
    }

    /// <summary>
    /// Reads the anonymous memory: what the program itself holds, in bytes. The rest of the resident memory is code: 14 MiB for the published
    /// program. In a build that is not native, the code that the runtime loads and compiles takes 60 MiB or more, depending on how long the program
    /// has run.
    /// </summary>
    private static long ReadAnonymousBytes(RunningShipper sut)
    {
        const string Key = "RssAnon:";
        string line = File.ReadLines($"/proc/{sut.Process.Id}/status").First(line => line.StartsWith(Key, StringComparison.Ordinal));
        return 1024 * long.Parse(line[Key.Length..^" kB".Length], CultureInfo.InvariantCulture);
    }

    private static string Labels(int pod) => $"{{cluster=\"test\", container=\"main\", environment=\"ci\", namespace=\"default\", node=\"node-1\", pod=\"pod-{pod}\"}}";

    /// <summary>Copies and compares the lines only if there can be enough of them, because pushes wait until that is done.</summary>
    private static bool HasDistinctLines(LokiDouble loki, int count) =>
        loki.Count() >= count && loki.GetStoredStreams().Values.Sum(entries => entries.Select(entry => entry.Line).Distinct().Count()) >= count;
}
