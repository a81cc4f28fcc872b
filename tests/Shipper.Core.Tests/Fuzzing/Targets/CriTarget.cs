using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Shipper.Parsing;
using Shipper.Records;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// One line of a container's log, compared with the grammar of CRI as a regular expression and with .NET's calendar. The lines parsed before make no
/// difference, although the parser caches the last second.
/// </summary>
internal sealed partial class CriTarget : FuzzTarget
{
    private const int MaxLineBytes = 64 * 1024;

    public override string Name => "cri";

    public override IEnumerable<byte[]> Seeds => RecordedLines.Cri;

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        " stdout "u8.ToArray(), " stderr "u8.ToArray(), " F "u8.ToArray(), " P "u8.ToArray(), "F:a"u8.ToArray(), "P:b "u8.ToArray(), "Z"u8.ToArray(),
        "+02:00"u8.ToArray(), "-23:59"u8.ToArray(), "1970-01-01T00:00:00Z"u8.ToArray(), "2261-12-31T23:59:60.999999999-23:59"u8.ToArray(),
        "2026-02-29"u8.ToArray(), "2028-02-29"u8.ToArray(), "T23:59:60"u8.ToArray(), ".000000001"u8.ToArray(), ".9999999999"u8.ToArray(), "."u8.ToArray(), " "u8.ToArray(),
    ];

    public override string Check(byte[] input)
    {
        // A brace at the start would make it a line of Docker.
        byte[] line = input.Length > 0 && input[0] == '{' ? input[1..] : input;
        ParsedLine? expected = Expect(line);
        Assert.Equal(expected, ParsedLine.Of(new ContainerLineParser(MaxLineBytes), line));

        var used = new ContainerLineParser(MaxLineBytes);
        Random random = RandomOf(input);
        for (int i = 0; i < 3; i++)
        {
            byte[] other = line[..random.Next(line.Length + 1)];
            if (other.Length > 0)
            {
                other[random.Next(other.Length)] ^= (byte)(1 << random.Next(4));
            }

            _ = ParsedLine.Of(used, other);
            Assert.Equal(expected, ParsedLine.Of(used, line));
        }

        return expected is null
            ? $"none {Describe(line)}"
            : $"{expected.Output} {expected.IsPartial} {Magnitude(expected.Content.Length)} {expected.TimestampNs % 1_000_000_000 == 0} {Magnitude(line.AsSpan().IndexOf((byte)' '))}";
    }

    /// <summary>The time at the start of a text, as .NET reads it.</summary>
    public static long? ExpectTime(Match match)
    {
        if (match.Groups["second"].Value == "60")
        {
            // A leap second equals the first second of the next minute.
            return ExpectTime(match, "59") + 1_000_000_000;
        }

        return ExpectTime(match, match.Groups["second"].Value);
    }

    [GeneratedRegex(@"^(?<minute>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}):(?<second>[0-9]{2})(?:\.(?<fraction>[0-9]+))?(?:Z|(?<sign>[+-])(?<hours>[0-9]{2}):(?<minutes>[0-9]{2}))")]
    public static partial Regex Time();

    private static long? ExpectTime(Match match, string second)
    {
        if (!DateTime.TryParseExact(
                $"{match.Groups["minute"].Value}:{second}", "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime time)
            || time.Year is < 1970 or > 2261)
        {
            return null;
        }

        string fraction = match.Groups["fraction"].Value.PadRight(9, '0')[..9];
        int hours = match.Groups["hours"].Success ? int.Parse(match.Groups["hours"].Value, CultureInfo.InvariantCulture) : 0;
        int minutes = match.Groups["minutes"].Success ? int.Parse(match.Groups["minutes"].Value, CultureInfo.InvariantCulture) : 0;
        if (hours > 23 || minutes > 59)
        {
            return null;
        }

        long offset = ((hours * 60L) + minutes) * 60 * (match.Groups["sign"].Value == "-" ? -1 : 1);
        long ns = ((((time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond) - offset) * 1_000_000_000) + long.Parse(fraction, CultureInfo.InvariantCulture);
        return ns >= 0 || !match.Groups["sign"].Success ? ns : null;
    }

    private static ParsedLine? Expect(byte[] line)
    {
        // In Latin-1 each byte is one character, so that lengths agree.
        Match match = Line().Match(Encoding.Latin1.GetString(line));
        Match timeMatch = Time().Match(match.Groups["time"].Value);
        if (!match.Success || timeMatch.Length != match.Groups["time"].Length || ExpectTime(timeMatch) is not { } time)
        {
            return null;
        }

        LogOutput output = match.Groups["output"].Value == "stdout" ? LogOutput.Stdout : LogOutput.Stderr;
        return new ParsedLine(time, output, match.Groups["tag"].Value == "P", match.Groups["content"].Value);
    }

    private static string Describe(byte[] line) => Begin().Match(Encoding.Latin1.GetString(line)).Groups.Values.Skip(1).Count(group => group.Success).ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<time>[^ ]+) (?<output>stdout|stderr) (?<tag>[FP])(?::[^ \0]*)?(?: (?<content>.*))?\z", RegexOptions.Singleline)]
    private static partial Regex Line();

    [GeneratedRegex(@"^([0-9]{4})(-)?([0-9]{2})?(-[0-9]{2})?(T[0-9]{2})?(:[0-9]{2})?(:[0-9]{2})?(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?( std...)?( [FP])?")]
    private static partial Regex Begin();
}
