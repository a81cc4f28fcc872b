using System.Runtime.CompilerServices;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Processing;

/// <summary>Makes records of drafts: applies the rules of their stream, and then makes them fit to send.</summary>
/// <remarks>A lane has one; not thread-safe. A record is a view of the scratch buffer here, or of the draft's line, until the next draft.</remarks>
/// <param name="maxLineBytes">The largest line size of any source.</param>
internal sealed class RecordPipeline(int maxLineBytes)
{
    private readonly LineText _text = new(maxLineBytes);

    /// <summary>Makes a record. Allocates nothing, if no stage does.</summary>
    /// <param name="rules">What is done with the records of the stream.</param>
    /// <param name="limit">How long a line may be, and what happens to longer ones.</param>
    /// <param name="draft">The draft; stages may change it.</param>
    /// <param name="record">The record.</param>
    /// <param name="dropped">Why there is none, one of <see cref="DropReasons"/>.</param>
    /// <returns>False if the draft is dropped.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRun(StreamRules rules, LineLimit limit, ref Draft draft, out LogRecord record, out string? dropped)
    {
        dropped = null;
        if (draft.Output == rules.Excluded)
        {
            dropped = DropReasons.Excluded;
            record = default;
            return false;
        }

        foreach (Stage stage in rules.Stages)
        {
            if (stage.Apply(ref draft) == Verdict.Drop)
            {
                dropped = stage.Reason;
                record = default;
                return false;
            }
        }

        ReadOnlySpan<byte> line = _text.Prepare(draft.Line, draft.IsAscii, draft.Length, limit.MaxBytes, out long truncatedBytes);
        if (limit.LongLines == LongLines.Skip && (truncatedBytes > 0 || draft.IsRest))
        {
            dropped = DropReasons.LineTooLong;
            record = default;
            return false;
        }

        record = new LogRecord(draft.TimestampNs, draft.Metadata, line, truncatedBytes);
        return true;
    }
}
