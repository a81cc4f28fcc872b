using System.Globalization;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

public class ProcessingKillTests
{
    private const int Pods = 6;

    // The limit holds each pod back again and again, but not for long.
    private const string Processing = """
        processing:
          multiline: auto
          trace: detect
          fields: {user: user}
          rules:
            - {name: heartbeats, when: {level: [debug], text: {contains: ["heartbeat"]}}, do: drop}
          limits:
            - {name: noisy, lines: 400, burst: 1s, over: slow}
          redact: {secrets: true}
        """;

    /// <summary>
    /// kill -9 under load with all processing: each line is in one record, or was dropped by its rule, and no password arrives. Some kills come after a pause
    /// in which groups are sent because the logs are quiet.
    /// </summary>
    [Fact]
    public async Task Kill_WithProcessingUnderLoad_DeliversEachLineOnceOrDropsIt()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();

        // Makes it likely that a kill falls between storing and answering.
        loki.AnswerDelay = TimeSpan.FromMilliseconds(50);
        using var node = new NodeDirectory();
        int seed = Environment.GetEnvironmentVariable("SHIPPER_FAULTS_SEED") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : Environment.TickCount;
        FaultRun.Log($"seed {seed}");
        var random = new Random(seed);
        TraceLog[] logs = [.. Enumerable.Range(0, Pods).Select(i => new TraceLog(node, $"pod-{i}", random))];
        int kills = FaultRun.Choose(30, 200);
        for (int kill = 0; kill < kills; kill++)
        {
            await using RunningShipper sut = RunningShipper.Start(node, loki.Address, Processing);
            for (int burst = random.Next(1, 20); burst > 0; burst--)
            {
                Array.ForEach(logs, log => log.Write(random.Next(1, 12)));
                if (random.Next(4) == 0)
                {
                    logs[random.Next(Pods)].Rotate();
                }

                await FaultRun.PauseAsync(TimeSpan.FromMilliseconds(25));
            }

            if (kill % 10 >= 8)
            {
                // Long enough to settle what the run before left unconfirmed, and for groups to be sent because nothing follows.
                await FaultRun.PauseAsync(TimeSpan.FromMilliseconds(random.Next(5_500, 9_000)));
            }

            await sut.KillAsync();
        }

        await using RunningShipper last = RunningShipper.Start(node, loki.Address, Processing);
        await last.WaitUntilReadyAsync();
        await last.WaitUntilAsync(() => Count(loki, logs).Sum(count => count.Lost) == 0);
        IReadOnlyDictionary<string, double> metrics = await last.GetMetricsAsync();
        Assert.Equal(0, await last.StopAsync());

        FaultRun.Log($"seed {seed}: {logs.Sum(log => log.Expected)} lines in {loki.Count()} records");
        Assert.All(Count(loki, logs), (count, i) => Assert.True(count == (0, 0, 0, 0), $"seed {seed}, pod-{i}: {count}"));
        Assert.All(loki.GetStoredStreams().SelectMany(stream => stream.Value), entry => Assert.DoesNotContain(TraceLog.Password, entry.Line, StringComparison.Ordinal));
        Assert.Contains(loki.GetStoredStreams().SelectMany(stream => stream.Value), entry => entry.Line.Contains("[redacted:", StringComparison.Ordinal));
        Assert.Contains(loki.GetStoredStreams().SelectMany(stream => stream.Value), entry => entry.Metadata.Contains("detected_level=error", StringComparison.Ordinal) && entry.Line.Contains("\n\tat ", StringComparison.Ordinal));
        Assert.Equal(0, metrics["shipper_internal_errors_total"]);
        Assert.Equal(0, FaultRun.Sum(metrics, "shipper_lost_bytes_total"));
    }

    private static (int Lost, int Twice, int Late, int NotDropped)[] Count(LokiDouble loki, TraceLog[] logs) =>
        [.. logs.Select((log, i) => log.Count(loki.GetStoredEntries(LokiUnderTest.Labels("test", $"pod-{i}"))))];
}
