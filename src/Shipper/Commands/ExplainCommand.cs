using System.CommandLine;
using Shipper.Client;
using Shipper.Status.Explaining;
using Shipper.Terminal;

namespace Shipper.Commands;

/// <summary><c>shipper explain</c>: why the logs of a pod do or do not reach Loki.</summary>
internal static class ExplainCommand
{
    /// <summary>The exit code if some lines are not in Loki.</summary>
    private const int NotDelivered = 3;

    public static Command Create()
    {
        var target = new Argument<string>("NAMESPACE/POD[/CONTAINER]") { Description = "The pod, or one of its containers." };
        target.Validators.Add(result =>
        {
            if (result.Tokens is not [var token] || token.Value.Split('/') is not { Length: 2 or 3 } names || names.Any(name => name.Length == 0))
            {
                result.AddError($"\"{(result.Tokens is [var wrong, ..] ? wrong.Value : "")}\" is no pod. Write NAMESPACE/POD or NAMESPACE/POD/CONTAINER, such as shop/web-1.");
            }
        });
        Option<Uri> address = AddressOption.Create();
        var output = new Option<string>("--output", "-o") { Description = "Form of the output: text or json.", HelpName = "FORM", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var command = new Command("explain", "Explain why the logs of a pod do or do not reach Loki. Exits with 0 if every line is there or on its way, otherwise with 3.") { target, address, output };
        command.SetAction((result, stopping) => RunAsync(result.GetValue(address)!, result.GetRequiredValue(target), result.GetValue(output) == "json", stopping));
        return command;
    }

    private static async Task<int> RunAsync(Uri address, string target, bool isJson, CancellationToken stopping)
    {
        using var client = new AgentClient(address);
        try
        {
            string text = await client.ExplainTextAsync(target, stopping);
            Explanation explanation = client.ParseExplanation(text);
            if (isJson)
            {
                await Console.Out.WriteLineAsync(text);
            }
            else
            {
                foreach (string line in ExplanationText.Render(explanation, TerminalSize.Columns, Style.For("auto")))
                {
                    await Console.Out.WriteLineAsync(line);
                }
            }

            return explanation.IsDelivered ? 0 : NotDelivered;
        }
        catch (AgentUnavailableException e)
        {
            await Console.Error.WriteLineAsync($"shipper: {VisibleText.Of(e.Message)}");
            return 1;
        }
    }
}
