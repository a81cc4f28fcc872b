namespace Shipper.Processing.Redaction;

/// <summary>Tells the path of a file from a secret: base64 has slashes, too.</summary>
internal static class PathText
{
    private const int MaxShortBytes = 7;
    private const int MinDirectoryBytes = 3;

    // Shorter ones may be anything.
    private const int MinBase64Bytes = 20;

    // Of two neighbors in base64, nearly two in three are of different classes. Of two letters of aCamelCaseWord, fewer than one in three.
    private const int PairsPerChange = 3;

    private enum Class
    {
        Other,
        Lower,
        Upper,
        Digit,
    }

    /// <summary>Returns true for a path: absolute, of Windows, or in a home directory.</summary>
    public static bool IsPath(ReadOnlySpan<byte> value) => (char)value[0] switch
    {
        '/' => (value.Length <= MaxShortBytes || value[1..].IndexOf((byte)'/') > 0) && !IsBase64(value),
        '~' => value.Length == 1 || value.Contains((byte)'/'),
        _ => value.Length > 2 && value[1] == (byte)':' && value[2] is (byte)'\\' or (byte)'/',
    };

    /// <summary>Returns true for base64 that begins with a slash: letters of both cases and digits, mixed more than in names, and behind the slash no directory.</summary>
    private static bool IsBase64(ReadOnlySpan<byte> value)
    {
        if (value.Length < MinBase64Bytes || value.ContainsAnyExcept(PrivateKeyText.Base64Bytes)
            || !value.ContainsAnyInRange((byte)'0', (byte)'9') || BeginsWithDirectory(value))
        {
            return false;
        }

        int pairs = 0;
        int changes = 0;
        for (int i = 1; i < value.Length; i++)
        {
            if (value[i] != (byte)'/' && value[i - 1] != (byte)'/')
            {
                pairs++;
                changes += ClassOf(value[i]) != ClassOf(value[i - 1]) ? 1 : 0;
            }
        }

        return changes * PairsPerChange >= pairs;
    }

    /// <summary>Returns true if the first directory has only small letters: <c>/run</c>, <c>/etc</c>.</summary>
    private static bool BeginsWithDirectory(ReadOnlySpan<byte> value)
    {
        int length = value[1..].IndexOf((byte)'/');
        return length >= MinDirectoryBytes && !value.Slice(1, length).ContainsAnyExceptInRange((byte)'a', (byte)'z');
    }

    private static Class ClassOf(byte value) =>
        AsciiByte.IsDigit(value) ? Class.Digit : AsciiByte.IsUpper(value) ? Class.Upper : AsciiByte.IsLetter(value) ? Class.Lower : Class.Other;
}
