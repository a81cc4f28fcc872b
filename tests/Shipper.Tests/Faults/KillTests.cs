using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

public class KillTests
{
    private const int Pods = 10;

    /// <summary>
    /// kill -9 a hundred times under load, while files are rotated: while the agent starts, reads, sends, between storing and answering, and while it
    /// asks Loki what has arrived.
    /// </summary>
    [Fact]
    public async Task Kill_AtRandomMomentsUnderLoad_DeliversEachLineOnce()
    {
        int kills = FaultRun.Choose(100, 500);
        using ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        using var run = new FaultRun(loki, Pods);
        run.Pods.ForEach(pod => pod.Settled = 0);
        for (int kill = 0; kill < kills; kill++)
        {
            await using RunningShipper sut = run.Start();

            // Some runs are long enough to resolve what the run before left unconfirmed: for some seconds the missing lines may still arrive.
            TimeSpan duration = TimeSpan.FromMilliseconds(kill % 12 == 11 ? run.Random.Next(5500, 7500) : run.Random.Next(20, 500));
            await run.WriteForAsync(duration, linesPerBurst: run.Random.Next(2, 20), rotates: true);
            await sut.KillAsync();
            if (kill % 24 == 23)
            {
                await using RunningShipper settles = run.Start();
                await run.SettleAsync(settles);
            }
        }

        await using RunningShipper last = run.Start();
        await run.AssertDeliveredOnceAsync(last);
    }

    /// <summary>Every kill falls between storing and answering, so that the agent never gets the response.</summary>
    [Fact]
    public async Task Kill_BetweenStoringAndAnswering_DeliversEachLineOnce()
    {
        int kills = FaultRun.Choose(12, 60);
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new LokiDoubleAdapter(loki), Pods);
        for (int kill = 0; kill < kills; kill++)
        {
            await run.WriteForAsync(TimeSpan.FromMilliseconds(100), linesPerBurst: 100, rotates: true);
            int before = loki.Count();
            loki.AnswerDelay = TimeSpan.FromSeconds(5);
            await using RunningShipper sut = run.Start();
            await sut.WaitUntilAsync(() => loki.Count() > before);
            await sut.KillAsync();
            loki.AnswerDelay = TimeSpan.Zero;
            if (kill % 3 == 2)
            {
                await using RunningShipper settles = run.Start();
                await run.WaitUntilDeliveredAsync(settles);
                await settles.KillAsync();
            }
        }

        await using RunningShipper last = run.Start();
        await run.AssertDeliveredOnceAsync(last);
    }

    /// <summary>Loki is unavailable when the agent restarts: the agent can't ask, and must not guess.</summary>
    [Fact]
    public async Task Kill_LokiUnavailableAfterwards_WaitsAndAsks()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new LokiDoubleAdapter(loki), Pods);
        await run.WriteForAsync(TimeSpan.FromMilliseconds(300), linesPerBurst: 100);
        loki.AnswerDelay = TimeSpan.FromSeconds(5);
        await using (RunningShipper first = run.Start())
        {
            await first.WaitUntilAsync(() => loki.Count() > 0);
            await first.KillAsync();
        }

        loki.AnswerDelay = TimeSpan.Zero;
        loki.IsUnavailable = true;
        await using (RunningShipper second = run.Start())
        {
            await run.WriteForAsync(TimeSpan.FromSeconds(1));
            await second.KillAsync();
        }

        await using RunningShipper third = run.Start();
        await run.WriteForAsync(TimeSpan.FromSeconds(1));
        loki.IsUnavailable = false;
        await run.AssertDeliveredOnceAsync(third);
    }
}
