using Microsoft.AspNetCore.Http;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests.Faults;

public class ConnectionTests
{
    private const int Pods = 10;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(FaultRun.Choose(10, 60));
    private static readonly string ShortTimeout = $"  timeout: {Timeout.TotalSeconds}s";

    /// <summary>Every fault that a connection or a gateway can have, at random, for pushes and for queries.</summary>
    [Fact]
    public async Task Push_RandomFaults_DeliversEachLineOnce()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new LokiDoubleAdapter(loki), Pods);
        int[] used = new int[9];
        var left = new Queue<int>();
        var random = new Lock();
        int push = 0;
        Func<HttpContext, Task<bool>>? Next()
        {
            lock (random)
            {
                if (++push % 2 == 0)
                {
                    return null;
                }

                // Each kind equally often, in random order.
                if (left.Count == 0)
                {
                    int[] kinds = [.. Enumerable.Range(0, used.Length)];
                    run.Random.Shuffle(kinds);
                    left = new Queue<int>(kinds);
                }

                int fault = left.Dequeue();
                used[fault]++;
                return fault switch
                {
                    0 => LokiFaults.Reset(),
                    1 => LokiFaults.ResetWithin(run.Random.Next(1, 5000)),
                    2 => LokiFaults.ResetAfterBody(),
                    3 => LokiFaults.StoreAndReset(loki),
                    4 => LokiFaults.Gateway(502 + run.Random.Next(3)),
                    5 => LokiFaults.Gateway(502 + run.Random.Next(3), loki),
                    6 => LokiFaults.StoreThenWait(loki, Timeout * 2),
                    7 => LokiFaults.NeverAnswer(),
                    _ => LokiFaults.ResetWithinAnswer("entry with"),
                };
            }
        }

        loki.NextFault = Next;
        loki.NextQueryFault = () =>
        {
            lock (random)
            {
                return run.Random.Next(12) switch
                {
                    0 => LokiFaults.Reset(),
                    1 => LokiFaults.Answer(500, "context canceled\n"),
                    2 => LokiFaults.Gateway(504),
                    3 => LokiFaults.ResetWithinAnswer("{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":["),
                    _ => null,
                };
            }
        };
        await using RunningShipper sut = run.Start(ShortTimeout);
        for (long start = TimeProvider.System.GetTimestamp(); used.Min() < FaultRun.Choose(2, 20) && TimeProvider.System.GetElapsedTime(start) < MaxDuration;)
        {
            await run.WriteForAsync(TimeSpan.FromMilliseconds(500), linesPerBurst: 5, rotates: true);
        }

        loki.NextFault = null;
        loki.NextQueryFault = null;

        Assert.DoesNotContain(0, used);
        await run.AssertDeliveredOnceAsync(sut);
        FaultRun.Log($"faults: {string.Join(' ', used)}; {loki.Statuses.Count} pushes, {loki.Queries.Count} queries");
    }

    /// <summary>Loki has stored the push, but answers after the agent has given up.</summary>
    [Fact]
    public async Task Timeout_StoredBeforeTheResponse_DoesNotResend()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new LokiDoubleAdapter(loki), Pods);
        int push = 0;
        loki.NextFault = () => Interlocked.Increment(ref push) % 3 == 0 ? LokiFaults.StoreThenWait(loki, Timeout * 3) : null;
        await using RunningShipper sut = run.Start(ShortTimeout);
        await run.WriteForAsync(TimeSpan.FromSeconds(FaultRun.Choose(20, 120)), rotates: true);
        loki.NextFault = null;

        await run.AssertDeliveredOnceAsync(sut);
        Assert.NotEmpty(loki.Queries);
        Assert.All(loki.Queries, query => Assert.Contains("no-cache", query.Headers.GetValueOrDefault("Cache-Control", ""), StringComparison.Ordinal));
    }

    /// <summary>Loki stores the push shortly after the agent has given up. A query sent at once finds nothing, and the agent must not resend yet.</summary>
    [Fact]
    public async Task Timeout_StoredAfterTheTimeout_DoesNotResend()
    {
        using LokiDouble loki = await LokiUnderTest.StartDoubleAsync();
        using var run = new FaultRun(new LokiDoubleAdapter(loki), Pods);
        int push = 0;
        loki.NextFault = () => Interlocked.Increment(ref push) % 4 == 0 ? LokiFaults.WaitThenStore(loki, Timeout * 1.4) : null;
        await using RunningShipper sut = run.Start(ShortTimeout);
        await run.WriteForAsync(TimeSpan.FromSeconds(FaultRun.Choose(20, 120)));
        loki.NextFault = null;

        await run.AssertDeliveredOnceAsync(sut);
    }

    /// <summary>Cuts connections between the agent and a Loki that can't be told to misbehave.</summary>
    [Fact]
    public async Task Push_ProxyCutsConnections_DeliversEachLineOnce()
    {
        using ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        await using FaultyProxy proxy = FaultyProxy.Start(loki.Address);
        using var run = new FaultRun(loki, Pods) { Proxy = proxy.Address };
        var random = new Random(run.Random.Next());
        proxy.NextFault = isResponse =>
        {
            lock (random)
            {
                return random.Next(isResponse ? 5 : 60) switch { 0 => ProxyFault.Reset, 1 when !isResponse => ProxyFault.ResetWithin, _ => ProxyFault.None };
            }
        };
        await using RunningShipper sut = run.Start();
        await run.WriteForAsync(TimeSpan.FromSeconds(FaultRun.Choose(8, 120)), linesPerBurst: 40, rotates: true);
        proxy.NextFault = null;

        await run.AssertDeliveredOnceAsync(sut);
    }

    [Fact]
    public async Task Push_ProxyCutsConnectionsAndAgentIsKilled_DeliversEachLineOnce()
    {
        using ILokiUnderTest loki = await LokiUnderTest.StartAsync();
        await using FaultyProxy proxy = FaultyProxy.Start(loki.Address);
        using var run = new FaultRun(loki, Pods) { Proxy = proxy.Address };
        var random = new Random(run.Random.Next());
        proxy.NextFault = isResponse =>
        {
            lock (random)
            {
                return isResponse && random.Next(4) == 0 ? ProxyFault.Reset : ProxyFault.None;
            }
        };
        for (int kill = 0; kill < FaultRun.Choose(10, 100); kill++)
        {
            await using RunningShipper killed = run.Start();
            await run.WriteForAsync(TimeSpan.FromMilliseconds(run.Random.Next(100, kill % 5 == 4 ? 8000 : 800)), rotates: true);
            await killed.KillAsync();
        }

        proxy.NextFault = null;
        await using RunningShipper sut = run.Start();

        // A file may be deleted while no agent runs, after Loki has stored all of it and the response was cut off.
        await run.AssertDeliveredOnceAsync(sut, mayMiscount: true);
    }
}
