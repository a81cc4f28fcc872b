using System.Globalization;
using System.Text.RegularExpressions;
using Shipper.Protocol;

namespace Shipper.Core.Tests.Lanes.Behaviour.Model;

/// <summary>
/// Compares the lines that a container printed with the records that Loki has: each line is in one record, once and in order, or was dropped by a rule.
/// Which lines are joined is not predicted, except that traces which were printed in one go are not split.
/// </summary>
/// <param name="isLost">True if something was lost, so that the rest of it may look different.</param>
/// <param name="isOrdered">False if records may arrive out of order, because Loki refused the times of some.</param>
/// <param name="lastVersion">The newest version of the attributes.</param>
internal sealed partial class ModelAudit(ModelContainer container, ModelRules rules, bool isLost, bool isOrdered, IReadOnlySet<string> storedLate, int lastVersion)
{
    private readonly Dictionary<string, int> _expected = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EntryAdapter> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<EntryAdapter> _reports = [];
    private readonly int[] _newest = [-1, -1];

    /// <summary>Lines that did not arrive because their file was lost.</summary>
    public List<string> Lost { get; } = [];

    /// <summary>Lines that a rule must have dropped: one for each record.</summary>
    public List<string> Dropped { get; } = [];

    /// <summary>Lines that a rule has dropped or that were lost.</summary>
    public List<string> DroppedOrLost { get; } = [];

    private bool MayDiffer => isLost || container.MayBeLost.Count > 0;

    /// <summary>Checks everything.</summary>
    /// <param name="stored">What Loki has of the container, without reports of losses.</param>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? Check(IEnumerable<EntryAdapter> stored)
    {
        for (int i = 0; i < container.Expected.Count; i++)
        {
            _expected.Add(IdOf(container.Expected[i])!, i);
        }

        foreach (EntryAdapter entry in stored)
        {
            if (CheckEntry(entry) is { } problem)
            {
                return $"{problem} in {Short(entry.ToString())}";
            }
        }

        return CheckMissing() ?? CheckWholeTraces();
    }

    /// <summary>Returns the unique part of a line; null if it has none.</summary>
    public static string? IdOf(string line) => Id().Match(line) is { Success: true } match ? match.Value : null;

    private static string Short(string text) => text.Length > 400 ? text[..400] + "…" : text;

    private static string? MetadataOf(EntryAdapter entry, string name) => entry.StructuredMetadata.FirstOrDefault(pair => pair.Name == name)?.Value;

    private static bool IsCut(EntryAdapter entry) => MetadataOf(entry, "truncated_bytes") is not null;

    [GeneratedRegex("pod-[0-9]+ [0-9]+ ")]
    private static partial Regex Id();

    private string? CheckEntry(EntryAdapter entry)
    {
        if (entry.Line.StartsWith("shipper: ", StringComparison.Ordinal))
        {
            return _reports.Add(entry) || isLost ? null : "a report is stored twice";
        }

        int version = int.Parse(MetadataOf(entry, "v")!, CultureInfo.InvariantCulture);
        string[] lines = entry.Line.Split('\n');
        foreach (string line in lines)
        {
            if (CheckLine(line, entry, version) is { } problem)
            {
                return $"{problem}: {Short(line)}";
            }
        }

        bool hasLevel = MetadataOf(entry, "detected_level") is not null;
        bool detects = rules.OptionsOf(version).Level == Shipper.Processing.DetectMode.Detect;
        return hasLevel && !detects ? "a level although none is detected"
            : !hasLevel && detects && lines[0].StartsWith("ERROR pod-", StringComparison.Ordinal) ? "no level"
            : null;
    }

    private string? CheckLine(string line, EntryAdapter entry, int version)
    {
        string? id = IdOf(line);
        bool isPrinted = _expected.TryGetValue(id ?? "", out int index);
        string printed = isPrinted ? rules.SentText(container.Expected[index], version) : "";
        if (line != printed && !IsCut(entry))
        {
            // If the end of a line was lost with its file, nothing separates its beginning from the next line.
            Id().Matches(line).Where(_ => MayDiffer).Skip(1).ToList().ForEach(match => _seen.TryAdd(match.Value, entry));
            return MayDiffer ? null : isPrinted ? $"printed as {Short(printed)}" : "not printed";
        }

        if (!isPrinted)
        {
            return null;
        }

        if (!_seen.TryAdd(id!, entry))
        {
            // If a line was lost, the record that contained it is another record now.
            return !isLost || (_seen[id!].Timestamp.Equals(entry.Timestamp) && _seen[id!].Line == entry.Line) ? $"stored twice, before in {Short(_seen[id!].ToString())}" : null;
        }

        int output = container.ExpectedOutputs[index];
        if (MetadataOf(entry, "stream") != (output == 0 ? "stdout" : "stderr"))
        {
            return "wrong output";
        }

        if (rules.ReasonsOf(printed, version).Contains(ModelRules.Drop))
        {
            return "not dropped";
        }

        if (isOrdered && index < _newest[output] && !storedLate.Contains(entry.Line))
        {
            return $"behind {Short(container.Expected[_newest[output]])}";
        }

        _newest[output] = storedLate.Contains(entry.Line) ? _newest[output] : Math.Max(_newest[output], index);
        return null;
    }

    /// <summary>Each missing line was dropped, was lost, or is in the part of a long record that was cut off.</summary>
    private string? CheckMissing()
    {
        EntryAdapter?[] before = [null, null];
        bool[] isJoinedToLost = new bool[2];
        for (int i = 0; i < container.Expected.Count; i++)
        {
            string line = container.Expected[i];
            int output = container.ExpectedOutputs[i];
            if (_seen.TryGetValue(IdOf(line)!, out EntryAdapter? entry))
            {
                before[output] = entry;
                isJoinedToLost[output] = false;
                continue;
            }

            bool mayBeDropped = MayBeDropped(line);
            bool mayBeLost = container.MayBeLost.Contains(line);

            // If the end of a line was lost with its file, its beginning and the next line are one line.
            bool isJoined = isJoinedToLost[output];
            isJoinedToLost[output] = mayBeLost && (isJoined || container.Beginnings.Exists(beginning => line.StartsWith(beginning, StringComparison.Ordinal)));
            if (mayBeDropped)
            {
                (mayBeLost || isJoined ? DroppedOrLost : Dropped).Add(line);
            }
            else if (before[output] is { } cut && IsCut(cut))
            {
                continue;
            }
            else if (container.Heads.TryGetValue(IdOf(line)!, out string? head) && MayBeDropped(head) && !_seen.ContainsKey(IdOf(head)!))
            {
                continue;
            }
            else if (mayBeLost)
            {
                Lost.Add(line);
            }
            else if (!isJoined)
            {
                return $"lost {Short(line)}";
            }
        }

        return null;
    }

    private bool MayBeDropped(string line) => rules.PossibleReasonsOf(line, lastVersion).Count > 0;

    private string? CheckWholeTraces()
    {
        if (MayDiffer || rules.Changes)
        {
            return null;
        }

        foreach (List<string> trace in container.WholeTraces)
        {
            EntryAdapter?[] entries = [.. trace.Select(line => _seen.GetValueOrDefault(IdOf(line)!)).Distinct()];
            if (entries.Length > 1 && !entries.Any(entry => entry is not null && IsCut(entry)))
            {
                return $"a trace is split: {string.Join('\n', entries.Select(entry => Short(entry?.ToString() ?? "nothing")))}";
            }
        }

        return null;
    }
}
