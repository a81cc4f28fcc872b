using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using Shipper.LogQl;
using Shipper.Testing.Program;

namespace Shipper.Documents.Tests;

/// <summary>Every code block of every document has a language and can be parsed. The program and the chart accept their files.</summary>
public partial class CodeBlockTests
{
    private const string AgentFile = "shipper.yaml";
    private const string ValuesFile = "values.yaml";

    /// <summary>Languages that no test parses.</summary>
    private static readonly string[] Unparsed = ["text"];

    private static readonly string[] Parsed = ["ini", "json", "logql", "sh", "yaml"];

    public static TheoryData<string> Names => [.. DocumentFiles.All];

    public static TheoryData<string> NamesForUsers => [.. DocumentFiles.ForUsers];

    [Theory]
    [MemberData(nameof(Names))]
    public void Blocks_Language_IsKnown(string name) =>
        Assert.All(MarkdownDocument.Load(name).Code, block => Assert.Contains(block.Language, Parsed.Concat(Unparsed)));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Sh_Block_IsParsedByBash(string name)
    {
        foreach (CodeBlock block in Blocks(name, "sh"))
        {
            using Process bash = ShipperProgram.Start("bash", ["-n"], new Dictionary<string, string?>());
            await bash.StandardInput.WriteAsync(block.Text);
            bash.StandardInput.Close();
            string errors = await bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await bash.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.True(bash.ExitCode == 0 && errors.Length == 0, $"{errors}{block.Text}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void YamlAndJson_Blocks_AreParsed(string name)
    {
        Assert.All(Blocks(name, "yaml"), block => Assert.NotEmpty(YamlJson.Read(block.Text)));
        Assert.All(Blocks(name, "json"), block => JsonDocument.Parse(block.Text).Dispose());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Ini_Block_HasSectionsAndKeys(string name) => Assert.All(
        Blocks(name, "ini").SelectMany(block => block.Text.Split('\n')),
        line => Assert.Matches(IniLine(), line));

    [Theory]
    [MemberData(nameof(NamesForUsers))]
    public void Yaml_ForUsers_NamesItsFile(string name) =>
        Assert.All(Blocks(name, "yaml"), block => Assert.EndsWith(".yaml", block.File, StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Configurations_InDocument_AreValid(string name)
    {
        string[] configurations =
        [
            .. Blocks(name, "yaml").Where(block => block.File == AgentFile).Select(block => block.Text),
            // JSON is YAML.
            .. Blocks(name, "yaml").Where(block => block.File == ValuesFile).Select(block => YamlJson.Read(block.Text).Single()!["config"]).OfType<JsonNode>().Select(config => config.ToJsonString()),
        ];
        using var node = new NodeDirectory();
        foreach (string configuration in configurations)
        {
            string file = Path.Combine(node.Root, AgentFile);
            await File.WriteAllTextAsync(file, configuration, TestContext.Current.CancellationToken);

            CommandResult result = await ShipperProgram.RunAsync("validate", "--config", file, "--skip-files");

            Assert.True(result.ExitCode == 0, $"{result.Output}{configuration}");
        }
    }

    /// <summary>The examples of the page contain their own tests.</summary>
    [Fact]
    public async Task Examples_OfProcessing_PassTheirTests()
    {
        IEnumerable<string> all = Blocks("docs/processing.md", "yaml").Select(block => block.Text);
        string[] examples = [.. all.Where(example => example.Contains("\ntests:", StringComparison.Ordinal))];
        using var node = new NodeDirectory();
        foreach (string example in examples)
        {
            string file = Path.Combine(node.Root, AgentFile);
            await File.WriteAllTextAsync(file, example, TestContext.Current.CancellationToken);

            CommandResult result = await ShipperProgram.RunAsync("test", "--config", file);

            Assert.True(result.ExitCode == 0, $"{result.Output}{example}");
        }

        Assert.NotEmpty(examples);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Values_InDocument_MatchTheSchemaOfTheChart(string name)
    {
        var schema = JsonSchema.FromText(File.ReadAllText(ChartFiles.ValuesSchema));

        Assert.All(Blocks(name, "yaml").Where(block => block.File == ValuesFile), block =>
        {
            JsonObject values = ChartFiles.ReadValues();
            ChartFiles.Merge(values, (JsonObject)YamlJson.Read(block.Text).Single()!);
            Assert.True(schema.Evaluate(JsonSerializer.SerializeToElement(values)).IsValid, block.Text);
        });
    }

    /// <summary>Queries may name what the agent sends, and labels that a configuration in the same document adds.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Logql_Block_IsValidAndUsesOnlyNamesThatAreSent(string name)
    {
        string[] added = [.. Blocks(name, "yaml").Where(block => block.File is AgentFile or ValuesFile).Select(block => YamlJson.Read(block.Text).Single()!).SelectMany(AddedLabels)];

        Assert.All(Blocks(name, "logql").SelectMany(block => HubQuery.Paragraphs(block.Text)), query =>
        {
            LogQlLabels labels = LogQlQuery.Parse(query).Labels;
            Assert.Empty(labels.Selected.Except([.. AgentLabels.OfStreams, .. AgentLabels.OfLoki, .. added]));
            Assert.Empty(labels.AreOpen ? [] : labels.Used.Except([.. AgentLabels.OfStreams, .. AgentLabels.OfRecords, .. AgentLabels.OfLoki, .. labels.Made, .. added]));
        });
    }

    private static IEnumerable<CodeBlock> Blocks(string name, string language) => MarkdownDocument.Load(name).Code.Where(block => block.Language == language);

    private static IEnumerable<string> AddedLabels(JsonNode file)
    {
        JsonNode config = file["config"] ?? file;
        return new[] { config["labels"], config["kubernetes"]?["labels"] }.OfType<JsonObject>().SelectMany(labels => labels.Select(label => label.Key));
    }

    /// <summary>A section, a comment, or a key and its value; Fluent Bit's files have no equals sign.</summary>
    [GeneratedRegex(@"^(\[[^\]]+\]|[#;].*|\s*[A-Za-z][\w.-]*(\s*=\s*|\s+)\S.*|)$")]
    private static partial Regex IniLine();
}
