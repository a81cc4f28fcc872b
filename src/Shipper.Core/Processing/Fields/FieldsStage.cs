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

    private readonly FieldFinder _finder;
    private readonly byte[][] _names;

    /// <param name="fields">Names of structured metadata, and valid paths (<see cref="FieldPath"/>); at most <see cref="MaxFields"/>.</param>
    public FieldsStage(IReadOnlyCollection<KeyValuePair<string, string>> fields)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fields.Count, MaxFields);
        _finder = new FieldFinder([.. fields.Select(field => FieldPath.Parse(field.Value))]);
        _names = [.. fields.Select(field => Encoding.UTF8.GetBytes(field.Key))];
    }

    [SkipLocalsInit]
    public override StageVerdict Apply(ref RecordDraft draft, StageContext context)
    {
        Span<FieldValue> values = stackalloc FieldValue[MaxFields];
        if (draft.IsRemainder || _finder.Find(draft.Line, values) == 0)
        {
            return StageVerdict.Keep;
        }

        for (int i = 0; i < _names.Length; i++)
        {
            if (values[i].Length > 0 && !EntryMetadata.HasName(draft.Metadata, _names[i]))
            {
                Add(ref draft, context, _names[i], values[i]);
            }
        }

        return StageVerdict.Keep;
    }

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
    }
}
