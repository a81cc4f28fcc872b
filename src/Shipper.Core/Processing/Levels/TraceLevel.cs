namespace Shipper.Processing.Levels;

/// <summary>The level of stack traces that state none.</summary>
internal static class TraceLevel
{
    /// <summary>How many lines of a record are looked at.</summary>
    private const int MaxLines = 20;

    /// <summary>Returns the level of a record.</summary>
    /// <param name="text">The text without colors.</param>
    /// <param name="at">Where its message begins.</param>
    /// <param name="lines">Number of lines that were joined to it.</param>
    /// <param name="hasTime">True if its first line has a time.</param>
    public static RecordLevel Find(ReadOnlySpan<byte> text, int at, int lines, bool hasTime)
    {
        RecordLevel level = OfHead(text[Math.Min(at, text.Length)..]);
        if (level != RecordLevel.None || lines < 2)
        {
            return level;
        }

        for (int line = 1; line < MaxLines; line++)
        {
            int end = text.IndexOf((byte)'\n');
            if (end < 0)
            {
                return RecordLevel.None;
            }

            text = text[(end + 1)..];
            level = OfHead(text);
            if (level == RecordLevel.None)
            {
                level = line == 1 && hasTime ? OfSecondLine(text) : RecordLevel.None;
            }

            if (level == RecordLevel.None && IsFrame(text))
            {
                level = RecordLevel.Error;
            }

            if (level != RecordLevel.None)
            {
                return level;
            }
        }

        return RecordLevel.None;
    }

    /// <summary>The line that begins a trace.</summary>
    private static RecordLevel OfHead(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            return RecordLevel.None;
        }

        return line[0] switch
        {
            (byte)'T' when line.StartsWith("Traceback (most recent call last)"u8) => RecordLevel.Error,
            (byte)'U' when line.StartsWith("Unhandled exception"u8) || line.StartsWith("Unhandled Exception"u8) => RecordLevel.Error,
            (byte)'U' when line.StartsWith("Uncaught exception"u8) || line.StartsWith("Uncaught Exception"u8) => RecordLevel.Error,
            (byte)'E' when line.StartsWith("Exception in thread \""u8) => RecordLevel.Error,
            (byte)'t' when line.StartsWith("thread '"u8) && line[..Math.Min(line.Length, 120)].IndexOf("' panicked at "u8) > 0 => RecordLevel.Error,
            (byte)'p' when line.StartsWith("panic: "u8) => RecordLevel.Fatal,
            (byte)'f' when line.StartsWith("fatal error: "u8) => RecordLevel.Fatal,
            _ => RecordLevel.None,
        };
    }

    /// <summary>java.util.logging has a line <c>Jan 02, 2026 3:04:05 PM class method</c>, and then <c>INFO: message</c>.</summary>
    private static RecordLevel OfSecondLine(ReadOnlySpan<byte> line)
    {
        int length = line[..Math.Min(line.Length, LevelWord.MaxBytes + 1)].IndexOf((byte)':');
        LevelWord word = length > 0 ? LevelWord.Find(line[..length]) : default;
        bool isLevel = word.Level != RecordLevel.None && word.Kind <= WordKind.Ordinary && AsciiByte.IsUpper(line[length - 1]);
        return isLevel ? word.Level : RecordLevel.None;
    }

    private static bool IsFrame(ReadOnlySpan<byte> line) =>
        line.StartsWith("\tat "u8) || line.StartsWith("    at "u8) || line.StartsWith("   at "u8) || line.StartsWith("  File \""u8)
        || line.StartsWith("\tfrom "u8)
        || line.StartsWith("Caused by: "u8) || line.StartsWith("goroutine "u8) || line.StartsWith("#0 "u8) || line.StartsWith("stack backtrace:"u8);
}
