using System.Buffers;

namespace Shipper.Processing.Redaction;

/// <summary>
/// Finds the values of keys such as <c>password</c>: in JSON, also in JSON that is a string of JSON; in logfmt, query strings, connection strings and headers.
/// </summary>
internal static class KeyValueRule
{
    private const int MaxKeyBytes = 64;
    private const int MaxSpaces = 8;
    private const int MaxNextKeyBytes = 40;

    private static readonly SearchValues<byte> MayEndValue = SearchValues.Create(" \t\r\n\"'`<>|&;,)}]\\%"u8);

    /// <summary>Returns true if there is a value to remove.</summary>
    /// <param name="index">Index of one of <see cref="KeyNames.Literals"/>.</param>
    /// <param name="start">Receives the index of the value.</param>
    /// <param name="end">Receives the index after the value; if there is none, an index before which there is no other.</param>
    /// <param name="quote">Receives the place of what to add before and after the marker, so that the text stays valid JSON.</param>
    public static bool TryMatch(in RedactText text, int index, out int start, out int end, out (int Start, int Length) quote)
    {
        ReadOnlySpan<byte> bytes = text.Text;
        quote = default;
        start = end = index;
        int keyEnd = index + 1;
        while (keyEnd - index < MaxKeyBytes && Characters.IsKey(bytes.At(keyEnd)))
        {
            keyEnd++;
        }

        // The quote of the key, behind as many backslashes as there are levels of JSON. Most words have no separator behind them.
        start = keyEnd;
        int slashes = QuoteAt(bytes, start);
        bool isQuotedKey = slashes >= 0;
        start += slashes + 1;
        bool hasSpaces = SkipSpaces(bytes, ref start);
        if (!TrySkipSeparator(bytes, ref start, out bool isColon, out bool isEncoded))
        {
            return false;
        }

        int keyStart = index;
        while (keyStart > Math.Max(text.Taken, index - MaxKeyBytes) && Characters.IsKey(bytes[keyStart - 1]))
        {
            keyStart--;
        }

        KeyKind kind = KeyNames.KindOf(bytes[keyStart..keyEnd]);
        if (kind == KeyKind.None || (isQuotedKey && bytes.At(keyStart - 1) != bytes[keyEnd + slashes]))
        {
            return false;
        }

        hasSpaces |= SkipSpaces(bytes, ref start);
        bool isList = bytes.At(start) == (byte)'[' && QuoteAt(bytes, start + 1) >= 0;
        start += isList ? 1 : 0;
        bool isText = !isQuotedKey && (isColon || hasSpaces);
        int valueSlashes = QuoteAt(bytes, start);
        if (valueSlashes >= 0)
        {
            start += valueSlashes + 1;
            end = QuotedEnd(in text, start, valueSlashes, bytes[start - 1]);
            return IsValue(bytes, start, end) && !((isText || isList) && bytes[start..end].Contains((byte)' '))
                && SecretValues.IsSecret(bytes[start..end], kind, isText);
        }

        if (isQuotedKey && isColon)
        {
            // A number, a literal, an object or an array.
            int numberEnd = start + Math.Max(0, bytes[start..].IndexOfAnyExceptInRange((byte)'0', (byte)'9'));
            end = numberEnd;
            quote = (keyEnd, slashes + 1);
            return kind == KeyKind.Password && numberEnd > start;
        }

        end = UnquotedEnd(bytes, start, isEncoded);
        return IsValue(bytes, start, end) && SecretValues.IsSecret(bytes[start..end], kind, isText);
    }

    /// <summary>A private key has its own rule: it may have more than one line.</summary>
    private static bool IsValue(ReadOnlySpan<byte> text, int start, int end) => end > start && !text[start..end].StartsWith("-----BEGIN"u8);

    /// <summary>Returns how many backslashes are before the quote at an index; -1 if there is none.</summary>
    private static int QuoteAt(ReadOnlySpan<byte> text, int index)
    {
        int slashes = 0;
        while (slashes < MaxSpaces && text.At(index + slashes) == (byte)'\\')
        {
            slashes++;
        }

        return Characters.IsQuote(text.At(index + slashes)) ? slashes : -1;
    }

    private static bool SkipSpaces(ReadOnlySpan<byte> text, ref int index)
    {
        int first = index;
        while (index - first < MaxSpaces && text.At(index) is (byte)' ' or (byte)'\t')
        {
            index++;
        }

        return index > first;
    }

    private static bool TrySkipSeparator(ReadOnlySpan<byte> text, ref int index, out bool isColon, out bool isEncoded)
    {
        isColon = text.At(index) == (byte)':';
        isEncoded = text.At(index) == (byte)'%' && text.At(index + 1) == (byte)'3' && (text.At(index + 2) | 0x20) == (byte)'d';
        if (isEncoded)
        {
            index += 3;
            return true;
        }

        if (!isColon && text.At(index) != (byte)'=')
        {
            return false;
        }

        // Ruby has =>, Go :=, and == compares.
        index++;
        byte next = text.At(index);
        index += next == (byte)(isColon ? '=' : '>') ? 1 : 0;
        return next != (byte)(isColon ? ':' : '=');
    }

    /// <summary>
    /// Returns the end of a string. On each level of JSON, a quote of the value has twice as many backslashes before it, and one more, than on the level above.
    /// </summary>
    private static int QuotedEnd(in RedactText text, int start, int slashes, byte quote)
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

    private static int UnquotedEnd(ReadOnlySpan<byte> text, int start, bool isEncoded)
    {
        for (int i = start; ; i++)
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
