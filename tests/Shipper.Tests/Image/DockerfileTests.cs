using System.Xml.Linq;

namespace Shipper.Tests.Image;

/// <summary>Mistakes in the Dockerfile that can be found without building the image.</summary>
public class DockerfileTests
{
    private readonly Dockerfile _sut = Dockerfile.Read();

    /// <summary>A program that is linked against a newer glibc than the image has does not start.</summary>
    [Fact]
    public void BaseImages_Defaults_MatchTheFrameworkAndShareOneDistribution()
    {
        string framework = Property("TargetFramework")["net".Length..];
        string[] sdk = Assert.Single(_sut.Defaults("SDK_IMAGE")).Split(':')[^1].Split('-');
        string[] runtime = Assert.Single(_sut.Defaults("RUNTIME_IMAGE")).Split(':')[^1].Split('-');

        Assert.All(_sut.Values("FROM"), from => Assert.Matches(@" \$\{(SDK|RUNTIME)_IMAGE\}( AS [a-z]+)?$", from));
        Assert.Equal(framework, sdk[0]);
        Assert.Equal(sdk[..2], runtime[..2]);
    }

    [Fact]
    public void LastStage_Instructions_NeedNoShell()
    {
        Assert.DoesNotContain(_sut.LastStage, instruction => instruction.Name is "RUN" or "SHELL");
        Assert.Equal(["/usr/bin/shipper"], _sut.ExecForm("ENTRYPOINT"));
        Assert.Equal(["run", "--config", "/etc/shipper/shipper.yaml"], _sut.ExecForm("CMD"));
        Assert.Contains(("USER", "0:0"), _sut.LastStage);
    }

    [Fact]
    public void LastStage_Files_IncludeLibsystemdAndTheProgram()
    {
        Assert.Contains(_sut.Values("RUN"), run => run.Contains(" libsystemd0 ", StringComparison.Ordinal));
        Assert.Contains(("COPY", "--from=libraries /rootfs /"), _sut.LastStage);
        Assert.Contains(("COPY", "--from=build /out/shipper /usr/bin/shipper"), _sut.LastStage);
    }

    [Fact]
    public void LastStage_Licenses_AreIncluded() =>
        Assert.Contains(("COPY", "LICENSE THIRD-PARTY-NOTICES.txt /usr/share/doc/shipper/"), _sut.LastStage);

    [Theory]
    [InlineData("title")]
    [InlineData("description")]
    [InlineData("licenses")]
    [InlineData("source")]
    [InlineData("version")]
    [InlineData("revision")]
    [InlineData("base.name")]
    public void Label_OfTheOciSpecification_IsSet(string name) =>
        Assert.Contains($"org.opencontainers.image.{name}=\"", Assert.Single(_sut.Values("LABEL")), StringComparison.Ordinal);

    [Fact]
    public void Version_Default_EqualsTheProgramsVersion() =>
        Assert.Equal(Property("VersionPrefix"), Assert.Single(_sut.Defaults("VERSION")));

    /// <summary>A project that is not copied is not restored, and publishing fails.</summary>
    [Fact]
    public void Restore_ProjectFilesOfTheProgram_AreAllCopied()
    {
        (string From, string To)[] projects = [.. _sut.Copied().Where(copy => copy.From.EndsWith(".csproj", StringComparison.Ordinal))];

        Assert.Equal(Projects("src/Shipper/Shipper.csproj").Order(), projects.Select(copy => copy.From).Order());
        Assert.All(projects, copy => Assert.Equal(Path.GetDirectoryName(copy.From) + "/", copy.To));
    }

    [Fact]
    public void Context_Dockerignore_AllowsExactlyWhatIsCopied()
    {
        string[] ignored = File.ReadAllLines(Path.Combine(_sut.Root, ".dockerignore"));
        string[] copied = [.. _sut.Copied().Select(copy => copy.From)];

        Assert.All(copied, path => Assert.True(Path.Exists(Path.Combine(_sut.Root, path)), $"the Dockerfile copies {path}, which does not exist"));
        Assert.Contains("*", ignored);
        Assert.Equal(
            copied.Select(path => path.Split('/')[0]).Distinct().Order(StringComparer.Ordinal),
            ignored.Where(line => line.StartsWith('!')).Select(line => line[1..]).Order(StringComparer.Ordinal));
    }

    private string Property(string name) =>
        XDocument.Load(Path.Combine(_sut.Root, "Directory.Build.props")).Descendants(name).Single().Value;

    private HashSet<string> Projects(string project) =>
    [
        project,
        .. XDocument.Load(Path.Combine(_sut.Root, project)).Descendants("ProjectReference")
            .Select(reference => Path.Combine(_sut.Root, Path.GetDirectoryName(project)!, reference.Attribute("Include")!.Value))
            .SelectMany(path => Projects(Path.GetRelativePath(_sut.Root, path))),
    ];
}
