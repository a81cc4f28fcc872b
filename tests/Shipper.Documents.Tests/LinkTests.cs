using Shipper.Testing.Program;

namespace Shipper.Documents.Tests;

/// <summary>Links of the documents lead somewhere.</summary>
public class LinkTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("README.ko.md")]
    [InlineData("config/README.md")]
    [InlineData("charts/shipper/README.md")]
    public void Links_ToFilesAndHeadings_LeadThere(string name)
    {
        var sut = MarkdownDocument.Load(name);

        Assert.NotEmpty(sut.Links);
        string[] broken = [.. sut.Links.Where(link => !link.StartsWith("http", StringComparison.Ordinal) && !LeadsSomewhere(sut, link))];
        Assert.Empty(broken);
    }

    private static bool LeadsSomewhere(MarkdownDocument document, string link)
    {
        string[] parts = link.Split('#');
        string path = Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, Path.GetDirectoryName(document.Path)!, parts[0].Length == 0 ? Path.GetFileName(document.Path) : parts[0]));
        bool exists = Path.Exists(Path.Combine(Repository.Root, path));
        return exists && (parts.Length == 1 || MarkdownDocument.Load(path).HeadingOf(parts[1]) >= 0);
    }
}
