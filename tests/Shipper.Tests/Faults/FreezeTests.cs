using System.Diagnostics;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

/// <summary>
/// A Loki that stands still and goes on: a stopped process, a long garbage collection, a frozen machine. Of a real one (<c>LOKI_URL</c>) the process is stopped. A long run repeats
/// the measurement that found lines twice: 20,000 lines a second of 4 pods, rotation at 10 MB, 30 and 60 s, three times each.
/// </summary>
public class FreezeTests
{
    private const int Pods = 4;
    private const int LineBytes = 100;
    private const int BurstsPerSecond = 40;
    private const long MaxFileBytes = 10_000_000;

    // Of the agent: it gives up within a short run, and not because a busy machine takes so long for an answer.
    private const string ShortTimeout = "  timeout: 3s";
    private static readonly string Patience = FaultRun.IsLong ? "" : ShortTimeout;
    private static readonly int LinesPerBurst = FaultRun.Choose(2000, 20_000) / Pods / BurstsPerSecond;

    [Theory]
    [InlineData(8, 30)]
    [InlineData(14, 60)]
    public async Task Freeze_UnderLoad_NothingLostNothingTwice(int seconds, int secondsWhenLong)
    {
        for (int i = 0; i < FaultRun.Choose(1, 3); i++)
        {
            using ILokiUnderTest loki = await StartAsync();
            using var run = new FaultRun(loki, Pods, LineBytes);
            await using RunningShipper sut = run.Start(Patience);
            await WriteForAsync(run, FaultRun.Choose(2, 10));
            await FreezeAsync(run, FaultRun.Choose(seconds, secondsWhenLong));
            await WriteForAsync(run, FaultRun.Choose(2, 15));

            await run.AssertDeliveredOnceAsync(sut);
        }
    }

    /// <summary>It goes on for a moment only, in which it answers questions and works on a part of what lies in its sockets.</summary>
    [Fact]
    public async Task Freeze_AgainAndAgain_NothingLostNothingTwice()
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

    /// <summary>kill -9 while it stands still, and the next agent starts while it stands still: what the first one sent lies in its sockets.</summary>
    [Fact]
    public async Task Freeze_AgentIsKilledMeanwhile_NothingLostNothingTwice()
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

    /// <summary>Credentials that only push, and a Loki that stands still: it gets one copy at the most, not one after the other, and that is counted.</summary>
    [Fact]
    public async Task Freeze_CannotBeAsked_SendsOneCopyAndCountsIt()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new DoubledLoki(loki), pods: 1, LineBytes);
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
            loki.StoredOf(LokiUnderTest.Labels("test", run.Pods[0].Pod)).GroupBy(entry => PodLog.NumberOf(entry.Line)).Where(copies => copies.Key >= first),
            copies => Assert.InRange(copies.Count(), 1, 2));
        Assert.True(metrics["shipper_possible_duplicate_records_total"] >= tally.Twice, $"{tally}, {metrics["shipper_possible_duplicate_records_total"]} counted");
    }

    private static async Task<ILokiUnderTest> StartAsync()
    {
        ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        Assert.SkipWhen(loki.WhyNotFreeze is not null, $"The Loki at {loki.Address} can't be made to stand still: {loki.WhyNotFreeze}.");
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

    /// <summary>Writes, and rotates by size whatever Loki has: the agent holds the files open.</summary>
    private static async Task WriteForAsync(FaultRun run, double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        for (int bursts = 0; Stopwatch.GetElapsedTime(start).TotalSeconds < seconds;)
        {
            // As many as are due: a busy machine is late, and catches up.
            int due = (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * BurstsPerSecond) + 1;
            run.Pods.ForEach(pod => pod.Write((due - bursts) * LinesPerBurst));
            bursts = due;
            run.Pods.FindAll(pod => pod.LiveBytes > MaxFileBytes).ForEach(pod => pod.Rotate());
            await FaultRun.PauseAsync(TimeSpan.FromSeconds(1.0 / BurstsPerSecond));
        }
    }
}
