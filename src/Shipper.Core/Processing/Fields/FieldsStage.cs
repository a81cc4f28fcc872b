using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Shipper.Records;

namespace Shipper.Processing.Fields;

/// <summary>
/// Adds values from the line as structured metadata: <c>processing.fields</c>. The line stays as it is. Nothing is added for an empty value, or if the record
/// has the name already.
/// </summary>
/// <remarks>The rest of a very long line has no fields: they are those of its beginning, which is a record of its own.</remarks>
internal sealed class FieldsStage : ProcessingStage
{
    /// <summary>Maximum number of fields.</summary>
    public const int MaxFields = 32;

    /// <summary>Maximum length of a value in bytes. Of a longer one as many characters are sent as fit.</summary>
    public const int MaxValueBytes = 4 * 1024;

    private readonly RecordFields _fields;
    private readonly int[] _indexes;
    private readonly byte[][] _names;
    private readonly MetadataNames _known;

    // True if the stage before may have added one of the names. The other names that the agent adds are refused for fields.
    private readonly bool _hasTraceName;

    /// <param name="fields">Names of structured metadata, and valid paths (<see cref="FieldPath"/>); at most <see cref="MaxFields"/>.</param>
    /// <param name="shared">The fields of all stages; null to find those of this stage alone.</param>
    public FieldsStage(IReadOnlyCollection<KeyValuePair<string, string>> fields, RecordFields? shared = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fields.Count, MaxFields);
        _fields = shared ?? new RecordFields(fields.Select(field => field.Value));
        _indexes = [.. fields.Select(field => _fields.IndexOf(field.Value))];
        _names = [.. fields.Select(field => Encoding.UTF8.GetBytes(field.Key))];
        _known = new MetadataNames(_names);
        _hasTraceName = fields.Any(field => field.Key is TraceContextStage.TraceIdName or TraceContextStage.SpanIdName);
    }

    public override StageVerdict Apply(ref RecordDraft draft, StageContext context)
    {
        if (draft.IsRemainder)
        {
            return StageVerdict.Keep;
        }

        ReadOnlySpan<FieldValue> values = _fields.Find(ref draft, context);
        ulong wanted = 0;
        for (int i = 0; i < _indexes.Length; i++)
        {
            wanted |= values[_indexes[i]].Length > 0 ? 1UL << i : 0;
        }

        if (wanted != 0)
        {
            wanted &= ~_known.FindIn(_hasTraceName ? draft.Metadata : draft.Metadata[..^draft.AddedMetadataBytes]);
        }

        for (; wanted != 0; wanted &= wanted - 1)
        {
            int field = BitOperations.TrailingZeroCount(wanted);
            Add(ref draft, context, _names[field], values[_indexes[field]]);
        }

        return StageVerdict.Keep;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref RecordDraft draft, StageContext context, byte[] name, FieldValue value)
    {
        ReadOnlySpan<byte> raw = draft.Line.Slice(value.Start, value.Length);
        if (value.IsEscaped || raw.Length > MaxValueBytes || !(draft.IsAscii || Utf8.IsValid(raw)))
        {
            AddChanged(ref draft, context, name, raw, value.IsEscaped);
        }
        else
        {
            context.AddMetadata(ref draft, name, raw);
        }
    }

    [SkipLocalsInit]
    private static void AddChanged(ref RecordDraft draft, StageContext context, byte[] name, ReadOnlySpan<byte> raw, bool isEscaped)
    {
        Span<byte> text = stackalloc byte[MaxValueBytes];
        int length = isEscaped ? JsonText.Unescape(raw, text) : Utf8Text.Cut(raw, hasMore: false, text, out _);
        context.AddMetadata(ref draft, name, text[..length]);
        draft.HasUnescapedValue |= isEscaped;
    }
}
