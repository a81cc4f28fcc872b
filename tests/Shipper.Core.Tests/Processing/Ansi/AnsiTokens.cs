using System.Text;
using System.Text.RegularExpressions;

namespace Shipper.Core.Tests.Processing.Ansi;

/// <summary>The grammar of <see cref="Shipper.Processing.Ansi.AnsiText"/> as a regular expression. Each byte is one character, as in Latin-1.</summary>
internal static partial class AnsiTokens
{
    private const string Sequence = "(?:(?:\u001b\\[|\u00c2\u009b)[0-?]*[ -/]*[@-~]|\u001b[\\]PX^_][\\x08-\\x0D\\x20-\\xFF]*(?:\\x07|\u001b\\\\)|\u001b(?![\\[\\]PX^_])[ -/]*[0-~])";
    private const string Incomplete = "(?:(?:\u001b\\[|\u00c2\u009b)[0-?]*[ -/]*|\u001b[\\]PX^_][\\x08-\\x0D\\x20-\\xFF]*\u001b?|\u001b[ -/]*)\\z";

    /// <summary>The text without sequences, the incomplete sequence at its end, and the sequences at its beginning.</summary>
    public static (string Kept, string Incomplete, string Leading) Read(byte[] text)
    {
        string characters = Encoding.Latin1.GetString(text);
        Match[] kept = [.. Token().Matches(characters).Where(match => !match.Groups["sequence"].Success)];
        string incomplete = kept.LastOrDefault(match => match.Groups["incomplete"].Success)?.Value ?? "";
        return (string.Concat(kept.Select(match => match.Value)), incomplete, Leading().Match(characters).Value);
    }

    [GeneratedRegex("\\A" + Sequence + "*")]
    private static partial Regex Leading();

    [GeneratedRegex("\\G(?:(?<sequence>" + Sequence + ")|(?<incomplete>" + Incomplete + ")|[^\u001b\u00c2]+|.)", RegexOptions.Singleline)]
    private static partial Regex Token();
}
