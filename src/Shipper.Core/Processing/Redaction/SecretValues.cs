using System.Text;

namespace Shipper.Processing.Redaction;

/// <summary>Tells secrets from other values of keys whose name sounds like one: placeholders, counts, names of objects, words.</summary>
internal static class SecretValues
{
    /// <summary>Shorter values are words or counts, if key and value may be those of a sentence.</summary>
    public const int MinPasswordBytesInText = 6;

    // Nothing else is that long. A bound also keeps the time linear, because values that are no secret are looked at again.
    private const int MaxOtherBytes = 256;

    private const int MinTokenBytes = 8;
    private const int MinKeyBytes = 6;
    private const int MinBytesInText = 16;
    private const int MaxCountDigits = 9;
    private const int MinCredentialBytes = 20;

    // Of random hexadecimal digits, more than half are decimal, and there are no words.
    private const int NameBytesPerDigit = 3;
    private const int MinWordBytes = 4;

    private static readonly byte[][] Words =
    [
        "null"u8.ToArray(), "nil"u8.ToArray(), "none"u8.ToArray(), "undefined"u8.ToArray(), "true"u8.ToArray(), "false"u8.ToArray(), "yes"u8.ToArray(),
        "no"u8.ToArray(), "on"u8.ToArray(), "off"u8.ToArray(), "empty"u8.ToArray(), "redacted"u8.ToArray(), "filtered"u8.ToArray(), "masked"u8.ToArray(),
        "hidden"u8.ToArray(), "protected"u8.ToArray(), "removed"u8.ToArray(), "omitted"u8.ToArray(), "sanitized"u8.ToArray(), "set"u8.ToArray(),
        "unset"u8.ToArray(), "missing"u8.ToArray(), "present"u8.ToArray(), "required"u8.ToArray(), "invalid"u8.ToArray(), "unknown"u8.ToArray(),
        "provided"u8.ToArray(), "n/a"u8.ToArray(),
    ];

    /// <summary>Returns true if a value is a secret.</summary>
    /// <param name="kind">What its key says.</param>
    /// <param name="isText">True if key and value may be words of a sentence: <c>wrong password: try again</c>.</param>
    public static bool IsSecret(ReadOnlySpan<byte> value, KeyKind kind, bool isText)
    {
        // What an earlier rule has put in is no secret, but what follows it may be one.
        value = value[RedactMarker.Skip(value, 0)..];
        if (value.Length > MaxOtherBytes)
        {
            return true;
        }

        if (IsPlaceholder(value) || IsWord(value))
        {
            return false;
        }

        bool hasDigit = value.ContainsAnyInRange((byte)'0', (byte)'9');
        bool isNumber = !value.ContainsAnyExceptInRange((byte)'0', (byte)'9');
        if (kind is KeyKind.Password or KeyKind.Pwd)
        {
            return (kind != KeyKind.Pwd || !PathText.IsPath(value))
                && (!isText || (value.Length >= MinPasswordBytesInText && !isNumber && IsMixed(value, hasDigit)));
        }

        if (kind == KeyKind.Authorization)
        {
            // With a scheme, in metadata; in text, other rules look for it.
            return (!isText && value.Length >= MinBytesInText && value.Contains((byte)' '))
                || (value.Length >= MinCredentialBytes && hasDigit && IsMixed(value, hasDigit));
        }

        if (kind == KeyKind.Cookie)
        {
            return (!isText && CookieRule.TryMatch(value, 0, isOne: false, out _))
                || (value.Length >= MinBytesInText && hasDigit && IsMixed(value, hasDigit));
        }

        if ((isNumber && value.Length <= MaxCountDigits) || PathText.IsPath(value) || IsUrl(value) || IsObjectName(value) || IsTypeName(value))
        {
            return false;
        }

        return (!isText || (value.Length >= MinBytesInText && IsMixed(value, hasDigit)))
            && kind switch
            {
                KeyKind.Token => value.Length >= MinTokenBytes && (hasDigit || value.Length >= 2 * MinTokenBytes),
                KeyKind.Key => value.Length >= MinKeyBytes,
                _ => true,
            };
    }

