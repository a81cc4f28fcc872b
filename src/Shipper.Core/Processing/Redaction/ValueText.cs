using System.Buffers;

namespace Shipper.Processing.Redaction;

/// <summary>The bounds of keys and values: in quotes, also on each level of JSON in JSON, and without quotes.</summary>
internal static class ValueText
{
    public const int MaxKeyBytes = 64;

    private const int MaxSpaces = 8;
    private const int MaxNextKeyBytes = 40;

    private static readonly SearchValues<byte> MayEndValue = SearchValues.Create(" \t\r\n\u001b\"'`<>|&;,)}]\\%"u8);

    /// <summary>Returns the beginning of the key that an index is in.</summary>
    public static int KeyStart(in RedactText text, int index)
    {
        int start = index;
        while (start > Math.Max(text.Taken, index - MaxKeyBytes) && Characters.IsKey(text.Text[start - 1]))
        {
            start--;
        }

        return start;
    }

    /// <summary>A private key has its own rule: it may have more than one line.</summary>
    public static bool IsValue(ReadOnlySpan<byte> text, int start, int end) => end > start && !text[start..end].StartsWith(PrivateKeyText.BeginBytes);

    /// <summary>Returns how many backslashes are before the quote at an index; -1 if there is none.</summary>
    public static int QuoteAt(ReadOnlySpan<byte> text, int index)
    {
        int slashes = 0;
        while (slashes < MaxSpaces && text.At(index + slashes) == (byte)'\\')
        {
            slashes++;
        }

        return Characters.IsQuote(text.At(index + slashes)) ? slashes : -1;
    }

    /// <summary>
    /// Returns the length of what some languages write in front of a quote: <c>u'…'</c> and <c>b'…'</c> in Python, <c>Some("…")</c> in Rust; 0 if there is none.
    /// </summary>
    public static int PrefixLength(ReadOnlySpan<byte> text, int index)
    {
        int length = text.At(index) switch
        {
            (byte)'u' or (byte)'b' => 1,
            (byte)'S' when text[index..].StartsWith("Some("u8) => "Some("u8.Length,
            _ => 0,
        };
        return length > 0 && QuoteAt(text, index + length) >= 0 ? length : 0;
    }

    /// <summary>Returns true if a text in quotes is at an index.</summary>
    public static bool HasQuote(ReadOnlySpan<byte> text, int index) => QuoteAt(text, index + PrefixLength(text, index)) >= 0;

    /// <summary>Reads a number of JSON, and whatever follows it up to the next sign of JSON.</summary>
    public static bool TryReadNumber(ReadOnlySpan<byte> text, int start, out int end)
    {
        end = start + (text.At(start) == (byte)'-' ? 1 : 0);
        if (!AsciiByte.IsDigit(text.At(end)))
        {
            return false;
        }

        while (Characters.IsKey(text.At(end)) || text.At(end) == (byte)'+')
        {
            end++;
        }

        return true;
    }

    /// <summary>Skips a few spaces.</summary>
    /// <returns>True if there were some.</returns>
    public static bool SkipSpaces(ReadOnlySpan<byte> text, ref int index)
    {
        int first = index;
        while (index - first < MaxSpaces && text.At(index) is (byte)' ' or (byte)'\t')
        {
            index++;
        }

        return index > first;
    }

    /// <summary>Finds the next element of a list of texts.</summary>
    /// <param name="end">Index of the quote of the last one, with its backslashes.</param>
    public static bool TryFindNext(ReadOnlySpan<byte> text, int end, int slashes, out int next)
    {
        next = end + slashes + 1;
        SkipSpaces(text, ref next);
        if (text.At(next) != (byte)',')
        {
            return false;
        }

        next++;
        SkipSpaces(text, ref next);
        next += PrefixLength(text, next);
        int quote = QuoteAt(text, next);
        next += quote + 1;
        return quote == slashes;
    }

    /// <summary>
    /// Returns the end of a string. In JSON inside of JSON, each level doubles the backslashes in front of a quote and adds one.
    /// </summary>
    public static int QuotedEnd(in RedactText text, int start, int slashes, byte quote)
    {
        ReadOnlySpan<byte> bytes = text.Text;
        for (int i = start; ; i++)
        {
            int length = bytes[i..].IndexOf(quote);
            if (length < 0)
            {
                break;
            }

            i += length;
            int before = 0;
            while (i - before > start && bytes[i - before - 1] == (byte)'\\')
            {
                before++;
            }

            // Fewer backslashes end a string in which this one is.
            if (before <= slashes || before % (2 * (slashes + 1)) == slashes)
            {
                return i - Math.Min(before, slashes);
            }
        }

        int newline = bytes[start..].IndexOf((byte)'\n');
        return newline < 0 || text.IsCut ? bytes.Length : start + newline;
    }

    /// <summary>Returns the end of a value without quotes.</summary>
    /// <param name="isEncoded">True if the value is encoded as in a URL.</param>
    public static int UnquotedEnd(ReadOnlySpan<byte> text, int start, bool isEncoded)
    {
        for (int i = RedactMarker.Skip(text, start); ; i++)
        {
            int length = text[i..].IndexOfAny(MayEndValue);
            if (length < 0)
            {
                return text.Length;
            }

            i += length;
            byte next = text.At(i + 1);
            bool isEnd = text[i] switch
            {
                (byte)'&' or (byte)';' or (byte)',' => IsEndOrQuote(next) || IsKey(text[(i + 1)..]),
                (byte)'"' or (byte)'\'' or (byte)'`' or (byte)')' or (byte)'}' or (byte)']' or (byte)'>' => !Characters.IsWord(next),
                (byte)'\\' => IsEndOrQuote(next) || next is (byte)'n' or (byte)'r' or (byte)'t' or (byte)'u' or (byte)'\\' or (byte)'/',
                0x1B => next == (byte)'[',
                (byte)'%' => isEncoded && next == (byte)'2' && text.At(i + 2) == (byte)'6',
                _ => true,
            };
            if (isEnd)
            {
                return i;
            }
        }
    }

    private static bool IsEndOrQuote(byte value) => value == 0 || Characters.IsSpace(value) || Characters.IsQuote(value);

    private static bool IsKey(ReadOnlySpan<byte> text)
    {
        int length = 0;
        while (length < MaxNextKeyBytes && Characters.IsKey(text.At(length)))
        {
            length++;
        }

        return length > 0 && text.At(length) is (byte)'=' or (byte)':';
    }
}
