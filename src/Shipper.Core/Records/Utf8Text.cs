using System.Buffers;
using System.Text;

namespace Shipper.Records;

/// <summary>Truncates text between characters, so that no partial character is left.</summary>
internal static class Utf8Text
{
    private const byte FirstNonAscii = 0x80;

    /// <summary>Copies as many whole characters as fit, and replaces each maximal invalid sequence with U+FFFD.</summary>
    /// <param name="text">The text in UTF-8; it may be invalid.</param>
    /// <param name="hasMore">True if the text continues beyond these bytes, so that an incomplete character at the end is not invalid.</param>
    /// <param name="target">Receives the characters.</param>
    /// <param name="taken">Number of bytes of the text that were used.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Cut(ReadOnlySpan<byte> text, bool hasMore, Span<byte> target, out int taken)
    {
        int written = 0;
        taken = 0;
        while (taken < text.Length && written < target.Length)
        {
            if (text[taken] < FirstNonAscii)
            {
                target[written++] = text[taken++];
                continue;
            }

            OperationStatus status = Rune.DecodeFromUtf8(text[taken..], out Rune rune, out int consumed);
            if ((status == OperationStatus.NeedMoreData && hasMore) || !rune.TryEncodeToUtf8(target[written..], out int length))
            {
                break;
            }

            written += length;
            taken += consumed;
        }

        return written;
    }

    /// <summary>Truncates a text to a number of bytes.</summary>
    /// <param name="maxBytes">Upper bound, in bytes of UTF-8.</param>
    public static string Cut(string text, int maxBytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= maxBytes)
        {
            return text;
        }

        int chars = 0;
        int bytes = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > maxBytes)
            {
                break;
            }

            chars += rune.Utf16SequenceLength;
        }

        return text[..chars];
    }

    /// <summary>Truncates a text to a number of UTF-16 units.</summary>
    /// <param name="maxChars">Upper bound, in UTF-16 units.</param>
    public static string CutChars(string text, int maxChars) =>
        text.Length <= maxChars ? text : text[..(char.IsHighSurrogate(text[maxChars - 1]) ? maxChars - 1 : maxChars)];
}