    /// <summary>Returns true for a value that stands for another, or that something has already masked.</summary>
    public static bool IsPlaceholder(ReadOnlySpan<byte> value)
    {
        value = value[RedactMarker.Skip(value, 0)..];
        if (value.IndexOf("***"u8) >= 0 || IsOneByte(value) || PrivateKeyText.SkipLineEnds(value, 0) == value.Length)
        {
            return true;
        }

        return (char)value[0] switch
        {
            '<' => value[^1] == '>',
            '$' or '#' => value.Length < 2 || value[1] is (byte)'{' or (byte)'(' || !value[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9'),
            '{' => value.StartsWith("{{"u8),
            '%' => value.Length <= 2 || value[1] is (byte)'{' or (byte)'(',
            ':' or '@' => !value[1..].ContainsAnyExceptInRange((byte)'a', (byte)'z'),
            _ => !HasText(value),
        };
    }

    private static bool IsOneByte(ReadOnlySpan<byte> value) =>
        value.IsEmpty || (!AsciiByte.IsDigit(value[0]) && value.Length > 2 && !value.ContainsAnyExcept(value[0]));

    private static bool HasText(ReadOnlySpan<byte> value)
    {
        foreach (byte one in value)
        {
            if (Characters.IsAlphanumeric(one) || one > 127)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsWord(ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> word = value.Trim("[]()<>{}*_- "u8);
        foreach (byte[] other in Words)
        {
            if (Ascii.EqualsIgnoreCase(word, other))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Returns true if a value is less likely a word than a secret: it has letters, and digits or other signs than those of a sentence.</summary>
    private static bool IsMixed(ReadOnlySpan<byte> value, bool hasDigit)
    {
        bool hasLetter = false;
        bool hasSign = false;
        foreach (byte one in value.TrimEnd((byte)'='))
        {
            if (one is (byte)' ' or (byte)'=' or (byte)'(' or (byte)'[')
            {
                return false;
            }

            hasLetter |= AsciiByte.IsLetter(one);
            hasSign |= one is (byte)'!' or (byte)'#' or (byte)'$' or (byte)'%' or (byte)'^' or (byte)'&' or (byte)'*' or (byte)'+';
        }

        return hasLetter && (hasDigit || hasSign);
    }

    private static bool IsUrl(ReadOnlySpan<byte> value) => value.StartsWith("https://"u8) || value.StartsWith("http://"u8);

    /// <summary>Returns true for a name as objects of Kubernetes have it, with its namespace or not: <c>shop/db-credentials</c>.</summary>
    private static bool IsObjectName(ReadOnlySpan<byte> value)
    {
        int digits = 0;
        int letters = 0;
        bool hasSeparator = false;
        bool hasWord = false;
        foreach (byte one in value)
        {
            if (one is >= (byte)'a' and <= (byte)'z')
            {
                letters++;
            }
            else if (AsciiByte.IsDigit(one))
            {
                digits++;
                letters = int.MinValue / 2;
            }
            else if (one is (byte)'-' or (byte)'/' or (byte)'.')
            {
                hasSeparator |= one != (byte)'.';
                hasWord |= letters >= MinWordBytes;
                letters = 0;
            }
            else
            {
                return false;
            }
        }

        return hasSeparator && (hasWord || letters >= MinWordBytes) && AsciiByte.IsLetter(value[0]) && digits * NameBytesPerDigit <= value.Length;
    }

    /// <summary>Returns true for the name of a type or a member, or an object as Java prints it: <c>com.shop.Token@1b2c3d</c>.</summary>
    private static bool IsTypeName(ReadOnlySpan<byte> value)
    {
        int at = value.IndexOf((byte)'@');
        ReadOnlySpan<byte> name = at < 0 ? value : value[..at];
        bool hasDot = false;
        int i = 0;
        for (; i < name.Length && (AsciiByte.IsLetter(name[i]) || name[i] is (byte)'.' or (byte)'$'); i++)
        {
            hasDot |= name[i] == (byte)'.';
        }

        return hasDot && (i == name.Length || name[i] == (byte)'(');
    }
}
