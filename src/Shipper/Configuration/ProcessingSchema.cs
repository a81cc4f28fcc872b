using Shipper.Discovery;
using Shipper.Processing;
using Shipper.Processing.Limits;
using Shipper.Processing.Redaction;
using Shipper.Processing.Rules;

namespace Shipper.Configuration;

/// <summary>The keys of the section <c>processing</c>, in display order, and those of <c>sources.files</c> that replace some of them.</summary>
internal static class ProcessingSchema
{
    private const int MaxRules = 200;
    private const int MaxLimits = 50;
    private const int MaxPatterns = 50;

    private const int MaxLinesPerSecond = 1_000_000_000;
    private const string NameRemedy = "write name: NAME, because dropped records are counted under this name";

    private static readonly MultilineKey<ProcessingOptions> Multiline = new(
        "multiline",
        "Which lines are joined to one record: stack traces of all languages (traces) or of some, whatever does not begin a record (auto), or by a regex.",
        o => o.Multiline,
        (o, v) => o.Multiline = v);

    private static readonly ValueKey<ProcessingOptions, AnsiAction> Ansi = new(
        "ansi",
        "What to do with ANSI escape sequences, such as colors: send them (keep), or remove them (strip).",
        new ChoiceKind<AnsiAction>(),
        o => o.Ansi,
        (o, v) => o.Ansi = v);

    private static readonly ValueKey<ProcessingOptions, DetectMode> Level = new(
        "level",
        "Whether to add the level of each record as structured metadata detected_level.",
        new ChoiceKind<DetectMode>(),
        o => o.Level,
        (o, v) => o.Level = v);

    private static readonly ValueKey<ProcessingOptions, DetectMode> Trace = new(
        "trace",
        "Whether to add the IDs of traces as structured metadata trace_id and span_id.",
        new ChoiceKind<DetectMode>(),
        o => o.Trace,
        (o, v) => o.Trace = v);

    private static readonly TextMapKey<ProcessingOptions> Fields = new(
        "fields", "Structured metadata from fields of JSON and logfmt lines, such as user: user.id.", o => o.Fields, RecordChecks.Field);

    private static readonly ConfigSection<RuleOptions> Rule = new(
        new ValueKey<RuleOptions, string>(
            "name",
            "Name of the rule; the records that it drops are counted under this reason.",
            new TextKind("a name", RecordChecks.ReasonName),
            o => o.Name,
            (o, v) => o.Name = v)
        {
            Required = NameRemedy,
        },
        new ValueKey<RuleOptions, string>(
            "preset",
            "Name of a built-in condition, in addition to when: health-checks matches successful requests of health checks.",
            new WordKind(RuleOptions.HealthChecksPreset),
            o => o.Preset,
            (o, v) => o.Preset = v)
        {
            HasValue = o => o.Preset.Length > 0,
        },
        new SectionKey<RuleOptions, WhenOptions>("when", "Which records the rule matches: all conditions must hold.", o => o.When, WhenSchema.Section)
        {
            IsCondition = true,
            HasValue = o => !WhenCoverage.IsEmpty(o.When),
        },
        new RuleActionKey("do", "What to do with the records: drop them, keep them (and skip the rules after this one), or keep one of N (sample).")
        {
            Required = "write do: drop, do: keep or do: {sample: N}",
        });

