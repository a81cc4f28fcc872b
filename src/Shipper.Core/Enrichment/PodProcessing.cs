using Shipper.Kubernetes.Annotations;
using Shipper.Processing;
using Shipper.Processing.Limits;
using Shipper.Processing.Redaction;
using Shipper.Processing.Rules;
using Shipper.Telemetry;

namespace Shipper.Enrichment;

/// <summary>Adds what a pod asks for with its annotations to what the operator has configured.</summary>
internal static class PodProcessing
{
    /// <summary>Returns what happens to the records of one output of a container.</summary>
    /// <param name="options">Section <c>processing</c>.</param>
    /// <param name="wishes">What the pod asks for.</param>
    /// <param name="origin">Where the records come from.</param>
    public static ProcessingOptions Merge(ProcessingOptions options, OutputWishes wishes, RecordOrigin origin)
    {
        if (ReferenceEquals(wishes, OutputWishes.None))
        {
            return options;
        }

        return new ProcessingOptions
        {
            Multiline = wishes.Multiline is { Pattern.Length: > 0 } pattern ? pattern with { IsFromPod = true } : wishes.Multiline ?? options.Multiline,
            Ansi = wishes.Ansi ?? options.Ansi,
            Level = wishes.Level ?? options.Level,
            Trace = wishes.Trace ?? options.Trace,
            Fields = MergeFields(options, wishes),

            // The operator's rules come first, so that a pod can't drop what they keep.
            Rules = [.. options.Rules, .. RulesOf(wishes)],
            Limits = MergeLimits(options, wishes, origin),
            Redact = Merge(options.Redact, wishes.Redaction),
        };
    }

    /// <summary>Adds the pod's wishes to what the operator removes.</summary>
    public static RedactOptions Merge(RedactOptions options, WishedRedaction? wished) => wished is null ? options : new RedactOptions
    {
        Secrets = options.Secrets || wished.Secrets,
        Personal = options.Personal | wished.Personal,
        Patterns =
        [
            .. options.Patterns,
            .. wished.Patterns.Select(pattern => new RedactPattern { Name = pattern.Name, Pattern = pattern.Pattern, IsFromPod = true }),
        ],
    };

    private static Dictionary<string, string> MergeFields(ProcessingOptions options, OutputWishes wishes)
    {
        if (wishes.Fields is not { } wished)
        {
            return options.Fields;
        }

        var fields = new Dictionary<string, string>(options.Fields, StringComparer.Ordinal);
        foreach (WishedField field in wished)
        {
            if (fields.Count < ProcessingOptions.MaxFields)
            {
                fields.TryAdd(field.Name, field.Path);
            }
        }

        return fields;
    }

    /// <summary>Rules that drop what the pod drops, then what it does not include, and sample the rest.</summary>
    private static IEnumerable<RuleOptions> RulesOf(OutputWishes wishes)
    {
        foreach (string regex in wishes.Drop ?? new())
        {
            yield return Rule(regex, new RuleAction(RuleActionKind.Drop));
        }

        RuleAction rest = wishes.Sample is { } sample and > 1 ? new RuleAction(RuleActionKind.Sample, sample) : new RuleAction(RuleActionKind.Keep);
        if (wishes.Include is { Count: > 0 } include)
        {
            foreach (string regex in include)
            {
                yield return Rule(regex, rest);
            }

            yield return Rule("", new RuleAction(RuleActionKind.Drop));
        }
        else if (rest.Kind == RuleActionKind.Sample)
        {
            yield return Rule("", rest);
        }
    }

    private static RuleOptions Rule(string regex, RuleAction action) =>
        new() { Name = DropReasons.Annotation, When = new WhenOptions { Text = new TextOptions { Regex = regex, IsFromPod = true } }, Do = action };

    /// <summary>
    /// Adds the pod's limit. It applies to the records that no limit of the operator applies to; the operator's limits become lower, where the pod's is lower.
    /// </summary>
    private static List<LimitOptions> MergeLimits(ProcessingOptions options, OutputWishes wishes, RecordOrigin origin)
    {
        if (wishes.Limit is not { } wished)
        {
            return options.Limits;
        }

        var limits = options.Limits.Where(limit => OriginCondition.CanHold(limit.When, origin)).Select(limit => new LimitOptions
        {
            Name = limit.Name,
            When = limit.When,
            Bytes = Lower(limit.Bytes, wished.BytesPerSecond),
            Lines = Lower(limit.Lines, wished.LinesPerSecond),
            Burst = limit.Burst,
            Over = limit.Over,
        }).ToList();
        limits.Add(new LimitOptions { Name = DropReasons.Annotation, Bytes = wished.BytesPerSecond, Lines = wished.LinesPerSecond });
        return limits;
    }

    private static long Lower(long configured, long wished) => wished == 0 ? configured : configured == 0 ? wished : Math.Min(configured, wished);
}
