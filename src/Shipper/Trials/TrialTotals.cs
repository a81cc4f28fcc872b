using System.Globalization;
using Shipper.Agents;
using Shipper.Processing.Cases;
using Shipper.Processing.Levels;
using Shipper.Processing.Limits;
using Shipper.Processing.Rules;

namespace Shipper.Trials;

/// <summary>What the rules of a configuration did with the records of several logs.</summary>
internal sealed class TrialTotals
{
    public const string Rule = "rule";
    public const string Limit = "limit";
    public const string Multiline = "multiline";
    public const string Redact = "redact";
    public const string Other = "other";

    /// <summary>The stages in the order in which a record passes them.</summary>
    private static readonly string[] Stages = [Multiline, Rule, Limit, Redact, Other];

    private readonly List<RuleUse> _uses = [];

    /// <param name="options">The configuration; its rules, limits and patterns are shown even if they match nothing.</param>
    public TrialTotals(AgentOptions options)
    {
        _uses.AddRange(options.Processing.Rules.Select(rule => new RuleUse(Rule, rule.Name, use => DescribeRule(rule.Do, use))));
        _uses.AddRange(options.Processing.Limits.Select(limit => new RuleUse(Limit, limit.Name, use => DescribeLimit(limit.Over, use))));
        _uses.AddRange(options.Processing.Redact.Patterns.Select(pattern => NewUse(Redact, pattern.Name)));
    }

    /// <summary>Number of records of each <see cref="RecordLevel"/>.</summary>
    public long[] Levels { get; } = new long[(int)RecordLevel.Critical + 1];

    /// <summary>Returns what something did.</summary>
    public RuleUse Find(string stage, string name)
    {
        RuleUse? use = _uses.Find(known => known.Name == name && known.Stage == stage);
        if (use is null)
        {
            use = NewUse(stage, name);
            _uses.Add(use);
        }

        return use;
    }

    /// <summary>Writes what each rule did, which rules matched nothing, and the levels.</summary>
    /// <param name="records">Number of records of all logs.</param>
    public void Write(TextWriter output, long records)
    {
        var rules = new TextTable("STAGE", "NAME", ">RECORDS", ">SHARE", "EFFECT", "EXAMPLE");
        RuleUse[] uses = [.. _uses.OrderBy(use => Array.IndexOf(Stages, use.Stage)).ThenBy(use => use.Name, StringComparer.Ordinal)];
        foreach (RuleUse use in uses.Where(use => use.Matched > 0))
        {
            rules.Add(use.Stage, use.Name, Format(use.Matched), Share(use.Matched, records), use.Effect(use), use.Example ?? "");
        }

        if (Array.Exists(uses, use => use.Matched > 0))
        {
            output.WriteLine();
            rules.Write(output);
        }

        if (Array.Exists(uses, use => use.Matched == 0))
        {
            output.WriteLine();
            output.WriteLine($"matched nothing: {string.Join(", ", uses.Where(use => use.Matched == 0).Select(use => $"{use.Stage} {use.Name}"))}");
        }

        var levels = new TextTable("LEVEL", ">RECORDS", ">SHARE");
        foreach (RecordLevel level in Enum.GetValues<RecordLevel>().Reverse().Where(level => Levels[(int)level] > 0))
        {
            levels.Add(RecordComparison.NameOf(level), Format(Levels[(int)level]), Share(Levels[(int)level], records));
        }

        if (records > 0)
        {
            output.WriteLine();
            levels.Write(output);
        }
    }

    /// <summary>Formats a number for a table.</summary>
    public static string Format(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(long number, long all) => string.Create(CultureInfo.InvariantCulture, $"{100.0 * number / Math.Max(1, all):0.0} %");

    private static RuleUse NewUse(string stage, string name) => new(stage, name, stage switch
    {
        Multiline => _ => "joined from several lines",
        Redact => _ => "redacted",
        _ => _ => "dropped",
    });

    private static string DescribeRule(RuleAction action, RuleUse use) => action.Kind switch
    {
        RuleActionKind.Keep => "kept",
        RuleActionKind.Sample => $"{Format(use.Affected)} dropped, {Format(use.Matched - use.Affected)} kept",
        _ => "dropped",
    };

    private static string DescribeLimit(OverLimit over, RuleUse use) =>
        use.Affected == 0 ? "within the limit" : $"{Format(use.Affected)} over the limit, {(over == OverLimit.Slow ? "read later" : "dropped")}";
}
