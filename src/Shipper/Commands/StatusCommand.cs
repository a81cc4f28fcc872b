using System.CommandLine;
using Shipper.Client;
using Shipper.Status;
using Shipper.Terminal;

namespace Shipper.Commands;

/// <summary><c>shipper status</c>: what a running agent is doing, with a row for each log.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        Option<Uri> address = AddressOption.Create();
        var watch = new Option<bool>("--watch", "-w") { Description = "Keep it live, like top. The keys: / filters, s sorts, Enter explains a log, ? helps, q quits." };
        var sort = new Option<string>("--sort", "-s") { Description = "Order of the logs: lag, rate, loss or name.", HelpName = "ORDER", DefaultValueFactory = _ => "lag" };
        sort.AcceptOnlyFromAmong([.. LogOrder.Names]);
        var filter = new Option<string>("--filter", "-f") { Description = "Show only logs with this text in their name, labels or state.", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        var output = new Option<string>("--output", "-o") { Description = "Form of the output: table or json.", HelpName = "FORM", DefaultValueFactory = _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");
        var command = new Command("status", "Show what a running agent is doing: whether it ships, what is behind, and each log.") { address, watch, sort, filter, output };
        command.Validators.Add(result =>
        {
            if (result.GetValue(watch) && result.GetValue(output) == "json")
            {
                result.AddError("--watch shows a table; leave out --output json.");
            }
        });
        command.SetAction((result, stopping) => RunAsync(
            result.GetValue(address)!, result.GetValue(watch), result.GetValue(sort)!, result.GetValue(filter)!, result.GetValue(output) == "json", stopping));
        return command;
    }

    private static async Task<int> RunAsync(Uri address, bool isWatching, string sort, string filter, bool isJson, CancellationToken stopping)
    {
        using var client = new AgentClient(address);
        try
        {
            if (isWatching && !Console.IsOutputRedirected && !Console.IsInputRedirected)
            {
                return await new WatchScreen(client, sort, filter, TimeProvider.System).RunAsync(stopping);
            }

            do
            {
                if (isJson)
                {
                    await Console.Out.WriteLineAsync(await client.GetStatusTextAsync(stopping));
                }
                else
                {
                    AgentStatus status = await client.GetStatusAsync(stopping);
                    await Console.Out.WriteAsync(StatusText.Render(status, TerminalSize.Columns, Style.For("auto"), LogOrder.Apply(status, sort, filter, isReversed: false)));
                }
            }
            while (isWatching && await WaitAsync(stopping));

            return 0;
        }
        catch (AgentUnavailableException e)
        {
            await Console.Error.WriteLineAsync($"shipper: {VisibleText.Of(e.Message)}");
            return 1;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return 0;
        }
    }

    /// <summary>Waits until the next table is due, and separates it from the one before.</summary>
    private static async Task<bool> WaitAsync(CancellationToken stopping)
    {
        await Task.Delay(Interval, TimeProvider.System, stopping);
        await Console.Out.WriteLineAsync();
        return true;
    }
}
