namespace Shipper.Processing.Levels;

/// <summary>Lines that begin with the letter of their level.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>klog and glog: <c>I0102 15:04:05.123456       1 main.go:20] message</c>, with a year in newer glog (<c>I20260102</c>) and CockroachDB (<c>I260102</c>)</item>
/// <item>Ruby's Logger: <c>I, [2026-01-02T15:04:05.123456 #1]  INFO -- : message</c></item>
/// </list>
/// </remarks>
internal static class LetterHeader
{
    /// <summary>Length of <c>I0102 15:04:05</c>.</summary>
    private const int KlogLength = 14;

    /// <summary>Returns the level of such a line.</summary>
    /// <returns>False if the line does not begin like this.</returns>
    public static bool TryFind(ReadOnlySpan<byte> line, out RecordLevel level)
    {
        level = RecordLevel.None;
        if (line.Length < KlogLength)
        {
            return false;
        }

        if (line[1] == ',')
        {
            level = line[2] == ' ' && line[3] == '[' && line[0] != 'A' ? LevelWord.OfLetter(line[0]) : RecordLevel.None;
            return level != RecordLevel.None;
        }

        if (line[0] is not ((byte)'I' or (byte)'W' or (byte)'E' or (byte)'F') || !IsDigit(line[1]))
        {
            return false;
        }

        int blank = 2;
        while (blank < 9 && IsDigit(line[blank]))
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

    private static bool IsDigit(byte b) => (uint)(b - '0') <= 9;
}
