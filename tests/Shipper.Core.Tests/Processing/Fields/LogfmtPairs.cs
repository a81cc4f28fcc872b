using System.Text;
using System.Text.RegularExpressions;
using Shipper.Processing.Ansi;
using Shipper.Processing.Fields;

namespace Shipper.Core.Tests.Processing.Fields;

/// <summary>
/// The pairs of a line in a comparable form, as <see cref="LogfmtScanner"/> and as its grammar in a regular expression find them. Each byte is one
/// character, as in Latin-1.
/// </summary>
internal static partial class LogfmtPairs
{
    /// <summary>The pairs that the scanner finds.</summary>
    public static List<string> Scan(ReadOnlySpan<byte> line)
    {
        var pairs = new List<string>();
        var sut = new LogfmtScanner(line, hasSequences: line.Contains(AnsiText.Escape));
        while (sut.Read())
        {
            Assert.Equal(sut.Value, line.Slice(sut.ValueStart, sut.Value.Length));
            Assert.Equal(sut.IsValueEscaped, sut.ValueStart > 0 && line[sut.ValueStart - 1] == '"' && sut.Value.Contains((byte)'\\'));
            pairs.Add($"{Encoding.Latin1.GetString(sut.Key)}={Encoding.Latin1.GetString(sut.Value)}");
        }

        Assert.False(sut.Read());
        return pairs;
    }

    /// <summary>The pairs of a line without escape sequences that the grammar finds.</summary>
    public static List<string> Match(byte[] line)
    {
        var pairs = new List<string>();
        for (Match match = Token().Match(Encoding.Latin1.GetString(line)); match.Success && !match.Groups["open"].Success; match = match.NextMatch())
        {
            if (match.Groups["key"].Success)
            {
                pairs.Add($"{match.Groups["key"].Value}={match.Groups["value"].Value}");
            }
        }

        return pairs;
    }

    // An opening quote that has no end stops the search. A word may begin with = signs, which are not part of the key.
    [GeneratedRegex("""
        \G(?:[\x00-\x20]+
        | "(?:[^"\\]|\\.)*"
        | (?<open>")
        | =
        | (?<key>[^\x00-\x20=]+)=(?:"(?<value>(?:[^"\\]|\\.)*)" | (?<open>") | (?<value>[^\x00-\x20]*))
        | [^\x00-\x20=]+)
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Token();
}
