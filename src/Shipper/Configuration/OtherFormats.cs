using System.Text.RegularExpressions;

namespace Shipper.Configuration;

/// <summary>
/// Recognizes files that are not a configuration of this agent: another agent's configuration, a Kubernetes manifest, or values of the Helm chart. One
/// sentence about the file helps more than one for each of its keys.
/// </summary>
internal static partial class OtherFormats
{
    private const string FluentBit = "Fluent Bit";
    private const string Promtail = "Promtail";

    /// <summary>Keys that only this agent has on the first level.</summary>
    private static readonly string[] OwnKeys = ["cluster", "environment", "kubernetes", "loki", "buffer", "state"];

    /// <summary>First-level keys that only other programs have. One of them is enough.</summary>
    private static readonly (string Key, string Program)[] Keys =
    [
        ("pipeline", FluentBit), ("scrape_configs", Promtail), ("clients", Promtail), ("positions", Promtail), ("sinks", "Vector"), ("transforms", "Vector"),
        ("receivers", "the OpenTelemetry Collector"), ("exporters", "the OpenTelemetry Collector"), ("filebeat.inputs", "Filebeat"), ("filebeat", "Filebeat"),
        ("schema_config", "Loki"), ("limits_config", "Loki"), ("auth_enabled", "Loki"), ("ingester", "Loki"),
    ];

    /// <summary>Recognizes a text by its first line that is no comment.</summary>
    public static ConfigProblem? Recognize(string text)
    {
        int number = 0;
        foreach (ReadOnlySpan<char> full in text.AsSpan().EnumerateLines())
        {
            number++;
            ReadOnlySpan<char> line = full.Trim();
            if (line.IsEmpty || line[0] == '#' || line.StartsWith("//"))
            {
                continue;
            }

            string? what = Classic().IsMatch(line) ? Of(FluentBit)
                : VectorTable().IsMatch(line) ? Of("Vector")
                : Fluentd().IsMatch(line) ? Of("Fluentd")
                : AlloyBlock().IsMatch(line) ? Of("Grafana Alloy")
                : Table().IsMatch(line) ? "this is an INI or TOML file; the configuration is YAML, as in loki: {url: \"http://loki:3100\"}"
                : null;
            return what is null ? null : new ConfigProblem(new Position(number, full.Length - full.TrimStart().Length + 1), what);
        }

        return null;
    }

    /// <summary>Recognizes a mapping by its keys.</summary>
    public static ConfigProblem? Recognize(MapNode root)
    {
        if (Array.Exists(OwnKeys, key => Find(root, key) is not null))
        {
            return null;
        }

        if (Find(root, "apiVersion") is { } manifest && Find(root, "kind") is { Value: ScalarNode kind })
        {
            return new ConfigProblem(
                manifest.Key.At,
                $"this is a Kubernetes manifest ({ConfigBinder.Describe(kind)}); give the agent's own file: in a ConfigMap, the text below data");
        }

        if (Find(root, "config") is { Value: MapNode } values)
        {
            return new ConfigProblem(values.Key.At, "these are values of the Helm chart; give the part below config, or let the chart make the file");
        }

        foreach ((string key, string program) in Keys)
        {
            if (Find(root, key) is { } entry)
            {
                return new ConfigProblem(entry.Key.At, Of(program));
            }
        }

        return null;
    }

    private static string Of(string program) => $"this is a configuration of {program}, and the agent has one of its own, as in loki: {{url: \"http://loki:3100\"}}"
        + (program is FluentBit or Promtail ? $"; \"Migrate\" in README.md says what takes the place of each setting of {program}" : "");

    private static (ScalarNode Key, ConfigNode Value)? Find(MapNode map, string name)
    {
        foreach ((ScalarNode Key, ConfigNode Value) entry in map.Entries)
        {
            if (entry.Key.Text == name)
            {
                return entry;
            }
        }

        return null;
    }

    [GeneratedRegex(@"^(\[(SERVICE|INPUT|OUTPUT|FILTER|PARSER|MULTILINE_PARSER|CUSTOM|PLUGINS)\]|@(INCLUDE|SET)\s.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex Classic();

    [GeneratedRegex(@"^\[(sources|sinks|transforms|api)[.\]]|^data_dir *=")]
    private static partial Regex VectorTable();

    [GeneratedRegex(@"^<(source|match|filter|system|label|worker)[ >]")]
    private static partial Regex Fluentd();

    [GeneratedRegex(@"^[a-z_]+(\.[a-z_]+)+( ""[^""]*"")? *\{|^(logging|tracing|http|livedebugging) *\{")]
    private static partial Regex AlloyBlock();

    [GeneratedRegex(@"^\[\[?[A-Za-z][A-Za-z0-9_.""-]*\]?\]$|^[A-Za-z][A-Za-z0-9_.-]* *=")]
    private static partial Regex Table();
}
