using Shipper.Testing.Program;

namespace Shipper.Documents.Tests;

/// <summary>The READMEs and docs/install.md give commands that work, in the right order.</summary>
public class ReadmeTests
{
    private const int MaxLines = 130;

    public static TheoryData<string> Readmes => [DocumentFiles.English, DocumentFiles.Korean];

    [Fact]
    public void Readme_Length_IsLimited() => Assert.InRange(MarkdownDocument.Load(DocumentFiles.English).LineCount, 1, MaxLines);

    [Theory]
    [MemberData(nameof(Readmes))]
    public void Commands_OnAFreshMachine_AreThoseThatCiRuns(string name)
    {
        string[] commands = [.. Sh(name).Take(2).Select(text => text.TrimEnd())];
        string ci = File.ReadAllText(Path.Combine(Repository.Root, ".ci/run"));

        Assert.Equal(["dotnet run --project src/Shipper -c Release -- demo", "dotnet test --output Detailed"], commands);
        Assert.All(commands, command => Assert.Contains(command, ci, StringComparison.Ordinal));
    }

    /// <summary>No image is published: without this order, the first install ends with ErrImagePull.</summary>
    [Theory]
    [MemberData(nameof(Readmes))]
    [InlineData(DocumentFiles.Install)]
    public void Install_Commands_BuildTheImageFirst(string name)
    {
        string commands = string.Concat(Sh(name));
        CodeBlock values = MarkdownDocument.Load(name).Code.First(block => block.File == "values.yaml");

        int image = commands.IndexOf("docker buildx build", StringComparison.Ordinal);
        int install = commands.IndexOf("helm install", StringComparison.Ordinal);
        Assert.InRange(image, 0, install);
        Assert.NotNull(YamlJson.Read(values.Text).Single()!["image"]);
    }

    /// <summary>The namespace may have the label already, and Helm reports a release as deployed even if its pods are refused.</summary>
    [Theory]
    [MemberData(nameof(Readmes))]
    [InlineData(DocumentFiles.Install)]
    [InlineData("charts/shipper/README.md")]
    [InlineData("config/README.md")]
    public void Install_Commands_ReplaceLabelsAndWaitForThePods(string name)
    {
        string text = MarkdownDocument.Load(name).Text.Replace("\\\n", "", StringComparison.Ordinal);
        string[] lines = text.Split('\n');

        string[] labels = [.. lines.Where(line => line.Contains("kubectl label", StringComparison.Ordinal))];
        Assert.NotEmpty(labels);
        Assert.All(labels, line => Assert.Contains("--overwrite", line, StringComparison.Ordinal));
        string[] installs = [.. lines.Where(line => line.StartsWith("helm ", StringComparison.Ordinal) && line.Contains("charts/shipper", StringComparison.Ordinal) && line.Contains("install", StringComparison.Ordinal))];
        Assert.NotEmpty(installs);
        Assert.All(installs, line => Assert.Contains("--wait", line, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Sh(string name) => MarkdownDocument.Load(name).Code.Where(block => block.Language == "sh").Select(block => block.Text);
}
