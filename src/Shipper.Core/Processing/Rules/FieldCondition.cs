using System.Runtime.CompilerServices;
using Shipper.Processing.Fields;

namespace Shipper.Processing.Rules;

/// <summary>
/// Tests whether fields of a JSON or logfmt line have values that match globs: <c>field</c> of <c>when</c>. A field that is missing matches nothing.
/// </summary>
/// <param name="fields">Valid paths, and globs.</param>
/// <param name="values">Finds the values of at least these paths.</param>
internal sealed class FieldCondition(IReadOnlyDictionary<string, string> fields, RecordFields values)
{
    // Of a value with escapes, such as \n, at most this many bytes are compared.
    private const int MaxEscapedBytes = 1024;

    private readonly int[] _indexes = [.. fields.Keys.Select(values.IndexOf)];
    private readonly Utf8Glob[] _globs = [.. fields.Values.Select(glob => new Utf8Glob(glob))];

    [SkipLocalsInit]
    public bool Holds(scoped ref RecordDraft draft, StageContext context)
    {
        Span<byte> scratch = stackalloc byte[MaxEscapedBytes];
        ReadOnlySpan<FieldValue> found = values.Find(ref draft, context);
        for (int i = 0; i < _globs.Length; i++)
        {
            FieldValue value = found[_indexes[i]];
            if (!value.IsFound || !_globs[i].IsMatch(value.Read(draft.Line, scratch)))
            {
                return false;
            }
        }

        return true;
    }
}
