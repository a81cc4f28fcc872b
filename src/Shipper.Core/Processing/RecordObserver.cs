using Shipper.Records;

namespace Shipper.Processing;

/// <summary>
/// Sees what the stages do to records. It must change nothing, and must keep no part of a record after a call.
/// </summary>
/// <remarks>Not thread-safe: each lane has its own instance.</remarks>
internal abstract class RecordObserver
{
    /// <summary>Called before a record is processed.</summary>
    /// <param name="output">The rules of its output.</param>
    /// <param name="memory">What the stages remember of the stream.</param>
    public abstract void Begin(OutputRules output, StageMemory memory);

    /// <summary>Called after a stage.</summary>
    /// <param name="isLineChanged">True if the stage changed the line.</param>
    /// <param name="metadataBytes">Length of the encoded metadata before the stage.</param>
    /// <param name="metadata">The encoded metadata after it.</param>
    public abstract void OnStage(ProcessingStage stage, bool isLineChanged, int metadataBytes, ReadOnlySpan<byte> metadata);

    /// <summary>Called after a record was processed.</summary>
    /// <param name="read">The record as it was read.</param>
    /// <param name="draft">The record after the last stage.</param>
    /// <param name="record">The record as it is sent; empty if it was dropped.</param>
    /// <param name="dropped">Why it was dropped; null if it was not.</param>
    /// <param name="context">Names the rule and the limit that applied.</param>
    public abstract void End(in RecordDraft read, in RecordDraft draft, in LogRecord record, string? dropped, StageContext context);
}
