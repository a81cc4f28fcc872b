using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

/// <summary>The state directory is older than Loki's data: it was removed, or an older copy was restored.</summary>
public class OlderStateTests
{
    private const int Pods = 5;

    [Theory]
    [InlineData("removed")]
    [InlineData("an older copy")]
    [InlineData("an older copy, and the agent was killed")]
    public async Task Start_StateOlderThanLokisData_DeliversEachLineOnce(string state)
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

        // Files that the older copy knows may have been rotated away since, after Loki had stored them.
        await run.AssertDeliveredOnceAsync(sut, maxLostBytes: state == "removed" ? 0 : run.Pods.Sum(pod => pod.DeletedBytes));
    }

    /// <summary>The agent asks once Loki is available again, and sends nothing before that.</summary>
    [Fact]
    public async Task Start_StateRemovedAndLokiUnavailable_WaitsAndAsks()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new LokiDoubleAdapter(loki), Pods);
        await using (RunningShipper first = run.Start())
        {
            await WriteAsync(run, first);
            await first.StopAsync();
        }

        Directory.Delete(run.Node.State, recursive: true);
        Directory.CreateDirectory(run.Node.State);
        loki.IsUnavailable = true;
        await using RunningShipper sut = run.Start();
        await sut.WaitUntilReadyAsync();
        await sut.WaitForLogAsync("Loki can't be reached since");
        loki.IsUnavailable = false;

        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>
    /// The credentials only allow pushes. Without a state the agent sends what the files hold and counts it; with a state it trusts its positions.
    /// </summary>
    [Fact]
    public async Task Start_QueriesForbidden_CountsPossibleDuplicatesOnlyWithoutState()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        loki.NextQueryFault = () => LokiFaults.Answer(403, "no\n");
        using var run = new FaultRun(new LokiDoubleAdapter(loki), Pods);
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

    /// <summary>A start costs one small query, and nothing more on a fresh node.</summary>
    [Fact]
    public async Task Start_AfterCleanStop_QueriesOnce()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new LokiDoubleAdapter(loki), Pods);
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
