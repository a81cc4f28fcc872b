using System.Runtime.CompilerServices;

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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NumberKind Read(ReadOnlySpan<byte> text, out int length)
    {
        if (text.Length >= IsoLength && text[13] == ':' && text[16] == ':' && text[4] == text[7] && text[4] is (byte)'-' or (byte)'/' or (byte)'.')
        {
            length = IsoLength + TailLength(text[IsoLength..]);
            return NumberKind.Time;
        }

        return ReadAny(text, out length);
    }

    /// <summary>Length of what is behind the seconds: a fraction, the offset from UTC, a colon.</summary>
    private static int TailLength(ReadOnlySpan<byte> text)
    {
        int length = 0;
        if (text.Length > 1 && text[0] is (byte)'.' or (byte)',')
        {
            length = SkipDigits(text, 1);
        }

        if (length < text.Length && text[length] == 'Z')
        {
            length++;
        }
        else if (length + 1 < text.Length && text[length] is (byte)'+' or (byte)'-' && AsciiByte.IsDigit(text[length + 1]))
        {
            length = SkipDigits(text, length + 1);
            if (length + 1 < text.Length && text[length] == ':' && AsciiByte.IsDigit(text[length + 1]))
            {
                length = SkipDigits(text, length + 1);
            }
        }

        return length < text.Length && text[length] == ':' ? length + 1 : length;
    }

    /// <summary>Returns the position behind the digits at a position.</summary>
    public static int SkipDigits(ReadOnlySpan<byte> text, int at)
    {
        while ((uint)at < (uint)text.Length && AsciiByte.IsDigit(text[at]))
        {
            at++;
        }

        return at;
    }

    private static NumberKind ReadAny(ReadOnlySpan<byte> text, out int length)
    {
        int colons = 0;
        int dashes = 0;
        int dots = 0;
        int letters = 0;
        int digits = SkipDigits(text, 0);

        // A local variable stays in a register.
        int end = digits;
        for (; (uint)end < (uint)text.Length && end <= MaxBytes; end++)
        {
            byte b = text[end];
            if (AsciiByte.IsDigit(b))
            {
                continue;
            }

            if (b == '.')
            {
                dots++;
            }
            else if (b == ':')
            {
                colons++;
            }
            else if (b is (byte)'-' or (byte)'/')
            {
                dashes++;
            }
            else if (AsciiByte.IsLetter(b))
            {
                letters++;
            }
            else if (b is not ((byte)',' or (byte)'+' or (byte)'#' or (byte)'_'))
            {
                break;
            }
        }

        length = end;
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
}
