using Shipper.Agents;
using Shipper.Processing.Limits;
using Shipper.Processing.Redaction;
using Shipper.Processing.Rules;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Agents;

public class AgentSeriesTests
{
    [Fact]
    public void Add_ConfiguredNames_AppearAtZeroAndKeepTheirCounts()
    {
        var metrics = new AgentMetrics();
        metrics.DroppedRecords.Add("probes", 3);
        var options = new AgentOptions();
        options.Processing.Rules.Add(new RuleOptions { Name = "probes" });
        options.Processing.Rules.Add(new RuleOptions { Name = "kept", Do = new RuleAction(RuleActionKind.Keep) });
        options.Processing.Limits.Add(new LimitOptions { Name = "noisy", Over = OverLimit.Slow });
        options.Processing.Redact.Personal = PersonalData.Emails;

        AgentSeries.Add(metrics, options);

        string[] lines = metrics.ToPrometheusText().Split('\n');
        Assert.Contains("shipper_dropped_records_total{reason=\"probes\"} 3", lines);
        Assert.Contains("shipper_processed_records_total{stage=\"drop\",rule=\"probes\"} 0", lines);
        Assert.Contains("shipper_processed_records_total{stage=\"limit\",rule=\"noisy\"} 0", lines);
        Assert.Contains("shipper_processed_records_total{stage=\"multiline\",rule=\"traces\"} 0", lines);
        Assert.Contains("shipper_processed_records_total{stage=\"redact\",rule=\"email\"} 0", lines);
        Assert.Contains("shipper_limited_bytes_total{rule=\"noisy\"} 0", lines);
        Assert.Contains("shipper_level_records_total{level=\"error\"} 0", lines);
        Assert.Contains("shipper_journal_errors_total{reason=\"damaged\"} 0", lines);
        Assert.DoesNotContain(lines, line => line.Contains("kept", StringComparison.Ordinal) || line.Contains("\"card\"", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("shipper_dropped_records_total{reason=\"noisy\"", StringComparison.Ordinal));
    }
}
