using System.Globalization;
using System.Text;
using System.Text.Json;
using Shipper.Benchmarks.Suite;

namespace Shipper.Benchmarks.Reporting;

/// <summary>Writes the results as Markdown, as JSON and as a chart.</summary>
/// <param name="bench">The results.</param>
/// <param name="scenarios">The scenarios that ran.</param>
/// <param name="command">The command that repeats the measurements.</param>
/// <param name="version">The version of the agent.</param>
internal sealed class Report(BenchmarkRun bench, IReadOnlyList<Scenario> scenarios, string command, string version)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly DateTimeOffset _at = TimeProvider.System.GetUtcNow();
    private readonly string _machine = $"{Machine.Describe()}; load average before the start {Machine.ReadLoad()}";

    public async Task WriteAsync(string directory, CancellationToken stopping)
    {
        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(Path.Combine(directory, "README.md"), ToMarkdown(), stopping);
        var content = new { Machine = _machine, Agent = version, Command = command, At = _at, bench.Findings, bench.Faults, bench.Trials };
        await File.WriteAllTextAsync(Path.Combine(directory, "results.json"), JsonSerializer.Serialize(content, Json) + "\n", stopping);
        await File.WriteAllTextAsync(Path.Combine(directory, "chart.svg"), Chart.Draw(PeerTable.Medians(bench.Trials)), stopping);
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            # Measurements

            The published agent and the receiver ran as separate processes; the receiver counted every line by its number. The
            command below wrote this page on {_at:yyyy-MM-dd}; the steps of the hot path are in [hot-path.md](hot-path.md).

            ```sh
            dotnet publish src/Shipper -c Release -o out
            cd tests/Shipper.Benchmarks
            {command}
            ```

            Agent: {version}. Machine: {_machine}. Compare only results of one run: other work on the machine affects all of them.

            | what | target | measured | |
            |---|---|---|---|

            """);
        foreach (Finding finding in bench.Findings)
        {
            string met = finding.IsMet switch { true => "met", false => "**not met**", null => "" };
            text.Append(CultureInfo.InvariantCulture, $"| {finding.What} | {finding.Target} | {finding.Measured} | {met} |\n");
        }

        string faults = bench.Faults.Count == 0
            ? "No run of shipper lost a line, sent one twice, or sent one out of order or in the wrong stream."
            : $"**FAILED**\n\n- {string.Join("\n- ", bench.Faults)}";
        text.Append(CultureInfo.InvariantCulture, $"\n{faults}\n\n");
        text.Append(PeerTable.ToMarkdown(bench.Trials));
        text.Append("## Scenarios\n\n| | |\n|---|---|\n");
        foreach (Scenario scenario in scenarios)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {scenario.Name} | {scenario.Description} |\n");
        }

        text.Append("""

            The lines are CRI lines of 203 bytes on average, half of them JSON and half nginx access lines, from a generator with a fixed
            seed; those of the scenario processing are described there. The agent gets two labels and two structured metadata fields of each pod from an API server. CPU time is the user and system
            time of the agent's processes. It comes from the kernel's clock of each process, which is exact, and excludes the receiver.

            """);
        return text.ToString();
    }
}
