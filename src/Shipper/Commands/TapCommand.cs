using System.CommandLine;
using System.Globalization;
using Shipper.Client;
using Shipper.Terminal;
using Shipper.Views;

namespace Shipper.Commands;

/// <summary><c>shipper tap</c>: follows what a running agent sends.</summary>
internal static class TapCommand
{
    private static readonly Argument<string> Selector = new("SELECTOR")
    {
        Description = "A LogQL selector with line filters, such as '{namespace=\"shop\"} |= \"error\"'; or a regex for the pod's name, such as web or shop/web. Default: everything.",
        DefaultValueFactory = _ => "",
    };

    private static readonly Option<Uri> Address = AgentOption.Create();
    private static readonly Option<string[]> Namespaces = CreateList("--namespace", "-n", "Only this namespace; may be given several times.", "NAME");
    private static readonly Option<string?> Container = new("--container", "-c") { Description = "Only containers whose name matches.", HelpName = "REGEX" };
    private static readonly Option<string[]> Include = CreateList("--include", "-i", "Only lines that match.", "REGEX");
    private static readonly Option<string[]> Exclude = CreateList("--exclude", "-e", "Not the lines that match.", "REGEX");
    private static readonly Option<string> Stage =
        AgentOption.CreateChoice("--stage", "Records as they are sent, as they were read, or those that are dropped, with the reason.", "processed", "read", "dropped");

    private static readonly Option<bool> Timestamps = new("--timestamps", "-t") { Description = "Begin each line with the time of its record." };
    private static readonly Option<bool> Changes = new("--changes") { Description = "Show the line and the structured metadata after each stage that changed them." };
    private static readonly Option<string> Color = AgentOption.CreateChoice("--color", "When to use colors.", "auto", "always", "never");
    private static readonly Option<long> Limit = new("--limit")
    {
        Description = "End after N records.",
        HelpName = "N",
        CustomParser = result =>
        {
            if (!long.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long limit) || limit == 0)
            {
                result.AddError($"--limit must be a number above 0, not \"{result.Tokens[0].Value}\".");
            }

            return limit;
        },
    };

    public static Command Create()
    {
        const string Description =
            "Follow what a running agent sends, live. Rules that matched and stages that changed a line are named below it. "
            + "With very many records, a sample is shown, and the number of the others is said on stderr.";
        Option<string> output = AgentOption.CreateChoice("--output", "Names and line, the line alone, or JSON with everything.", "default", "raw", "json");
        output.Aliases.Add("-o");
        var command = new Command("tap", Description) { Selector, Address, Namespaces, Container, Include, Exclude, Stage, output, Timestamps, Changes, Color, Limit };
        command.SetAction((result, cancellation) => RunAsync(result, result.GetRequiredValue(output), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult result, string output, CancellationToken cancellation)
    {
        string query = new TapQuery(
            result.GetValue(Selector) ?? "", result.GetValue(Namespaces) ?? [], result.GetValue(Container), result.GetValue(Include) ?? [], result.GetValue(Exclude) ?? []).Build();
        string path = $"/api/tap?query={Uri.EscapeDataString(query)}&stage={result.GetRequiredValue(Stage)}";
        bool hasColors = result.GetRequiredValue(Color) switch { "always" => true, "never" => false, _ => Output.HasColors };
        var view = new TapView(output, result.GetValue(Timestamps), result.GetValue(Changes), hasColors, Output.IsTerminal);
        using var signals = new Signals(cancellation);
        using var client = new AgentClient(result.GetRequiredValue(Address));
        return await new TapRun(client, path, view, result.GetValue(Limit)).RunAsync(signals.Token);
    }

    private static Option<string[]> CreateList(string name, string alias, string description, string value) => new(name, alias) { Description = description, HelpName = value };
}
