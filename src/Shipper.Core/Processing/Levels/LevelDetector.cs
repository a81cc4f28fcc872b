using System.Runtime.CompilerServices;
using Shipper.Processing.Ansi;

namespace Shipper.Processing.Levels;

/// <summary>
/// Finds the level that a record states: by the keys of JSON and logfmt, and in other text at the places where logging libraries write it, which is before the
/// message. Words of a message never decide.
/// </summary>
internal static class LevelDetector
{
    /// <summary>How much of a colored record is looked at, without its colors.</summary>
    public const int MaxColoredBytes = 2048;

    /// <summary>Returns the level of a record. Allocates nothing, and takes time linear in the length of the record.</summary>
    /// <param name="line">Any bytes. Escape sequences for colors do not matter.</param>
    /// <param name="lines">Number of lines that were joined to the record. A stack trace is an error if it states no other level.</param>
    public static RecordLevel Detect(ReadOnlySpan<byte> line, int lines)
    {
        if (line.Length < 2)
        {
            return RecordLevel.None;
        }

        if (line[0] == '{' && JsonLevel.IsObject(line))
        {
            return JsonLevel.Find(line);
        }

        if (LetterHeader.CanBegin(line[1]) && LetterHeader.TryFind(line, out RecordLevel level))
        {
            return level;
        }

        return TextLevel.TryFind(line, lines, isPlain: false, out level) ? level : DetectColored(line, lines);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static RecordLevel DetectColored(ReadOnlySpan<byte> line, int lines)
    {
        Span<byte> buffer = stackalloc byte[MaxColoredBytes];
        ReadOnlySpan<byte> plain = buffer[..AnsiText.Strip(line, buffer)];
        if (JsonLevel.IsObject(plain))
        {
            return JsonLevel.Find(plain);
        }

        if (!LetterHeader.TryFind(plain, out RecordLevel level))
        {
            _ = TextLevel.TryFind(plain, lines, isPlain: true, out level);
        }

        return level;
    }
}
