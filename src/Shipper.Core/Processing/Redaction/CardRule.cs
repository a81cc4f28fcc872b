namespace Shipper.Processing.Redaction;

/// <summary>
/// Finds numbers of payment cards: the prefix and the length of an issuer, and a right check digit (ISO/IEC 7812). Other long numbers have the right digit once
/// in ten. So neither a part of a longer word or number is a card, nor a number that its key calls an id or a time.
/// </summary>
internal static class CardRule
{
    private const int MaxDigits = 19;
    private const int GroupDigits = 4;
    private const int MinCutDigits = 8;
    private const int MaxKeyBytes = 40;

    private static readonly byte[][] OtherKeys =
    [
        "id"u8.ToArray(), "ts"u8.ToArray(), "time"u8.ToArray(), "timestamp"u8.ToArray(), "nanos"u8.ToArray(), "micros"u8.ToArray(), "ns"u8.ToArray(),
        "us"u8.ToArray(), "seq"u8.ToArray(), "sequence"u8.ToArray(), "offset"u8.ToArray(), "version"u8.ToArray(), "hash"u8.ToArray(), "checksum"u8.ToArray(),
    ];

    // First and last prefix, and the bounds of the length. Visa's cards with 13 digits are gone, and 13 digits are also those of EAN codes.
    // Sources: the issuers; ISO/IEC 7812-1 for the industry digits.
    private static readonly (int First, int Last, int Digits, int MinLength, int MaxLength)[] Issuers =
    [
        (4, 4, 1, 16, 16), (51, 55, 2, 16, 16), (2221, 2720, 4, 16, 16), (34, 34, 2, 15, 15), (37, 37, 2, 15, 15), (6011, 6011, 4, 16, 16),
        (644, 649, 3, 16, 16), (65, 65, 2, 16, 16), (300, 305, 3, 14, 14), (36, 36, 2, 14, 14), (38, 39, 2, 14, 14), (3528, 3589, 4, 16, 16),
        (62, 62, 2, 16, 19), (5018, 5018, 4, 16, 19), (5020, 5020, 4, 16, 19), (5038, 5038, 4, 16, 19), (5893, 5893, 4, 16, 19), (6304, 6304, 4, 16, 19),
        (6759, 6759, 4, 16, 19), (6761, 6763, 4, 16, 19),
    ];

    /// <summary>Returns true if the number of a card begins at an index.</summary>
    /// <param name="end">Receives the index after the number.</param>
    public static bool TryMatch(in RedactText text, int start, out int end)
    {
        ReadOnlySpan<byte> bytes = text.Text;
        end = start;
        if (!IsStart(in text, start))
        {
            return false;
        }

        Span<byte> digits = stackalloc byte[MaxDigits];
        int count = 0;
        byte separator = 0;
        int groupStart = start;
        while (end < bytes.Length)
        {
            byte value = bytes[end];
            if (AsciiByte.IsDigit(value))
            {
                if (count == MaxDigits)
                {
                    return false;
                }

                digits[count++] = (byte)(value - '0');
                end++;
            }
            else if (IsSeparator(bytes, end, groupStart, count, ref separator))
            {
                groupStart = ++end;
            }
            else
            {
                break;
            }
        }

        if (text.IsCut && end == bytes.Length && count >= MinCutDigits && MayBeginCard(digits[..count]))
        {
            return true;
        }

        return IsEnd(bytes, end, separator) && HasIssuer(digits[..count]) && HasRightCheckDigit(digits[..count]) && !IsOther(bytes, start);
    }

    /// <summary>Groups have four digits, or four, six, and four or five.</summary>
    private static bool IsSeparator(ReadOnlySpan<byte> text, int index, int groupStart, int count, ref byte separator)
    {
        byte value = text[index];
        int length = index - groupStart;
        if (value is not ((byte)' ' or (byte)'-') || !AsciiByte.IsDigit(text.At(index + 1)) || (separator != 0 && value != separator)
            || !(length == GroupDigits && count % GroupDigits == 0 && count <= 16) && !(length == 6 && count == 10))
        {
            return false;
        }

        // Behind a whole card, the next number is another one.
        if (count == 16 && value == (byte)' ')
        {
            return false;
        }

        separator = value;
        return true;
    }

