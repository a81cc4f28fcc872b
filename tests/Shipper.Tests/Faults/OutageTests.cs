using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

public class OutageTests
{
    private const int Pods = 10;

    /// <summary>Loki repeatedly answers 503 to everything, queries included.</summary>
    [Fact]
    public async Task Outage_UnavailableUnderLoad_DeliversEachLineOnce()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        loki.AnswerDelay = TimeSpan.FromMilliseconds(20);
        using var run = new FaultRun(new LokiDoubleAdapter(loki), Pods);
        await using RunningShipper sut = run.Start();
        for (int outage = 0; outage < FaultRun.Choose(5, 50); outage++)
        {
            await run.WriteForAsync(TimeSpan.FromMilliseconds(run.Random.Next(700)), rotates: true);
            loki.IsUnavailable = true;
            await run.WriteForAsync(TimeSpan.FromMilliseconds(run.Random.Next(outage == 0 ? 4000 : 1000)), rotates: true);
            loki.IsUnavailable = false;
        }

        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>The process stops repeatedly: pushes in flight are cut, connections are refused, and Loki comes back with its data.</summary>
    [Fact]
    public async Task Outage_LokiRestartsUnderLoad_DeliversEachLineOnce()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        loki.AnswerDelay = TimeSpan.FromMilliseconds(50);
        using var run = new FaultRun(new LokiDoubleAdapter(loki), Pods);
        await using RunningShipper sut = run.Start();
        for (int outage = 0; outage < FaultRun.Choose(5, 50); outage++)
        {
            await run.WriteForAsync(TimeSpan.FromMilliseconds(200 + run.Random.Next(700)), rotates: true);
            await loki.StopAsync();
            await run.WriteForAsync(TimeSpan.FromMilliseconds(run.Random.Next(1500)), rotates: true);
            await loki.RestartAsync();
        }

        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>A clean stop while nothing can be sent, and a restart; some lines are written while no agent runs.</summary>
    [Fact]
    public async Task Stop_DuringOutage_ResumesAtNextStart()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new LokiDoubleAdapter(loki), Pods);
        long deletedBytes = 0;
        for (int round = 0; round < FaultRun.Choose(4, 20); round++)
        {
            await using RunningShipper sut = run.Start("  timeout: 1s");
            await run.WriteForAsync(TimeSpan.FromMilliseconds(500), rotates: true);

            // Every other round leaves a push that was stored but not answered.
            if (round % 2 == 0)
            {
                loki.Script.Enqueue(LokiFaults.StoreThenWait(loki, TimeSpan.FromSeconds(3)));
                await run.WriteForAsync(TimeSpan.FromMilliseconds(300));
            }

            loki.IsUnavailable = true;
            await run.WriteForAsync(TimeSpan.FromMilliseconds(500), rotates: true);
            Assert.Equal(0, await sut.StopAsync());
            deletedBytes = run.Pods.Sum(pod => -pod.DeletedBytes);
            await run.WriteForAsync(TimeSpan.FromMilliseconds(200), rotates: true);
            deletedBytes += run.Pods.Sum(pod => pod.DeletedBytes);
            loki.IsUnavailable = false;
        }

        // If rotation deletes a file while no agent runs, and Loki has stored its lines without answering, the agent must assume that they are lost.
        await using RunningShipper last = run.Start();
        await run.AssertDeliveredOnceAsync(last, maxLostBytes: deletedBytes);
    }

    /// <summary>Repeated SIGTERM at random moments, also with a real Loki.</summary>
    [Fact]
    public async Task Stop_RepeatedlyUnderLoad_DeliversEachLineOnce()
    {
        using ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        using var run = new FaultRun(loki, Pods);
        for (int round = 0; round < FaultRun.Choose(8, 50); round++)
        {
            await using RunningShipper sut = run.Start();
            await run.WriteForAsync(TimeSpan.FromMilliseconds(100 + run.Random.Next(600)), linesPerBurst: 40, rotates: true);
            await sut.WaitUntilReadyAsync();
            Assert.Equal(0, await sut.StopAsync());
        }

        await using RunningShipper last = run.Start();
        await run.AssertDeliveredOnceAsync(last);
    }

    [Fact]
    public async Task Outage_FilesDeletedByRotation_DeliversThemFromOpenFiles()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new LokiDoubleAdapter(loki), pods: 2);
        await using RunningShipper sut = run.Start();
        await run.WriteForAsync(TimeSpan.FromMilliseconds(300));
        loki.IsUnavailable = true;
        for (int rotation = 0; rotation < 9; rotation++)
        {
            await run.WriteForAsync(TimeSpan.FromMilliseconds(100));
            await run.WaitUntilSeenAsync(sut);
            run.Pods.ForEach(pod => pod.Rotate());
        }

        Assert.All(run.Pods, pod => Assert.NotEmpty(pod.Deleted));
        loki.IsUnavailable = false;
        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>A clean stop while Loki is unavailable saves what only the open files of the agent hold.</summary>
    [Fact]
    public async Task Stop_FilesDeletedDuringOutage_SavesThem()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new LokiDoubleAdapter(loki), pods: 2);
        await using (RunningShipper first = run.Start())
        {
            await run.WriteForAsync(TimeSpan.FromMilliseconds(300));
            loki.IsUnavailable = true;
            for (int rotation = 0; rotation < 7; rotation++)
            {
                await run.WriteForAsync(TimeSpan.FromMilliseconds(100));
                await run.WaitUntilSeenAsync(first);
                run.Pods.ForEach(pod => pod.Rotate());
            }

            Assert.All(run.Pods, pod => Assert.NotEmpty(pod.Deleted));
            await first.StopAsync();
        }

        loki.IsUnavailable = false;
        await using RunningShipper second = run.Start();
        await run.AssertDeliveredOnceAsync(second);
    }

    /// <summary>Exactly the lines that nothing holds any more are lost, and the next start counts them.</summary>
    [Fact]
    public async Task Kill_FilesDeletedDuringOutage_CountsThemAsLost()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new LokiDoubleAdapter(loki), pods: 1);
        PodLog pod = run.Pods[0];
        await using (RunningShipper first = run.Start())
        {
            pod.Write(100);
            await run.WaitUntilDeliveredAsync(first);
            loki.IsUnavailable = true;
            pod.Rotate();
            for (int rotation = 0; rotation < 7; rotation++)
            {
                pod.Write(5000);
                await run.WaitUntilSeenAsync(first);
                pod.Rotate();
            }

            // Once the agent has seen one more line, it has seen the last rotation as well.
            pod.Write(1);
            await run.WaitUntilSeenAsync(first);
            await first.KillAsync();
        }

        List<PodLog.Generation> gone = [.. pod.Deleted.Where(generation => generation.FirstLine >= 100)];
        Assert.NotEmpty(gone);
        loki.IsUnavailable = false;
        await using RunningShipper second = run.Start();
        Tally tally = await run.WaitUntilDeliveredAsync(second, gone.Sum(generation => (long)generation.Lines));

        Assert.Equal(Tally.None with { Lost = gone.Sum(generation => (long)generation.Lines) }, tally);
        Assert.Equal(gone.Sum(generation => generation.Bytes), (await second.GetMetricsAsync())["shipper_lost_bytes_total{reason=\"deleted\"}"]);
        Assert.Equal(0, await second.StopAsync());
        Assert.Equal(tally, await run.CountAsync());
    }
}
