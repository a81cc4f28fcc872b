using System.Text.Json;
using System.Text.RegularExpressions;
using Shipper.Testing.Program;

namespace Shipper.Hub.Tests;

/// <summary>The metrics in the hub's queries to Prometheus exist: a rule or a panel with a metric that does not exist never shows anything.</summary>
public partial class MetricTests
{
    /// <summary>Metrics of neither the agent nor Loki, with their exporters.</summary>
    private static readonly HashSet<string> OfOthers =
    [
        "up", // Prometheus
        "kubelet_volume_stats_available_bytes", "kubelet_volume_stats_capacity_bytes", // kubelet, /metrics
        "container_cpu_usage_seconds_total", "container_memory_working_set_bytes", // kubelet, /metrics/cadvisor
        "kube_pod_container_status_restarts_total", // kube-state-metrics
    ];

    /// <summary>Labels that Prometheus and the monitors of the chart add to scraped metrics.</summary>
    private static readonly HashSet<string> OfScrapes = ["cluster", "namespace", "pod", "container", "node", "instance", "job", "le"];

    [Fact]
    public async Task Metrics_InRulesAndDashboards_Exist()
    {
        string text = await GetMetricsAsync();
        using JsonDocument loki = JsonDocument.Parse(await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "tests/Shipper.Testing/Recordings/hub/metrics.json"), TestContext.Current.CancellationToken));
        HashSet<string> there =
        [
            .. TypeLine().Matches(text).Select(match => match.Groups[1].Value), .. OfOthers,
            .. loki.RootElement.GetProperty("names").EnumerateArray().Select(name => name.GetString()!),
            .. HubQuery.OfLokiRules().Select(rule => rule.Rule["record"]?.ToString()).OfType<string>(),
        ];

        (string Where, string Metric)[] unknown =
        [
            .. from query in HubQuery.OfPrometheus()
               from metric in PromQlNames.MetricsOf(query.Text)
               where !there.Contains(metric) && !there.Contains(HistogramOf(metric))
               select (query.Where, metric),
        ];

        Assert.Empty(unknown);
        Assert.Contains(HubQuery.OfPrometheus(), query => PromQlNames.MetricsOf(query.Text).Contains("shipper_lost_bytes_total"));
        Assert.Contains(HubQuery.OfPrometheus(), query => PromQlNames.MetricsOf(query.Text).Contains("loki_discarded_samples_total"));
    }

    [Fact]
    public async Task Labels_InQueriesOfTheAgentsMetrics_Exist()
    {
        string text = await GetMetricsAsync();
        HashSet<string> there = [.. OfScrapes, .. LabelName().Matches(text).Select(match => match.Groups[1].Value)];

        (string Where, string Label)[] unknown =
        [
            .. from query in HubQuery.OfPrometheus()
               where PromQlNames.MetricsOf(query.Text).Any(metric => metric.StartsWith("shipper_", StringComparison.Ordinal))
               from label in PromQlNames.LabelsOf(query.Text)
               where !there.Contains(label)
               select (query.Where, label),
        ];

        Assert.Empty(unknown);
    }

    [Theory]
    [InlineData("""sum by (a) (rate(x_total{b="c d"}[5m])) > 0.8 * 5e4""", "x_total", "b a")]
    [InlineData("""absent(up{job="loki"} == 1) or predict_linear(y{z=~"q"}[12h], 3 * 86400) < 0""", "up y", "job z")]
    [InlineData("topk(10, rate(p[5m]) and on (cluster, instance) q)", "p q", "cluster instance")]
    [InlineData("log:errors:rate5m > 1", "log:errors:rate5m", "")]
    public void PromQlNames_OfAQuery_AreItsMetricsAndLabels(string query, string metrics, string labels)
    {
        Assert.Equal(metrics, string.Join(' ', PromQlNames.MetricsOf(query)));
        Assert.Equal(labels, string.Join(' ', PromQlNames.LabelsOf(query)));
    }

    private static async Task<string> GetMetricsAsync()
    {
        using var node = new NodeDirectory();
        await using RunningShipper agent = RunningShipper.Start(node, new Uri("http://127.0.0.1:1"));
        await agent.WaitUntilReadyAsync();
        new CriWriter(node.AddContainer("web-1")).Write(1);
        // The metric appears only after the first push.
        await RunningShipper.WaitUntilAsync(
            async () => (await agent.GetTextAsync("/metrics")).Contains("shipper_push_requests_total{", StringComparison.Ordinal), () => "The agent does not push.");
        return await agent.GetTextAsync("/metrics");
    }

    private static string HistogramOf(string metric) => SeriesOfHistogram().Replace(metric, "");

    [GeneratedRegex("(?m)^# TYPE ([^ ]+) ")]
    private static partial Regex TypeLine();

    [GeneratedRegex("[{,]([a-z_]+)=\"")]
    private static partial Regex LabelName();

    [GeneratedRegex("_(?:bucket|sum|count)$")]
    private static partial Regex SeriesOfHistogram();
}
