namespace Shipper.Processing.Fields;

/// <summary>Reads a text in blocks of 64 bytes, so that the places of some bytes in a block are the bits of a number.</summary>
internal static class TextBlock
{
    /// <summary>Length of a block in bytes.</summary>
    public const int Length = 64;

    /// <summary>Returns a block, filled up with NULs behind the end of the text.</summary>
    /// <param name="start">Index of the first byte of the block.</param>
    /// <param name="scratch">At least <see cref="Length"/> bytes.</param>
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> text, int start, Span<byte> scratch)
    {
        text = text[start..];
        if (text.Length >= Length)
        {
            return text;
        }

        scratch = scratch[..Length];
        scratch.Clear();
        text.CopyTo(scratch);
        return scratch;
    }
}
