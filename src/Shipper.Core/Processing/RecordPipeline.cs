using System.Runtime.CompilerServices;
using Shipper.Processing.Limits;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Processing;

/// <summary>Makes records from drafts: applies the rules of the stream, and then makes the line fit to send.</summary>
/// <remarks>
/// Not thread-safe: each lane has its own instance. A record is a view of this pipeline's scratch buffer, or of the draft's line, until the next draft.
/// </remarks>
/// <param name="maxLineBytes">The largest maximum line size of any source.</param>
internal sealed class RecordPipeline(int maxLineBytes)
{
    /// <summary>Maximum length of the text of a report in bytes.</summary>
    public const int MaxReportBytes = 512;

    private readonly LineSanitizer _text = new(maxLineBytes);
    private readonly byte[] _report = new byte[MaxReportBytes];

    /// <summary>What the stages of this lane share.</summary>
    public StageContext Context { get; } = new(maxLineBytes);

    /// <summary>Makes a record that reports what limits left out or held back, if one is due. Call before <see cref="TryRun"/>, until it returns false.</summary>
    /// <param name="timestampNs">Time of the next record; the report gets the same time, and comes before it.</param>
    /// <param name="metadata">The structured metadata of the report, encoded.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReport(StreamRules rules, long timestampNs, ReadOnlySpan<byte> metadata, out LogRecord record)
    {
        foreach (LimitStage limits in rules.Limits)
        {
            if (limits.TryTakeReport(Context.Memory, timestampNs, _report, out int length))
            {
                record = new LogRecord(timestampNs, metadata, _report.AsSpan(0, length), truncatedBytes: 0);
                return true;
            }
        }

        record = default;
        return false;
    }

    /// <summary>Makes a record from a draft. Allocates nothing, unless a stage does.</summary>
    /// <param name="rules">How the records of the stream are processed.</param>
    /// <param name="limit">Maximum length of a line, and what to do with longer lines.</param>
    /// <param name="draft">The draft; stages may change it.</param>
    /// <param name="record">Receives the record.</param>
    /// <param name="dropped">Why the draft was dropped: one of <see cref="DropReasons"/>; null if it was not.</param>
    /// <returns>False if the draft was dropped.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRun(StreamRules rules, LineLimit limit, ref RecordDraft draft, out LogRecord record, out string? dropped)
    {
        dropped = null;
        OutputRules output = rules[draft.Output];
        if (draft.Output == rules.Excluded)
        {
            output.Redact?.Follow(in draft, ref Context.Memory[draft.Output]);
            dropped = DropReasons.Excluded;
            record = default;
            return false;
        }

        foreach (ProcessingStage stage in output.Stages)
        {
            if (stage.Apply(ref draft, Context) == StageVerdict.Drop)
            {
                output.Redact?.Follow(in draft, ref Context.Memory[draft.Output]);
                dropped = draft.DropReason;
                record = default;
                return false;
            }
        }

        ReadOnlySpan<byte> line = _text.Prepare(draft.Line, draft.IsAscii, draft.Length, limit.MaxBytes, out long truncatedBytes);
        truncatedBytes += draft.RemovedBytes;
        if (limit.LongLines == LongLineAction.Skip && (truncatedBytes > 0 || draft.IsRemainder))
        {
            dropped = DropReasons.LineTooLong;
            record = default;
            return false;
        }

        if (!ReferenceEquals(rules, StreamRules.None))
        {
            Context.CountRecord(in draft, output.GroupName);
        }

        record = new LogRecord(draft.TimestampNs, draft.Metadata, line, truncatedBytes);
        return true;
    }
}
