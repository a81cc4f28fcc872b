namespace Shipper.Processing.Fields;

/// <summary>The place of a value in a line.</summary>
/// <param name="Kind">The kind; <see cref="JsonKind.None"/> if there is no value.</param>
/// <param name="Start">Index in the line: behind the quote of a string.</param>
/// <param name="Length">Length in bytes, without quotes.</param>
/// <param name="IsEscaped">True if the value has escapes.</param>
internal readonly record struct FieldValue(JsonKind Kind, int Start, int Length, bool IsEscaped)
{
    /// <summary>True if there is a value.</summary>
    public bool IsFound => Kind != JsonKind.None;

    /// <summary>Returns the text of the value: of a string its content, of a number, true or false what is written in the line.</summary>
    /// <param name="line">The line in which the value was found.</param>
    /// <param name="scratch">Receives a string that has escapes, or as many of its characters as fit.</param>
    /// <returns>A view of the scratch if the value has escapes (then it is valid UTF-8), otherwise of the line (then it is as the line is).</returns>
    public ReadOnlySpan<byte> Read(ReadOnlySpan<byte> line, Span<byte> scratch)
    {
        ReadOnlySpan<byte> raw = line.Slice(Start, Length);
        return IsEscaped ? scratch[..JsonText.Unescape(raw, scratch)] : raw;
    }
}
