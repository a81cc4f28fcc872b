using System.Buffers;
using Shipper.Processing.Ansi;

namespace Shipper.Processing.Multiline;

/// <summary>Recognizes how a line begins.</summary>
internal static class RecordStarts
{
    private const int MaxLevelLength = 11;

    private static readonly SearchValues<byte> EndsOfLevel = SearchValues.Create(" \t:]|,\u001b"u8);
    private static readonly SearchValues<byte> DigitsAndDot = SearchValues.Create("0123456789."u8);

    /// <summary>The words and abbreviations that loggers write, between spaces.</summary>
    private static ReadOnlySpan<byte> Levels =>
        """ trace trce trc verbose finest finer fine config debug dbug debu dbg info inf information log notice note warning warn wrn error erro err fail """u8
        + """severe critical crit alert emergency emerg fatal ftl panic """u8;

    /// <summary>Returns true if the line can't continue another one.</summary>
    public static bool IsUnmistakable(ReadOnlySpan<byte> text) => Of(text) switch
    {
        RecordStart.Time or RecordStart.Klog or RecordStart.Field or RecordStart.Address or RecordStart.Json => true,
        RecordStart.Level => IsBelowError(text[(text[0] == (byte)'[' ? 1 : 0)..]),
        _ => false,
    };

    /// <summary>Returns true for INFO and other levels below error in capitals. Messages of several lines may have lines that begin with ERROR.</summary>
    private static bool IsBelowError(ReadOnlySpan<byte> level) =>
        level[0] is (byte)'T' or (byte)'D' or (byte)'I' or (byte)'W' or (byte)'N' && AsciiByte.IsUpper(level[1]);

    /// <summary>Returns how a line begins.</summary>
    /// <param name="text">The line, from behind ANSI sequences at its start.</param>
    public static RecordStart Of(ReadOnlySpan<byte> text)
    {
        // Shorter lines are no records of a logger.
        if (text.Length < 5)
        {
            return RecordStart.None;
        }

        byte first = text[0];
        if (AsciiByte.IsDigit(first))
        {
            return IsTime(text) ? RecordStart.Time : IsAddress(text) ? RecordStart.Address : RecordStart.None;
        }

        switch (first)
        {
            case (byte)'[':
                ReadOnlySpan<byte> inside = text[(1 + AnsiText.Skip(text[1..]))..];
                return IsTime(inside) || IsNamedTime(inside) ? RecordStart.Time
                    : LengthOfLevel(inside) > 0 ? RecordStart.Level
                    : RecordStart.Bracket;
            case (byte)'{':
                return text[^1] == (byte)'}' && text[1..].TrimStart((byte)' ') is [(byte)'"', ..] ? RecordStart.Json : RecordStart.None;
            case (byte)'<':
                return IsPriority(text) ? RecordStart.Level : RecordStart.None;
        }

        return !char.IsAsciiLetter((char)first) ? RecordStart.None
            : IsKlog(text) ? RecordStart.Klog
            : IsNamedTime(text) ? RecordStart.Time
            : IsField(text) ? RecordStart.Field
            : LengthOfLevel(text) > 0 ? RecordStart.Level
            : RecordStart.None;
    }

    /// <summary>Returns true if the text begins with the short English name of a month.</summary>
    public static bool IsMonth(ReadOnlySpan<byte> text) =>
        text.Length >= 3 && (char)text[0] switch
        {
            'J' => text[1..].StartsWith("an"u8) || text[1..].StartsWith("un"u8) || text[1..].StartsWith("ul"u8),
            'F' => text[1..].StartsWith("eb"u8),
            'M' => text[1..].StartsWith("ar"u8) || text[1..].StartsWith("ay"u8),
            'A' => text[1..].StartsWith("pr"u8) || text[1..].StartsWith("ug"u8),
            'S' => text[1..].StartsWith("ep"u8),
            'O' => text[1..].StartsWith("ct"u8),
            'N' => text[1..].StartsWith("ov"u8),
            'D' => text[1..].StartsWith("ec"u8),
            _ => false,
        };

    /// <summary>Returns true if the text begins with the short English name of a day of the week.</summary>
    private static bool IsDay(ReadOnlySpan<byte> text) =>
        text.Length >= 3 && (char)text[0] switch
        {
            'M' => text[1..].StartsWith("on"u8),
            'T' => text[1..].StartsWith("ue"u8) || text[1..].StartsWith("hu"u8),
            'W' => text[1..].StartsWith("ed"u8),
            'F' => text[1..].StartsWith("ri"u8),
            'S' => text[1..].StartsWith("at"u8) || text[1..].StartsWith("un"u8),
            _ => false,
        };

    /// <summary>Returns true for times that begin with a digit.</summary>
    private static bool IsTime(ReadOnlySpan<byte> text)
    {
        int digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits <= 0 || text.Length < digits + 4)
        {
            return false;
        }

