using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using Shipper.Processing.Ansi;

namespace Shipper.Processing.Levels;

/// <summary>Reads the value of a key that states a level.</summary>
internal static class LevelValue
{
    /// <summary>Values of this length, without their colors, and longer ones are no levels.</summary>
    private const int MaxBytes = 64;

    /// <summary>Returns the level that a value states.</summary>
    /// <param name="value">A number, or a text without its quotes. It may have colors, which winston writes as <c>\u001b[32minfo\u001b[39m</c>.</param>
    /// <param name="key">The kind of the key.</param>
    /// <returns><see cref="RecordLevel.None"/> if it is no level, such as the level <c>Metadata</c> of Kubernetes' audit log.</returns>
    public static RecordLevel Read(ReadOnlySpan<byte> value, LevelKey key)
    {
        LevelWord word = LevelWord.Find(value);
        if (word.Level != RecordLevel.None && word.Kind < WordKind.Postgres && value.Length > 1 && key != LevelKey.OpenTelemetry)
        {
            return word.Level;
        }

        return word.Code == 0 && !value.IsEmpty ? ReadAny(value, key) : RecordLevel.None;
    }

    [SkipLocalsInit]
    private static RecordLevel ReadAny(scoped ReadOnlySpan<byte> value, LevelKey key)
    {
        Span<byte> buffer = stackalloc byte[MaxBytes];
        if (value.Contains(AnsiText.Escape))
        {
            value = buffer[..AnsiText.Strip(value, buffer)];
        }

        if (value.Length >= MaxBytes)
        {
            return RecordLevel.None;
        }

        value = WithoutEscapedColors(value).Trim((byte)' ');
        if (value.IsEmpty)
        {
            return RecordLevel.None;
        }

        if (AsciiByte.IsDigit(value[0]))
        {
            return Utf8Parser.TryParse(value, out int number, out int length) && IsEnd(value, length) ? OfNumber(number, key) : RecordLevel.None;
        }

        return key == LevelKey.OpenTelemetry ? RecordLevel.None : OfWord(value, key);
    }

    private static RecordLevel OfWord(ReadOnlySpan<byte> value, LevelKey key)
    {
        if (value.Length == 1)
        {
            return LevelWord.OfLetter(value[0]);
        }

        if (key == LevelKey.Mongo && value.Length == 2 && value[0] == 'D')
        {
            // D1 to D5.
            return RecordLevel.Debug;
        }

        if (key == LevelKey.Word && Ascii.EqualsIgnoreCase(value, "default"u8))
        {
            // Google Cloud's severity of an entry without one. Saying so keeps Loki from guessing by the words of the message.
            return RecordLevel.Info;
        }

        // Go's slog writes levels between the named ones as INFO+2.
        int sign = value.Length > 2 && value[^2] is (byte)'+' or (byte)'-' ? value.Length - 2 : value.Length;
        LevelWord word = LevelWord.Find(value[..sign]);
        return word.Kind < WordKind.Postgres ? word.Level : RecordLevel.None;
    }

    private static RecordLevel OfNumber(int number, LevelKey key) => key switch
    {
        LevelKey.Syslog or LevelKey.SyslogObject => RecordLevels.FromSyslogPriority(number),
        LevelKey.OpenTelemetry => number is > 0 and <= 24 ? (RecordLevel)(((number - 1) / 4) + 1) : RecordLevel.None,
        LevelKey.Level => OfLevelNumber(number),
        _ => RecordLevel.None,
    };

    /// <summary>The scales do not overlap: pino and bunyan have 10 to 60, monolog 100 to 600, logback 5,000 to 40,000.</summary>
    private static RecordLevel OfLevelNumber(int number) => number switch
    {
        < 10 => RecordLevel.None,
        < 20 => RecordLevel.Trace,
        < 30 => RecordLevel.Debug,
        < 40 => RecordLevel.Info,
        < 50 => RecordLevel.Warn,
        < 60 => RecordLevel.Error,
        < 100 => RecordLevel.Fatal,
        < 200 => RecordLevel.Debug,
        < 300 => RecordLevel.Info,
        < 400 => RecordLevel.Warn,
        < 500 => RecordLevel.Error,
        <= 600 => RecordLevel.Critical,
        5_000 => RecordLevel.Trace,
        10_000 => RecordLevel.Debug,
        20_000 => RecordLevel.Info,
        30_000 => RecordLevel.Warn,
        40_000 => RecordLevel.Error,
        _ => RecordLevel.None,
    };

    /// <summary>Returns true if a number ends here, or only has a fraction.</summary>
    private static bool IsEnd(ReadOnlySpan<byte> value, int length) => length == value.Length || value[length] == '.';

    /// <summary>Removes the colors around a value that JSON escapes.</summary>
    private static ReadOnlySpan<byte> WithoutEscapedColors(ReadOnlySpan<byte> value)
    {
        while (EscapeLength(value) is > 0 and var length)
        {
            int end = value[length..].IndexOf((byte)'m');
            if (end < 0)
            {
                return [];
            }

            value = value[(length + end + 1)..];
        }

        int next = value.IndexOf((byte)'\\');
        return next < 0 || EscapeLength(value[next..]) == 0 ? value : value[..next];
    }

    /// <summary>Length of the beginning of an escape sequence, as JSON and shells write it; 0 if there is none.</summary>
    private static int EscapeLength(ReadOnlySpan<byte> text) =>
        text.StartsWith("\\u001b["u8) || text.StartsWith("\\u001B["u8) ? 7 : text.StartsWith("\\x1b["u8) ? 5 : 0;
}
