using System.Globalization;
using Shipper.Lanes;
using Shipper.Processing;
using Shipper.Processing.Limits;
using Shipper.Processing.Multiline;
using Shipper.Processing.Rules;
using Shipper.Records;

namespace Shipper.Status.Explaining;

/// <summary>Describes what happens to the records of a log, and how often it happened.</summary>
internal static class RulesText
{
    /// <summary>Describes the rules, limits and redaction that apply to the log.</summary>
    public static string DescribeRules(StreamDetails details)
    {
        ProcessingOptions? options = StreamRulesFactory.Read(details.Attributes.Rules)?.Stdout;
        List<string> lines =
        [
            .. (options?.Rules ?? []).Select(rule => $"rule {rule.Name}: {Describe(rule.Do)}{Count(details, rule.Do.Kind == RuleActionKind.Sample ? "sample" : "drop", rule.Name, "left out")}"),
            .. (options?.Limits ?? []).Select(limit => $"limit {limit.Name}: {Describe(limit)}{Count(details, "limit", limit.Name, "over it")}"),
            .. details.Processed.Where(count => count.Stage == "redact").Select(count => string.Create(CultureInfo.InvariantCulture, $"redact {count.Rule}: {count.Records} records changed")),
        ];
        lines.AddRange(details.Dropped.Where(dropped => !Names(options).Contains(dropped.Reason)).Select(dropped => string.Create(CultureInfo.InvariantCulture, $"{dropped.Records} records dropped: {dropped.Reason}")));
        return lines.Count == 0 ? "no rule, limit or redaction applies to this log" : string.Join('\n', lines);
    }

    /// <summary>Describes which lines are joined.</summary>
    public static string DescribeMultiline(StreamDetails details)
    {
        StoredRules? rules = StreamRulesFactory.Read(details.Attributes.Rules);
        MultilineOptions options = rules?.Stdout.Multiline ?? MultilineOptions.Off;
        string pattern = options.Pattern.Length > 0 ? $" /{options.Pattern}/" : "";
        string learned = options.Mode == MultilineMode.Auto ? $". stdout: {new LearnedStarts(details.Learned.Stdout).Describe()}; stderr: {new LearnedStarts(details.Learned.Stderr).Describe()}" : "";
        long joined = details.Processed.Where(count => count.Stage == "multiline").Sum(count => count.Records);
        return $"{MultilineNames.Of(options)}{pattern}{learned}{(joined > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {joined} records joined from several lines") : "")}";
    }

    /// <summary>Returns the names of the sampling rules of the log.</summary>
    public static IReadOnlyList<string> SamplingRules(StreamDetails details) =>
        [.. (StreamRulesFactory.Read(details.Attributes.Rules)?.Stdout.Rules ?? []).Where(rule => rule.Do.Kind == RuleActionKind.Sample).Select(rule => rule.Name)];

    /// <summary>Returns the names of the limits of the log.</summary>
    public static IReadOnlyList<string> Limits(StreamDetails details) => details.Attributes.Rules.LimitNames;

    private static IEnumerable<string> Names(ProcessingOptions? options) => options is null ? [] : [.. options.Rules.Select(rule => rule.Name), .. options.Limits.Select(limit => limit.Name)];

    private static string Count(StreamDetails details, string stage, string rule, string what) =>
        details.Processed.Where(count => count.Rule == rule && count.Stage == stage).Sum(count => count.Records) is > 0 and var records
            ? string.Create(CultureInfo.InvariantCulture, $" ({records} records {what})") : "";

    private static string Describe(RuleAction action) => action.Kind switch
    {
        RuleActionKind.Drop => "drops",
        RuleActionKind.Keep => "keeps",
        _ => string.Create(CultureInfo.InvariantCulture, $"keeps one of {action.SampleOf}"),
    };

    private static string Describe(LimitOptions limit)
    {
        string over = limit.Over switch
        {
            OverLimit.Slow => "holds the log back",
            OverLimit.Sample => "drops some records",
            _ => "drops records",
        };
        string bytes = limit.Bytes > 0 ? $"{HumanText.Bytes(limit.Bytes)} per second" : "";
        string lines = limit.Lines > 0 ? string.Create(CultureInfo.InvariantCulture, $"{limit.Lines} lines per second") : "";
        return $"above {bytes}{(bytes.Length > 0 && lines.Length > 0 ? " or " : "")}{lines} it {over}";
    }
}
