namespace Shipper.Processing.Levels;

/// <summary>Tells times from other tokens that begin with a digit. Only their shape matters: nobody needs the time.</summary>
internal static class NumberToken
{
    /// <summary>Length of <c>2026-01-02T15:04:05</c>.</summary>
    private const int IsoLength = 19;

    /// <summary>Digits of the seconds since 1970.</summary>
    private const int EpochDigits = 10;

    /// <summary>Longer tokens are no times.</summary>
    private const int MaxBytes = 64;

    /// <summary>Reads the token at the beginning of a text, which begins with a digit.</summary>
    /// <param name="length">Length of the token in bytes. A date and a time with a blank between them are one token.</param>
    public static NumberKind Read(ReadOnlySpan<byte> text, out int length)
    {
        if (text.Length >= IsoLength && text[13] == ':' && text[16] == ':' && text[4] == text[7] && text[4] is (byte)'-' or (byte)'/' or (byte)'.')
        {
            length = IsoLength + FractionLength(text[IsoLength..]);
            return NumberKind.Time;
        }

        return ReadAny(text, out length);
    }

    /// <summary>Length of the fraction and the offset behind the seconds.</summary>
    private static int FractionLength(ReadOnlySpan<byte> text)
    {
        int length = 0;
        while (length < text.Length && length < MaxBytes && IsPart(text, length))
        {
            length++;
        }

        return length;

        static bool IsPart(ReadOnlySpan<byte> text, int at) =>
            text[at] is >= (byte)'0' and <= (byte)'9' or (byte)'.' or (byte)',' or (byte)':' or (byte)'Z'
            || (text[at] is (byte)'+' or (byte)'-' && at + 1 < text.Length && IsDigit(text[at + 1]));
    }

    private static NumberKind ReadAny(ReadOnlySpan<byte> text, out int length)
    {
        int colons = 0;
        int dashes = 0;
        int dots = 0;
        int letters = 0;
        int digits = 0;
        for (length = 0; length < text.Length && length <= MaxBytes; length++)
        {
            byte b = text[length];
            if (IsDigit(b))
            {
                digits += colons + dashes + dots + letters == 0 ? 1 : 0;
            }
            else if (b == ':')
            {
                colons++;
            }
            else if (b is (byte)'-' or (byte)'/')
            {
                dashes++;
            }
            else if (b == '.')
            {
                dots++;
            }
            else if (IsLetter(b))
            {
                letters++;
            }
            else if (b is not ((byte)',' or (byte)'+' or (byte)'#' or (byte)'_'))
            {
                break;
            }
        }

        if (length == 0)
        {
            return NumberKind.Other;
        }

        // A colon or a comma behind a token is not part of it: "15:04:05:", "02,".
        colons -= text[length - 1] == ':' ? 1 : 0;
        if (letters == 0 && colons + dashes == 0)
        {
            return OfPlainNumber(digits, dots);
        }

        if (letters == 1 && colons == 1 && length == digits + 2)
        {
            return NumberKind.RedisRole;
        }

        // 15:04:05, 2026-01-02, 02/Jan/2006:15:04:05, 3:04PM.
        return colons >= 2 || dashes >= 2 || (colons == 1 && dashes + dots == 0 && digits <= 2) ? NumberKind.Time : NumberKind.Other;
    }

    private static NumberKind OfPlainNumber(int digits, int dots) => dots switch
    {
        // With one dot: seconds with a fraction. With two: 2026.01.02. With more: an address.
        0 or 1 => digits >= EpochDigits ? NumberKind.Time : NumberKind.Number,
        2 => NumberKind.Time,
        _ => NumberKind.Other,
    };

    private static bool IsDigit(byte b) => (uint)(b - '0') <= 9;

    private static bool IsLetter(byte b) => (uint)((b | 0x20) - 'a') < 26;
}
