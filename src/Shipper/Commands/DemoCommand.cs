using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Shipper.Demo;
using Shipper.Native;
using Shipper.Terminal;

namespace Shipper.Commands;

/// <summary><c>shipper demo</c>: ships logs on a machine without Kubernetes and without Loki.</summary>
internal static class DemoCommand
{
    private const int DefaultLines = 200_000;
    private const int MinLines = 1_000;
    private const int MaxLines = 20_000_000;

    public static Command Create()
    {
        var lines = new Option<int>("--lines")
        {
            Description = $"Number of lines that the pods write ({MinLines} to {MaxLines}).",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultLines,
            CustomParser = ParseLines,
        };
        var loki = new Option<Uri?>("--loki")
        {
            Description = "Ship to this Loki and audit by querying it, for example http://127.0.0.1:3100.",
            HelpName = "URL",
            CustomParser = ParseUrl,
        };
        var command = new Command("demo", "Write container logs of several pods, ship them, restart the agent halfway, and account for every line.") { lines, loki };
        command.SetAction((result, _) => RunAsync(result.GetValue(lines), result.GetValue(loki)));
        return command;
    }

    private static async Task<int> RunAsync(int lines, Uri? loki)
    {
        // Handle the signals, so that the temporary directory is always deleted.
        using var signals = new Signals(CancellationToken.None);
        try
        {
            var demo = new DemoRun(lines, loki, Console.Out, TerminalWidth(), TimeProvider.System);
            return await demo.RunAsync(signals.Token) ? 0 : 1;
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("shipper demo: interrupted");
        }
        catch (HttpRequestException e)
        {
            await Console.Error.WriteLineAsync($"shipper demo: {e.Message}");
        }
        catch (Exception e) when (IoFailure.Is(e) && e.Message.Contains(Path.GetTempPath(), StringComparison.Ordinal))
        {
            // A failure that names no file concerns the output. Program handles it for all commands.
            await Console.Error.WriteLineAsync($"shipper demo: {e.Message} (the demo writes its logs to {Path.GetTempPath()}; set TMPDIR to change this)");
        }

        return 1;
    }

    /// <summary>Returns the number of columns of the terminal; 0 if there is no terminal, or none that can rewrite a line.</summary>
    private static int TerminalWidth() =>
        Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb" ? 0 : Console.WindowWidth;

    private static int ParseLines(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int lines) || lines is < MinLines or > MaxLines)
        {
            result.AddError($"--lines must be a number from {MinLines} to {MaxLines}, not \"{text}\".");
        }

        return lines;
    }

    private static Uri? ParseUrl(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https")
        {
            return url;
        }

        result.AddError($"\"{result.Tokens[0].Value}\" is not a URL; write one such as http://127.0.0.1:3100.");
        return null;
    }
}
