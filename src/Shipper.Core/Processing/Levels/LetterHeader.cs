using System.Runtime.CompilerServices;

namespace Shipper.Processing.Levels;

/// <summary>Lines that begin with the letter of their level.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>klog and glog: <c>I0102 15:04:05.123456       1 main.go:20] message</c>, with a year in CockroachDB (<c>I260102</c>) and newer glog (<c>I20260102</c>)
/// </item>
/// <item>Ruby's Logger: <c>I, [2026-01-02T15:04:05.123456 #1]  INFO -- : message</c></item>
/// </list>
/// </remarks>
internal static class LetterHeader
{
    /// <summary>Length of <c>I0102 15:04:05</c>.</summary>
    private const int KlogLength = 14;

    /// <summary>Length of <c>I, [</c>.</summary>
    private const int RubyLength = 4;

    /// <summary>Returns true if a line whose second byte is this one may begin like this.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CanBegin(byte second) => second == ',' || AsciiByte.IsDigit(second);

    /// <summary>Returns the level of such a line.</summary>
    /// <returns>False if the line does not begin like this.</returns>
    public static bool TryFind(ReadOnlySpan<byte> line, out RecordLevel level)
    {
        level = RecordLevel.None;
        if (line.Length > RubyLength && line[1] == ',')
        {
            // A is Ruby's letter of a message without a level.
            level = line[2] == ' ' && line[3] == '[' && line[0] != 'A' ? LevelWord.OfLetter(line[0]) : RecordLevel.None;
            return level != RecordLevel.None;
        }

        if (line.Length < KlogLength || line[0] is not ((byte)'I' or (byte)'W' or (byte)'E' or (byte)'F') || !AsciiByte.IsDigit(line[1]))
        {
            return false;
        }

        int blank = 2;
        while (blank < 9 && AsciiByte.IsDigit(line[blank]))
        {
            blank++;
        }

        if (blank is not (5 or 7 or 9) || line.Length < blank + 9 || line[blank] != ' ' || line[blank + 3] != ':' || line[blank + 6] != ':')
        {
            return false;
        }

        level = LevelWord.OfLetter(line[0]);
        return true;
    }
}
