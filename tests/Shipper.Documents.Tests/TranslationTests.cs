using System.Text.RegularExpressions;

namespace Shipper.Documents.Tests;

/// <summary>README.ko.md is README.md in Korean, with the same parts.</summary>
public partial class TranslationTests
{
    private const double MaxLength = 1.1;
    private const string English = DocumentFiles.English;
    private const string Korean = DocumentFiles.Korean;

    private readonly MarkdownDocument _english = MarkdownDocument.Load(English);
    private readonly MarkdownDocument _korean = MarkdownDocument.Load(Korean);

    [Fact]
    public void Headings_OfBothReadmes_HaveTheSameLevels() =>
        Assert.Equal(_english.Headings.Select(heading => heading.Level), _korean.Headings.Select(heading => heading.Level));

    [Fact]
    public void Images_OfBothReadmes_AreEqualInNumber() => Assert.Equal(_english.Images.Count, _korean.Images.Count);

    [Fact]
    public void Lines_OfBothReadmes_DifferLittleInNumber() => Assert.InRange(_korean.LineCount, 1, _english.LineCount * MaxLength);

    [Fact]
    public void Code_OfBothReadmes_IsTheSame() => Assert.Equal(_english.Code, _korean.Code);

    [Fact]
    public void Tables_OfBothReadmes_HaveTheSameShape() =>
        Assert.Equal(_english.Rows.Select(row => row.Split('|').Length), _korean.Rows.Select(row => row.Split('|').Length));

    /// <summary>Order may differ: sentences are built another way.</summary>
    [Fact]
    public void Links_OfBothReadmes_AreTheSame()
    {
        Assert.Contains(Korean, _english.Links);
        Assert.Contains(English, _korean.Links);
        Assert.Equal(Targets(_english), Targets(_korean));
    }

    [Theory]
    [InlineData(English)]
    [InlineData(Korean)]
    public void Bold_InReadme_IsRendered(string name) => Assert.Empty(NotRendered(MarkdownDocument.Load(name).Text));

    /// <summary>Korean particles follow without a space: after punctuation, ** closes nothing.</summary>
    [Theory]
    [InlineData("**굵게**는", true)]
    [InlineData("**굵게(설명)** 뒤", true)]
    [InlineData("**굵게(설명)**, 뒤", true)]
    [InlineData("`**/*.log`", true)]
    [InlineData("```sh\nls **\n```", true)]
    [InlineData("**굵게(설명)**은", false)]
    [InlineData("**`buffer.memory`**를", false)]
    [InlineData("앞**(설명)**", false)]
    [InlineData("** 굵게**", false)]
    [InlineData("**굵게", false)]
    [InlineData("- **굵게\n- 굵게**", false)]
    [InlineData("| **굵게 | 굵게** |", false)]
    public void Bold_NextToPunctuation_NeedsASpace(string markdown, bool isRendered) => Assert.Equal(isRendered, !NotRendered(markdown).Any());

    /// <summary>Blocks of a document in whose text CommonMark leaves **.</summary>
    private static IEnumerable<string> NotRendered(string markdown) => BetweenBlocks().Split(Code().Replace(markdown, "``")).Where(block =>
    {
        int open = 0;
        foreach (Match asterisks in Asterisks().Matches(block))
        {
            char before = block.ElementAtOrDefault(asterisks.Index - 1);
            char after = block.ElementAtOrDefault(asterisks.Index + asterisks.Length);
            if (open > 0 && Flanks(before, after))
            {
                open--;
            }
            else if (Flanks(after, before))
            {
                open++;
            }
            else
            {
                return true;
            }
        }

        return open > 0;
    });

    /// <summary>CommonMark's rule: whether ** between these two can enclose the text on the inner side.</summary>
    private static bool Flanks(char inner, char outer) => !IsSpace(inner) && (!IsPunctuation(inner) || IsSpace(outer) || IsPunctuation(outer));

    /// <summary>The ends of a block count as spaces.</summary>
    private static bool IsSpace(char character) => character == default || char.IsWhiteSpace(character);

    private static bool IsPunctuation(char character) => char.IsPunctuation(character) || char.IsSymbol(character);

    private static IEnumerable<string> Targets(MarkdownDocument document) => document.Links
        .Select(link => link is English or Korean ? "the other" : link.StartsWith('#') ? $"heading {document.HeadingOf(link[1..])}" : link)
        .Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\*\*+")]
    private static partial Regex Asterisks();

    /// <summary>An empty line, a new item of a list, or the next cell of a table.</summary>
    [GeneratedRegex(@"\n\s*\n|\n(?=\s*(?:[-*+]|\d+\.) )|\|")]
    private static partial Regex BetweenBlocks();

    [GeneratedRegex("^```[^`]*^```|`[^`\\n]*`", RegexOptions.Multiline)]
    private static partial Regex Code();
}