        byte next = text[digits];
        ReadOnlySpan<byte> rest = text[(digits + 1)..];
        return digits switch
        {
            // 2026-01-02, 2026/01/02
            4 => next is (byte)'-' or (byte)'/' or (byte)'.' && rest.Length >= 5 && IsPair(rest) && rest[2] == next && IsPair(rest[3..]),

            // 15:04:05, 9:04:05, 12:00PM; 02/Jan/2026, 02-Jan-2026, 2 Jan 2026; 26/01/02 15:04:05; 02.01.2026 15:04:05
            1 or 2 => (next == (byte)':' && IsPair(rest) && (rest[2] == (byte)':' || rest[2..].StartsWith("AM"u8) || rest[2..].StartsWith("PM"u8)))
                || (next is (byte)'/' or (byte)'-' or (byte)' ' && IsMonth(rest) && rest.Length > 4 && rest[3] == next)
                || (next is (byte)'/' or (byte)'.' && rest.Length >= 8 && IsPair(rest) && rest[2] == next && IsPair(rest[3..])
                    && (rest[5] == (byte)' ' || IsPair(rest[5..])))
                || IsRedis(next, rest),

            // 20260102T150405, 20260102 15:04:05
            8 => next is (byte)'T' or (byte)' ' && IsPair(rest),

            // Seconds or milliseconds since 1970
            10 or 13 => next is (byte)' ' or (byte)'\t' or (byte)']' || (next == (byte)'.' && AsciiByte.IsDigit(rest[0])),
            _ => IsRedis(next, rest),
        };
    }

    /// <summary>Returns true behind the number of the process in <c>1:M 02 Jan 2026 15:04:05.123</c>.</summary>
    private static bool IsRedis(byte next, ReadOnlySpan<byte> rest) =>
        next == (byte)':' && rest.Length > 8 && rest[0] is (byte)'M' or (byte)'C' or (byte)'S' or (byte)'X'
        && rest[1] == (byte)' ' && IsPair(rest[2..]) && IsMonth(rest[5..]);

    /// <summary>
    /// Returns true for times that begin with a name: <c>Jan  2 15:04:05</c>, <c>Fri Jan 02</c>, <c>Fri, 02 Jan</c>; and for Ruby's <c>E, [2026-01-02</c>.
    /// </summary>
    private static bool IsNamedTime(ReadOnlySpan<byte> text)
    {
        if (text.Length < 8 || !char.IsAsciiLetterUpper((char)text[0]))
        {
            return false;
        }

        if (text[1] == (byte)',')
        {
            return text[2] == (byte)' ' && text[3] == (byte)'[' && IsTime(text[4..]);
        }

        if (IsMonth(text))
        {
            return text[3] == (byte)' ' && (AsciiByte.IsDigit(text[4]) || (text[4] == (byte)' ' && AsciiByte.IsDigit(text[5])));
        }

        if (!IsDay(text))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[3..].TrimStart(", "u8);
        return IsMonth(rest) || (rest.Length > 2 && AsciiByte.IsDigit(rest[0]));
    }

    private static bool IsKlog(ReadOnlySpan<byte> text) =>
        text.Length > 14 && text[0] is (byte)'I' or (byte)'W' or (byte)'E' or (byte)'F' or (byte)'D'
        && IsPair(text[1..]) && IsPair(text[3..]) && text[5] == (byte)' '
        && IsPair(text[6..]) && text[8] == (byte)':' && IsPair(text[9..]) && text[11] == (byte)':';

    /// <summary>Returns true for <c>10.0.0.1 </c>.</summary>
    private static bool IsAddress(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> beginning = text[..Math.Min(text.Length, 16)];
        int end = beginning.IndexOfAnyExcept(DigitsAndDot);
        return end >= 7 && beginning[end] == (byte)' ' && beginning[..end].Count((byte)'.') == 3;
    }

    /// <summary>Returns true for the priority of syslog: <c>&lt;14&gt;</c>.</summary>
    private static bool IsPriority(ReadOnlySpan<byte> text)
    {
        int end = text[..Math.Min(text.Length, 5)].IndexOf((byte)'>');
        return end > 1 && !text[1..end].ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    private static bool IsField(ReadOnlySpan<byte> text)
    {
        int end = text[..Math.Min(text.Length, 10)].IndexOf((byte)'=');
        return end > 0 && (text[..end].SequenceEqual("time"u8) || text[..end].SequenceEqual("ts"u8) || text[..end].SequenceEqual("t"u8)
            || text[..end].SequenceEqual("level"u8) || text[..end].SequenceEqual("lvl"u8) || text[..end].SequenceEqual("msg"u8)
            || text[..end].SequenceEqual("timestamp"u8) || text[..end].SequenceEqual("severity"u8));
    }

    /// <summary>Returns the length of the level at the start of a text; 0 if there is none.</summary>
    private static int LengthOfLevel(ReadOnlySpan<byte> text)
    {
        int length = text[..Math.Min(text.Length, MaxLevelLength + 1)].IndexOfAny(EndsOfLevel);
        if (length < 3)
        {
            return 0;
        }

        ReadOnlySpan<byte> word = text[..length];
        bool isUpper = !word.ContainsAnyExceptInRange((byte)'A', (byte)'Z');
        if (!isUpper && (word.ContainsAnyExceptInRange((byte)'a', (byte)'z') || text[length] == (byte)' '))
        {
            return 0;
        }

        // The word in lower case, between spaces.
        Span<byte> lower = stackalloc byte[MaxLevelLength + 2];
        lower.Fill((byte)' ');
        for (int i = 0; i < word.Length; i++)
        {
            lower[i + 1] = (byte)(word[i] | 0x20);
        }

        return Levels.IndexOf(lower[..(length + 2)]) >= 0 ? length : 0;
    }

    private static bool IsPair(ReadOnlySpan<byte> text) => text.Length >= 2 && AsciiByte.IsDigit(text[0]) && AsciiByte.IsDigit(text[1]);
}
