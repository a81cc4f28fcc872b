using System.Text.Json;
using Shipper.Processing.Multiline;
using Shipper.Telemetry;

namespace Shipper.Kubernetes.Annotations;

/// <summary>Parses annotations of the Datadog Agent.</summary>
/// <remarks>
/// <para>
/// <c>ad.datadoghq.com/CONTAINER.logs</c>: <c>[{"source":"java","log_processing_rules":[{"type":"multi_line","name":"date","pattern":"\\d{4}-"}]}]</c>. Of each
/// configuration only <c>log_processing_rules</c> are read. Sources: https://docs.datadoghq.com/containers/kubernetes/log/,
/// https://docs.datadoghq.com/agent/logs/advanced_log_collection/.
/// </para>
/// <para><c>ad.datadoghq.com/[CONTAINER.]exclude</c>, <c>ad.datadoghq.com/[CONTAINER.]logs_exclude</c>: true, as Go parses a boolean.</para>
/// </remarks>
internal static class DatadogAnnotations
{
    private const string Prefix = "ad.datadoghq.com/";
    private const string Logs = "logs";
    private const string LogsExclude = "logs_exclude";
    private const string Exclude = "exclude";
    private const int MaxNameChars = 64;

    /// <summary>True for the key of an annotation that is parsed here.</summary>
    public static bool IsKey(string key) =>
        Split(key) is { } parts && (parts.Name is Exclude or LogsExclude || (parts.Name == Logs && parts.Container.Length > 0));

    /// <summary>Parses one annotation.</summary>
    public static void Parse(string annotation, string value, WishCollector collector)
    {
        (string container, string name) = Split(annotation)!.Value;
        if (name == Logs)
        {
            ParseConfigurations(annotation, container, value, collector);
        }
        else if (!collector.Allows(annotation, OwnAnnotations.Exclude))
        {
            return;
        }
        else if (GoText.ParseBoolean(value) is { } isExcluded)
        {
            Add(container, new OutputWishes { Exclusion = new WishedExclusion(isExcluded, collector.RuleOf(annotation)) }, collector);
        }
        else
        {
            collector.AddError(AnnotationErrorReasons.Unsupported, annotation, value, "must be true or false");
        }
    }

    private static (string Container, string Name)? Split(string key)
    {
        if (!key.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        string rest = key[Prefix.Length..];
        int dot = rest.LastIndexOf('.');
        return (dot < 0 ? "" : rest[..dot], rest[(dot + 1)..]);
    }

    private static void ParseConfigurations(string annotation, string container, string value, WishCollector collector)
    {
        try
        {
            using var json = JsonDocument.Parse(value);
            if (json.RootElement.ValueKind != JsonValueKind.Array)
            {
                collector.AddError(AnnotationErrorReasons.Unsupported, annotation, value, "must be a JSON array");
                return;
            }

            foreach (JsonElement configuration in json.RootElement.EnumerateArray())
            {
                ParseConfiguration(annotation, container, configuration, collector);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            // Not JsonException: half of a surrogate pair, as an escape or as it is.
            collector.AddError(AnnotationErrorReasons.Unsupported, annotation, value, "is not valid JSON");
        }
    }

    private static void ParseConfiguration(string annotation, string container, JsonElement configuration, WishCollector collector)
    {
        // With a type, a configuration is about a file, a port or the journal: a pod does not choose what the agent reads.
        if (configuration.ValueKind != JsonValueKind.Object || configuration.TryGetProperty("type", out _))
        {
            collector.AddError(AnnotationErrorReasons.Unsupported, annotation, "has a configuration that is not about the container's own output");
            return;
        }

        if (!configuration.TryGetProperty("log_processing_rules", out JsonElement rules))
        {
            return;
        }

        if (rules.ValueKind != JsonValueKind.Array)
        {
            collector.AddError(AnnotationErrorReasons.Unsupported, annotation, "has log_processing_rules that are not a list");
            return;
        }

        var drop = new List<string>();
        var include = new List<string>();
        var mask = new List<WishedPattern>();
        foreach (JsonElement rule in rules.EnumerateArray())
        {
            string type = ReadText(rule, "type");
            if (KeyOf(type) is not { } key)
            {
                collector.AddError(AnnotationErrorReasons.Unsupported, annotation, type, "is not a supported type of a log processing rule");
            }
            else if (collector.Allows(annotation, key))
            {
                ParseRule(type, rule);
            }
        }

        AddLists();

        void ParseRule(string type, JsonElement rule)
        {
            if (GoText.ParsePatterns([ReadText(rule, "pattern")], findsAll: KeyOf(type) == OwnAnnotations.Redact, collector, out string problem) is not { } patterns)
            {
                collector.AddError(AnnotationErrorReasons.Unsupported, annotation, ReadText(rule, "pattern"), problem);
                return;
            }

            switch (type)
            {
                case "multi_line":
                    Add(container, new OutputWishes { Multiline = new MultilineOptions(MultilineMode.Start, Pattern: patterns[0]) }, collector);
                    break;
                case "exclude_at_match":
                    drop.Add(patterns[0]);
                    break;
                case "include_at_match":
                    include.Add(patterns[0]);
                    break;
                default:
                    mask.Add(new WishedPattern(ToName(ReadText(rule, "name")), patterns[0]));
                    break;
            }
        }

        void AddLists()
        {
            if (drop.Count > PatternSyntax.MaxCount || mask.Count > PatternSyntax.MaxCount)
            {
                collector.AddError(
                    AnnotationErrorReasons.Unsupported, annotation, $"has more than {PatternSyntax.MaxCount} rules of one type; only the first ones apply");
            }

            // The Datadog Agent keeps what matches all of these rules; a record that matches one of the regexes would be kept here.
            if (include.Count > 1)
            {
                collector.AddError(AnnotationErrorReasons.Unsupported, annotation, "has more than one rule include_at_match");
                include.Clear();
            }

            Add(
                container,
                new OutputWishes
                {
                    Drop = drop.Count > 0 ? new([.. drop.Take(PatternSyntax.MaxCount)]) : null,
                    Include = include.Count > 0 ? new([.. include]) : null,
                    Redaction = mask.Count > 0 ? new WishedRedaction(Secrets: false, default, new([.. mask.Take(PatternSyntax.MaxCount).Distinct()])) : null,
                },
                collector);
        }
    }

    /// <summary>Returns our key for a type of rule; null if the type is not supported.</summary>
    private static string? KeyOf(string type) => type switch
    {
        "multi_line" => OwnAnnotations.Multiline,
        "exclude_at_match" or "include_at_match" => OwnAnnotations.Drop,
        "mask_sequences" => OwnAnnotations.Redact,
        _ => null,
    };

    /// <summary>Returns a name as it may stand in <c>[redacted:NAME]</c>.</summary>
    private static string ToName(string name)
    {
        string shown = string.Concat(name.Take(MaxNameChars).Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '_'));
        return shown.Length == 0 ? "mask" : shown;
    }

    private static string ReadText(JsonElement rule, string name) =>
        rule.ValueKind == JsonValueKind.Object && rule.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    private static void Add(string container, OutputWishes asked, WishCollector collector) =>
        collector.Add(new Wish(WishSource.Datadog, null, container, asked));
}
