using Shipper.Processing.Fields;
using Shipper.Processing.Rules;

namespace Shipper.Processing.Limits;

/// <summary>Applies to each record the first limit whose condition holds.</summary>
/// <param name="limits">The limits that can apply to the stream, each with the index of its memory in <see cref="StageMemory.Limits"/>.</param>
/// <param name="fields">The fields of all stages; null if the limits have their own.</param>
internal sealed class LimitStage(IReadOnlyList<(LimitOptions Limit, int Slot)> limits, RecordFields? fields = null) : ProcessingStage
{
    private readonly RecordLimit[] _limits = [.. limits.Select(limit => new RecordLimit(limit.Limit, limit.Slot))];
    private readonly FirstMatch _conditions = new([.. limits.Select(limit => new RecordMatcher(limit.Limit.When, fields: fields))]);

    public override StageVerdict Apply(ref RecordDraft draft, StageContext context)
    {
        int limit = _conditions.Find(ref draft, context);
        return limit < 0 ? StageVerdict.Keep : _limits[limit].Apply(ref draft, context);
    }

    /// <summary>Writes the report of a limit, if one is due (<see cref="LimitReport"/>). Call it before <see cref="Apply"/>, until it returns false.</summary>
    /// <param name="timestampNs">Time of the record that comes next. The report is a record of its own, before it.</param>
    /// <param name="target">Receives the text, or as much of it as there is room for.</param>
    /// <param name="length">Receives the length of the text in bytes.</param>
    /// <returns>False if no report is due.</returns>
    public bool TryTakeReport(StageMemory memory, long timestampNs, Span<byte> target, out int length)
    {
        foreach (RecordLimit limit in _limits)
        {
            // Nearly always, nothing was counted.
            ref LimitMemory counted = ref memory.Limits[limit.Slot];
            if (counted.Records > 0 && limit.Report.TryTake(ref counted, timestampNs, target, out length))
            {
                return true;
            }
        }

        length = 0;
        return false;
    }

    /// <summary>Returns the report of a limit, if it has counted anything, without waiting for a record. Call until it returns false.</summary>
    public bool TryTakeLastReport(StageMemory memory, out string text)
    {
        foreach (RecordLimit limit in _limits)
        {
            if (limit.Report.TryTakeLast(ref memory.Limits[limit.Slot], out text))
            {
                return true;
            }
        }

        text = "";
        return false;
    }
}
