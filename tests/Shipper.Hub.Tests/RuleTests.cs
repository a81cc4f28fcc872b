using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Shipper.LogQl;
using Shipper.Testing.Program;

namespace Shipper.Hub.Tests;

/// <summary>The rules of Loki's ruler and of Prometheus.</summary>
public partial class RuleTests
{
    private static readonly string[] OfAlerts = ["alert", "expr", "for", "labels", "annotations"];
    private static readonly string[] OfRecords = ["record", "expr", "labels"];

    [Fact]
    public void Rules_OfLoki_AreMetricQueries() =>
        Assert.All(HubQuery.OfLokiRules(), rule => Assert.True(LogQlQuery.Parse(rule.Query.Text).IsMetric, rule.Query.Where));

    [Fact]
    public void Rules_Each_HasSeveritySummaryAndDescription() => Assert.All(All(), rule =>
    {
        Assert.Empty(rule.Select(entry => entry.Key).Except(rule.ContainsKey("alert") ? OfAlerts : OfRecords));
        if (rule["record"] is { } record)
        {
            Assert.Matches("^[a-zA-Z_:][a-zA-Z0-9_:]*$", record.ToString());
            return;
        }

        Assert.Matches("^[A-Z][A-Za-z]+$", rule["alert"]!.ToString());
        Assert.Matches("^[1-9][0-9]*[mh]$", rule["for"]!.ToString());
        Assert.Contains(rule["labels"]!["severity"]!.ToString(), (string[])["critical", "warning", "info"]);
        Assert.NotEmpty(rule["annotations"]!["summary"]!.ToString());
        Assert.NotEmpty(rule["annotations"]!["description"]!.ToString());
    });

    /// <summary>A label that the result does not have is replaced with nothing in the text.</summary>
    [Fact]
    public void Annotations_Labels_AppearInTheQuery() => Assert.All(All().Where(rule => rule.ContainsKey("annotations")), rule =>
    {
        string expr = rule["expr"]!.ToString();
        IEnumerable<string> named = rule["annotations"]!.AsObject().SelectMany(annotation => LabelInText().Matches(annotation.Value!.ToString())).Select(match => match.Groups[1].Value);
        Assert.All(named, name => Assert.Matches($@"\b{name}\b", expr));
    });

    [Fact]
    public void Groups_Names_AreUnique()
    {
        string[] names =
        [
            .. Directory.GetFiles(Path.Combine(Repository.Config, "rules"), "loki-*.yaml")
                .SelectMany(file => YamlJson.ReadFile(file).Single()!["groups"]!.AsArray()).Select(group => group!["name"]!.ToString()),
        ];

        Assert.Equal(names.Distinct(), names);
    }

    /// <summary>Runs promtool, if it is installed.</summary>
    [Fact]
    public async Task Rules_InPromtool_FireWhenTheyShould()
    {
        string? promtool = Helm.FindOnPath("promtool").FirstOrDefault();
        Assert.SkipWhen(promtool is null, "promtool is not installed.");
        string directory = Directory.CreateTempSubdirectory("shipper-rules-").FullName;
        string rules = Path.Combine(directory, "rules.json");
        string tests = Path.Combine(directory, "test.yaml");
        JsonNode spec = YamlJson.ReadFile(Path.Combine(Repository.Config, "rules/prometheus-rules.yaml")).Single()!["spec"]!;
        await File.WriteAllTextAsync(rules, spec.ToJsonString(), TestContext.Current.CancellationToken);
        File.Copy(Path.Combine(Repository.Root, "tests/Shipper.Hub.Tests/prometheus-rules.test.yaml"), tests);

        CommandResult check = await Helm.RunAsync(promtool, "check", "rules", rules);
        CommandResult test = await Helm.RunAsync(promtool, "test", "rules", tests);

        Directory.Delete(directory, recursive: true);
        Assert.True(check.ExitCode == 0 && test.ExitCode == 0, check.Output + check.Error + test.Output + test.Error);
    }

    private static IEnumerable<JsonObject> All() => HubQuery.OfLokiRules().Concat(HubQuery.OfPrometheusRules()).Select(rule => rule.Rule);

    [GeneratedRegex(@"\$labels\.([A-Za-z_]+)")]
    private static partial Regex LabelInText();
}
