using System.Runtime.CompilerServices;

namespace Shipper.Processing.Levels;

/// <summary>
/// Finds the level that a record states: by the keys of JSON and logfmt, and in other text at the places where logging libraries write it, which is before the
/// message. Words of a message never decide.
/// </summary>
internal static class LevelDetector
{
    private const byte Escape = 0x1b;

    /// <summary>How far colors are looked for. No text format has its level behind.</summary>
    private const int ColorWindow = TextLevel.MaxEnd + LevelWord.MaxBytes;

    /// <summary>How much of a colored line is looked at, without its colors.</summary>
    private const int MaxColoredBytes = 2048;

    /// <summary>Returns the level of a record. Allocates nothing, and takes time linear in the length of the line.</summary>
    /// <param name="line">Any bytes. Escape sequences for colors do not matter.</param>
    /// <param name="lines">Number of lines that were joined to the record. A stack trace is an error if it states no other level.</param>
    public static RecordLevel Detect(ReadOnlySpan<byte> line, int lines)
    {
        if (line.Length < 2)
        {
            return RecordLevel.None;
        }

        if (line[0] != Escape && TryDetectByStart(line, out RecordLevel level))
        {
            return level;
        }

        return line[..Math.Min(line.Length, ColorWindow)].Contains(Escape) ? DetectColored(line, lines) : TextLevel.Find(line, lines);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static RecordLevel DetectColored(ReadOnlySpan<byte> line, int lines)
    {
        Span<byte> buffer = stackalloc byte[MaxColoredBytes];
        ReadOnlySpan<byte> plain = buffer[..AnsiSequences.Remove(line, buffer)];
        return TryDetectByStart(plain, out RecordLevel level) ? level : TextLevel.Find(plain, lines);
    }

    /// <summary>Detects the formats that the first bytes tell.</summary>
    private static bool TryDetectByStart(ReadOnlySpan<byte> line, out RecordLevel level)
    {
        if (JsonLevel.IsObject(line))
        {
            level = JsonLevel.Find(line);
            return true;
        }

        return LetterHeader.TryFind(line, out level);
    }
}
