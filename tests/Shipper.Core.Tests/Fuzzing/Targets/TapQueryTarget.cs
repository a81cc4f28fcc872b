using System.Text;
using Shipper.Processing;
using Shipper.Taps;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>
/// The query of a tap. It is parsed, or refused with one line that names a column of it. White space around it changes nothing.
/// </summary>
internal sealed class TapQueryTarget : FuzzTarget
{
    private static readonly Dictionary<string, string> Labels = new(StringComparer.Ordinal) { ["namespace"] = "shop", ["pod"] = "web-1" };

    private readonly StageContext _context = new(8 * 1024);

    public override string Name => "tap-query";

    // Regexes of .NET become slow with their length.
    public override int MaxBytes => 256;

    public override IEnumerable<byte[]> Seeds { get; } =
    [
        .. ((string[])
        [
            "", "{}", "{namespace=\"shop\", pod=~\"web-.*\"} |= \"error\" != `health` |~ \"time ?out\" !~ \"\\\\d+\"", "{a=\"\\u00e9\\x41\\101\\n\"}", "|= \"x\"", "{a!=\"\", b!~`(?i)x|y`}",
            "{pod=~\"(\"}", "{pod=\"web-1\"", "{} |= \"",
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ((string[])
        [
            "{", "}", ",", "=", "!=", "=~", "!~", "|=", "|~", "\"", "`", "\\", "\\n", "\\x41", "\\u00e9", "\\U0001F600", "\\101", "namespace", "pod", "\"web-.*\"", "(", ")", "(?x)", "#", "(?P<a>", "[", "]", "{2,3}", "|", " ",
            "日本",
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    public override string Check(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        bool isValid = TapQuery.TryParse(text, out TapQuery? query, out string? error);
        Assert.Equal(isValid, TapQuery.TryParse($" \n{text}\t", out TapQuery? padded, out _));
        if (!isValid)
        {
            Assert.NotNull(error);
            Assert.DoesNotContain('\n', error);
            Assert.StartsWith("column ", error, StringComparison.Ordinal);
            int column = int.Parse(error["column ".Length..error.IndexOf(':', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture);
            Assert.InRange(column, 1, text.Length + 1);
            return error["column ".Length..].Split(' ', 2)[1].Split(',')[0];
        }

        bool matchesLabels = query!.MatchesLabels(Labels);
        bool matchesLine = query.MatchesLine(input, _context);
        Assert.Equal(matchesLabels, padded!.MatchesLabels(Labels));
        Assert.Equal(matchesLine, padded.MatchesLine(input, _context));
        return $"{matchesLabels} {matchesLine} {query.LineFilters} {query.HasLineRegex}";
    }
}
