using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

public class IngesterTests
{
    private const int Pods = 10;
    private const int Ingesters = 3;

    /// <summary>One of three ingesters is down now and then. Loki answers 500, and only the part of this ingester is missing.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    public async Task Push_OneOfThreeIngestersDown_ResendsOnlyItsPart(int delayMilliseconds)
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync(new LokiLimits { Ingesters = Ingesters, OtherIngestersDelay = TimeSpan.FromMilliseconds(delayMilliseconds) });
        using var run = new FaultRun(new LokiDoubleAdapter(loki), Pods);
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
    /// An ingester refuses the last stream of its part, so that Loki reports it. The other ingesters store their parts late, and no response covers
    /// them.
    /// </summary>
    [Fact]
    public async Task Push_OneOfThreeIngestersRefuses_ConfirmsTheOthersParts()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync(new LokiLimits { Ingesters = Ingesters, OtherIngestersDelay = TimeSpan.FromMilliseconds(200) });
        using var run = new FaultRun(new LokiDoubleAdapter(loki), Pods);
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
