using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shipper.Agents;
using Shipper.Core.Tests.Support;
using Shipper.Lanes;
using Shipper.Status;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Agents;

public class AgentTests
{
    private const int Stops = 300;

    /// <summary>Far longer than a stop with nothing to send takes: only a stop that never ends reaches it.</summary>
    private static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(1);

    /// <summary>The agent's loops end at nearly the same moment, in any order.</summary>
    [Trait("Speed", "Slow")]
    [Fact]
    public async Task Run_StoppedAtAnyMoment_Ends()
    {
        using var directory = new TemporaryDirectory();
        var options = new AgentOptions();
        options.Containers.Include = [directory["*.log"]];
        options.Journal.Enabled = false;
        options.State.Path = directory["state"];
        for (int i = 0; i < Stops; i++)
        {
            var time = new FakeTimeProvider();
            using var stopping = new CancellationTokenSource();
            var metrics = new AgentMetrics();
            using var sut = new Agent(options, new StageServices(time, NullLoggerFactory.Instance, metrics, new Heartbeat(time)), new StatusHistory(time, metrics));
            Task run = sut.RunAsync(predecessor: null, () => { }, handingOver: CancellationToken.None, stopping.Token);
            for (int turns = i; turns > 0; turns--)
            {
                await Task.Yield();
            }

            await stopping.CancelAsync();

            try
            {
                await run.WaitAsync(MaxDuration, TestContext.Current.CancellationToken);
            }
            catch (OperationCanceledException)
            {
                // The agent was waiting for the lock: a process started by another test briefly inherits all file descriptors of this process.
            }
        }
    }

    /// <summary>If a loop fails, the agent shuts down in order and saves what only its open files still hold.</summary>
    [Fact]
    public async Task Run_LoopFails_SavesHeldFiles()
    {
        using var directory = new TemporaryDirectory();
        string log = directory["web-1_ns_main-1.log"];
        await File.WriteAllTextAsync(log, "2026-11-23T01:21:26.1Z stdout F line\n", TestContext.Current.CancellationToken);
        var options = new AgentOptions { GracePeriod = TimeSpan.FromSeconds(1) };
        options.Containers.Include = [directory["*.log"]];
        options.Journal.Enabled = false;
        options.Kubernetes.Enabled = false;
        options.Loki.Url = new Uri("http://127.0.0.1:1");
        options.State.Path = directory["state"];
        var metrics = new AgentMetrics();
        using var sut = new Agent(options, new StageServices(new FailingTime(), NullLoggerFactory.Instance, metrics, new Heartbeat(TimeProvider.System)), new StatusHistory(TimeProvider.System, metrics));

        Task run = sut.RunAsync(predecessor: null, () => File.Delete(log), handingOver: CancellationToken.None, CancellationToken.None);

        await Assert.ThrowsAsync<NotSupportedException>(() => run.WaitAsync(MaxDuration, TestContext.Current.CancellationToken));
        Assert.Single(Directory.GetFiles(directory["state/held"]));
    }

    /// <summary>Throws for a timer of five seconds, which the loop that releases idle memory creates first.</summary>
    private sealed class FailingTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            dueTime == TimeSpan.FromSeconds(5) ? throw new NotSupportedException() : base.CreateTimer(callback, state, dueTime, period);
    }
}
