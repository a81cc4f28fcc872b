using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shipper.Telemetry;
using Shipper.Testing;

namespace Shipper;

public class AgentTests
{
    private const int Stops = 300;

    /// <summary>Far longer than a stop with nothing to send takes: only one that never ends is stopped by it.</summary>
    private static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(1);

    /// <summary>The loops end at nearly the same moment, in whatever order.</summary>
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
            using var sut = new Agent(options, time, NullLoggerFactory.Instance, new AgentMetrics(), new Heartbeat(time));
            Task run = sut.RunAsync(() => { }, handingOver: CancellationToken.None, stopping.Token);
            for (int turns = i; turns > 0; turns--)
            {
                await Task.Yield();
            }

            await stopping.CancelAsync();

            await run.WaitAsync(MaxDuration, TestContext.Current.CancellationToken);
        }
    }
}