    private static bool IsStart(in RedactText text, int start)
    {
        byte before = text.Text.At(start - 1);
        return Characters.IsWordStart(in text, start) && (start == text.Taken
            || (before != (byte)'+' && !(before is (byte)'.' or (byte)'-' && Characters.IsAlphanumeric(text.Text.At(start - 2)))));
    }

    private static bool IsEnd(ReadOnlySpan<byte> text, int end, byte separator)
    {
        byte next = text.At(end);
        byte behind = text.At(end + 1);
        if (Characters.IsWord(next) || (next == (byte)'.' && AsciiByte.IsDigit(behind)) || (next == (byte)'-' && Characters.IsAlphanumeric(behind)))
        {
            return false;
        }

        // One more group of four digits makes it a list of numbers.
        return separator == 0 || next != separator || !AsciiByte.IsDigit(behind) || !AsciiByte.IsDigit(text.At(end + GroupDigits))
            || Characters.IsWord(text.At(end + GroupDigits + 1));
    }

    private static bool HasIssuer(ReadOnlySpan<byte> digits)
    {
        foreach ((int first, int last, int length, int minLength, int maxLength) in Issuers)
        {
            if (digits.Length >= minLength && digits.Length <= maxLength && Prefix(digits, length) is var prefix && prefix >= first && prefix <= last)
            {
                return true;
            }
        }

        return false;
    }

    private static bool MayBeginCard(ReadOnlySpan<byte> digits)
    {
        foreach ((int first, int last, int length, _, _) in Issuers)
        {
            if (Prefix(digits, length) is var prefix && prefix >= first && prefix <= last)
            {
                return true;
            }
        }

        return false;
    }

    private static int Prefix(ReadOnlySpan<byte> digits, int length)
    {
        int value = 0;
        foreach (byte digit in digits[..length])
        {
            value = (value * 10) + digit;
        }

        return value;
    }

    /// <summary>The algorithm of Luhn.</summary>
    private static bool HasRightCheckDigit(ReadOnlySpan<byte> digits)
    {
        int sum = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            int digit = digits[^(i + 1)];
            sum += i % 2 == 0 ? digit : digit < 5 ? 2 * digit : (2 * digit) - 9;
        }

        return sum % 10 == 0;
    }

    /// <summary>Returns true if the number is the value of a key that calls it an id, a time or something else that is no card.</summary>
    private static bool IsOther(ReadOnlySpan<byte> text, int start)
    {
        int end = start;
        while (end > 0 && start - end < MaxKeyBytes && !Characters.IsWord(text[end - 1]))
        {
            if (text[end - 1] is not ((byte)'"' or (byte)'\'' or (byte)'\\' or (byte)' ' or (byte)':' or (byte)'='))
            {
                return false;
            }

            end--;
        }

        int keyStart = end;
        while (keyStart > 0 && end - keyStart < MaxKeyBytes && (Characters.IsWord(text[keyStart - 1]) || text[keyStart - 1] is (byte)'-' or (byte)'.'))
        {
            keyStart--;
        }

        ReadOnlySpan<byte> key = text[keyStart..end];
        foreach (byte[] other in OtherKeys)
        {
            if (key.Length < other.Length || !System.Text.Ascii.EqualsIgnoreCase(key[^other.Length..], other))
            {
                continue;
            }

            // A word of its own: order_id, orderId, ID, but not paid.
            ReadOnlySpan<byte> before = key[..^other.Length];
            if ((before.IsEmpty || !Characters.IsAlphanumeric(before[^1]) || (AsciiByte.IsUpper(key[^other.Length]) && !AsciiByte.IsUpper(before[^1])))
                && before.IndexOf("card"u8) < 0 && before.IndexOf("Card"u8) < 0)
            {
                return true;
            }
        }

        return false;
    }
}
