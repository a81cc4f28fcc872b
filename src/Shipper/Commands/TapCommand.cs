using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Shipper.Client;
using Shipper.Terminal;

namespace Shipper.Commands;

/// <summary><c>shipper tap</c>: a live tail of what a running agent reads, sends or leaves out.</summary>
internal static class TapCommand
{
    private static readonly TimeSpan ReconnectDelay = TimeSpan.FromSeconds(1);

    /// <summary>How long an agent may be away: a new version starts within that time.</summary>
    private static readonly TimeSpan MaxOutage = TimeSpan.FromSeconds(30);

    public static Command Create()
    {
        var selector = new Argument<string>("SELECTOR")
        {
            Description = "A LogQL query, such as '{namespace=\"default\"} |= \"error\"', or a regex of pods, such as web or shop/web. Without it, everything is shown.",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => "",
        };
        Option<Uri> address = AddressOption.Create();
        var stage = new Option<string>("--stage") { Description = "Where to look: read (before processing), processed (as sent) or dropped (left out, with the reason).", HelpName = "STAGE", DefaultValueFactory = _ => "processed" };
        stage.AcceptOnlyFromAmong("read", "processed", "dropped");
        var output = new Option<string>("--output", "-o") { Description = "Form of the output: default, raw (only the lines) or json.", HelpName = "FORM", DefaultValueFactory = _ => "default" };
        output.AcceptOnlyFromAmong("default", "raw", "json");
        var limit = new Option<long>("--limit") { Description = "Stop after N records.", HelpName = "N" };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long>() < 1)
            {
                result.AddError("--limit must be at least 1.");
            }
        });
        var ns = new Option<string?>("--namespace", "-n") { Description = "Only this namespace.", HelpName = "NAME" };
        var container = new Option<string?>("--container", "-c") { Description = "Only containers that match this regex.", HelpName = "REGEX" };
        var include = new Option<string[]>("--include", "-i") { Description = "Only lines that match this regex.", HelpName = "REGEX", DefaultValueFactory = _ => [] };
        var exclude = new Option<string[]>("--exclude", "-e") { Description = "No lines that match this regex.", HelpName = "REGEX", DefaultValueFactory = _ => [] };
        var timestamps = new Option<bool>("--timestamps", "-t") { Description = "Begin each line with the record's time." };
        var color = new Option<string>("--color") { Description = "Use colors: auto, always or never.", HelpName = "WHEN", DefaultValueFactory = _ => "auto" };
        color.AcceptOnlyFromAmong("auto", "always", "never");
        var command = new Command("tap", "Show live what a running agent reads, sends or leaves out, which rule matched, and what each stage changed. A tap is sampled before it slows the agent.")
        {
            selector, address, stage, output, limit, ns, container, include, exclude, timestamps, color,
        };
        command.SetAction((result, stopping) =>
        {
            string query = TapSelector.Create(result.GetValue(selector)!, result.GetValue(ns), result.GetValue(container), result.GetValue(include)!, result.GetValue(exclude)!);
            bool isTerminal = !Console.IsOutputRedirected;
            var style = Style.For(result.GetValue(color)!);
            var line = new TapLine(style, result.GetValue(timestamps), isTerminal);
            Func<string, IEnumerable<string>> render = result.GetValue(output) switch
            {
                "json" => data => [data],
                "raw" => data => [RawLine(data, isTerminal)],
                _ => data => Render(data, line),
            };
            return RunAsync(result.GetValue(address)!, query, result.GetValue(stage)!, result.GetValue(limit), render, stopping);
        });
        return command;
    }

    private static async Task<int> RunAsync(Uri address, string query, string stage, long limit, Func<string, IEnumerable<string>> render, CancellationToken stopping)
    {
        using var client = new AgentClient(address);
        long left = limit == 0 ? long.MaxValue : limit;
        long? lostAt = null;
        try
        {
            while (true)
            {
                try
                {
                    using var events = new EventReader(await client.OpenTapAsync(query, stage, stopping));
                    if (lostAt is not null)
                    {
                        await Console.Error.WriteLineAsync($"shipper: connected to {address} again");
                    }

                    left = await ShowAsync(events, left, render, stopping);
                    if (left == 0)
                    {
                        return 0;
                    }

                    lostAt = TimeProvider.System.GetTimestamp();
                    await Console.Error.WriteLineAsync($"shipper: the connection to {address} was lost; trying again for {MaxOutage.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s");
                }
                catch (AgentUnavailableException e) when (lostAt is { } since && !e.IsRefusal && TimeProvider.System.GetElapsedTime(since) < MaxOutage)
                {
                    // The agent restarts.
                }

                await Task.Delay(ReconnectDelay, TimeProvider.System, stopping);
            }
        }
        catch (AgentUnavailableException e)
        {
            await Console.Error.WriteLineAsync($"shipper: {VisibleText.Of(e.Message)}");
            return e.IsRefusal ? ConfigOption.UsageError : 1;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return 0;
        }
        catch (IOException)
        {
            // Nobody reads the output any longer, as with head: that is a normal end.
            return 0;
        }
    }

    /// <summary>Shows records until the connection ends, or the limit is reached.</summary>
    /// <param name="left">Number of records to show at most.</param>
    /// <returns>Number of records that may still be shown.</returns>
    private static async Task<long> ShowAsync(EventReader events, long left, Func<string, IEnumerable<string>> render, CancellationToken stopping)
    {
        while (left > 0 && await ReadAsync(events, stopping) is var (name, data))
        {
            if (name == "skipped")
            {
                using JsonDocument skipped = JsonDocument.Parse(data);
                await Console.Error.WriteLineAsync($"shipper: skipped {skipped.RootElement.GetProperty("records").GetInt64().ToString(CultureInfo.InvariantCulture)} records, because a tap shows no more; narrow it with a selector");
                continue;
            }

            foreach (string line in render(data))
            {
                await Console.Out.WriteLineAsync(line);
            }

            left--;
        }

        return left;
    }

    /// <returns>The next event; null if the connection has ended.</returns>
    private static async Task<(string Name, string Data)?> ReadAsync(EventReader events, CancellationToken stopping)
    {
        try
        {
            return await events.ReadAsync(stopping);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null;
        }
    }

    private static List<string> Render(string data, TapLine line)
    {
        using JsonDocument record = JsonDocument.Parse(data);
        return [.. line.Render(record.RootElement)];
    }

    private static string RawLine(string data, bool isTerminal)
    {
        using JsonDocument record = JsonDocument.Parse(data);
        string line = record.RootElement.GetProperty("line").GetString() ?? "";
        return isTerminal ? VisibleText.Of(line) : line;
    }
}
