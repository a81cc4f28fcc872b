using System.Runtime.CompilerServices;
using Shipper.Processing.Fields;

namespace Shipper.Processing.Rules;

/// <summary>
/// Tests whether fields of a JSON or logfmt line have values that match globs: <c>field</c> of <c>when</c>. A field that is missing matches nothing.
/// </summary>
/// <param name="fields">Valid paths, at most <see cref="FieldFinder.MaxPaths"/>, and globs.</param>
internal sealed class FieldCondition(IReadOnlyDictionary<string, string> fields)
{
    // Of a value with escapes, such as \n, so much is compared.
    private const int MaxEscapedBytes = 1024;

    private readonly FieldFinder _finder = new([.. fields.Keys.Select(FieldPath.Parse)]);
    private readonly Utf8Glob[] _globs = [.. fields.Values.Select(glob => new Utf8Glob(glob))];

    [SkipLocalsInit]
    public bool Holds(ReadOnlySpan<byte> line)
    {
        Span<FieldValue> values = stackalloc FieldValue[FieldFinder.MaxPaths];
        Span<byte> scratch = stackalloc byte[MaxEscapedBytes];
        if (_finder.Find(line, values) < _globs.Length)
        {
            return false;
        }

        for (int i = 0; i < _globs.Length; i++)
        {
            if (!_globs[i].IsMatch(values[i].Read(line, scratch)))
            {
                return false;
            }
        }

        return true;
    }
}
