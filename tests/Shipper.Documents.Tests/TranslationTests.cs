namespace Shipper.Documents.Tests;

/// <summary>README.ko.md is README.md in Korean, with the same parts.</summary>
public class TranslationTests
{
    private const double MaxLength = 1.1;
    private const string English = DocumentFiles.English;
    private const string Korean = DocumentFiles.Korean;

    private readonly MarkdownDocument _english = MarkdownDocument.Load(English);
    private readonly MarkdownDocument _korean = MarkdownDocument.Load(Korean);

    [Fact]
    public void Headings_AreAsManyOfTheSameLevels() =>
        Assert.Equal(_english.Headings.Select(heading => heading.Level), _korean.Headings.Select(heading => heading.Level));

    [Fact]
    public void Images_AreAsMany() => Assert.Equal(_english.Images.Count, _korean.Images.Count);

    [Fact]
    public void Lines_AreAboutAsMany() => Assert.InRange(_korean.LineCount, 1, _english.LineCount * MaxLength);

    [Fact]
    public void Code_IsTheSame() => Assert.Equal(_english.Code, _korean.Code);

    [Fact]
    public void Tables_HaveAsManyRowsOfAsManyCells() =>
        Assert.Equal(_english.Rows.Select(row => row.Split('|').Length), _korean.Rows.Select(row => row.Split('|').Length));

    /// <summary>Order may differ: sentences are built another way.</summary>
    [Fact]
    public void Links_AreTheSame()
    {
        Assert.Contains(Korean, _english.Links);
        Assert.Contains(English, _korean.Links);
        Assert.Equal(Targets(_english), Targets(_korean));
    }

    private static IEnumerable<string> Targets(MarkdownDocument document) => document.Links
        .Select(link => link is English or Korean ? "the other" : link.StartsWith('#') ? $"heading {document.HeadingOf(link[1..])}" : link)
        .Order(StringComparer.Ordinal);
}
