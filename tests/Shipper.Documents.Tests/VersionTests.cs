using System.Text.RegularExpressions;
using System.Xml.Linq;
using Shipper.Testing.Program;

namespace Shipper.Documents.Tests;

/// <summary>The version of Directory.Build.props, and everything that repeats it.</summary>
public partial class VersionTests
{
    private static readonly string Version = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("VersionPrefix").Single().Value;

    /// <summary>The chart, the default of the image, and examples. With SHIPPER_UPDATE_GOLDEN=1 this writes the version there.</summary>
    [Fact]
    public void Files_Each_NameTheVersion()
    {
        var other = new List<string>();
        foreach (string path in Files())
        {
            string file = Path.Combine(Repository.Root, path);
            string text = File.ReadAllText(file);
            string expected = Mention().Replace(text, match => match.Value.Replace(match.Groups["version"].Value, Version, StringComparison.Ordinal));
            if (ChartFiles.IsUpdating && expected != text)
            {
                File.WriteAllText(file, expected);
            }
            else if (expected != text)
            {
                other.AddRange(Mention().Matches(text).Where(match => match.Groups["version"].Value != Version).Select(match => $"{path}: {match.Value}"));
            }
        }

        Assert.True(other.Count == 0, $"The version is {Version}, and other versions stand in {string.Join(", ", other)}. Run this test again with {ChartFiles.UpdateVariable}=1, and look at what changed.");
    }

    /// <summary>Otherwise the test above passes because it finds nothing.</summary>
    [Theory]
    [InlineData("charts/shipper/Chart.yaml", 2)]
    [InlineData("Dockerfile", 3)]
    [InlineData("config/argocd/shipper-control.yaml", 1)]
    public void Files_ThatRepeatTheVersion_AreFound(string path, int least) =>
        Assert.True(Mention().Count(File.ReadAllText(Path.Combine(Repository.Root, path))) >= least);

    /// <summary>The top entry is that of the next release: without a version, or with this one. Below it are the releases, newest first.</summary>
    [Fact]
    public void Changelog_TopEntry_IsUnreleasedOrThisVersion()
    {
        string[] entries = [.. Entry().Matches(File.ReadAllText(Path.Combine(Repository.Root, "CHANGELOG.md"))).Select(match => match.Groups[1].Value)];
        Version[] releases = [.. entries.Where(entry => entry != "Unreleased").Select(System.Version.Parse)];

        Assert.Contains(entries[0], (string[])["Unreleased", Version]);
        Assert.DoesNotContain("Unreleased", entries.Skip(1));
        Assert.Equal(releases.OrderDescending(), releases);
        Assert.All(releases, release => Assert.True(release <= System.Version.Parse(Version), $"CHANGELOG.md has an entry for {release}, and the version is {Version}"));
    }

    private static IEnumerable<string> Files() =>
    [
        "Dockerfile", "charts/shipper/Chart.yaml", "charts/shipper/values.yaml",
        .. ((string[])[".", ".github", "charts", "config", "docs"])
            .Where(directory => Directory.Exists(Path.Combine(Repository.Root, directory)))
            .SelectMany(directory => Directory.GetFiles(Path.Combine(Repository.Root, directory), "*.md", directory == "." ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories))
            .Where(file => Path.GetFileName(file) != "CHANGELOG.md"),
        .. Directory.GetFiles(Repository.Config, "*.yaml", SearchOption.AllDirectories).Where(file => Path.GetFileName(file).Contains("shipper", StringComparison.Ordinal)),
    ];

    /// <summary>The version of an image, an archive, the chart, or what a command prints. What was measured with a commit stays as it was.</summary>
    [GeneratedRegex(
        """
        (?mx)
        (?: (?<=[/\s`])shipper[:-] | (?<=^|\s|`)shipper[ ] | /shipper,[ ]tag:[ ] | VERSION= | ^(?:version|appVersion):[ ] | ^\#?\s*targetRevision:[ ] )
        (?<version> \d+\.\d+\.\d+ ) (?! [\w.]*\d | ,[ ]commit )
        """)]
    private static partial Regex Mention();

    [GeneratedRegex(@"(?m)^## \[(.+?)\]")]
    private static partial Regex Entry();
}
