using Shipper.Testing.Program;

namespace Shipper.Documents.Tests;

/// <summary>Links and images of the documents.</summary>
public class LinkTests
{
    public static TheoryData<string> Names => [.. DocumentFiles.All];

    [Theory]
    [MemberData(nameof(Names))]
    public void Links_ToFilesAndHeadings_Resolve(string name)
    {
        var sut = MarkdownDocument.Load(name);

        string[] broken = [.. sut.Links.Where(link => !link.StartsWith("http", StringComparison.Ordinal) && !Resolves(sut, link))];
        Assert.Empty(broken);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Images_InDocument_HaveAlternativeTexts(string name) => Assert.DoesNotContain("", MarkdownDocument.Load(name).Images);

    [Fact]
    public void Index_OfDocs_LinksToEveryPage()
    {
        IEnumerable<string> pages = DocumentFiles.All.Where(name => Path.GetDirectoryName(name) == "docs").Select(name => Path.GetFileName(name)).Where(name => name != "README.md");

        Assert.Empty(pages.Except(MarkdownDocument.Load("docs/README.md").Links));
    }

    private static bool Resolves(MarkdownDocument document, string link)
    {
        string[] parts = link.Split('#');
        string path = Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, Path.GetDirectoryName(document.Path)!, parts[0].Length == 0 ? Path.GetFileName(document.Path) : parts[0]));
        bool exists = Path.Exists(Path.Combine(Repository.Root, path));
        return exists && (parts.Length == 1 || MarkdownDocument.Load(path).HeadingOf(parts[1]) >= 0);
    }
}
