using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

/// <summary>The state directory is older than what Loki has: somebody removed it, or put back an older copy.</summary>
public class OlderStateTests
{
    private const int Pods = 5;

    [Theory]
    [InlineData("removed")]
    [InlineData("an older copy")]
    [InlineData("an older copy, and the agent was killed")]
    public async Task Start_StateIsOlderThanWhatLokiHas_NothingLostNothingTwice(string state)
    {
        using ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        using var run = new FaultRun(loki, Pods);
        string copy = Path.Combine(run.Node.Root, "copy");
        for (int round = 0; round < FaultRun.Choose(2, 20); round++)
        {
            await using RunningShipper first = run.Start();
            await WriteAsync(run, first);
            Copy(run.Node.State, copy);
            await WriteAsync(run, first);
            if (state.EndsWith("killed", StringComparison.Ordinal))
            {
                await first.KillAsync();
            }
            else
            {
                Assert.Equal(0, await first.StopAsync());
            }

            Directory.Delete(run.Node.State, recursive: true);
            if (state == "removed")
            {
                Directory.CreateDirectory(run.Node.State);
                Directory.Delete(copy, recursive: true);
            }
            else
            {
                Directory.Move(copy, run.Node.State);
            }
        }

        await run.WriteForAsync(TimeSpan.FromMilliseconds(200));
        await using RunningShipper sut = run.Start();
        await run.WaitUntilDeliveredAsync(sut);
        Assert.Equal(0, (await sut.GetMetricsAsync())["shipper_possible_duplicate_records_total"]);

        // What an older copy knows may have been rotated away since, when Loki had it.
        await run.AssertDeliveredOnceAsync(sut, maxLostBytes: state == "removed" ? 0 : run.Pods.Sum(pod => pod.Deleted.Sum(generation => generation.Bytes)));
    }

    /// <summary>What is there is asked for when Loki is back, and nothing is sent before.</summary>
    [Fact]
    public async Task Start_StateIsRemovedAndLokiIsAway_WaitsAndAsks()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new DoubledLoki(loki), Pods);
        await using (RunningShipper first = run.Start())
        {
            await WriteAsync(run, first);
            await first.StopAsync();
        }

        Directory.Delete(run.Node.State, recursive: true);
        Directory.CreateDirectory(run.Node.State);
        loki.IsAway = true;
        await using RunningShipper sut = run.Start();
        await sut.WaitUntilReadyAsync();
        await sut.WaitForLogAsync("Push of 0 records failed: 503 away");
        loki.IsAway = false;

        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>Credentials that only push: without a state, what the files hold is sent and counted; with one it is believed.</summary>
    [Fact]
    public async Task Start_LokiCannotBeAsked_CountsWithoutAStateOnly()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        loki.NextQueryFault = () => LokiFaults.Answer(403, "no\n");
        using var run = new FaultRun(new DoubledLoki(loki), Pods);
        run.Pods.ForEach(pod => pod.Write(100));
        await using (RunningShipper first = run.Start())
        {
            await run.WaitUntilDeliveredAsync(first);
            Assert.Equal(100 * Pods, (await first.GetMetricsAsync())["shipper_possible_duplicate_records_total"]);
            Assert.Single(first.Log, line => line.Contains("has no checkpoints of an earlier run, and Loki can't be asked", StringComparison.Ordinal));
            await first.StopAsync();
        }

        run.Pods.ForEach(pod => pod.Write(100));
        await using RunningShipper second = run.Start();
        await run.WaitUntilDeliveredAsync(second);

        Assert.Equal(0, (await second.GetMetricsAsync())["shipper_possible_duplicate_records_total"]);
        await run.AssertDeliveredOnceAsync(second);
    }

    /// <summary>A start costs one small question, and a fresh node nothing beside it.</summary>
    [Fact]
    public async Task Start_InPeace_AsksOnce()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new DoubledLoki(loki), Pods);
        for (int start = 1; start <= 3; start++)
        {
            run.Pods.ForEach(pod => pod.Write(100));
            await using RunningShipper sut = run.Start();
            await WriteAsync(run, sut);
            Assert.Equal(0, await sut.StopAsync());

            Assert.Equal(start, loki.Queries.Count);
            Assert.All(loki.Queries, query => Assert.Equal("1", query.Parameters["limit"]));
        }
    }

    private static async Task WriteAsync(FaultRun run, RunningShipper sut)
    {
        await run.WriteForAsync(TimeSpan.FromMilliseconds(500), linesPerBurst: 40, rotates: true);
        await run.WaitUntilDeliveredAsync(sut);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from, "checkpoint-*"))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
        }
    }
}
