using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Shipper.Testing.Program;

/// <summary>A query in the hub's files, in LogQL or PromQL.</summary>
/// <param name="Where">The file, and the place in it.</param>
/// <param name="Text">The query. Variables of dashboards are replaced with values.</param>
internal sealed partial record HubQuery(string Where, string Text)
{
    /// <summary>Returns all queries for Loki.</summary>
    public static IEnumerable<HubQuery> OfLoki() =>
        [.. OfFile(), .. OfLokiRules().Select(rule => rule.Query), .. Dashboard.All().SelectMany(dashboard => dashboard.Queries("loki"))];

    /// <summary>Returns all queries for Prometheus.</summary>
    public static IEnumerable<HubQuery> OfPrometheus() =>
        [.. OfPrometheusRules().Select(rule => rule.Query), .. Dashboard.All().SelectMany(dashboard => dashboard.Queries("prometheus"))];

    /// <summary>Returns the rules of Loki's ruler.</summary>
    public static IEnumerable<(JsonObject Rule, HubQuery Query)> OfLokiRules() => Directory
        .GetFiles(Path.Combine(Repository.Config, "rules"), "loki-*.yaml")
        .SelectMany(file => RulesOf(YamlJson.ReadFile(file).Single()!, Path.GetFileName(file)));

    /// <summary>Returns the rules of Prometheus.</summary>
    public static IEnumerable<(JsonObject Rule, HubQuery Query)> OfPrometheusRules() =>
        RulesOf(YamlJson.ReadFile(Path.Combine(Repository.Config, "rules/prometheus-rules.yaml")).Single()!["spec"]!, "prometheus-rules.yaml");

    /// <summary>Splits a text into queries, one in each paragraph. Lines that begin with # are comments.</summary>
    public static IEnumerable<string> Paragraphs(string text) => Paragraph()
        .Split(text)
        .Select(paragraph => string.Join('\n', paragraph.Split('\n').Where(line => !line.StartsWith('#'))).Trim())
        .Where(query => query.Length > 0);

    /// <summary>Returns the queries of queries.logql.</summary>
    private static IEnumerable<HubQuery> OfFile() =>
        Paragraphs(File.ReadAllText(Path.Combine(Repository.Config, "queries.logql"))).Select(query => new HubQuery("queries.logql", query));

    private static IEnumerable<(JsonObject Rule, HubQuery Query)> RulesOf(JsonNode file, string name) =>
        from rule in file["groups"]!.AsArray().SelectMany(rules => rules!["rules"]!.AsArray()).Cast<JsonObject>()
        select (rule, new HubQuery($"{name}: {rule["alert"] ?? rule["record"]}", rule["expr"]!.ToString()));

    [GeneratedRegex(@"\n\s*\n")]
    private static partial Regex Paragraph();
}
