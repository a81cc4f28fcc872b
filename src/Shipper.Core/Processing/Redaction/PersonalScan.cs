using System.Numerics;

namespace Shipper.Processing.Redaction;

/// <summary>Removes personal data.</summary>
/// <remarks>
/// Looks at 64 bytes at once for places where numbers have the form of an address, a card or an account: the digits, dots and colons are bits, and a shift
/// compares each of them with those behind it. Few lines have such places. The rule of the kind decides there.
/// </remarks>
internal static class PersonalScan
{
    // No form that is looked for is longer, up to the last byte that is looked at.
    private const int MaxFormBytes = 16;
    private const int StepBytes = ByteWindow.Length - MaxFormBytes;

    // More than the longest address, card or account.
    private const int MaxBytesAtEnd = 64;

    private static ReadOnlySpan<byte> EncodedAt => "%40"u8;

    public static void Run(ref RedactText text, PersonalData kinds)
    {
        if ((kinds & PersonalData.Emails) != 0)
        {
            RemoveEmails(ref text);
        }

        if ((kinds & (PersonalData.Cards | PersonalData.Ips | PersonalData.Ibans)) != 0)
        {
            RemoveNumbers(ref text, kinds);
        }
    }

    private static void RemoveEmails(ref RedactText text)
    {
        ReadOnlySpan<byte> bytes = text.Text;
        for (int index = 0; ; index++)
        {
            int length = bytes[index..].IndexOfAny((byte)'@', (byte)'%');
            if (length < 0)
            {
                break;
            }

            index += length;
            int at = bytes[index] == (byte)'@' ? 1 : bytes[index..].StartsWith(EncodedAt) ? EncodedAt.Length : 0;
            if (at > 0 && EmailRule.TryMatch(in text, index, index + at, out int start, out int end))
            {
                text.Replace(start, end, RedactName.Email);
            }
        }

        text.EndPass();
    }

    private static void RemoveNumbers(ref RedactText text, PersonalData kinds)
    {
        Span<byte> last = stackalloc byte[ByteWindow.Length];
        ReadOnlySpan<byte> bytes = text.Text;
        for (int position = 0; position < bytes.Length; position += StepBytes)
        {
            scoped ReadOnlySpan<byte> window = bytes[position..];
            if (window.Length < ByteWindow.Length)
            {
                last.Clear();
                window.CopyTo(last);
                window = last;
            }

            ulong places = FindPlaces(new ByteWindow(window), kinds) & ((1UL << StepBytes) - 1);
            for (; places != 0; places &= places - 1)
            {
                RemoveAt(ref text, position + BitOperations.TrailingZeroCount(places), kinds);
            }
        }

        if (text.IsCut)
        {
            // What is cut does not have the whole form.
            for (int index = Math.Max(0, bytes.Length - MaxBytesAtEnd); index < bytes.Length; index++)
            {
                RemoveAt(ref text, index, kinds);
            }
        }

        text.EndPass();
    }

    /// <summary>
    /// Returns the places at which an address, card or account may be: the first digit of a card, the first letter of an account, the first dot of an IPv4
    /// address, the first colon of an IPv6 address.
    /// </summary>
    private static ulong FindPlaces(in ByteWindow window, PersonalData kinds)
    {
        ulong digits = window.InRange((byte)'0', (byte)'9');
        ulong places = 0;
        if ((kinds & PersonalData.Ips) != 0)
        {
            // Three dots between digits, with one to three digits between two dots.
            ulong dots = window.Equal((byte)'.') & (digits >> 1);
            ulong twoDots = dots & ((dots >> 2) | (dots >> 3) | (dots >> 4));
            places = dots & ((twoDots >> 2) | (twoDots >> 3) | (twoDots >> 4));

            // Two colons, or four colons with at most four bytes between them.
            ulong colons = window.Equal((byte)':');
            ulong twoColons = colons & ((colons >> 2) | (colons >> 3) | (colons >> 4) | (colons >> 5));
            ulong threeColons = colons & ((twoColons >> 2) | (twoColons >> 3) | (twoColons >> 4) | (twoColons >> 5));
            places |= (colons & (colons >> 1)) | (colons & ((threeColons >> 2) | (threeColons >> 3) | (threeColons >> 4) | (threeColons >> 5)));
        }

        ulong two = digits & (digits >> 1);
        if ((kinds & PersonalData.Ibans) != 0)
        {
            ulong upper = window.InRange((byte)'A', (byte)'Z');
            places |= upper & (upper >> 1) & (two >> 2);
        }

        if ((kinds & PersonalData.Cards) != 0)
        {
            // Four digits, then ten more, or a separator and four more. What is in front of the window is not known.
            ulong four = two & (two >> 2);
            ulong ten = four & (four >> 4) & (two >> 8);
            ulong starts = ~(digits << 1) | (window.Equal((byte)'%') << EncodedAt.Length) | ((1UL << EncodedAt.Length) - 1);
            places |= four & starts & ((ten >> 4) | ((four >> 5) & ~(digits >> 4)));
        }

        return places;
    }

    private static void RemoveAt(ref RedactText text, int index, PersonalData kinds)
    {
        ReadOnlySpan<byte> bytes = text.Text;
        if (index < text.Taken)
        {
            return;
        }

        int start = index;
        byte value = bytes[index];
        if (value is (byte)'.' or (byte)':')
        {
            if ((kinds & PersonalData.Ips) != 0
                && (value == (byte)'.'
                    ? Ipv4Rule.TryMatchAtDot(in text, index, out start, out int end)
                    : Ipv6Rule.TryMatch(in text, index, out start, out end)))
            {
                text.Replace(start, end, RedactName.Ip);
            }
        }
        else if (AsciiByte.IsUpper(value))
        {
            if ((kinds & PersonalData.Ibans) != 0 && AsciiByte.IsUpper(bytes.At(index + 1)) && IbanRule.TryMatch(in text, index, out int end))
            {
                text.Replace(start, end, RedactName.Iban);
            }
        }
        else if ((kinds & PersonalData.Cards) != 0 && AsciiByte.IsDigit(value))
        {
            if (CardRule.TryMatch(in text, start, out int end))
            {
                text.Replace(start, end, RedactName.Card);
            }
        }
    }
}
