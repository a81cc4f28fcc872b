using Shipper.Processing;
using Shipper.Processing.Ansi;
using Shipper.Processing.Limits;
using Shipper.Processing.Redaction;
using Shipper.Processing.Rules;

namespace Shipper.Taps;

/// <summary>
/// Processes a record once more, beside the agent's own processing, to find what each stage does to it. It works on copies, so it changes nothing of what is
/// sent. What it returns contains nothing that the rules of the stream remove: where they remove something from a line, the line is shown only without it, as
/// read, when dropped, and after each stage.
/// </summary>
/// <remarks>Not thread-safe: each lane has its own instance, while a tap is open.</remarks>
/// <param name="maxLineBytes">The largest maximum line size of any source.</param>
internal sealed class TracedRecord(int maxLineBytes)
{
    private readonly List<Step> _steps = [];
    private byte[] _kept = [];
    private byte[]? _redactedLine;
    private List<KeyValuePair<string, string>> _addedBefore = [];
    private List<KeyValuePair<string, string>> _addedAfter = [];

    /// <summary>The context of the stages. Set its memory to a copy of the stream's memory before the record.</summary>
    public StageContext Context { get; } = new(maxLineBytes);

    /// <summary>Processes a record.</summary>
    /// <param name="before">The record before processing.</param>
    /// <param name="output">The rules of its output.</param>
    /// <param name="isExcluded">True if its output is not sent.</param>
    /// <param name="read">Receives the line as it was read; valid until the next call.</param>
    /// <param name="end">Receives the line behind the last stage, or the stage that dropped it; valid until the next call.</param>
    /// <param name="metadata">Receives the structured metadata in the same place, encoded; valid until the next call.</param>
    public void Run(scoped in RecordDraft before, OutputRules output, bool isExcluded, out ShownLine read, out ShownLine end, out ReadOnlySpan<byte> metadata)
    {
        _steps.Clear();
        _redactedLine = null;
        _addedBefore = _addedAfter = [];
        Context.ClearCounts();
        Context.MatchedRule = null;
        Context.MatchedLimit = null;
        OutputMemory memory = Context.Memory[before.Output];
        RecordDraft draft = before;
        foreach (ProcessingStage stage in output.Stages)
        {
            // A record of an excluded output passes no stage. But redaction may find a secret only without the colors in it.
            if (stage is RedactStage || (isExcluded && stage is not AnsiStage))
            {
                continue;
            }

            if (Apply(stage, ref draft) == StageVerdict.Drop)
            {
                break;
            }
        }

        bool isRedacted = false;
        if (output.Redact is { } redact)
        {
            // Redaction in two passes may write over a line that another stage has changed.
            bool isBuffered = draft.Line != before.Line;
            ReadOnlySpan<byte> line = isBuffered ? Keep(draft.Line) : draft.Line;
            _addedBefore = MetadataPairs.Decode(draft.Metadata[^draft.AddedMetadataBytes..]);
            redact.Apply(ref draft, Context);
            _addedAfter = MetadataPairs.Decode(draft.Metadata[^draft.AddedMetadataBytes..]);

            // The stage makes a new text only if it removes something.
            isRedacted = isBuffered ? !draft.Line.SequenceEqual(line) : draft.Line != line;
            _redactedLine = isRedacted ? ShownLine.Copy(draft.Line) : null;
        }
        else
        {
            _addedBefore = _addedAfter = MetadataPairs.Decode(draft.Metadata[^draft.AddedMetadataBytes..]);
        }

        metadata = draft.Metadata;
        end = new ShownLine(draft.Line, draft.Length);
        read = isRedacted ? end : new ShownLine(before.Line, before.Length);
        if (!isRedacted && output.Redact is { } again && draft.Line != before.Line)
        {
            // The line as it was read differs from the one that the stage saw, and may have more to remove. The stage uses the buffers that hold the other line.
            end = new ShownLine(Keep(draft.Line), draft.Length);
            RecordDraft raw = before;
            Context.Memory[before.Output] = memory;
            again.Apply(ref raw, Context);
            read = new ShownLine(raw.Line, raw.Length);
        }

        if (isExcluded)
        {
            _steps.Clear();
            end = read;
        }
    }

    /// <summary>Returns what the stages changed, in their order.</summary>
    public List<TapChange> DescribeChanges()
    {
        var changes = new List<TapChange>(_steps.Count + 1);
        foreach (Step step in _steps)
        {
            // Values that were removed afterwards are shown as they are sent.
            changes.Add(new TapChange(step.Stage, step.Line is null ? null : _redactedLine ?? step.Line, [.. _addedAfter.Where(pair => step.Names.Contains(pair.Key))]));
        }

        KeyValuePair<string, string>[] redacted = [.. _addedAfter.Where(pair => !_addedBefore.Contains(pair))];
        if (_redactedLine is not null || redacted.Length > 0)
        {
            changes.Add(new TapChange(RedactStage.CountedStage, _redactedLine, redacted));
        }

        return changes;
    }

    /// <summary>Copies a line out of the buffers of the stages.</summary>
    private ReadOnlySpan<byte> Keep(ReadOnlySpan<byte> line)
    {
        _kept = _kept.Length == 0 ? new byte[maxLineBytes] : _kept;
        line.CopyTo(_kept);
        return _kept.AsSpan(0, line.Length);
    }

    private StageVerdict Apply(ProcessingStage stage, ref RecordDraft draft)
    {
        ReadOnlySpan<byte> line = draft.Line;
        int added = draft.AddedMetadataBytes;
        StageVerdict verdict = stage.Apply(ref draft, Context);
        bool isChanged = draft.Line != line && stage is not (RuleStage or LimitStage);
        if (isChanged || draft.AddedMetadataBytes > added)
        {
            ReadOnlySpan<byte> pairs = draft.Metadata[^(draft.AddedMetadataBytes - added)..];
            _steps.Add(new Step(StageNames.Of(stage), isChanged ? ShownLine.Copy(draft.Line) : null, [.. MetadataPairs.Decode(pairs).Select(pair => pair.Key)]));
        }

        return verdict;
    }

    /// <summary>What a stage before redaction changed.</summary>
    /// <param name="Line">The line after the stage; null if the stage did not change it.</param>
    /// <param name="Names">Names of the structured metadata that it added.</param>
    private readonly record struct Step(string Stage, byte[]? Line, IReadOnlyList<string> Names);
}
