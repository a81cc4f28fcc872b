using System.Buffers;
using System.Text;

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

    private const int MaxSchemeBytes = 16;

    private static readonly SearchValues<byte> AuthorityEnd = SearchValues.Create("; \t\r\n\"'`<>/?#\\|"u8);

    private static readonly byte[][] SchemesWithoutSign =
    [
        "postgres"u8.ToArray(), "postgresql"u8.ToArray(), "mysql"u8.ToArray(), "mariadb"u8.ToArray(), "sqlserver"u8.ToArray(), "clickhouse"u8.ToArray(),
        "mongodb"u8.ToArray(), "mongodb+srv"u8.ToArray(), "redis"u8.ToArray(), "rediss"u8.ToArray(), "amqp"u8.ToArray(), "amqps"u8.ToArray(), "nats"u8.ToArray(),
    ];

    private static readonly SearchValues<byte> SchemeBytes = Characters.LettersDigitsAnd("+");
    private static readonly SearchValues<byte> PathEnd = SearchValues.Create("?# \t\r\n\"'`<>\\|"u8);
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

        ReadOnlySpan<byte> all = text.Text[authority..];
        ReadOnlySpan<byte> rest = all[..Math.Min(all.Length, MaxAuthorityBytes)];
        int length = rest.IndexOfAny(AuthorityEnd);
        bool isLong = length < 0 && rest.Length < all.Length;
        bool isCut = length < 0 && text.IsCut && !isLong;
        length = length < 0 ? rest.Length : length;
        int colon = IndexOfColon(rest[..length]);
        if (colon < 0 || (rest[0] == (byte)'[' && RedactMarker.Skip(rest, 0) == 0))
        {
            return false;
        }

        // In a text without an end, the last sign would be another one after each replacement.
        int at = isLong ? rest.IndexOf((byte)'@') : rest[..length].LastIndexOf((byte)'@');
        bool isHost = at >= 0 ? IsHost(rest[(at + 1)..length]) : IsPort(rest[(colon + 1)..length]);
        if (!isLong && (!isHost || (at >= 0 && HasNoSignInPath(text.Text[..index]))))
        {
            // No host or port is there, or the rest can't be a path: the password may have a slash.
            ReadOnlySpan<byte> more = all[..Math.Min(all.Length, length + MaxMoreBytes)];
            int moreLength = more.IndexOfAny(isHost ? PathEnd : TextEnd);
            bool hasEnd = moreLength >= 0 || more.Length == all.Length;
            more = more[..(moreLength < 0 ? more.Length : moreLength)];
            at = hasEnd && more.IndexOf("://"u8) < 0 ? Math.Max(at, more.LastIndexOf((byte)'@')) : at;
            if (at < 0 && isCut)
            {
                at = length;
            }
        }

        start = authority + colon + 1;
        end = authority + at;
        return at > colon + 1 && !SecretValues.IsPlaceholder(text.Text[start..end]);
    }

    /// <summary>Returns the index of the colon behind the user, who may have been replaced; -1 if there is none.</summary>
    private static int IndexOfColon(ReadOnlySpan<byte> text)
    {
        for (int from = 0, length; (length = text[from..].IndexOf((byte)':')) >= 0;)
        {
            int marker = from + length - RedactMarker.Start.Length + 1;
            int end = marker >= from ? RedactMarker.Skip(text, marker) : marker;
            if (end == marker)
            {
                return from + length;
            }

            from = end;
        }

        return -1;
    }

    /// <summary>Returns true if what follows a password may be a host.</summary>
    private static bool IsHost(ReadOnlySpan<byte> text)
    {
        int colon = text.LastIndexOf((byte)':');
        return colon < 0 || text[0] == (byte)'[' || IsPort(text[(colon + 1)..]);
    }

    private static bool IsPort(ReadOnlySpan<byte> text) => text.Length <= 5 && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    /// <summary>Returns true if the URL at the end of a text is that of a database or a queue. The path of others may have an at sign: <c>/@scope/name</c>.</summary>
    private static bool HasNoSignInPath(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> scheme = text[^Math.Min(text.Length, MaxSchemeBytes)..];
        scheme = scheme[(scheme.LastIndexOfAnyExcept(SchemeBytes) + 1)..];
        foreach (byte[] other in SchemesWithoutSign)
        {
            if (Ascii.EqualsIgnoreCase(scheme, other))
            {
                return true;
            }
        }

        return false;
    }
}
