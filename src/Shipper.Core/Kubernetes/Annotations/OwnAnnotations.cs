using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Kubernetes.Annotations;

/// <summary>Parses the annotations <c>shipper.io/KEY[_stdout|_stderr][-CONTAINER]</c>.</summary>
internal static class OwnAnnotations
{
    public const string Prefix = "shipper.io/";

    /// <summary>The key that <c>kubernetes.annotations.allow</c> knows for exclusions.</summary>
    public const string Exclude = "exclude";

    /// <summary>The key for joined lines.</summary>
    public const string Multiline = "multiline";

    /// <summary>The key for dropped lines.</summary>
    public const string Drop = "drop";

    /// <summary>The key for removed text.</summary>
    public const string Redact = "redact";

    private const string MultilineStart = "multiline-start";

    /// <summary>All keys. Of two that begin alike, the longer one comes first, so a container named <c>start</c> needs <c>multiline_stdout-start</c>.</summary>
    public static readonly string[] Keys = [MultilineStart, Multiline, Exclude, "ansi", "level", "trace", "fields", Drop, "sample", "limit", Redact];

    private delegate OutputWishes? ParseValue(string value, string rule, out string problem);

    /// <summary>Parses one annotation.</summary>
    /// <param name="annotation">Its key, with the prefix.</param>
    /// <param name="containers">The pod's containers; null if any container may be named.</param>
    public static void Parse(string annotation, string value, IReadOnlyList<string>? containers, WishCollector collector)
    {
        string name = annotation[Prefix.Length..];
        if (!OwnName.TryParse(name, Keys, out OwnName parsed))
        {
            collector.AddError(AnnotationErrorReasons.UnknownKey, annotation, $"is unknown; {Suggest(name)}");
            return;
        }

        if (parsed.Container.Length > 0 && containers is not null && !containers.Contains(parsed.Container))
        {
            collector.AddError(AnnotationErrorReasons.UnknownKey, annotation, SuggestContainer(parsed, containers));
            return;
        }

        if (containers is null && parsed.Output is null && parsed.Container is "stdout" or "stderr")
        {
            // A namespace may name any container, but this one is nearly always meant to be an output.
            collector.AddError(
                AnnotationErrorReasons.UnknownKey, annotation, $"names a container {parsed.Container}; did you mean {Prefix}{parsed.Key}_{parsed.Container}?");
            return;
        }

        if (!collector.Allows(annotation, parsed.Key))
        {
            return;
        }

        if (parsed.Key is Drop or MultilineStart && !collector.TryTakePatterns(1))
        {
            collector.AddError(AnnotationErrorReasons.InvalidValue, annotation, value, WishCollector.TooManyPatterns);
            return;
        }

        if (ParserOf(parsed.Key)(value.Trim(), collector.RuleOf(annotation), out string problem) is not { } asked)
        {
            collector.AddError(AnnotationErrorReasons.InvalidValue, annotation, value, problem);
            return;
        }

        collector.Add(new Wish(WishSource.Shipper, parsed.Output, parsed.Container, asked) { IsPreferred = parsed.Key == MultilineStart });
    }

    private static ParseValue ParserOf(string key) => key switch
    {
        MultilineStart => WishValue.ParseMultilineStart,
        Multiline => WishValue.ParseMultiline,
        Exclude => WishValue.ParseExclude,
        "ansi" => WishValue.ParseAnsi,
        "level" => WishValue.ParseLevel,
        "trace" => WishValue.ParseTrace,
        "fields" => FieldsValue.Parse,
        Drop => WishValue.ParseDrop,
        "sample" => WishValue.ParseSample,
        "limit" => LimitValue.Parse,
        Redact => RedactValue.Parse,
        _ => throw new ArgumentOutOfRangeException(nameof(key)),
    };

    /// <summary>Suggests what a name was meant to be: the nearest key, whatever stands behind it.</summary>
    private static string Suggest(string name)
    {
        int end = name.AsSpan().IndexOfAny('_', '-');
        string head = end < 0 ? name : name[..end];
        string? nearest = Spelling.FindNearest(name, Keys);
        string rest = nearest is null && end >= 0 ? name[end..] : "";
        nearest ??= Spelling.FindNearest(head, Keys);
        if (nearest is null)
        {
            return $"known keys are {string.Join(", ", Keys.Order(StringComparer.Ordinal))}";
        }

        // Of "level_app", only the underscore is wrong.
        string suggested = OwnName.TryParse(nearest + rest, Keys, out _) || rest.Length < 2 ? nearest + rest : $"{nearest}-{rest[1..]}";
        return $"did you mean {Prefix}{suggested}?";
    }

    private static string SuggestContainer(OwnName name, IReadOnlyList<string> containers) =>
        name.Output is null && name.Container is "stdout" or "stderr"
            ? $"the pod has no container {name.Container}; did you mean {Prefix}{name.Key}_{name.Container}?"
        : Spelling.FindNearest(name.Container, containers) is { } nearest ? $"the pod has no container {name.Container}; did you mean {nearest}?"
        : $"the pod has no container {name.Container}";
}
