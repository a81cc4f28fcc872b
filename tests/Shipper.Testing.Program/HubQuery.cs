using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Shipper.Testing.Program;

/// <summary>A query somewhere in the hub's files, in LogQL or PromQL.</summary>
/// <param name="Where">The file, and what in it.</param>
/// <param name="Text">The query; variables of dashboards have a value.</param>
internal sealed partial record HubQuery(string Where, string Text)
{
    /// <summary>All that Loki is asked.</summary>
    public static IEnumerable<HubQuery> OfLoki() =>
        [.. OfFile(), .. OfLokiRules().Select(rule => rule.Query), .. Dashboard.All().SelectMany(dashboard => dashboard.Queries("loki"))];

    /// <summary>All that Prometheus is asked.</summary>
    public static IEnumerable<HubQuery> OfPrometheus() =>
        [.. OfPrometheusRules().Select(rule => rule.Query), .. Dashboard.All().SelectMany(dashboard => dashboard.Queries("prometheus"))];

    /// <summary>The rules of Loki's ruler.</summary>
    public static IEnumerable<(JsonObject Rule, HubQuery Query)> OfLokiRules() => Directory
        .GetFiles(Path.Combine(Repository.Config, "rules"), "loki-*.yaml")
        .SelectMany(file => RulesOf(YamlJson.ReadFile(file).Single()!, Path.GetFileName(file)));

    /// <summary>The rules of Prometheus.</summary>
    public static IEnumerable<(JsonObject Rule, HubQuery Query)> OfPrometheusRules() =>
        RulesOf(YamlJson.ReadFile(Path.Combine(Repository.Config, "rules/prometheus-rules.yaml")).Single()!["spec"]!, "prometheus-rules.yaml");

    /// <summary>The queries of a text, one to a paragraph; lines that begin with # are comments.</summary>
    public static IEnumerable<string> Paragraphs(string text) => Paragraph()
        .Split(text)
        .Select(paragraph => string.Join('\n', paragraph.Split('\n').Where(line => !line.StartsWith('#'))).Trim())
        .Where(query => query.Length > 0);

    /// <summary>The paragraphs of the file of queries.</summary>
    private static IEnumerable<HubQuery> OfFile() =>
        Paragraphs(File.ReadAllText(Path.Combine(Repository.Config, "queries.logql"))).Select(query => new HubQuery("queries.logql", query));

    private static IEnumerable<(JsonObject Rule, HubQuery Query)> RulesOf(JsonNode file, string name) =>
        from rule in file["groups"]!.AsArray().SelectMany(rules => rules!["rules"]!.AsArray()).Cast<JsonObject>()
        select (rule, new HubQuery($"{name}: {rule["alert"] ?? rule["record"]}", rule["expr"]!.ToString()));

    [GeneratedRegex(@"\n\s*\n")]
    private static partial Regex Paragraph();
}
