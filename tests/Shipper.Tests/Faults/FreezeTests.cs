using System.Diagnostics;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

/// <summary>
/// A Loki that freezes and continues: a stopped process, a long garbage collection, a frozen machine. For a real Loki (<c>LOKI_URL</c>) the process
/// is stopped. A long run repeats the measurement that found duplicates: 20,000 lines a second from 4 pods, rotation at 10 MB, 30 and 60 s, three
/// times each.
/// </summary>
public class FreezeTests
{
    private const int Pods = 4;
    private const int LineBytes = 100;
    private const int BurstsPerSecond = 40;
    private const long MaxFileBytes = 10_000_000;

    // The agent's timeout: short enough to give up within a short run, and long enough not to give up only because a busy machine answers late.
    private const string ShortTimeout = "  timeout: 3s";
    private static readonly string UsualTimeout = FaultRun.IsLong ? "" : ShortTimeout;
    private static readonly int LinesPerBurst = FaultRun.Choose(2000, 20_000) / Pods / BurstsPerSecond;

    [Theory]
    [InlineData(8, 30)]
    [InlineData(14, 60)]
    public async Task Freeze_UnderLoad_DeliversEachLineOnce(int seconds, int secondsWhenLong)
    {
        for (int i = 0; i < FaultRun.Choose(1, 3); i++)
        {
            using ILokiUnderTest loki = await StartAsync();
            using var run = new FaultRun(loki, Pods, LineBytes);
            await using RunningShipper sut = run.Start(UsualTimeout);
            await WriteForAsync(run, FaultRun.Choose(2, 10));
            await FreezeAsync(run, FaultRun.Choose(seconds, secondsWhenLong));
            await WriteForAsync(run, FaultRun.Choose(2, 15));

            await run.AssertDeliveredOnceAsync(sut);
        }
    }

    /// <summary>Loki continues only for moments, in which it answers queries and handles a part of the requests in its sockets.</summary>
    [Fact]
    public async Task Freeze_Repeatedly_DeliversEachLineOnce()
    {
        using ILokiUnderTest loki = await StartAsync();
        using var run = new FaultRun(loki, Pods, LineBytes);
        await using RunningShipper sut = run.Start(ShortTimeout);
        await WriteForAsync(run, 2);
        for (int freeze = 0; freeze < FaultRun.Choose(5, 30); freeze++)
        {
            await FreezeAsync(run, 4 + (3 * run.Random.NextDouble()));
            await WriteForAsync(run, 0.05 + (2 * run.Random.NextDouble()));
        }

        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>
    /// kill -9 while Loki is frozen. Every other time the next agent starts while Loki is still frozen, with the first agent's requests in its
    /// sockets.
    /// </summary>
    [Fact]
    public async Task Freeze_AgentKilledMeanwhile_DeliversEachLineOnce()
    {
        using ILokiUnderTest loki = await StartAsync();
        using var run = new FaultRun(loki, Pods, LineBytes);
        for (int kill = 0; kill < FaultRun.Choose(2, 20); kill++)
        {
            await using RunningShipper killed = run.Start(ShortTimeout);
            await WriteForAsync(run, 2);
            loki.Freeze();
            await WriteForAsync(run, 7 * run.Random.NextDouble());
            await killed.KillAsync();
            if (kill % 2 == 0)
            {
                loki.Thaw();
            }
            else
            {
                await using RunningShipper second = run.Start(ShortTimeout);
                await WriteForAsync(run, 5);
                await second.KillAsync();
                loki.Thaw();
            }
        }

        await using RunningShipper sut = run.Start(ShortTimeout);
        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>The agent can't query a frozen Loki: it sends at most one copy, not one after another, and counts it.</summary>
    [Fact]
    public async Task Freeze_QueriesDisabled_SendsAtMostOneCopyAndCountsIt()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new LokiDoubleAdapter(loki), pods: 1, LineBytes);
        await using RunningShipper sut = run.Start("  timeout: 2s\n  confirmResends: false");
        await WriteForAsync(run, 1);
        await run.WaitUntilDeliveredAsync(sut);
        int first = run.Pods[0].Count;
        loki.Freeze();
        run.Pods[0].Write(10);
        await FaultRun.PauseAsync(TimeSpan.FromSeconds(9));
        loki.Thaw();

        Tally tally = await run.WaitUntilDeliveredAsync(sut);
        IReadOnlyDictionary<string, double> metrics = await sut.GetMetricsAsync();
        await FaultRun.PauseAsync(TimeSpan.FromSeconds(4));

        Assert.Equal(0, tally.Lost);
        tally = await run.CountAsync();
        Assert.All(
            loki.GetStoredEntries(LokiUnderTest.Labels("test", run.Pods[0].Pod)).GroupBy(entry => PodLog.NumberOf(entry.Line)).Where(copies => copies.Key >= first),
            copies => Assert.InRange(copies.Count(), 1, 2));
        Assert.True(metrics["shipper_possible_duplicate_records_total"] >= tally.Duplicates, $"{tally}, {metrics["shipper_possible_duplicate_records_total"]} counted");
    }

    private static async Task<ILokiUnderTest> StartAsync()
    {
        ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        Assert.SkipWhen(loki.CannotFreezeReason is not null, $"The Loki at {loki.Address} can't be frozen: {loki.CannotFreezeReason}.");
        return loki;
    }

    private static async Task FreezeAsync(FaultRun run, double seconds)
    {
        run.Loki.Freeze();
        try
        {
            await WriteForAsync(run, seconds);
        }
        finally
        {
            run.Loki.Thaw();
        }
    }

    /// <summary>Writes, and rotates by size regardless of what Loki has: the agent holds the files open.</summary>
    private static async Task WriteForAsync(FaultRun run, double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        for (int bursts = 0; Stopwatch.GetElapsedTime(start).TotalSeconds < seconds;)
        {
            // Writes all bursts that are due: a busy machine is late, and catches up.
            int due = (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * BurstsPerSecond) + 1;
            run.Pods.ForEach(pod => pod.Write((due - bursts) * LinesPerBurst));
            bursts = due;
            run.Pods.FindAll(pod => pod.LiveBytes > MaxFileBytes).ForEach(pod => pod.Rotate());
            await FaultRun.PauseAsync(TimeSpan.FromSeconds(1.0 / BurstsPerSecond));
        }
    }
}