    private static readonly ConfigSection<LimitOptions> Limit = new(
        new ValueKey<LimitOptions, string>(
            "name",
            "Name of the limit; the records that it drops are counted under this reason.",
            new TextKind("a name", RecordChecks.ReasonName),
            o => o.Name,
            (o, v) => o.Name = v)
        {
            Required = NameRemedy,
        },
        new SectionKey<LimitOptions, WhenOptions>("when", "Which records the limit applies to: all conditions must hold.", o => o.When, WhenSchema.Section)
        {
            IsCondition = true,
            HasValue = o => !WhenCoverage.IsEmpty(o.When),
        },
        new ValueKey<LimitOptions, long>(
            "bytes",
            "How many bytes of text a container may send per second.",
            new SizeKind(1024, 1L << 40),
            o => o.Bytes,
            (o, v) => o.Bytes = v)
        {
            HasValue = o => o.Bytes > 0,
        },
        new ValueKey<LimitOptions, int>(
            "lines",
            "How many records a container may send per second.",
            new NumberKind(1, MaxLinesPerSecond),
            o => (int)o.Lines,
            (o, v) => o.Lines = v)
        {
            HasValue = o => o.Lines > 0,
        },
        new ValueKey<LimitOptions, TimeSpan>(
            "burst",
            "How far a container that was quiet may exceed the limit: it may send as much at once as the limit allows in this time.",
            new DurationKind(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
            o => o.Burst,
            (o, v) => o.Burst = v),
        new ValueKey<LimitOptions, OverLimit>(
            "over",
            "What to do with records over the limit: read them later (slow), drop some, errors last (sample), or drop all (drop).",
            new ChoiceKind<OverLimit>(),
            o => o.Over,
            (o, v) => o.Over = v));

    private static readonly ConfigSection<RedactPattern> Pattern = new(
        new ValueKey<RedactPattern, string>(
            "name",
            "Name of the pattern: text that matches is replaced with [redacted:NAME].",
            new TextKind("a name", RecordChecks.PatternName),
            o => o.Name,
            (o, v) => o.Name = v)
        {
            Required = "write name: NAME, because the text is replaced with [redacted:NAME]",
        },
        new ValueKey<RedactPattern, string>(
            "pattern",
            "The text to remove, as a regex of .NET; look-arounds and backreferences are not supported.",
            new RegexKind(mustConsume: true),
            o => o.Pattern,
            (o, v) => o.Pattern = v)
        {
            Required = "write pattern: REGEX, the text to remove",
        });

    private static readonly ConfigSection<RedactOptions> Redact = new(
        new ValueKey<RedactOptions, bool>(
            "secrets",
            "Remove private keys, tokens of known form, and passwords in URLs and in key=value pairs.",
            new FlagKind(),
            o => o.Secrets,
            (o, v) => o.Secrets = v),
        new ChoiceListKey<RedactOptions, PersonalData>(
            "personal",
            "The kinds of personal data to remove.",
            new ChoiceKind<PersonalData>(PersonalData.None),
            o => Enum.GetValues<PersonalData>().Where(kind => kind != PersonalData.None && o.Personal.HasFlag(kind)),
            (o, v) => o.Personal = v.Aggregate(PersonalData.None, (all, kind) => all | kind)),
        new SectionListKey<RedactOptions, RedactPattern>("patterns", "Further text to remove.", o => o.Patterns, Pattern, MaxPatterns));

    /// <summary>The section <c>processing</c>.</summary>
    public static ConfigSection<ProcessingOptions> Section { get; } = new(
        Multiline,
        Ansi,
        Level,
        Trace,
        Fields,
        new SectionListKey<ProcessingOptions, RuleOptions>(
            "rules", "Rules that drop, keep or sample records; the first that matches a record decides.", o => o.Rules, Rule, MaxRules),
        new SectionListKey<ProcessingOptions, LimitOptions>(
            "limits", "Limits for each container; the first that matches a record applies.", o => o.Limits, Limit, MaxLimits),
        new SectionKey<ProcessingOptions, RedactOptions>("redact", "What to remove from records before they leave the node.", o => o.Redact, Redact));

    /// <summary>The keys of <c>sources.files</c> that replace keys of <c>processing</c> for these files.</summary>
    public static IEnumerable<ConfigKey<FileSourceOptions>> FileKeys { get; } =
    [
        Override(Multiline, o => o.Multiline is { } value ? new ProcessingOptions { Multiline = value } : null, (from, to) => to.Multiline = from.Multiline),
        Override(Ansi, o => o.Ansi is { } value ? new ProcessingOptions { Ansi = value } : null, (from, to) => to.Ansi = from.Ansi),
        Override(Level, o => o.Level is { } value ? new ProcessingOptions { Level = value } : null, (from, to) => to.Level = from.Level),
        Override(Trace, o => o.Trace is { } value ? new ProcessingOptions { Trace = value } : null, (from, to) => to.Trace = from.Trace),
        Override(Fields, o => o.Fields is { } value ? new ProcessingOptions { Fields = value } : null, (from, to) => to.Fields = from.Fields),
    ];

    private static OverrideKey<FileSourceOptions, ProcessingOptions> Override(
        ConfigKey<ProcessingOptions> key, Func<FileSourceOptions, ProcessingOptions?> get, Action<ProcessingOptions, FileSourceOptions> copy) =>
        new(key, $"Replaces processing.{key.Name} for these files.", get, copy);
}
