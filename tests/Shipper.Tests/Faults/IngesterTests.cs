using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

public class IngesterTests
{
    private const int Pods = 10;
    private const int Ingesters = 3;

    /// <summary>One of three ingesters is down now and then: 500, and only its part is missing.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    public async Task Down_NowAndThen_OnlyItsPartIsSentAgain(int delayMilliseconds)
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync(new LokiLimits { Ingesters = Ingesters, OtherIngestersDelay = TimeSpan.FromMilliseconds(delayMilliseconds) });
        using var run = new FaultRun(new DoubledLoki(loki), Pods);
        await using RunningShipper sut = run.Start();
        for (int round = 0; round < FaultRun.Choose(4, 40); round++)
        {
            await run.WriteForAsync(TimeSpan.FromMilliseconds(run.Random.Next(600)));
            int down = run.Random.Next(Ingesters);
            loki.Limits.IsIngesterDown = ingester => ingester == down;
            await run.WriteForAsync(TimeSpan.FromMilliseconds(run.Random.Next(300, 1000)), rotates: true);
            loki.Limits.IsIngesterDown = null;
        }

        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>
    /// Streams are refused by their ingesters, each the last of its ingester's part, so that it is told; the others' part comes late and is
    /// never answered for.
    /// </summary>
    [Fact]
    public async Task Refusals_ByOneOfThree_TheOthersAreAskedFor()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync(new LokiLimits { Ingesters = Ingesters, OtherIngestersDelay = TimeSpan.FromMilliseconds(200) });
        using var run = new FaultRun(new DoubledLoki(loki), Pods);
        await using RunningShipper sut = run.Start();
        for (int round = 0; round < FaultRun.Choose(6, 60); round++)
        {
            int refusing = run.Random.Next(Ingesters);
            loki.Limits.RefusesLast = ingester => ingester == refusing;
            await run.WriteForAsync(TimeSpan.FromMilliseconds(run.Random.Next(200, 800)), rotates: true);
            loki.Limits.RefusesLast = null;
            await run.WriteForAsync(TimeSpan.FromMilliseconds(run.Random.Next(300)));
        }

        await run.AssertDeliveredOnceAsync(sut);
    }
}
