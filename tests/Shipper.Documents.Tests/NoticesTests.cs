using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Shipper.Testing.Program;

namespace Shipper.Documents.Tests;

/// <summary>THIRD-PARTY-NOTICES.txt, which has the license of everything that is linked into the published program.</summary>
public partial class NoticesTests
{
    private const string Name = "THIRD-PARTY-NOTICES.txt";

    private readonly JsonNode _assets = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "src/Shipper/obj/project.assets.json")))!;

    /// <summary>Includes the packages that packages need. Check a license that is not in the list yet: its text belongs below the list.</summary>
    [Fact]
    public Task Packages_InNotices_EqualThoseOfTheProgram() => GeneratedPart.CheckAsync(
        Name,
        "--- packages\n",
        "--- end of packages\n",
        string.Concat(Linked().Select(package => $"{package.Id} {package.Version}, {LicenseOf(package.Id, package.Version)}\n")));

    [Fact]
    public void Packages_Each_HasALicenseText()
    {
        string[] titles = [.. Title().Matches(File.ReadAllText(Path.Combine(Repository.Root, Name))).SelectMany(match => match.Groups[1].Value.Split([',', '\n'], StringSplitOptions.TrimEntries))];

        Assert.Contains(".NET runtime", titles);
        Assert.Contains("ASP.NET Core", titles);
        Assert.Empty(Linked().Select(package => package.Id).Except(titles));
    }

    /// <summary>Packages with an assembly for the program, for any platform. Analyzers and tools have none.</summary>
    private IEnumerable<(string Id, string Version)> Linked() =>
        _assets["targets"]!.AsObject()
            .SelectMany(target => target.Value!.AsObject())
            .Where(library => library.Value!["type"]!.GetValue<string>() == "package"
                && library.Value["runtime"]?.AsObject().Any(file => file.Key.EndsWith(".dll", StringComparison.Ordinal)) == true)
            .Select(library => library.Key)
            .Distinct()
            .Order(StringComparer.Ordinal)
            .Select(key => (key.Split('/')[0], key.Split('/')[1]));

    private string LicenseOf(string id, string version)
    {
        string path = _assets["libraries"]![$"{id}/{version}"]!["path"]!.GetValue<string>();
        string nuspec = _assets["packageFolders"]!.AsObject()
            .Select(folder => Path.Combine(folder.Key, path, $"{Path.GetDirectoryName(path)}.nuspec"))
            .First(File.Exists);
        return XDocument.Load(nuspec).Descendants().Single(element => element.Name.LocalName == "license" && element.Attribute("type")?.Value == "expression").Value;
    }

    [GeneratedRegex(@"(?m)^={80}\n((?:[^=\n].*\n){1,3})={80}$")]
    private static partial Regex Title();
}
