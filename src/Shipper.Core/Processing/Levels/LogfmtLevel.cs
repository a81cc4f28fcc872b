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

            while (at < text.Length && AsciiByte.IsBlank(text[at]))
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
        // Most keys have letters only.
        int end = at;
        while ((uint)end < (uint)text.Length && AsciiByte.IsLetter(text[end]))
        {
            end++;
        }

        if ((uint)end < (uint)text.Length && text[end] != '=')
        {
            end = EndOfKey(text, end);
        }

        length = end - at;
        return length > 0 && (uint)end < (uint)text.Length && text[end] == '=';
    }

    /// <summary>A key can have letters, digits and <c>- . / _ @</c>.</summary>
    private static int EndOfKey(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && (AsciiByte.IsLetter(text[at]) || (uint)(text[at] - '-') <= '9' - '-' || text[at] is (byte)'_' or (byte)'@'))
        {
            at++;
        }

        return at;
    }

    private static ReadOnlySpan<byte> ReadValue(ReadOnlySpan<byte> text, ref int at)
    {
        int start = at;
        if (at >= text.Length || text[at] != '"')
        {
            // A local variable stays in a register.
            int position = start;
            while ((uint)position < (uint)text.Length && !AsciiByte.IsWhiteSpace(text[position]))
            {
                position++;
            }

            at = position;
            return text[start..position];
        }

        int end = start + 1;
        while (end < text.Length)
        {
            end += text[end..].IndexOfAny((byte)'"', (byte)'\\') is >= 0 and var next ? next : text.Length - end;
            if (end < text.Length && text[end] == '"')
            {
                at = end + 1;
                return text[(start + 1)..end];
            }

            // What a backslash escapes does not end the value.
            end += 2;
        }

        at = text.Length;
        return text[(start + 1)..];
    }
}
