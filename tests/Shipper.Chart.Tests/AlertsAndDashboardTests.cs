using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Shipper.Testing.Program;

namespace Shipper.Chart.Tests;

/// <summary>The chart's alerts and dashboard. An alert or a panel with a metric that does not exist never shows anything.</summary>
public partial class AlertsAndDashboardTests
{
    private static readonly string[] SeriesOfHistograms = ["_bucket", "_sum", "_count"];

    [Fact]
    public async Task Metrics_InAlertsAndDashboard_Exist()
    {
        using var node = new NodeDirectory();
        await using RunningShipper sut = RunningShipper.Start(node, new Uri("http://127.0.0.1:1"));
        await sut.WaitUntilReadyAsync();
        string metrics = await sut.GetTextAsync("/metrics");
        string[] exported = [.. TypeLine().Matches(metrics).Select(match => match.Groups[1].Value)];

        string[] named = [.. Expressions().SelectMany(expression => MetricName().Matches(expression).Select(match => match.Value)).Distinct().Select(WithoutSeries)];

        Assert.Contains("shipper_stalled", named);
        Assert.Empty(named.Except(exported));

        string WithoutSeries(string name) =>
            SeriesOfHistograms.Where(name.EndsWith).Select(rotatedLog => name[..^rotatedLog.Length]).FirstOrDefault(histogram => exported.Contains(histogram)) ?? name;
    }

    [Fact]
    public void Alerts_Each_HasSeveritySummaryAndDescription()
    {
        JsonObject[] alerts = [.. Alerts()];

        Assert.Equal(alerts.Length, alerts.Select(alert => alert["alert"]!.ToString()).Distinct().Count());
        Assert.All(alerts, alert =>
        {
            Assert.Matches("^Shipper[A-Z][A-Za-z]+$", alert["alert"]!.ToString());
            Assert.Contains(alert["labels"]!["severity"]!.ToString(), (string[])["critical", "warning", "info"]);
            Assert.NotEmpty(alert["annotations"]!["summary"]!.ToString());
            Assert.NotEmpty(alert["annotations"]!["description"]!.ToString());
        });
    }

    /// <summary>Runs promtool, if it is installed.</summary>
    [Fact]
    public async Task Alerts_InPromtool_FireWhenTheyShould()
    {
        string? promtool = Helm.FindOnPath("promtool").FirstOrDefault();
        Assert.SkipWhen(promtool is null, "promtool is not installed.");

        CommandResult check = await Helm.RunAsync(promtool, "check", "rules", ChartFiles.Alerts);
        CommandResult test = await Helm.RunAsync(promtool, "test", "rules", ChartFiles.AlertTests);

        Assert.True(check.ExitCode == 0, check.Output + check.Error);
        Assert.True(test.ExitCode == 0, test.Output + test.Error);
    }

    private static IEnumerable<JsonObject> Alerts() =>
        YamlJson.ReadFile(ChartFiles.Alerts).Single()!["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).Select(rule => rule!.AsObject());

    private static IEnumerable<string> Expressions()
    {
        JsonNode dashboard = JsonNode.Parse(File.ReadAllText(ChartFiles.Dashboard))!;
        return
        [
            .. Alerts().Select(alert => alert["expr"]!.ToString()),
            .. dashboard["panels"]!.AsArray().SelectMany(panel => panel!["targets"]!.AsArray()).Select(target => target!["expr"]!.ToString()),
            .. dashboard["templating"]!["list"]!.AsArray().Select(variable => variable!["definition"]?.ToString() ?? ""),
        ];
    }

    [GeneratedRegex("\\b(shipper|process)_[a-z_]+")]
    private static partial Regex MetricName();

    [GeneratedRegex("(?m)^# TYPE ([a-z_]+) ")]
    private static partial Regex TypeLine();
}
