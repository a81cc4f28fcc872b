using System.Buffers;

namespace Shipper.Processing.Redaction;

/// <summary>Recognizes the names of keys whose value is a secret, by their end: <c>DB_PASSWORD</c>, <c>clientSecret</c>, <c>x-api-key</c>.</summary>
internal static class KeyNames
{
    /// <summary>Literals of which each such name has at least one, in lower case.</summary>
    public static readonly string[] Literals =
    [
        "passw", "pass_w", "pass-w", "pass.w", "passphrase", "pass_phrase", "pass-phrase", "pass.phrase", "pwd", "secret", "token",
        "apikey", "api_key", "api-key", "api.key", "accesskey", "access_key", "access-key", "access.key", "accountkey",
        "privatekey", "private_key", "private-key", "private.key", "cookie", "authorization",
    ];

    private const int MaxNumberDigits = 2;

    // Without separators.
    private static readonly (byte[] End, KeyKind Kind)[] Ends =
    [
        ("password"u8.ToArray(), KeyKind.Password), ("passwd"u8.ToArray(), KeyKind.Password), ("passphrase"u8.ToArray(), KeyKind.Password),
        ("passwordconfirmation"u8.ToArray(), KeyKind.Password), ("passwordconfirm"u8.ToArray(), KeyKind.Password),
        ("pwd"u8.ToArray(), KeyKind.Pwd), ("secret"u8.ToArray(), KeyKind.Secret), ("token"u8.ToArray(), KeyKind.Token),
        ("apikey"u8.ToArray(), KeyKind.Key), ("accesskey"u8.ToArray(), KeyKind.Key), ("secretkey"u8.ToArray(), KeyKind.Key),
        ("privatekey"u8.ToArray(), KeyKind.Key), ("accountkey"u8.ToArray(), KeyKind.Key),
        ("secretkeybase"u8.ToArray(), KeyKind.Key), ("cookie"u8.ToArray(), KeyKind.Cookie), ("authorization"u8.ToArray(), KeyKind.Authorization),
    ];

    private static readonly SearchValues<byte> LastBytes = SearchValues.Create([.. Ends.Select(end => end.End[^1])]);

    // A token of a page of results, or one that cancels an operation.
    private static readonly byte[][] OtherTokens =
    [
        "page"u8.ToArray(), "next"u8.ToArray(), "continue"u8.ToArray(), "continuation"u8.ToArray(), "cancellation"u8.ToArray(), "cancel"u8.ToArray(),
        "sync"u8.ToArray(), "resume"u8.ToArray(), "delta"u8.ToArray(),
    ];

    /// <summary>Returns what a name says about its value.</summary>
    /// <param name="name">Letters, digits, and the separators _ - and a dot.</param>
    public static KeyKind KindOf(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> withoutNumber = name;
        while (name.Length - withoutNumber.Length < MaxNumberDigits && withoutNumber.Length > 0 && AsciiByte.IsDigit(withoutNumber[^1]))
        {
            withoutNumber = withoutNumber[..^1];
        }

        withoutNumber = withoutNumber.Length < name.Length ? withoutNumber.TrimEnd("_-."u8) : withoutNumber;
        byte last = withoutNumber.IsEmpty ? (byte)0 : Characters.ToLower(withoutNumber[^1]);
        if (!LastBytes.Contains(last))
        {
            return KeyKind.None;
        }

        foreach ((byte[] end, KeyKind kind) in Ends)
        {
            if (last != end[^1])
            {
                continue;
            }

            // Forms have password1 and password2, and environments DB_PASSWORD_2. Of others, a number at the end makes a different name.
            if (TryTrimEnd(kind == KeyKind.Password ? withoutNumber : name, end, out ReadOnlySpan<byte> before))
            {
                return kind == KeyKind.Token && IsOtherToken(before) ? KeyKind.None : kind;
            }
        }

        return KeyKind.None;
    }

    private static bool IsOtherToken(ReadOnlySpan<byte> before)
    {
        foreach (byte[] end in OtherTokens)
        {
            if (TryTrimEnd(before, end, out _))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Removes a word from the end of a name, whatever its case and wherever separators are in it.</summary>
    private static bool TryTrimEnd(ReadOnlySpan<byte> name, ReadOnlySpan<byte> word, out ReadOnlySpan<byte> before)
    {
        int i = name.Length - 1;
        for (int j = word.Length - 1; j >= 0; j--, i--)
        {
            while (i >= 0 && j < word.Length - 1 && name[i] is (byte)'_' or (byte)'-' or (byte)'.')
            {
                i--;
            }

            if (i < 0 || Characters.ToLower(name[i]) != word[j])
            {
                before = default;
                return false;
            }
        }

        while (i >= 0 && name[i] is (byte)'_' or (byte)'-' or (byte)'.')
        {
            i--;
        }

        before = name[..(i + 1)];
        return true;
    }
}
