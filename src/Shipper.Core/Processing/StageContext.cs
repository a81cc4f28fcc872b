using System.Text;
using Shipper.Processing.Fields;
using Shipper.Processing.Levels;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Processing;

/// <summary>What stages need besides the record: buffers for changed text, the memory of the stream, and counts.</summary>
/// <remarks>Not thread-safe: each lane has its own instance.</remarks>
/// <param name="maxLineBytes">The largest maximum line size of any source.</param>
internal sealed class StageContext(int maxLineBytes)
{
    private readonly byte[][] _lines = [GC.AllocateUninitializedArray<byte>(maxLineBytes), GC.AllocateUninitializedArray<byte>(maxLineBytes)];
    private readonly byte[] _metadata = new byte[EntryMetadata.MaxBytes];
    private readonly FieldValue[] _fieldValues = new FieldValue[FieldFinder.MaxPaths];
    private readonly List<StageCount> _counts = [];

    private readonly long[] _levels = new long[(int)RecordLevel.Critical + 1];
    private char[] _chars = [];
    private int _line;

    /// <summary>The names of the levels, by <see cref="RecordLevel"/>: label <c>level</c> of <c>shipper_level_records_total</c>.</summary>
    public static IReadOnlyList<string> LevelNames { get; } = [.. Enum.GetNames<RecordLevel>().Select(name => name.ToLowerInvariant())];

    /// <summary>The memory of the stream whose records are processed.</summary>
    public StageMemory Memory { get; set; } = new();

    /// <summary>
    /// Until when the stream must not be read further, in nanoseconds since 1970; 0 if it need not wait. A stage only ever raises it; the reader resets it.
    /// </summary>
    public long HeldBackUntilNs { get; set; }

    /// <summary>The name of the rule that decided about the last record, even if it only kept the record; null if none did. Whoever reads it resets it.</summary>
    public string? MatchedRule { get; set; }

    /// <summary>The name of the limit that applies to the last record, even if the record was within it; null if none does. Whoever reads it resets it.</summary>
    public string? MatchedLimit { get; set; }

    /// <summary>The values of <see cref="RecordDraft.FoundFields"/>.</summary>
    public Span<FieldValue> FieldValues => _fieldValues;

    /// <summary>What was counted since the last <see cref="ClearCounts"/>.</summary>
    public IReadOnlyList<StageCount> Counts => _counts;

    /// <summary>Number of records by <see cref="RecordLevel"/> since the last <see cref="ClearCounts"/>.</summary>
    public ReadOnlySpan<long> Levels => _levels;

    /// <summary>
    /// Returns a buffer for a changed line, of the largest maximum line size. Two buffers are used in turn, so a stage can read the line of the stage before it
    /// while it writes its own.
    /// </summary>
    public Span<byte> NextLine()
    {
        _line ^= 1;
        return _lines[_line];
    }

    /// <summary>Decodes a text for a regex. Invalid UTF-8 becomes U+FFFD.</summary>
    /// <returns>A view of a buffer, which the caller may change; valid until the next call.</returns>
    public Span<char> Decode(ReadOnlySpan<byte> text)
    {
        if (_chars.Length < text.Length)
        {
            // Grows a few times in the life of a lane, and only if a regex is configured.
            _chars = GC.AllocateUninitializedArray<char>(Math.Max(text.Length, Math.Min(2 * _chars.Length, maxLineBytes)));
        }

        return _chars.AsSpan(0, Encoding.UTF8.GetChars(text, _chars));
    }

    /// <summary>Adds a pair of structured metadata to a record.</summary>
    /// <param name="name">The name, of ASCII letters, digits and _.</param>
    /// <param name="value">The value, valid UTF-8 and not empty.</param>
    /// <returns>False if the record has no room for it.</returns>
    public bool AddMetadata(ref RecordDraft draft, scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        if (draft.AddedMetadataBytes == 0)
        {
            draft.Metadata.CopyTo(_metadata);
        }

        int before = draft.Metadata.Length;
        int length = EntryMetadata.TryWrite(_metadata.AsSpan(before), name, value);
        if (length == 0)
        {
            return false;
        }

        draft.AddedMetadataBytes += length;
        draft.Metadata = _metadata.AsSpan(0, before + length);
        return true;
    }

    /// <summary>Counts records for <c>shipper_processed_records_total</c>.</summary>
    /// <param name="stage">Label <c>stage</c>.</param>
    /// <param name="rule">Label <c>rule</c>. The same text must be the same object, because it is compared by reference.</param>
    public void Count(string stage, string rule, long records, long bytes = 0)
    {
        for (int i = 0; i < _counts.Count; i++)
        {
            if (ReferenceEquals(_counts[i].Rule, rule) && ReferenceEquals(_counts[i].Stage, stage))
            {
                _counts[i] = _counts[i] with { Records = _counts[i].Records + records, Bytes = _counts[i].Bytes + bytes };
                return;
            }
        }

        _counts.Add(new StageCount(stage, rule, records, bytes));
    }

    /// <summary>Counts a record that is sent.</summary>
    /// <param name="groupName">Name of the kind of groups of its output.</param>
    public void CountRecord(scoped in RecordDraft draft, string groupName)
    {
        _levels[(int)draft.Level]++;
        if (draft.Lines > 1)
        {
            Count("multiline", groupName, 1);
            if (draft.RemovedBytes > 0)
            {
                Count("multiline", "cut", 1);
            }
        }
    }

    /// <summary>Adds the counts to the metrics, and forgets them.</summary>
    public void Report(AgentMetrics metrics)
    {
        foreach (StageCount count in _counts)
        {
            metrics.ProcessedRecords.Add(count.Records, count.Stage, count.Rule);
            if (count.Stage == "limit")
            {
                metrics.LimitedBytes.Add(count.Rule, count.Bytes);
            }
        }

        for (int level = 0; level < _levels.Length; level++)
        {
            if (_levels[level] > 0)
            {
                metrics.LevelRecords.Add(LevelNames[level], _levels[level]);
            }
        }

        ClearCounts();
    }

    /// <summary>Forgets the counts.</summary>
    public void ClearCounts()
    {
        _counts.Clear();
        Array.Clear(_levels);
    }
}
