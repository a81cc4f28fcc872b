using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Shipper.Testing.Program;

/// <summary>A Grafana dashboard.</summary>
internal sealed partial class Dashboard
{
    /// <summary>Variables that are built into Grafana, with a value to replace them.</summary>
    private static readonly Dictionary<string, string> BuiltIn = new()
    {
        ["__auto"] = "5m",
        ["__range"] = "1h",
        ["__rate_interval"] = "5m",
        ["__interval"] = "1m",
        ["__all"] = ".+",
    };

    private Dashboard(string file)
    {
        Name = Path.GetFileName(file);
        Root = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
    }

    public static string Directory { get; } = Path.Combine(Repository.Config, "grafana/dashboards");

    public string Name { get; }

    public JsonObject Root { get; }

    public IEnumerable<JsonObject> Panels => Root["panels"]!.AsArray().Cast<JsonObject>();

    public IEnumerable<JsonObject> Variables => Root["templating"]!["list"]!.AsArray().Cast<JsonObject>();

    public static IEnumerable<Dashboard> All() =>
        System.IO.Directory.GetFiles(Directory, "*.json").Order(StringComparer.Ordinal).Select(file => new Dashboard(file));

    /// <summary>Returns the queries for a type of datasource: those of panels, and the selectors in those of variables.</summary>
    public IEnumerable<HubQuery> Queries(string datasource)
    {
        foreach (JsonObject panel in Panels)
        {
            foreach (JsonNode? target in panel["targets"]!.AsArray())
            {
                if (target!["datasource"]!["type"]!.ToString() == datasource)
                {
                    yield return new HubQuery($"{Name}: {panel["title"]}", Fill(target["expr"]!.ToString()));
                }
            }
        }

        foreach (JsonObject variable in Variables.Where(variable => variable["type"]!.ToString() == "query" && variable["datasource"]!["type"]!.ToString() == datasource))
        {
            if (LabelValues().Match(variable["query"]!.ToString()).Groups[1] is { Length: > 0 } of)
            {
                yield return new HubQuery($"{Name}: ${variable["name"]}", Fill(of.Value));
            }
        }
    }

    /// <summary>Returns the labels whose values the variables list, for a type of datasource.</summary>
    public IEnumerable<string> ListedLabels(string datasource) => Variables
        .Where(variable => variable["type"]!.ToString() == "query" && variable["datasource"]!["type"]!.ToString() == datasource)
        .Select(variable => LabelValues().Match(variable["query"]!.ToString()).Groups[2].Value);

    /// <summary>Returns the names of the variables in a text.</summary>
    public static IEnumerable<string> NamesIn(string text) => VariableName().Matches(text).Select(match => match.Groups[1].Value).Where(name => !BuiltIn.ContainsKey(name));

    private static string Fill(string query) =>
        VariableName().Replace(query, match => BuiltIn.GetValueOrDefault(match.Groups[1].Value, ".+"));

    [GeneratedRegex(@"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")]
    private static partial Regex VariableName();

    [GeneratedRegex(@"^label_values\((?:(.+), *)?([a-z_]+)\)$")]
    private static partial Regex LabelValues();
}
