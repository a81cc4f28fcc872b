using System.Text;
using Shipper.Processing;
using Shipper.Processing.Redaction;
using Shipper.Records;

namespace Shipper.Taps;

/// <summary>Shows the records of a stream to the taps that want them.</summary>
/// <remarks>
/// Owned by its lane; not thread-safe. Nothing that the redaction of the stream removes is shown: a record that is shown as it was read, or that was dropped, is
/// redacted in a second context, with the memory from before it. Filters see only what is shown, so they can't be used to guess what was removed.
/// </remarks>
/// <param name="taps">The taps that want the stream.</param>
/// <param name="labels">The labels of the stream.</param>
internal sealed class TapObserver(Tap[] taps, IReadOnlyDictionary<string, string> labels, TapScratch scratch) : RecordObserver
{
    private RedactStage? _redact;

    public override void Begin(OutputRules output, StageMemory memory)
    {
        _redact = output.Redact;
        scratch.Stages.Clear();
        if (_redact is not null)
        {
            scratch.Before.CopyFrom(memory);
        }
    }

    public override void OnStage(ProcessingStage stage, bool isLineChanged, int metadataBytes, ReadOnlySpan<byte> metadata)
    {
        // Redaction may write all metadata anew; it adds none.
        int added = stage == _redact ? 0 : CountPairs(metadata[metadataBytes..]);
        if (isLineChanged || metadata.Length != metadataBytes)
        {
            scratch.Stages.Add((stage.Name, isLineChanged, added));
        }
    }

    public override void End(in RecordDraft read, in RecordDraft draft, in LogRecord record, string? dropped, StageContext context)
    {
        foreach (Tap tap in taps)
        {
            bool isWanted = tap.Stage switch
            {
                TapStage.Processed => dropped is null,
                TapStage.Dropped => dropped is not null,
                _ => true,
            };
            if (!isWanted || !tap.TryExamine())
            {
                continue;
            }

            if (tap.Stage == TapStage.Processed)
            {
                if (tap.Query.Matches(record.Line))
                {
                    tap.Add(Describe(TapStage.Processed, record.TimestampNs, record.Line, record.Line.Length + record.TruncatedBytes, record.Metadata, dropped, context, Changes(in read, in record)));
                }
            }
            else
            {
                RecordDraft shown = tap.Stage == TapStage.Read ? read : draft;
                Redact(ref shown);
                if (tap.Query.Matches(shown.Line))
                {
                    tap.Add(Describe(tap.Stage, shown.TimestampNs, shown.Line, Math.Max(shown.Length, shown.Line.Length), shown.Metadata, dropped, context, []));
                }
            }
        }
    }

    private static string Text(ReadOnlySpan<byte> line) => Encoding.UTF8.GetString(line.Length <= Tap.MaxLineBytes ? line : line[..Tap.MaxLineBytes]);

    private TapRecord Describe(
        TapStage stage, long timestampNs, ReadOnlySpan<byte> line, long lineBytes, ReadOnlySpan<byte> metadata, string? dropped, StageContext context, IReadOnlyList<TapChange> changes) =>
        new(timestampNs, stage, labels, Pairs(metadata), Text(line), lineBytes, context.MatchedRule, context.MatchedLimit, dropped, changes);

    private static List<KeyValuePair<string, string>> Pairs(ReadOnlySpan<byte> metadata)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        while (!metadata.IsEmpty)
        {
            metadata = EntryMetadata.Read(metadata, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value);
            pairs.Add(new(Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(value)));
        }

        return pairs;
    }

    /// <summary>Removes what the stream's redaction removes, without touching the record that is sent.</summary>
    private void Redact(ref RecordDraft shown)
    {
        if (_redact is null)
        {
            return;
        }

        scratch.Context.Memory.CopyFrom(scratch.Before);
        scratch.Context.TakeMetadata(ref shown);
        _ = _redact.Apply(ref shown, scratch.Context);
        scratch.Context.ClearCounts();
    }

    /// <summary>Describes what the stages changed in a record that is sent.</summary>
    private List<TapChange> Changes(in RecordDraft read, in LogRecord record)
    {
        var changes = new List<TapChange>();
        if (scratch.Stages.Exists(stage => stage.IsLineChanged))
        {
            RecordDraft before = read;
            Redact(ref before);
            changes.Add(new TapChange("read", Text(before.Line), []));
        }

        // Redaction comes last, and writes anew all metadata from the first value that it changes: the value is looked up by name in what is sent.
        List<KeyValuePair<string, string>> sent = Pairs(record.Metadata);
        int known = Pairs(read.Metadata).Count;
        int lastChange = scratch.Stages.FindLastIndex(stage => stage.IsLineChanged);
        for (int i = 0; i < scratch.Stages.Count; i++)
        {
            (string stage, bool isLineChanged, int added) = scratch.Stages[i];
            changes.Add(new TapChange(stage, isLineChanged && i == lastChange ? Text(record.Line) : null, [.. sent.Skip(known).Take(added)]));
            known += added;
        }

        return changes;
    }

    private static int CountPairs(ReadOnlySpan<byte> metadata)
    {
        int count = 0;
        for (; !metadata.IsEmpty; count++)
        {
            metadata = EntryMetadata.Read(metadata, out _, out _);
        }

        return count;
    }
}
