using System.Globalization;
using System.Text;
using Shipper.Benchmarks.Suite;

namespace Shipper.Benchmarks.Reporting;

/// <summary>Compares the agents, if there was more than one.</summary>
internal static class PeerTable
{
    private static readonly string[] Scenarios = ["throughput", "steady", "idle-30"];

    /// <summary>Returns the median run of each agent in the scenario throughput.</summary>
    public static IReadOnlyList<TrialResult> Medians(IEnumerable<TrialResult> trials) => Medians(trials, Scenarios[0]);

    public static string ToMarkdown(IReadOnlyList<TrialResult> trials)
    {
        var text = new StringBuilder();
        foreach (string scenario in Scenarios)
        {
            IReadOnlyList<TrialResult> agents = Medians(trials, scenario);
            if (agents.Count < 2)
            {
                continue;
            }

            bool isWhole = scenario == Scenarios[0];
            text.Append(CultureInfo.InvariantCulture, $"## Comparison: {scenario}\n\n");
            if (isWhole)
            {
                text.Append("![Lines per CPU second and peak memory](chart.svg)\n\n");
            }

            text.Append(isWhole
                ? "| agent | lines per CPU second | shipper/agent | peak MiB | wire MB | lost | twice |\n|---|---|---|---|---|---|---|\n"
                : "| agent | CPU, of a core | shipper/agent | resident MiB | accepted, p99 ms | lost | twice |\n|---|---|---|---|---|---|---|\n");
            foreach (TrialResult one in agents)
            {
                string figures = isWhole
                    ? $"{one.LinesPerCpuSecond:N0} | {agents[0].LinesPerCpuSecond / one.LinesPerCpuSecond:0.0} x | {one.PeakMiB:0.0} | {one.WireMb:0.0}"
                    : $"{one.Cores:0.000 %} | {agents[0].Cores / one.Cores:0.00} x | {one.ResidentMiB:0.0} | {one.Received.Latency.P99Ms}";
                text.Append(CultureInfo.InvariantCulture, $"| {one.Agent} | {figures} | {one.Audit.Lost:N0} | {one.Received.Twice:N0} |\n");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static IReadOnlyList<TrialResult> Medians(IEnumerable<TrialResult> trials, string scenario) =>
        [.. trials.Where(trial => trial.Scenario == scenario).GroupBy(trial => trial.Agent).Select(group => group.OrderBy(trial => trial.CpuSeconds).ElementAt(group.Count() / 2))];
}
