using Shipper.Discovery;
using Shipper.Journal;
using Shipper.Processing;
using Shipper.Processing.Limits;
using Shipper.Processing.Multiline;
using Shipper.Processing.Redaction;
using Shipper.Processing.Rules;
using Shipper.Telemetry;

namespace Shipper.Agents;

/// <summary>Makes the series whose labels depend on the configuration appear at 0, because a series that starts at 1 does not show its first event.</summary>
internal static class AgentSeries
{
    private static readonly RedactName[] PersonalNames = [RedactName.Card, RedactName.Email, RedactName.Ip, RedactName.Iban];

    /// <summary>Adds the series. Those that exist keep their counts.</summary>
    public static void Add(AgentMetrics metrics, AgentOptions options)
    {
        if (options.Containers.Enabled)
        {
            AddSource(LogKind.Container);
        }

        if (options.Files.Count > 0)
        {
            AddSource(LogKind.File);
        }

        if (options.Journal.Enabled)
        {
            AddSource(JournalSource.SourceName);
            foreach (string reason in JournalProblemReasons.Errors)
            {
                metrics.JournalErrors.Add(reason, 0);
            }
        }

        foreach (string level in StageContext.LevelNames)
        {
            metrics.LevelRecords.Add(level, 0);
        }

        Add(metrics, options.Processing);
        options.Files.ForEach(file => AddMultiline(metrics, file.Multiline ?? options.Processing.Multiline));

        void AddSource(string source)
        {
            metrics.ReadBytes.Add(source, 0);
            metrics.ReadRecords.Add(source, 0);
            metrics.RereadRecords.Add(source, 0);
            if (source != JournalSource.SourceName)
            {
                metrics.NulBytes.Add(source, 0);
            }
        }
    }

    private static void Add(AgentMetrics metrics, ProcessingOptions options)
    {
        AddMultiline(metrics, options.Multiline);
        foreach (RuleOptions rule in options.Rules.Where(rule => rule.Do.Kind != RuleActionKind.Keep))
        {
            metrics.ProcessedRecords.Add(0, rule.Do.Kind == RuleActionKind.Sample ? "sample" : "drop", rule.Name);
            metrics.DroppedRecords.Add(rule.Name, 0);
        }

        foreach (LimitOptions limit in options.Limits)
        {
            metrics.ProcessedRecords.Add(0, "limit", limit.Name);
            metrics.LimitedBytes.Add(limit.Name, 0);
            if (limit.Over != OverLimit.Slow)
            {
                metrics.DroppedRecords.Add(limit.Name, 0);
            }
        }

        IEnumerable<string> redacted =
        [
            .. (options.Redact.Secrets ? RedactName.BuiltIn.Except(PersonalNames) : []).Select(name => name.CountedAs),
            .. PersonalNames.Where((_, i) => options.Redact.Personal.HasFlag((PersonalData)(1 << i))).Select(name => name.CountedAs),
            .. options.Redact.Patterns.Select(pattern => pattern.Name),
        ];
        foreach (string name in redacted)
        {
            metrics.ProcessedRecords.Add(0, RedactStage.CountedStage, name);
        }
    }

    private static void AddMultiline(AgentMetrics metrics, MultilineOptions options)
    {
        if (options.Mode != MultilineMode.Off)
        {
            metrics.ProcessedRecords.Add(0, "multiline", MultilineNames.Of(options));
            metrics.ProcessedRecords.Add(0, "multiline", "cut");
            metrics.ProcessedRecords.Add(0, "multiline", "late");
        }
    }
}
