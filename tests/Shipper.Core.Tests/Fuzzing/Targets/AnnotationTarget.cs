using System.Text;
using System.Text.RegularExpressions;
using Shipper.Kubernetes;
using Shipper.Kubernetes.Annotations;
using Shipper.Processing.Patterns;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// Annotations, as lines <c>KEY=VALUE</c>. Reading never fails; the wishes are valid; what is not obeyed is an error in one short line; and the order of the
/// annotations does not matter.
/// </summary>
internal sealed class AnnotationTarget : FuzzTarget
{
    private const int MaxErrorChars = 600;

    public override string Name => "annotations";

    public override int MaxBytes => 2 * 1024;

    public override IEnumerable<byte[]> Seeds { get; } =
    [
        .. ((string[])
        [
            "shipper.io/exclude_stdout-app=true\nfluentbit.io/exclude=yes", "shipper.io/multiline=java,go\nshipper.io/multiline-start=^\\d{4}-", "shipper.io/fields=user=user.id,order=order.number\nshipper.io/limit=500KiB",
            "shipper.io/drop=GET /healthz\nshipper.io/sample=100\nshipper.io/redact=secrets,cards\nshipper.io/limit=1000 lines", "co.elastic.logs/multiline.pattern=^[[:space:]]\nco.elastic.logs/multiline.negate=true\nco.elastic.logs/multiline.match=after",
            "co.elastic.logs.app/include_lines=^ERR,^WARN\nvector.dev/exclude-containers=a,b\nlogs.grafana.com/pods.enabled=no", "ad.datadoghq.com/app.logs=[{\"log_processing_rules\":[{\"type\":\"mask_sequences\",\"name\":\"n\",\"pattern\":\"\\\\d+\"}]}]",
            "io.opentelemetry.discovery.logs.app/enabled=false\nad.datadoghq.com/app.logs_exclude=true",
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ((string[])
        [
            "shipper.io/", "multiline", "-start", "_stdout", "_stderr", "-app", "level", "ansi", "trace", "detect", "off", "strip", "secrets", "=", ",", "\n", "KiB", " lines", "0", "99999999999999999999", "(", ")", "[", "]", "[[:", ":]]",
            "(?P<", "(?", "{1000}", "\\", "\\Q", "\\p{L}", "(?x)", "|", "*", "+", "$", "ä", "😀", "\"type\":", "\"exclude_at_match\"", "\"multi_line\"", "{", "}", "[{", "}]", "\\ud800", "null", "co.elastic.logs/", "co.elastic.logs.", "ad.datadoghq.com/",
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    public override string Check(byte[] input)
    {
        Dictionary<string, string> annotations = new(StringComparer.Ordinal);
        foreach (string line in Encoding.UTF8.GetString(input).Split('\n'))
        {
            string[] parts = line.Split('=', 2);
            annotations[parts[0]] = parts.Length > 1 ? parts[1] : "";
        }

        AnnotationSet pod = new AnnotationReader(["*"], isForeign: true).ReadPod(MetadataNeeds.NoPairs, annotations, ["app", "proxy"]);
        AnnotationSet defaults = new AnnotationReader(["*"], isForeign: true).ReadNamespace(MetadataNeeds.NoPairs, annotations.Reverse().ToDictionary(StringComparer.Ordinal));
        ContainerWishes wishes = pod.For("app");
        CheckWishes(wishes.Stdout);
        CheckWishes(wishes.Stderr);
        Assert.All([.. pod.Errors, .. defaults.Errors], error => Assert.True(error.Text.Length < MaxErrorChars && !error.Text.Any(char.IsControl)));
        Assert.Equal(Normalize(wishes), Normalize(wishes.Over(defaults.For("app"))));
        Assert.Equal(wishes, new AnnotationReader(["*"], isForeign: true).ReadPod(MetadataNeeds.NoPairs, annotations.Reverse().ToDictionary(StringComparer.Ordinal), ["app", "proxy"]).For("app"));
        return $"{Shape(wishes.Stdout)} {Shape(wishes.Stderr)} {string.Join(' ', pod.Errors.Select(error => error.Reason).Distinct())}";
    }

    private static void CheckWishes(OutputWishes wishes)
    {
        foreach (string pattern in ((IEnumerable<string>)[.. wishes.Drop ?? new(), .. wishes.Include ?? new(), .. wishes.Redaction?.Patterns.Select(pattern => pattern.Pattern) ?? [], wishes.Multiline?.Pattern ?? "a"]).Where(pattern => pattern.Length > 0))
        {
            _ = new Regex(pattern, TextPattern.Options).IsMatch("2026-11-23 ERROR user=7 GET /healthz");
        }

        Assert.True(wishes.Sample is null or > 0);
        Assert.True(wishes.Limit is null || wishes.Limit.BytesPerSecond > 0 != wishes.Limit.LinesPerSecond > 0);
        Assert.DoesNotContain(wishes.Fields ?? new(), field => field.Name is "cluster" or "environment" or "namespace" or "node");
    }

    /// <summary>The same wishes of a namespace complete nothing; only the rule of an exclusion says where it is from.</summary>
    private static ContainerWishes Normalize(ContainerWishes wishes) => new(wishes.Stdout with { Exclusion = null }, wishes.Stderr with { Exclusion = null });

    private static string Shape(OutputWishes wishes) => string.Concat(
        ((object?[])[wishes.Exclusion?.IsExcluded, wishes.Multiline?.Mode, wishes.Ansi, wishes.Level, wishes.Trace, wishes.Fields?.Count > 1, wishes.Drop?.Count > 1, wishes.Include?.Count > 1, wishes.Sample > 1, wishes.Limit?.BytesPerSecond > 0, wishes.Redaction?.Personal])
            .Select(value => $"{value},"));
}
