using System.Text;

namespace Shipper.Processing.Redaction;

/// <summary>Finds cookies and credentials in the values of headers, in text, JSON and logfmt.</summary>
internal static class HeaderRule
{
    /// <summary>Matches the value of a header: cookies or credentials.</summary>
    /// <param name="slashes">Number of backslashes in front of the quote of the value; -1 if it has none.</param>
    public static bool TryMatch(in RedactText text, KeyKind kind, ReadOnlySpan<byte> key, int slashes, ref int start, out int end)
    {
        ReadOnlySpan<byte> bytes = text.Text;
        if (kind == KeyKind.Cookie && CookieRule.TryMatch(bytes, start, isOne: IsSetCookie(key), out end))
        {
            return true;
        }

        byte quote = bytes.At(start - 1);
        start = kind == KeyKind.Authorization ? AuthorizationRule.SkipScheme(bytes, start) : start;
        end = slashes >= 0 ? ValueText.QuotedEnd(in text, start, slashes, quote) : ValueText.UnquotedEnd(bytes, start, isEncoded: false);
        return ValueText.IsValue(bytes, start, end) && SecretValues.IsSecret(bytes[start..end], kind, isText: true);
    }

    private static bool IsSetCookie(ReadOnlySpan<byte> key) => EndsWith(key, "set-cookie"u8) || EndsWith(key, "set_cookie"u8) || EndsWith(key, "setcookie"u8);

    private static bool EndsWith(ReadOnlySpan<byte> key, ReadOnlySpan<byte> end) => key.Length >= end.Length && Ascii.EqualsIgnoreCase(key[^end.Length..], end);
}
