namespace Shipper.Processing.Redaction;

/// <summary>Finds IPv4 addresses: four numbers up to 255 without leading zeros, that are not a version.</summary>
internal static class Ipv4Rule
{
    private const int MaxOctetDigits = 3;
    private const int Octets = 4;
    private const int MaxWordDistance = 12;

    /// <summary>Returns true if an address has its first dot at an index.</summary>
    /// <param name="start">Receives the index of the address.</param>
    /// <param name="end">Receives the index after the address.</param>
    public static bool TryMatchAtDot(in RedactText text, int dot, out int start, out int end)
    {
        start = dot;
        while (start > Math.Max(text.Taken, dot - MaxOctetDigits) && AsciiByte.IsDigit(text.Text[start - 1]))
        {
            start--;
        }

        // The digits of an escaped byte of a URL, such as %20, are not part of the number.
        start += text.Text.At(start - 1) == (byte)'%' ? 2 : text.Text.At(start - 2) == (byte)'%' ? 1 : 0;
        start = Math.Min(start, dot);
        return TryMatch(in text, start, out end);
    }

    /// <summary>Returns true if an address begins at an index.</summary>
    /// <param name="end">Receives the index after the address.</param>
    public static bool TryMatch(in RedactText text, int start, out int end)
    {
        ReadOnlySpan<byte> bytes = text.Text;
        end = start;
        if (!Characters.IsWordStart(in text, start) || IsInName(bytes, start, text.Taken))
        {
            return false;
        }

        bool isVersion = true;
        for (int octet = 0; octet < Octets; octet++)
        {
            int first = end;
            int value = 0;
            while (end - first < MaxOctetDigits && AsciiByte.IsDigit(bytes.At(end)))
            {
                value = (value * 10) + bytes[end++] - '0';
            }

            if (text.IsCut && end == bytes.Length && octet >= 2)
            {
                return true;
            }

            if (end == first || value > 255 || (bytes[first] == (byte)'0' && end > first + 1))
            {
                return false;
            }

            isVersion &= octet == 0 || value == 0;
            if (octet < Octets - 1 && bytes.At(end++) != (byte)'.')
            {
                return false;
            }
        }

        byte next = bytes.At(end);
        byte behind = bytes.At(end + 1);
        bool isInWord = Characters.IsWord(next)
            || (next == (byte)'.' && Characters.IsAlphanumeric(behind)) || (next == (byte)'-' && AsciiByte.IsLetter(behind));
        return !isInWord && !IsVersion(bytes, start, isVersion);
    }

    /// <summary>Returns true if what is in front of the number makes it the end of a name: <c>kernel-5.4.0.1</c>, <c>a.1.2.3.4</c>.</summary>
    private static bool IsInName(ReadOnlySpan<byte> text, int start, int taken) =>
        start > taken && (text[start - 1] == (byte)'.' || (text[start - 1] == (byte)'-' && AsciiByte.IsLetter(text.At(start - 2))));

    /// <summary>Returns true for the version of a browser, <c>Chrome/120.0.0.0</c>, and behind the word: <c>Version=4.0.30319.0</c>.</summary>
    private static bool IsVersion(ReadOnlySpan<byte> text, int start, bool endsWithZeros)
    {
        if (endsWithZeros && text.At(start - 1) == (byte)'/' && AsciiByte.IsLetter(text.At(start - 2)))
        {
            return true;
        }

        ReadOnlySpan<byte> before = text[Math.Max(0, start - MaxWordDistance)..start];
        return before.IndexOf("ersion"u8) >= 0 || before.IndexOf("ERSION"u8) >= 0;
    }
}
