using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Shipper.Testing.Program;

namespace Shipper.Hub.Tests;

/// <summary>How the hub's files are deployed to the clusters.</summary>
public partial class DeploymentTests
{
    private const string LokiChart = "https://grafana-community.github.io/helm-charts";

    private static readonly string[] Kustomizations = ["grafana", "network-policies", "rules"];

    public static TheoryData<string> YamlFiles =>
    [
        .. Directory.GetFiles(Repository.Config, "*.yaml", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.Config, file)).Order(StringComparer.Ordinal),
    ];

    public static TheoryData<string> Directories => [.. Kustomizations];

    [Theory]
    [MemberData(nameof(YamlFiles))]
    public void Yaml_EachFile_Parses(string name) => Assert.NotEmpty(YamlJson.ReadFile(Path.Combine(Repository.Config, name)));

    /// <summary>A file that no kustomization lists reaches no cluster.</summary>
    [Theory]
    [MemberData(nameof(Directories))]
    public void Kustomization_OfEachDirectory_ListsAllFiles(string name)
    {
        string directory = Path.Combine(Repository.Config, name);
        JsonNode kustomization = YamlJson.ReadFile(Path.Combine(directory, "kustomization.yaml")).Single()!;

        IEnumerable<string> named = (kustomization["resources"]?.AsArray() ?? []).Select(file => file!.ToString())
            .Concat((kustomization["configMapGenerator"]?.AsArray() ?? []).SelectMany(map => map!["files"]!.AsArray()).Select(file => file!.ToString()));
        IEnumerable<string> there = Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(directory, file)).Where(file => file != "kustomization.yaml");

        Assert.Equal(there.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    /// <summary>Runs kubectl, if it is installed.</summary>
    [Theory]
    [MemberData(nameof(Directories))]
    public async Task Kustomization_InKubectl_Builds(string name)
    {
        string? kubectl = Helm.FindOnPath("kubectl").FirstOrDefault();
        Assert.SkipWhen(kubectl is null, "kubectl is not installed.");

        CommandResult result = await Helm.RunAsync(kubectl, "kustomize", Path.Combine(Repository.Config, name));

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.All(YamlJson.Read(result.Output), resource => Assert.Equal(name == "grafana" ? "monitoring" : "logging", resource!["metadata"]!["namespace"]!.ToString()));
    }

    /// <summary>The sidecars find ConfigMaps by these labels.</summary>
    [Fact]
    public void ConfigMaps_Labels_AreThoseOfTheirSidecars()
    {
        JsonNode rules = YamlJson.ReadFile(Path.Combine(Repository.Config, "rules/kustomization.yaml")).Single()!;
        JsonArray grafana = YamlJson.ReadFile(Path.Combine(Repository.Config, "grafana/kustomization.yaml")).Single()!["configMapGenerator"]!.AsArray();

        Assert.Equal("true", rules["generatorOptions"]!["labels"]!["loki_rule"]!.ToString());
        Assert.Equal(["grafana_datasource", "grafana_dashboard"], grafana.Select(map => Assert.Single(map!["options"]!["labels"]!.AsObject()).Key));
    }

    [Fact]
    public void Applications_Sources_ExistAndAreAllowed()
    {
        JsonNode[] all = [.. Directory.GetFiles(Path.Combine(Repository.Config, "argocd"), "*.yaml").Select(file => YamlJson.ReadFile(file).Single()!)];
        JsonNode project = Assert.Single(all, one => one["kind"]!.ToString() == "AppProject");
        JsonNode[] applications = [.. all.Where(one => one["kind"]!.ToString() == "Application")];
        var paths = new List<string>();

        Assert.Equal(4, applications.Length);
        Assert.All(applications, application =>
        {
            JsonNode spec = application["spec"]!;
            Assert.Equal(project["metadata"]!["name"]!.ToString(), spec["project"]!.ToString());
            Assert.Contains(project["spec"]!["destinations"]!.AsArray(), allowed => JsonNode.DeepEquals(allowed, spec["destination"]));
            Assert.Contains("ServerSideApply=true", spec["syncPolicy"]!["syncOptions"]!.AsArray().Select(option => option!.ToString()));
            Assert.Equal("ServerSideDiff=true", application["metadata"]!["annotations"]!["argocd.argoproj.io/compare-options"]!.ToString());
            foreach (JsonNode source in (spec["sources"]?.AsArray() ?? [spec["source"]!.DeepClone()]).OfType<JsonNode>())
            {
                Assert.Contains(source["repoURL"]!.ToString(), project["spec"]!["sourceRepos"]!.AsArray().Select(url => url!.ToString()));
                string path = source["path"]?.ToString() ?? "";
                paths.Add(path);
                Assert.True(Directory.Exists(Path.Combine(Repository.Root, path)), path);
                Assert.All(source["helm"]?["valueFiles"]?.AsArray() ?? [], file => Assert.True(File.Exists(
                    Path.Combine(Repository.Root, path, file!.ToString().Replace("$values", Repository.Root, StringComparison.Ordinal))), file!.ToString()));
            }
        });
        Assert.Empty(Kustomizations.Select(name => $"config/{name}").Except(paths));
    }

    /// <summary>The agent's Application in each cluster gives the namespace the label without which no agent starts.</summary>
    [Fact]
    public void Applications_OfAgents_LabelTheNamespace()
    {
        foreach (string name in (string[])["control", "app"])
        {
            JsonNode spec = YamlJson.ReadFile(Path.Combine(Repository.Config, $"argocd/shipper-{name}.yaml")).Single()!["spec"]!;

            Assert.Equal("privileged", spec["syncPolicy"]!["managedNamespaceMetadata"]!["labels"]!["pod-security.kubernetes.io/enforce"]!.ToString());
            Assert.Equal("CreateNamespace=true", spec["syncPolicy"]!["syncOptions"]![0]!.ToString());
            Assert.Equal([$"../../config/{name}-shipper-values.yaml"], spec["source"]!["helm"]!["valueFiles"]!.AsArray().Select(file => file!.ToString()));
        }
    }

    [Fact]
    public void LokiChart_Version_IsTheSameEverywhere()
    {
        string[] texts = [.. ((string[])["README.md", "control-loki-values.yaml", "tls/README.md"]).Select(name => File.ReadAllText(Path.Combine(Repository.Config, name)))];
        JsonNode source = YamlJson.ReadFile(Path.Combine(Repository.Config, "argocd/loki.yaml")).Single()!["spec"]!["sources"]![0]!;

        Assert.Equal(LokiChart, source["repoURL"]!.ToString());
        Assert.All(texts, text => Assert.Equal(source["targetRevision"]!.ToString(), Version().Match(text).Groups[1].Value));
        Assert.All(texts, text => Assert.Contains(LokiChart, text, StringComparison.Ordinal));
    }

    /// <summary>Every file that the README links to exists, too.</summary>
    [Fact]
    public void Readme_Links_CoverAllFiles()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Config, "README.md"));
        string[] named = [.. Link().Matches(readme).Select(match => match.Groups[1].Value.TrimEnd('/')).Distinct()];
        IEnumerable<string> there = Directory.GetFileSystemEntries(Repository.Config).Select(path => Path.GetFileName(path)).Where(name => name != "README.md");

        Assert.Empty(there.Except(named));
        Assert.All(named, name => Assert.True(Path.Exists(Path.Combine(Repository.Config, name)), name));
    }

    [GeneratedRegex(@"--version ([0-9.]+)")]
    private static partial Regex Version();

    [GeneratedRegex(@"\]\(([a-z][^):]*)\)")]
    private static partial Regex Link();
}
