using System.Text.RegularExpressions;

namespace Shipper.Configuration;

/// <summary>
/// Recognizes files that are not a configuration of this agent: the configuration of another program, a Kubernetes manifest, or values of the Helm chart. One
/// message about the whole file helps more than one message for each of its keys.
/// </summary>
internal static partial class ForeignFormats
{
    private const string FluentBit = "Fluent Bit";
    private const string Promtail = "Promtail";

    /// <summary>First-level keys that only this agent has.</summary>
    private static readonly string[] OwnKeys = ["cluster", "environment", "kubernetes", "processing", "loki", "buffer", "state"];

    /// <summary>First-level keys that only other programs have. One of them is enough to recognize the program.</summary>
    private static readonly (string Key, string Program)[] Keys =
    [
        ("pipeline", FluentBit), ("scrape_configs", Promtail), ("clients", Promtail), ("positions", Promtail), ("sinks", "Vector"), ("transforms", "Vector"),
        ("receivers", "the OpenTelemetry Collector"), ("exporters", "the OpenTelemetry Collector"), ("filebeat.inputs", "Filebeat"), ("filebeat", "Filebeat"),
        ("schema_config", "Loki"), ("limits_config", "Loki"), ("auth_enabled", "Loki"), ("ingester", "Loki"),
    ];

    /// <summary>Recognizes a file by its first line that is not a comment.</summary>
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

            string? message = FluentBitSection().IsMatch(line) ? DescribeConfigurationOf(FluentBit)
                : VectorTable().IsMatch(line) ? DescribeConfigurationOf("Vector")
                : Fluentd().IsMatch(line) ? DescribeConfigurationOf("Fluentd")
                : AlloyBlock().IsMatch(line) ? DescribeConfigurationOf("Grafana Alloy")
                : Table().IsMatch(line) ? "this is an INI or TOML file; the configuration must be YAML, such as loki: {url: \"http://loki:3100\"}"
                : null;
            return message is null ? null : new ConfigProblem(new SourceLocation(number, full.Length - full.TrimStart().Length + 1), message);
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
                $"this is a Kubernetes manifest ({ConfigBinder.Describe(kind)}); name the agent's own configuration file; in a ConfigMap, that is the text under data");
        }

        if (Find(root, "config") is { Value: MapNode } values)
        {
            return new ConfigProblem(values.Key.At, "these are values of the Helm chart; pass only the part under config, or let the chart create the file");
        }

        foreach ((string key, string program) in Keys)
        {
            if (Find(root, key) is { } entry)
            {
                return new ConfigProblem(entry.Key.At, DescribeConfigurationOf(program));
            }
        }

        return null;
    }

    private static string DescribeConfigurationOf(string program) => $"this is a configuration of {program}; the agent needs its own format, such as loki: {{url: \"http://loki:3100\"}}"
        + (program is FluentBit or Promtail ? $"; docs/migrate.md lists what replaces each setting of {program}" : "");

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
    private static partial Regex FluentBitSection();

    [GeneratedRegex(@"^\[(sources|sinks|transforms|api)[.\]]|^data_dir *=")]
    private static partial Regex VectorTable();

    [GeneratedRegex(@"^<(source|match|filter|system|label|worker)[ >]")]
    private static partial Regex Fluentd();

    [GeneratedRegex(@"^[a-z_]+(\.[a-z_]+)+( ""[^""]*"")? *\{|^(logging|tracing|http|livedebugging) *\{")]
    private static partial Regex AlloyBlock();

    [GeneratedRegex(@"^\[\[?[A-Za-z][A-Za-z0-9_.""-]*\]?\]$|^[A-Za-z][A-Za-z0-9_.-]* *=")]
    private static partial Regex Table();
}
