using Shipper.Processing.Multiline;
using Shipper.Telemetry;
using Hint = (string Annotation, string Value);

namespace Shipper.Kubernetes.Annotations;

/// <summary>Parses Filebeat's hints: <c>co.elastic.logs[.CONTAINER]/NAME</c>.</summary>
/// <remarks>
/// <para>
/// <c>enabled</c> (as Go parses a boolean), <c>include_lines</c>, <c>exclude_lines</c> (regexes with commas between them), <c>multiline.pattern</c>,
/// <c>multiline.negate</c>, <c>multiline.match</c>, <c>multiline.type</c>. A hint for a container takes precedence over the same hint for all containers.
/// Source: https://www.elastic.co/docs/reference/beats/filebeat/configuration-autodiscover-hints, GenerateHints in libbeat/autodiscover of Beats.
/// </para>
/// <para>
/// With <c>match: after</c>, the pattern finds the lines that continue a record, or with <c>negate: true</c> those that begin one. <c>match: before</c> has no
/// equivalent. <c>multiline.max_lines</c> and <c>multiline.timeout</c> are not read: the agent has limits of its own.
/// </para>
/// </remarks>
internal static class ElasticAnnotations
{
    private const string Prefix = "co.elastic.logs";
    private const string Enabled = "enabled";
    private const string IncludeLines = "include_lines";
    private const string ExcludeLines = "exclude_lines";
    private const string Pattern = "multiline.pattern";
    private const string Negate = "multiline.negate";
    private const string Match = "multiline.match";
    private const string Type = "multiline.type";
    private const string FlushPattern = "multiline.flush_pattern";

    /// <summary>True for the key of an annotation that is parsed here.</summary>
    public static bool IsKey(string key) => ScopedKey.TryParse(key, Prefix, out ScopedKey scoped)
        && scoped.Name is Enabled or IncludeLines or ExcludeLines or Pattern or Negate or Match or Type or FlushPattern;

    /// <summary>Parses all annotations of an object.</summary>
    public static void Parse(IReadOnlyList<KeyValuePair<string, string>> annotations, WishCollector collector)
    {
        var multiline = new SortedDictionary<string, Dictionary<string, Hint>>(StringComparer.Ordinal);
        foreach ((string annotation, string value) in annotations)
        {
            if (!IsKey(annotation) || !ScopedKey.TryParse(annotation, Prefix, out ScopedKey key))
            {
                continue;
            }

            switch (key.Name)
            {
                case Enabled:
                    ParseEnabled(annotation, value, key.Container, collector);
                    break;
                case IncludeLines or ExcludeLines:
                    ParseLines(annotation, value, key, collector);
                    break;
                default:
                    multiline.TryAdd(key.Container, new(StringComparer.Ordinal));
                    multiline[key.Container][key.Name] = (annotation, value);
                    break;
            }
        }

        foreach ((string container, Dictionary<string, Hint> hints) in multiline)
        {
            ParseMultiline(container, hints, multiline.GetValueOrDefault(""), collector);
        }
    }

    private static void ParseEnabled(string annotation, string value, string container, WishCollector collector)
    {
        if (!collector.Allows(annotation, OwnAnnotations.Exclude))
        {
            return;
        }

        if (GoText.ParseBoolean(value) is { } isEnabled)
        {
            Add(container, new OutputWishes { Exclusion = new WishedExclusion(!isEnabled, collector.RuleOf(annotation)) }, collector);
        }
        else
        {
            collector.AddError(AnnotationErrorReasons.Unsupported, annotation, value, "must be true or false");
        }
    }

    private static void ParseLines(string annotation, string value, ScopedKey key, WishCollector collector)
    {
        if (!collector.Allows(annotation, OwnAnnotations.Drop))
        {
            return;
        }

        // A list in brackets or in quotes is not valid in Filebeat's hints either.
        string[] patterns = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (GoText.ParsePatterns(patterns, findsAll: false, collector, out string problem) is not { } parsed)
        {
            collector.AddError(AnnotationErrorReasons.Unsupported, annotation, value, problem);
            return;
        }

        Add(key.Container, key.Name == IncludeLines ? new OutputWishes { Include = parsed } : new OutputWishes { Drop = parsed }, collector);
    }

    /// <summary>Parses the hints about joined lines for one container, or for all.</summary>
    /// <param name="hints">The hints by name.</param>
    /// <param name="general">The hints for all containers; null if there are none.</param>
    private static void ParseMultiline(
        string container, Dictionary<string, Hint> hints, Dictionary<string, Hint>? general, WishCollector collector)
    {
        string annotation = hints.Values.First().Annotation;
        if (!collector.Allows(annotation, OwnAnnotations.Multiline))
        {
            return;
        }

        if (Get(FlushPattern) is { } flush)
        {
            collector.AddError(AnnotationErrorReasons.Unsupported, flush.Annotation, "is not supported: a record ends where the next one begins");
        }

        Hint? type = Get(Type);
        Hint? match = Get(Match);
        Hint? negate = Get(Negate);
        bool? isNegated = negate is { } given ? GoText.ParseBoolean(given.Value) : false;
        if (type is { } wrongType && wrongType.Value != "pattern")
        {
            AddError(wrongType, "must be pattern");
        }
        else if (match is { } wrongMatch && wrongMatch.Value != "after")
        {
            AddError(wrongMatch, "must be after");
        }
        else if (isNegated is null)
        {
            AddError(negate!.Value, "must be true or false");
        }
        else if (Get(Pattern) is not { } pattern)
        {
            collector.AddError(AnnotationErrorReasons.Unsupported, annotation, $"has no effect without {Pattern}");
        }
        else if (GoText.ParsePatterns([pattern.Value], findsAll: false, collector, out string problem) is not { } patterns)
        {
            AddError(pattern, problem);
        }
        else
        {
            var options = new MultilineOptions(isNegated.Value ? MultilineMode.Start : MultilineMode.Continue, Pattern: patterns[0]);
            Add(container, new OutputWishes { Multiline = options }, collector);
        }

        Hint? Get(string name) =>
            hints.TryGetValue(name, out Hint hint) || general?.TryGetValue(name, out hint) == true ? hint : null;

        void AddError(Hint hint, string text) => collector.AddError(AnnotationErrorReasons.Unsupported, hint.Annotation, hint.Value, text);
    }

    private static void Add(string container, OutputWishes asked, WishCollector collector) =>
        collector.Add(new Wish(WishSource.Elastic, null, container, asked));
}
