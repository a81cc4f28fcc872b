namespace Shipper.Processing.Levels;

/// <summary>Removes escape sequences of terminals, such as colors (ECMA-48, 5.4).</summary>
internal static class AnsiSequences
{
    private const byte Escape = 0x1b;

    /// <summary>Copies a text without its sequences, as far as it fits.</summary>
    /// <returns>Bytes written.</returns>
    public static int Remove(ReadOnlySpan<byte> text, Span<byte> target)
    {
        int written = 0;
        while (!text.IsEmpty && written < target.Length)
        {
            int length = text.IndexOf(Escape);
            ReadOnlySpan<byte> plain = text[..(length < 0 ? text.Length : length)];
            plain = plain[..Math.Min(plain.Length, target.Length - written)];
            plain.CopyTo(target[written..]);
            written += plain.Length;
            if (length < 0)
            {
                break;
            }

            text = text[(length + SequenceLength(text[length..]))..];
        }

        return written;
    }

    /// <summary>Length of the sequence that begins with the first byte: <c>ESC [</c>, parameters, a final byte from @ to ~; otherwise the escape alone.</summary>
    private static int SequenceLength(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2 || text[1] != '[')
        {
            return 1;
        }

        int end = text[2..].IndexOfAnyInRange((byte)'@', (byte)'~');
        return end < 0 ? text.Length : end + 3;
    }
}
