using System.Buffers;

namespace Shipper.Processing.Redaction;

/// <summary>
/// Finds the cookies in the value of a header: all pairs of <c>Cookie: a=1; b=2</c>, the first one of <c>Set-Cookie: a=1; Path=/</c>. Source: RFC 6265.
/// </summary>
internal static class CookieRule
{
    // Servers accept no longer headers. A bound keeps the time linear.
    private const int MaxBytes = 8 * 1024;

    private static readonly SearchValues<byte> NameBytes = Characters.LettersDigitsAnd("!#$%&*+-.^_|~");
    private static readonly SearchValues<byte> ValueEnd = SearchValues.Create(" \t\r\n;,\"'`\\]<>"u8);

    private static readonly byte[][] Attributes =
    [
        "path"u8.ToArray(), "domain"u8.ToArray(), "expires"u8.ToArray(), "max-age"u8.ToArray(), "maxage"u8.ToArray(), "samesite"u8.ToArray(),
        "secure"u8.ToArray(), "httponly"u8.ToArray(), "partitioned"u8.ToArray(), "priority"u8.ToArray(), "version"u8.ToArray(),
        "name"u8.ToArray(), "size"u8.ToArray(), "count"u8.ToArray(),
    ];

    /// <summary>Returns true if cookies begin at an index.</summary>
    /// <param name="isOne">True if only the first pair is a cookie, and what follows are its attributes.</param>
    /// <param name="end">Receives the index after them.</param>
    public static bool TryMatch(ReadOnlySpan<byte> text, int start, bool isOne, out int end)
    {
        end = start;
        bool isSecret = false;
        for (int pair = start; TryReadPair(text, pair, out int nameEnd, out int pairEnd); pair = NextPair(text, pairEnd))
        {
            end = pairEnd;
            isSecret |= !IsAttribute(text[pair..nameEnd]) && SecretValues.IsSecret(text[(nameEnd + 1)..pairEnd], KeyKind.Password, isText: false);
            if (isOne || text.At(pairEnd) != (byte)';' || (!isSecret && pairEnd - start > MaxBytes))
            {
                break;
            }
        }

        return isSecret;
    }

    private static bool TryReadPair(ReadOnlySpan<byte> text, int start, out int nameEnd, out int end)
    {
        nameEnd = end = Characters.RunEnd(text, Math.Min(start, text.Length), NameBytes);
        if (nameEnd <= start || text.At(nameEnd) != (byte)'=')
        {
            return false;
        }

        int valueStart = RedactMarker.Skip(text, nameEnd + 1);
        ReadOnlySpan<byte> value = text[valueStart..];
        value = value[..Math.Min(value.Length, MaxBytes)];
        int length = value.IndexOfAny(ValueEnd);
        end = valueStart + (length < 0 ? value.Length : length);
        return end > nameEnd + 1;
    }

    private static int NextPair(ReadOnlySpan<byte> text, int end) => end + (text.At(end + 1) == (byte)' ' ? 2 : 1);

    private static bool IsAttribute(ReadOnlySpan<byte> name)
    {
        foreach (byte[] attribute in Attributes)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(name, attribute))
            {
                return true;
            }
        }

        return false;
    }
}
