using System.Globalization;
using System.Text.RegularExpressions;
using Shipper.Protocol;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Lanes.Behaviour.Model;

/// <summary>
/// Compares what the metrics say that each rule left out with the records that are missing. <c>shipper_dropped_records_total</c> counts a record once, when the
/// position behind it is acknowledged. <c>shipper_processed_records_total</c> counts it whenever it is read.
/// </summary>
internal sealed partial class ModelDrops(ModelRules rules)
{
    private readonly Dictionary<string, long> _dropped = [];
    private readonly Dictionary<string, long> _processed = [];

    /// <summary>Adds the counts of an agent, before its metrics are replaced.</summary>
    public void Add(AgentMetrics metrics)
    {
        foreach (string reason in ModelRules.Reasons)
        {
            _dropped[reason] = _dropped.GetValueOrDefault(reason) + metrics.DroppedRecords.Get(reason);
            _processed[reason] = _processed.GetValueOrDefault(reason) + metrics.ProcessedRecords.Get(ModelRules.StageOf(reason), reason);
        }
    }

    /// <summary>Checks the counts of each rule.</summary>
    /// <param name="dropped">Lines that rules have dropped: one for each record.</param>
    /// <param name="droppedOrLost">Lines that rules have dropped or that were lost.</param>
    /// <param name="lastVersion">The newest version of the attributes.</param>
    /// <param name="isReadOnce">True if no record was read twice.</param>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? Check(List<string> dropped, List<string> droppedOrLost, int lastVersion, bool isReadOnce)
    {
        if (_dropped.Values.Sum() is var sum && (sum < dropped.Count || sum > dropped.Count + droppedOrLost.Count))
        {
            return Explain($"{sum} records counted as dropped, {dropped.Count} and up to {droppedOrLost.Count} more are missing", dropped, droppedOrLost);
        }

        foreach (string reason in ModelRules.Reasons)
        {
            // If the rules change, it is unknown which of them applied to a line.
            int least = dropped.Count(line => rules.PossibleReasonsOf(line, lastVersion) is [var only] && only == reason);
            int most = dropped.Concat(droppedOrLost).Count(line => rules.PossibleReasonsOf(line, lastVersion).Contains(reason));
            long counted = _dropped[reason];
            if (counted < least || counted > most)
            {
                return Explain($"{counted} records counted as dropped by {reason}, {least} to {most} are missing", dropped, droppedOrLost);
            }

            if (_processed[reason] < counted || (isReadOnce && _processed[reason] != counted))
            {
                return Explain($"{_processed[reason]} records counted for {reason} when they were read, {counted} when they were acknowledged", dropped, droppedOrLost);
            }
        }

        return null;
    }

    /// <summary>Checks that the reports of limits contain every record that they dropped, once.</summary>
    /// <param name="stored">What Loki has, each entry once.</param>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? CheckReports(IEnumerable<EntryAdapter> stored)
    {
        if (rules.Changes)
        {
            // What a limit has counted is forgotten with the limit.
            return null;
        }

        var reported = new Dictionary<string, long>();
        foreach (EntryAdapter entry in stored)
        {
            if (Report().Match(entry.Line) is { Success: true } report)
            {
                string limit = report.Groups["limit"].Value;
                reported[limit] = reported.GetValueOrDefault(limit) + long.Parse(report.Groups["lines"].Value, CultureInfo.InvariantCulture);
            }
        }

        return Array.Find([ModelRules.LimitDrop, ModelRules.LimitSample], limit => reported.GetValueOrDefault(limit) != _dropped[limit]) is { } wrong
            ? $"{reported.GetValueOrDefault(wrong)} records reported by {wrong}, {_dropped[wrong]} dropped"
            : null;
    }

    [GeneratedRegex("^shipper: (?<lines>[0-9]+) lines? .* dropped in 60 s: limit (?<limit>[a-z-]+) ")]
    private static partial Regex Report();

    private static string Short(string line) => line.Length > 200 ? line[..200] + "…" : line;

    private string Explain(string problem, List<string> dropped, List<string> droppedOrLost) =>
        $"{problem} ({string.Join(", ", _dropped)}):\n{string.Join('\n', dropped.Select(Short).Append("or lost:").Concat(droppedOrLost.Select(Short)))}";
}
