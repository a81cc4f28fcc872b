using System.Diagnostics;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

public class LimitTests
{
    /// <summary>A stream that exceeds its rate pauses alone and is sent in pieces below its burst size. Other streams do not wait for it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task StreamRate_OneStreamExceedsIt_DoesNotDelayTheOthers(int ingesters)
    {
        const int LineBytes = 500;
        const int RateBytes = 256 * 1024;
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync(new LokiLimits
        {
            EnforcesRates = true,
            StreamRateBytes = RateBytes,
            StreamBurstBytes = 2 * RateBytes,
            Ingesters = ingesters,
            OtherIngestersDelay = TimeSpan.FromMilliseconds(ingesters == 1 ? 0 : 200),
        });
        var sutLoki = new LokiDoubleAdapter(loki);
        using var run = new FaultRun(sutLoki, pods: 6, lineBytes: LineBytes);
        PodLog hot = run.Pods[0];
        await using RunningShipper sut = run.Start();

        // Writes twice as much as Loki accepts of this stream, for as long as the test may take.
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
            () => $"The other streams wait for the one that exceeds its rate.\n{string.Join('\n', sut.Log.TakeLast(30))}");
        int reached = await sutLoki.ReachedAsync(hot.Pod);
        FaultRun.Log($"the other streams were complete with {reached} of {hot.Count} lines of the hot one");
        Assert.True(reached < hot.Count, "The hot stream was not held back.");
        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>The whole tenant exceeds its rate, also with a burst that is smaller than a batch.</summary>
    [Theory]
    [InlineData(1536)]
    [InlineData(300)]
    public async Task TenantRate_Exceeded_WaitsAndSendsRequestsThatFitTheBurst(int burstKiB)
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync(new LokiLimits { EnforcesRates = true, RateBytes = 1024 * 1024, BurstBytes = burstKiB * 1024 });
        using var run = new FaultRun(new LokiDoubleAdapter(loki), pods: 5);
        run.Pods.ForEach(pod => pod.Write(8000));
        await using RunningShipper sut = run.Start();
        await run.WriteForAsync(TimeSpan.FromSeconds(1), linesPerBurst: 5);

        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>The ingesters accept only requests that are smaller than a batch: Loki answers 500 until the batch is split.</summary>
    [Fact]
    public async Task RequestSize_AboveTheIngestersLimit_SplitsRequests()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync(new LokiLimits { MaxRequestBytes = 200 * 1024 });
        using var run = new FaultRun(new LokiDoubleAdapter(loki), pods: 5);
        run.Pods.ForEach(pod => pod.Write(10_000));
        await using RunningShipper sut = run.Start();
        await run.WriteForAsync(TimeSpan.FromSeconds(1));

        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>There are more pods than Loki accepts streams. Known streams continue, and new ones follow once there is room.</summary>
    [Fact]
    public async Task MaxStreams_NewStreamsRefused_SendsKnownStreamsAtOnceAndNewOnesLater()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync(new LokiLimits { MaxStreams = 5 });
        var sutLoki = new LokiDoubleAdapter(loki);
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
        Assert.True((await run.CountAsync()).Lost > 0, "The double accepted streams beyond its limit.");

        loki.Limits.MaxStreams = 100;
        await run.AssertDeliveredOnceAsync(sut);
    }
}
