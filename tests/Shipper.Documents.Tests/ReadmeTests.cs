using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Shipper.LogQl;
using Shipper.Testing.Program;

namespace Shipper.Documents.Tests;

/// <summary>What the README says can be done, and what the program and the chart take.</summary>
public class ReadmeTests
{
    private const string Begin = "<!-- configuration: made of shipper schema -->\n";
    private const string End = "<!-- end of configuration -->\n";

    private const string AgentFile = "shipper.yaml";
    private const string ValuesFile = "values.yaml";

    public static TheoryData<string> Names => ["README.md", "README.ko.md"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Reference_HasEveryKey(string name)
    {
        CommandResult schema = await ShipperProgram.RunAsync("schema");

        await GeneratedPart.CheckAsync(name, Begin, End, ConfigurationReference.Create(JsonNode.Parse(schema.Output)!));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Yaml_Each_SaysOfWhichFileItIs(string name) =>
        Assert.All(Yaml(name), block => Assert.Contains(block.File, (string[])[AgentFile, ValuesFile]));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Configurations_AreTakenByTheProgram(string name)
    {
        string[] configurations =
        [
            .. Yaml(name).Where(block => block.File == AgentFile).Select(block => block.Text),
            // JSON is YAML.
            .. Yaml(name).Where(block => block.File == ValuesFile).Select(block => YamlJson.Read(block.Text).Single()!["config"]!.ToJsonString()),
        ];
        Assert.True(configurations.Length > 4);
        using var node = new NodeDirectory();
        foreach (string configuration in configurations)
        {
            string file = Path.Combine(node.Root, AgentFile);
            await File.WriteAllTextAsync(file, configuration, TestContext.Current.CancellationToken);

            CommandResult result = await ShipperProgram.RunAsync("validate", "--config", file, "--skip-files");

            Assert.True(result.ExitCode == 0, $"{result.Output}{configuration}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Values_FitTheChart(string name)
    {
        var schema = JsonSchema.FromText(File.ReadAllText(ChartFiles.ValuesSchema));

        Assert.All(Yaml(name).Where(block => block.File == ValuesFile), block =>
        {
            JsonObject values = ChartFiles.ReadValues();
            ChartFiles.Merge(values, (JsonObject)YamlJson.Read(block.Text).Single()!);
            Assert.True(schema.Evaluate(JsonSerializer.SerializeToElement(values)).IsValid, block.Text);
        });
    }

    /// <summary>LogQL, about what the agent sends, or about labels that a configuration in the document adds.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Queries_AreTakenByLoki_AndNameWhatTheAgentSends(string name)
    {
        string[] added = [.. Yaml(name).Select(block => YamlJson.Read(block.Text).Single()!).SelectMany(AddedLabels)];
        string[] queries =
        [
            .. MarkdownDocument.Load(name).Code.Where(block => block.Language == "logql").SelectMany(block => HubQuery.Paragraphs(block.Text)),
        ];

        Assert.True(queries.Length > 10);
        Assert.All(queries, query =>
        {
            LogQlLabels labels = LogQlQuery.Parse(query).Labels;
            Assert.Empty(labels.Selected.Except([.. AgentLabels.OfStreams, .. AgentLabels.OfLoki, .. added]));
            Assert.Empty(labels.AreOpen ? [] : labels.Used.Except([.. AgentLabels.OfStreams, .. AgentLabels.OfRecords, .. AgentLabels.OfLoki, .. labels.Made, .. added]));
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Commands_OfAFreshMachine_AreTheTwoThatCiRuns(string name)
    {
        string[] commands = [.. MarkdownDocument.Load(name).Code.Where(block => block.Language == "sh").Take(2).Select(block => block.Text.TrimEnd())];
        string ci = File.ReadAllText(Path.Combine(Repository.Root, ".ci/run"));

        Assert.Equal(["dotnet run --project src/Shipper -c Release -- demo", "dotnet test --output Detailed"], commands);
        Assert.All(commands, command => Assert.Contains(command, ci, StringComparison.Ordinal));
    }

    /// <summary>Nothing is published: whoever installs first is left with ErrImagePull.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Install_BuildsTheImageFirst(string name)
    {
        string[] commands = [.. MarkdownDocument.Load(name).Code.Where(block => block.Language == "sh").Select(block => block.Text)];

        int image = Array.FindIndex(commands, text => text.Contains("docker buildx build", StringComparison.Ordinal));
        int install = Array.FindIndex(commands, text => text.Contains("helm install", StringComparison.Ordinal));
        Assert.InRange(image, 0, install);
        Assert.NotNull(YamlJson.Read(Yaml(name).First(block => block.File == ValuesFile).Text).Single()!["image"]);
    }

    /// <summary>A namespace may have the label already, and Helm calls a release deployed whose pods are refused.</summary>
    [Theory]
    [InlineData("README.md")]
    [InlineData("README.ko.md")]
    [InlineData("charts/shipper/README.md")]
    [InlineData("config/README.md")]
    public void Install_ReplacesLabels_AndWaitsForThePods(string name)
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

    private static IEnumerable<CodeBlock> Yaml(string name) => MarkdownDocument.Load(name).Code.Where(block => block.Language == "yaml");

    private static IEnumerable<string> AddedLabels(JsonNode file)
    {
        JsonNode config = file["config"] ?? file;
        return new[] { config["labels"], config["kubernetes"]?["labels"] }.OfType<JsonObject>().SelectMany(labels => labels.Select(label => label.Key));
    }
}
