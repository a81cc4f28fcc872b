using System.CommandLine;
using Shipper.Client;
using Shipper.Terminal;
using Shipper.Views;

namespace Shipper.Commands;

/// <summary><c>shipper status</c>: shows what a running agent is doing, a row per log.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        Option<Uri> address = AgentOption.Create();
        Option<string> output = AgentOption.CreateChoice("--output", "table, or the agent's answer as JSON.", "table", "json");
        Option<string> sort = AgentOption.CreateChoice("--sort", "Which logs come first: the furthest behind, the busiest, those that lose lines soonest, or by name.", [.. LogOrder.Sorts]);
        var filter = new Option<string>("--filter", "-f") { Description = "Only logs whose name, state or labels contain TEXT.", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        var watch = new Option<bool>("--watch", "-w")
        {
            Description = "Keep the view live, like top: / filters, s sorts, Enter explains a log, ? helps, q quits. Without a terminal, print the table every 2 s.",
        };
        var command = new Command("status", "Show what a running agent is doing: the state of the agent, and a row per log.") { address, watch, sort, filter, output };
        command.Validators.Add(result =>
        {
            if (result.GetResult(watch) is { Implicit: false } && result.GetResult(output) is { Implicit: false, Tokens: [{ Value: "json" }] })
            {
                result.AddError("--watch has no JSON output. Run shipper status --output json in a loop, or read /api/events.");
            }
        });
        command.SetAction((result, cancellation) =>
        {
            var order = new LogOrder(result.GetRequiredValue(sort), result.GetValue(filter) ?? "", IsReversed: false);
            return RunAsync(result.GetRequiredValue(address), order, result.GetValue(watch), result.GetRequiredValue(output), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(Uri address, LogOrder order, bool watch, string output, CancellationToken cancellation)
    {
        using var client = new AgentClient(address);
        if (watch)
        {
            return Output.IsTerminal && !Console.IsInputRedirected
                ? await new StatusWatch(client, order).RunAsync(cancellation)
                : await PlainWatch.RunAsync(client, order, cancellation);
        }

        try
        {
            (string text, JsonView status) = await client.ReadAsync("/api/status", isUnknownAnswered: false, cancellation);
            if (output == "json")
            {
                await Console.Out.WriteLineAsync(Output.IsTerminal ? Processing.Cases.QuotedText.ToOneLine(text.Trim()) : text.Trim());
            }
            else
            {
                Output.Write(StatusView.Build(status, order, Output.TableWidth()));
            }

            return 0;
        }
        catch (AgentException e)
        {
            await Console.Error.WriteLineAsync($"shipper status: {e.Message}");
            return 1;
        }
    }
}
