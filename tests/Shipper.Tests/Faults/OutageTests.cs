using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

public class OutageTests
{
    private const int Pods = 10;

    /// <summary>503 to everything, questions too, again and again.</summary>
    [Fact]
    public async Task Away_AgainAndAgainUnderLoad_NothingLostNothingTwice()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        loki.AnswerDelay = TimeSpan.FromMilliseconds(20);
        using var run = new FaultRun(new DoubledLoki(loki), Pods);
        await using RunningShipper sut = run.Start();
        for (int outage = 0; outage < FaultRun.Choose(5, 50); outage++)
        {
            await run.WriteForAsync(TimeSpan.FromMilliseconds(run.Random.Next(700)), rotates: true);
            loki.IsAway = true;
            await run.WriteForAsync(TimeSpan.FromMilliseconds(run.Random.Next(outage == 0 ? 4000 : 1000)), rotates: true);
            loki.IsAway = false;
        }

        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>The process is gone: pushes under way are cut, connections are refused, and it comes back with what it had.</summary>
    [Fact]
    public async Task Gone_AgainAndAgainUnderLoad_NothingLostNothingTwice()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        loki.AnswerDelay = TimeSpan.FromMilliseconds(50);
        using var run = new FaultRun(new DoubledLoki(loki), Pods);
        await using RunningShipper sut = run.Start();
        for (int outage = 0; outage < FaultRun.Choose(5, 50); outage++)
        {
            await run.WriteForAsync(TimeSpan.FromMilliseconds(200 + run.Random.Next(700)), rotates: true);
            await loki.StopAsync();
            await run.WriteForAsync(TimeSpan.FromMilliseconds(run.Random.Next(1500)), rotates: true);
            await loki.ComeBackAsync();
        }

        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>Stopped in peace while nothing can be sent, and started again, also with what the files alone hold.</summary>
    [Fact]
    public async Task Stop_DuringAnOutage_GoesOnWhereItWas()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new DoubledLoki(loki), Pods);
        for (int round = 0; round < FaultRun.Choose(4, 20); round++)
        {
            await using RunningShipper sut = run.Start("  timeout: 1s");
            await run.WriteForAsync(TimeSpan.FromMilliseconds(500), rotates: true);

            // With and without a push that was stored and not answered.
            if (round % 2 == 0)
            {
                loki.Script.Enqueue(LokiFaults.StoreThenWait(loki, TimeSpan.FromSeconds(3)));
                await run.WriteForAsync(TimeSpan.FromMilliseconds(300));
            }

            loki.IsAway = true;
            await run.WriteForAsync(TimeSpan.FromMilliseconds(500), rotates: true);
            Assert.Equal(0, await sut.StopAsync());
            await run.WriteForAsync(TimeSpan.FromMilliseconds(200), rotates: true);
            loki.IsAway = false;
        }

        await using RunningShipper last = run.Start();
        await run.AssertDeliveredOnceAsync(last);
    }

    /// <summary>SIGTERM in the middle of everything, again and again: for a real Loki, too.</summary>
    [Fact]
    public async Task Stop_UnderLoad_NothingLostNothingTwice()
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

    /// <summary>
    /// Rotation deletes what only the agent's open files still hold: it is delivered when Loki is back.
    /// </summary>
    [Fact]
    public async Task Away_GenerationsAreDeletedMeanwhile_OpenFilesHaveThem()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new DoubledLoki(loki), pods: 2);
        await using RunningShipper sut = run.Start();
        await run.WriteForAsync(TimeSpan.FromMilliseconds(300));
        loki.IsAway = true;
        for (int rotation = 0; rotation < 9; rotation++)
        {
            await run.WriteForAsync(TimeSpan.FromMilliseconds(100));
            await run.WaitUntilSeenAsync(sut);
            run.Pods.ForEach(pod => pod.Rotate());
        }

        Assert.All(run.Pods, pod => Assert.NotEmpty(pod.Deleted));
        loki.IsAway = false;
        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>The same, and the agent is stopped in peace before Loki is back: it saves what only its open files hold.</summary>
    [Fact]
    public async Task Stop_GenerationsWereDeletedDuringAnOutage_AreSaved()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new DoubledLoki(loki), pods: 2);
        await using (RunningShipper first = run.Start())
        {
            await run.WriteForAsync(TimeSpan.FromMilliseconds(300));
            loki.IsAway = true;
            for (int rotation = 0; rotation < 7; rotation++)
            {
                await run.WriteForAsync(TimeSpan.FromMilliseconds(100));
                await run.WaitUntilSeenAsync(first);
                run.Pods.ForEach(pod => pod.Rotate());
            }

            Assert.All(run.Pods, pod => Assert.NotEmpty(pod.Deleted));
            await first.StopAsync();
        }

        loki.IsAway = false;
        await using RunningShipper second = run.Start();
        await run.AssertDeliveredOnceAsync(second);
    }

    /// <summary>The same with kill -9: exactly what nobody holds any more is lost, and counted at the next start.</summary>
    [Fact]
    public async Task Kill_GenerationsWereDeletedDuringAnOutage_CountsWhatIsGone()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new DoubledLoki(loki), pods: 1);
        PodLog pod = run.Pods[0];
        await using (RunningShipper first = run.Start())
        {
            pod.Write(100);
            await run.WaitUntilDeliveredAsync(first);
            loki.IsAway = true;
            pod.Rotate();
            for (int rotation = 0; rotation < 7; rotation++)
            {
                pod.Write(5000);
                await run.WaitUntilSeenAsync(first);
                pod.Rotate();
            }

            // A line that it sees after the last rotation: by then it has seen that, too.
            pod.Write(1);
            await run.WaitUntilSeenAsync(first);
            await first.KillAsync();
        }

        List<PodLog.Generation> gone = [.. pod.Deleted.Where(generation => generation.FirstLine >= 100)];
        Assert.NotEmpty(gone);
        loki.IsAway = false;
        await using RunningShipper second = run.Start();
        Tally tally = await run.WaitUntilDeliveredAsync(second, gone.Sum(generation => (long)generation.Lines));

        Assert.Equal(Tally.None with { Lost = gone.Sum(generation => (long)generation.Lines) }, tally);
        Assert.Equal(gone.Sum(generation => generation.Bytes), (await second.GetMetricsAsync())["shipper_lost_bytes_total{reason=\"deleted\"}"]);
        Assert.Equal(0, await second.StopAsync());
        Assert.Equal(tally, await run.CountAsync());
    }
}
