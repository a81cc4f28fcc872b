namespace Shipper.Processing.Redaction;

/// <summary>
/// Finds IPv6 addresses that are in use: those that begin with four digits of which the first is 2, 3 or f, and those that begin with <c>::</c>. So times,
/// hardware addresses and names such as <c>std::string</c> are none. Source: RFC 4291; IANA, "IPv6 Address Space".
/// </summary>
internal static class Ipv6Rule
{
    private const int GroupDigits = 4;
    private const int Groups = 8;
    private const int MaxBytes = 45;

    /// <summary>Returns true if an address has a colon at an index.</summary>
    /// <param name="start">Receives the index of the address.</param>
    /// <param name="end">Receives the index after the address.</param>
    public static bool TryMatch(in RedactText text, int colon, out int start, out int end)
    {
        ReadOnlySpan<byte> bytes = text.Text;
        start = end = colon;
        if (bytes.At(colon + 1) == (byte)':' && bytes.At(colon + 2) == (byte)':')
        {
            // Only the last two of three colons can belong to an address: addr:::1.
            return false;
        }

        int least = Math.Max(text.Taken, colon - MaxBytes);
        while (start > least && (Characters.IsHex(bytes[start - 1]) || bytes[start - 1] == (byte)':'))
        {
            start--;
        }

        // A key, or something else, may be in front of the address: addr:2001:db8::1.
        while (start <= colon && !IsStart(bytes, start))
        {
            start += Math.Max(0, bytes[start..].IndexOf((byte)':')) + 1;
        }

        end = start;
        if (start > colon || !Characters.IsWordStart(in text, start) || (start > text.Taken && bytes.At(start - 1) == (byte)'.'))
        {
            return false;
        }

        bool hasDigit = false;
        while (end < Math.Min(bytes.Length, start + MaxBytes + 1) && (Characters.IsHex(bytes[end]) || bytes[end] is (byte)':' or (byte)'.'))
        {
            hasDigit |= AsciiByte.IsDigit(bytes[end]);
            end++;
        }

        if (text.IsCut && end == bytes.Length)
        {
            return true;
        }

        // The end of a sentence, or the colon in front of a message.
        while (bytes[end - 1] == (byte)'.' || (bytes[end - 1] == (byte)':' && bytes[end - 2] != (byte)':'))
        {
            end--;
        }

        return hasDigit && end - start <= MaxBytes && Characters.IsWordEnd(bytes, end) && IsAddress(bytes[start..end]);
    }

    private static bool IsStart(ReadOnlySpan<byte> text, int start) => text[start] switch
    {
        (byte)':' => text.At(start + 1) == (byte)':' && Characters.IsHex(text.At(start + 2)),
        (byte)'2' or (byte)'3' or (byte)'f' or (byte)'F' =>
            text.At(start + GroupDigits) == (byte)':' && !text[start..(start + GroupDigits)].Contains((byte)':'),
        _ => false,
    };

    private static bool IsAddress(ReadOnlySpan<byte> text)
    {
        int groups = 0;
        bool hasGap = false;
        int i = 0;
        while (i < text.Length)
        {
            if (text[i] == (byte)':')
            {
                // Either two colons, once, or one between two groups.
                if (text.At(i + 1) == (byte)':')
                {
                    if (hasGap)
                    {
                        return false;
                    }

                    hasGap = true;
                    i += 2;
                    continue;
                }

                i++;
            }

            int first = i;
            while (i < text.Length && Characters.IsHex(text[i]))
            {
                i++;
            }

            if (text.At(i) == (byte)'.')
            {
                return IsIpv4(text[first..]) && (hasGap ? groups < Groups - 2 : groups == Groups - 2);
            }

            if (i == first || i - first > GroupDigits)
            {
                return false;
            }

            groups++;
        }

        return hasGap ? groups < Groups : groups == Groups;
    }

    private static bool IsIpv4(ReadOnlySpan<byte> text)
    {
        var address = new RedactText(text, default, default, context: null);
        return Ipv4Rule.TryMatch(in address, 0, out int end) && end == text.Length;
    }
}
