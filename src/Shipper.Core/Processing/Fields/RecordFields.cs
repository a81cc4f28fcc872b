namespace Shipper.Processing.Fields;

/// <summary>
/// The fields that the stages of an output need. The first stage that asks for the values of a record finds those of all stages, in one pass over the line.
/// Immutable and thread-safe: the values are in the <see cref="StageContext"/>.
/// </summary>
internal sealed class RecordFields
{
    private readonly FieldFinder _finder;
    private readonly string[] _paths;

    /// <param name="paths">Valid paths, at most <see cref="FieldFinder.MaxPaths"/> different ones.</param>
    public RecordFields(IEnumerable<string> paths)
    {
        _paths = [.. paths.Distinct(StringComparer.Ordinal)];
        _finder = new FieldFinder([.. _paths.Select(FieldPath.Parse)]);
    }

    /// <summary>Makes the fields of several stages.</summary>
    /// <param name="paths">The paths of all stages.</param>
    /// <returns>Null if there are none, or so many that each stage must find its own.</returns>
    public static RecordFields? TryShare(IEnumerable<string> paths) =>
        paths.Distinct(StringComparer.Ordinal).ToArray() is { Length: > 0 and <= FieldFinder.MaxPaths } all ? new RecordFields(all) : null;

    /// <summary>Returns the index of the value of a path.</summary>
    public int IndexOf(string path) => Array.IndexOf(_paths, path);

    /// <summary>Returns the values of a record.</summary>
    /// <returns>A view that is valid until the next record.</returns>
    public ReadOnlySpan<FieldValue> Find(ref RecordDraft draft, StageContext context)
    {
        if (!ReferenceEquals(draft.FoundFields, this))
        {
            _finder.Find(draft.Line, context.FieldValues);
            draft.FoundFields = this;
        }

        return context.FieldValues;
    }
}
