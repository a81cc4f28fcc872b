using System.Globalization;
using System.Text;
using System.Text.Json;
using Shipper.Benchmarks.Suite;

namespace Shipper.Benchmarks.Reporting;

/// <summary>Writes what was found: as text for people, as JSON, and as a chart.</summary>
/// <param name="bench">What was found.</param>
/// <param name="scenarios">What ran.</param>
/// <param name="command">How to do it again.</param>
/// <param name="version">What the agent says of itself.</param>
internal sealed class Report(Bench bench, IReadOnlyList<Scenario> scenarios, string command, string version)
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

            The published program as its own process, the receiver as another, which counts every line by its number. Written by the
            command below on {_at:yyyy-MM-dd}; the steps of the hot path are in [hot-path.md](hot-path.md).

            ```sh
            dotnet publish src/Shipper -c Release -o out
            cd tests/Shipper.Benchmarks
            {command}
            ```

            Of: {version}. On: {_machine}. Compare only what was measured in one run: other work on the machine moves all of it.

            | what | target | measured | |
            |---|---|---|---|

            """);
        foreach (Finding finding in bench.Findings)
        {
            string met = finding.IsMet switch { true => "met", false => "**not met**", null => "" };
            text.Append(CultureInfo.InvariantCulture, $"| {finding.What} | {finding.Target} | {finding.Measured} | {met} |\n");
        }

        string faults = bench.Faults.Count == 0
            ? "In no run of ours was a line lost, received twice, out of order or in the wrong stream."
            : $"**FAILED**\n\n- {string.Join("\n- ", bench.Faults)}";
        text.Append(CultureInfo.InvariantCulture, $"\n{faults}\n\n");
        text.Append(PeerTable.ToMarkdown(bench.Trials));
        text.Append("## What was done\n\n| | |\n|---|---|\n");
        foreach (Scenario scenario in scenarios)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {scenario.Name} | {scenario.Description} |\n");
        }

        text.Append("""

            The lines are CRI lines of 203 bytes on average, half of them JSON and half nginx access lines, from a generator with a fixed
            seed. The agent asks an API server for the pods, two labels and two structured metadata. CPU time is user and system time
            of the agent's processes from the kernel's clock of each, which is exact; the receiver's is not in it.

            """);
        return text.ToString();
    }
}
