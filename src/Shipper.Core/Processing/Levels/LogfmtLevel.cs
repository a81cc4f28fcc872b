namespace Shipper.Processing.Levels;

/// <summary>Finds the level in pairs of logfmt: <c>time=2026-01-02T15:04:05Z level=info msg="a b"</c>.</summary>
internal static class LogfmtLevel
{
    /// <summary>Reads pairs up to the first that states a level, or up to a token that is no pair.</summary>
    /// <param name="at">Position of a key; afterwards of the token that is no pair.</param>
    /// <param name="fallback">Set if a key that may state a level does so, unless it is set already.</param>
    public static RecordLevel Find(ReadOnlySpan<byte> text, ref int at, ref RecordLevel fallback)
    {
        while (TryReadKey(text, at, out int length))
        {
            LevelKey key = LevelKeys.OfLogfmt(text.Slice(at, length));
            at += length + 1;
            ReadOnlySpan<byte> value = ReadValue(text, ref at);
            if (key != LevelKey.None)
            {
                RecordLevel level = LevelValue.Read(value, key);
                if (level != RecordLevel.None && key != LevelKey.Syslog)
                {
                    return level;
                }

                fallback = fallback == RecordLevel.None ? level : fallback;
            }

            while (at < text.Length && text[at] is (byte)' ' or (byte)'\t')
            {
                at++;
            }
        }

        return RecordLevel.None;
    }

    /// <summary>Returns true if a key and an equals sign are at a position.</summary>
    /// <param name="length">Length of the key in bytes.</param>
    public static bool TryReadKey(ReadOnlySpan<byte> text, int at, out int length)
    {
        int end = at;
        while (end < text.Length && IsKeyByte(text[end]))
        {
            end++;
        }

        length = end - at;
        return length > 0 && end < text.Length && text[end] == '=';
    }

    private static bool IsKeyByte(byte b) => (uint)((b | 0x20) - 'a') < 26 || (uint)(b - '-') <= '9' - '-' || b is (byte)'_' or (byte)'@';

    private static ReadOnlySpan<byte> ReadValue(ReadOnlySpan<byte> text, ref int at)
    {
        int start = at;
        if (at >= text.Length || text[at] != '"')
        {
            int length = text[at..].IndexOfAny((byte)' ', (byte)'\t', (byte)'\n');
            at = length < 0 ? text.Length : at + length;
            return text[start..at];
        }

        at++;
        while (at < text.Length)
        {
            int next = text[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
            {
                break;
            }

            at += next;
            if (text[at] == '"')
            {
                at++;
                return text[(start + 1)..(at - 1)];
            }

            at = Math.Min(at + 2, text.Length);
        }

        at = text.Length;
        return text[(start + 1)..];
    }
}
