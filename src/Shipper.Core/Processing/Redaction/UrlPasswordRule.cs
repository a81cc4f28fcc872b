using System.Buffers;

namespace Shipper.Processing.Redaction;

/// <summary>Finds the password in <c>scheme://user:PASSWORD@host</c>. Source: RFC 3986, section 3.2.</summary>
internal static class UrlPasswordRule
{
    public const string Prefix = "://";

    /// <summary>The same in JSON, as PHP writes it.</summary>
    public const string EscapedPrefix = ":\\/\\/";

    private const int MaxAuthorityBytes = 512;

    // Behind a slash that should have been encoded in the password.
    private const int MaxMoreBytes = 128;

    private static readonly SearchValues<byte> AuthorityEnd = SearchValues.Create("; \t\r\n\"'`<>/?#\\|"u8);
    private static readonly SearchValues<byte> TextEnd = SearchValues.Create(" \t\r\n\"'`<>\\|"u8);

    /// <summary>Returns true if there is a password.</summary>
    /// <param name="index">Index of the prefix.</param>
    /// <param name="authority">Index after the prefix.</param>
    /// <param name="start">Receives the index of the password.</param>
    /// <param name="end">Receives the index after the password.</param>
    public static bool TryMatch(in RedactText text, int index, int authority, out int start, out int end)
    {
        start = end = 0;
        if (!Characters.IsAlphanumeric(text.Text.At(index - 1)))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text.Text[authority..];
        rest = rest[..Math.Min(rest.Length, MaxAuthorityBytes)];
        int length = rest.IndexOfAny(AuthorityEnd);
        bool isCut = length < 0 && text.IsCut && authority + rest.Length == text.Text.Length;
        length = length < 0 ? rest.Length : length;
        int colon = rest[..length].IndexOf((byte)':');
        if (colon < 0 || rest[0] == (byte)'[')
        {
            return false;
        }

        int at = rest[..length].LastIndexOf((byte)'@');
        if (at < 0 && !IsPort(rest[(colon + 1)..length]))
        {
            // Behind the colon is no port, so it may be a password with a slash.
            ReadOnlySpan<byte> more = rest[..Math.Min(rest.Length, length + MaxMoreBytes)];
            int moreLength = more.IndexOfAny(TextEnd);
            more = more[..(moreLength < 0 ? more.Length : moreLength)];
            at = more.IndexOf("://"u8) < 0 ? more.LastIndexOf((byte)'@') : -1;
            if (at < 0 && isCut)
            {
                at = length;
            }
        }

        start = authority + colon + 1;
        end = authority + at;
        return at > colon + 1 && !SecretValues.IsPlaceholder(text.Text[start..end]);
    }

    private static bool IsPort(ReadOnlySpan<byte> text) => text.Length <= 5 && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');
}
