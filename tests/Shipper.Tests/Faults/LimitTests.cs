using System.Diagnostics;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

public class LimitTests
{
    /// <summary>A stream over its rate, beside others: it pauses alone, in pieces below its burst, and they do not wait for it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task StreamRate_OneStreamIsOver_TheOthersGoOn(int ingesters)
    {
        const int LineBytes = 500;
        const int RateBytes = 256 * 1024;
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync(new LokiLimits
        {
            HasRates = true,
            StreamRateBytes = RateBytes,
            StreamBurstBytes = 2 * RateBytes,
            Ingesters = ingesters,
            OtherIngestersDelay = TimeSpan.FromMilliseconds(ingesters == 1 ? 0 : 200),
        });
        var sutLoki = new DoubledLoki(loki);
        using var run = new FaultRun(sutLoki, pods: 6, lineBytes: LineBytes);
        PodLog hot = run.Pods[0];
        await using RunningShipper sut = run.Start();

        // Twice as much as Loki takes of it, for as long as this may last.
        long start = Stopwatch.GetTimestamp();
        void WriteHot() => hot.Write((int)(5000 + (Stopwatch.GetElapsedTime(start).TotalSeconds * 2 * RateBytes / LineBytes)) - hot.Count);
        for (int i = 0; i < 40; i++)
        {
            WriteHot();
            run.Pods.ForEach(pod => pod.Write(5));
            await FaultRun.PauseAsync(TimeSpan.FromMilliseconds(50));
        }

        await RunningShipper.WaitUntilAsync(
            async () =>
            {
                WriteHot();
                foreach (PodLog pod in run.Pods.Skip(1))
                {
                    if (await sutLoki.ReachedAsync(pod.Pod) < pod.Count)
                    {
                        return false;
                    }
                }

                return true;
            },
            () => $"The good streams wait for the one that is over its rate.\n{string.Join('\n', sut.Log.TakeLast(30))}");
        int reached = await sutLoki.ReachedAsync(hot.Pod);
        FaultRun.Log($"the good streams were all there with {reached} of {hot.Count} of the hot one");
        Assert.True(reached < hot.Count, "Nothing was held back.");
        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>The whole tenant over its rate, also where its burst is smaller than a batch.</summary>
    [Theory]
    [InlineData(1536)]
    [InlineData(300)]
    public async Task TenantRate_IsWaitedForAndRequestsFitTheBurst(int burstKiB)
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync(new LokiLimits { HasRates = true, RateBytes = 1024 * 1024, BurstBytes = burstKiB * 1024 });
        using var run = new FaultRun(new DoubledLoki(loki), pods: 5);
        run.Pods.ForEach(pod => pod.Write(8000));
        await using RunningShipper sut = run.Start();
        await run.WriteForAsync(TimeSpan.FromSeconds(1), linesPerBurst: 5);

        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>Ingesters take less at once than a batch has: 500 each time, until it is split.</summary>
    [Fact]
    public async Task RequestSize_IngestersTakeLess_IsSplit()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync(new LokiLimits { MaxRequestBytes = 200 * 1024 });
        using var run = new FaultRun(new DoubledLoki(loki), pods: 5);
        run.Pods.ForEach(pod => pod.Write(10_000));
        await using RunningShipper sut = run.Start();
        await run.WriteForAsync(TimeSpan.FromSeconds(1));

        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>More pods than Loki takes streams: those that it knows go on, and the others come when there is room.</summary>
    [Fact]
    public async Task MaxStreams_NewOnesAreRefused_KnownOnesGoOnAndNewOnesComeLater()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync(new LokiLimits { MaxStreams = 5 });
        var sutLoki = new DoubledLoki(loki);
        using var run = new FaultRun(sutLoki, pods: 5);
        await using RunningShipper sut = run.Start();
        await run.WriteForAsync(TimeSpan.FromMilliseconds(500));
        await run.WaitUntilDeliveredAsync(sut);
        run.Pods.AddRange(Enumerable.Range(5, 5).Select(i => new PodLog(run.Node, $"pod-{i}")));
        await run.WriteForAsync(TimeSpan.FromSeconds(3), rotates: true);
        await RunningShipper.WaitUntilAsync(
            async () =>
            {
                foreach (PodLog pod in run.Pods.Take(5))
                {
                    if (await sutLoki.ReachedAsync(pod.Pod) < pod.Count)
                    {
                        return false;
                    }
                }

                return true;
            },
            () => $"The known streams wait for the new ones.\n{string.Join('\n', sut.Log.TakeLast(30))}");
        Assert.True((await run.CountAsync()).Lost > 0, "The double took what it should not.");

        loki.Limits.MaxStreams = 100;
        await run.AssertDeliveredOnceAsync(sut);
    }
}
