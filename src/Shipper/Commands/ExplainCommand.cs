using System.CommandLine;
using Shipper.Client;
using Shipper.Terminal;
using Shipper.Views;

namespace Shipper.Commands;

/// <summary><c>shipper explain</c>: says why the logs of a pod do or do not reach Loki.</summary>
internal static class ExplainCommand
{
    private const int NotDelivered = 3;

    public static Command Create()
    {
        Option<Uri> address = AgentOption.Create();
        Option<string> output = AgentOption.CreateChoice("--output", "text, or the agent's answer as JSON.", "text", "json");
        var target = new Argument<string>("NAMESPACE/POD[/CONTAINER]") { Description = "The pod, which may be gone already, or one of its containers." };
        target.Validators.Add(result =>
        {
            string[] parts = result.Tokens.Count == 1 ? result.Tokens[0].Value.Split('/') : [];
            if (parts.Length is not (2 or 3) || parts.Any(part => part.Length is 0 or > 253 || part[0] == '-'))
            {
                result.AddError("Name a pod as NAMESPACE/POD, or a container as NAMESPACE/POD/CONTAINER.");
            }
        });
        const string Description =
            "Say why the logs of a pod do or do not reach Loki: is the file found, readable, excluded, what its annotations and the rules do, how far it was read, and what Loki said. "
            + "Exit code 0: all lines are delivered, 3: they are not, 1: no agent answers.";
        var command = new Command("explain", Description) { target, address, output };
        command.SetAction((result, cancellation) => RunAsync(result.GetRequiredValue(address), result.GetRequiredValue(target), result.GetRequiredValue(output), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Uri address, string target, string output, CancellationToken cancellation)
    {
        using var client = new AgentClient(address);
        try
        {
            (string text, JsonView answer) = await client.ReadAsync($"/api/explain/{string.Join('/', target.Split('/').Select(Uri.EscapeDataString))}", isUnknownAnswered: true, cancellation);
            if (!answer["logs"].Exists && !answer["summary"].Exists)
            {
                throw new AgentException($"what answers at {client.Address} is not a Shipper agent, or not one of this version. Check --address.");
            }

            if (output == "json")
            {
                await Console.Out.WriteLineAsync(Output.IsTerminal ? Processing.Cases.QuotedText.ToOneLine(text.Trim()) : text.Trim());
            }
            else
            {
                Output.Write(ExplainView.Build(answer, Output.TableWidth()));
            }

            return answer["isDelivered"].IsTrue ? 0 : NotDelivered;
        }
        catch (AgentException e)
        {
            await Console.Error.WriteLineAsync($"shipper explain: {e.Message}");
            return 1;
        }
    }
}
