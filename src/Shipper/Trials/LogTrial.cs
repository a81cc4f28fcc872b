using Shipper.Processing;
using Shipper.Processing.Cases;

namespace Shipper.Trials;

/// <summary>Adds what the rules do with the records of one log to the totals of all logs.</summary>
/// <param name="log">The log.</param>
/// <param name="totals">The totals.</param>
internal sealed class LogTrial(TrialLog log, TrialTotals totals) : IRecordSink
{
    // A private key of 16,384 bits, one of the longest, has about 200 lines.
    private const int MaxKeyRecords = 1_000;

    private readonly SafeExample _example = new(log);

    /// <summary>True if the log was not read from its beginning. The first records may be the rest of a private key, so they are not shown.</summary>
    public bool BeginsInMiddle { get; init; }

    /// <summary>Number of records.</summary>
    public long Records { get; private set; }

    /// <summary>Number of records that would be sent.</summary>
    public long Sent { get; private set; }

    public void OnAssembled(scoped in RecordDraft draft) => _example.Set(in draft);

    public void OnProcessed(scoped in ProcessedRecord record)
    {
        if (record.IsReport)
        {
            return;
        }

        Records++;
        Sent += record.DropReason is null ? 1 : 0;
        totals.Levels[(int)record.Level]++;
        if (record.Rule is { } rule)
        {
            Add(totals.Find(TrialTotals.Rule, rule), isAffected: record.DropReason == rule);
        }

        if (record.Limit is { } limit)
        {
            Add(totals.Find(TrialTotals.Limit, limit), isAffected: false);
        }

        if (record.Lines > 1)
        {
            Add(totals.Find(TrialTotals.Multiline, log.Multiline), isAffected: true);
        }

        if (record.DropReason is { } reason && reason != record.Rule && reason != record.Limit)
        {
            Add(totals.Find(TrialTotals.Other, reason), isAffected: true);
        }
    }

    /// <summary>Adds what the stages counted, once the whole log was read.</summary>
    public void AddCounts(IEnumerable<StageCount> counts)
    {
        foreach (StageCount count in counts)
        {
            if (count.Stage == TrialTotals.Redact)
            {
                // No example: what was redacted is not shown, and the rest of the line says nothing about it.
                totals.Find(TrialTotals.Redact, count.Rule).Matched += count.Records;
            }
            else if (count.Stage == TrialTotals.Limit)
            {
                totals.Find(TrialTotals.Limit, count.Rule).Affected += count.Records;
            }
        }
    }

    private void Add(RuleUse use, bool isAffected)
    {
        use.Matched++;
        use.Affected += isAffected ? 1 : 0;
        if (!BeginsInMiddle || Records > MaxKeyRecords)
        {
            use.Example ??= _example.ToText();
        }
    }
}
