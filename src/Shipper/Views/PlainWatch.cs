using Shipper.Client;
using Shipper.Terminal;

namespace Shipper.Views;

/// <summary><c>shipper status --watch</c> without a terminal: prints the table again and again, until it is told to end.</summary>
internal static class PlainWatch
{
    /// <summary>How often the agent is asked.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Prints tables.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(AgentClient client, LogOrder order, CancellationToken cancellation)
    {
        using var signals = new Signals(cancellation);
        try
        {
            while (true)
            {
                try
                {
                    (_, JsonView status) = await client.ReadAsync("/api/status", isUnknownAnswered: false, signals.Token);
                    Output.Write(StatusView.Build(status, order, Output.TableWidth()).Append(new TextLine()));
                    await Console.Out.FlushAsync(signals.Token);
                }
                catch (AgentException e)
                {
                    await Console.Error.WriteLineAsync($"shipper status: {e.Message}");
                }

                await Task.Delay(Interval, TimeProvider.System, signals.Token);
            }
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }
}
