using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using Shipper.Testing.Program;

namespace Shipper.Documents.Tests.Workflows;

/// <summary>Checks the workflows of GitHub Actions without running them.</summary>
public partial class WorkflowTests
{
    private static readonly JsonSchema Schema = WorkflowSchema.Load();

    private static readonly EvaluationOptions Listed = new() { OutputFormat = OutputFormat.List };

    public static TheoryData<string> Names() => [.. Directory.GetFiles(Path.Combine(Repository.Root, ".github/workflows")).Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Names))]
    public void Workflow_EachFile_IsValid(string name) => Assert.Empty(Problems(Read(name)));

    /// <summary>The schema refuses what GitHub refuses.</summary>
    [Theory]
    [InlineData("on: push")]
    [InlineData("on: pushes\njobs: {a: {runs-on: ubuntu-24.04, steps: [{run: ls}]}}")]
    [InlineData("on: push\njobs: {a: {steps: [{run: ls}]}}")]
    [InlineData("on: push\njobs: {a: {runs-on: ubuntu-24.04, timeout: 5, steps: [{run: ls}]}}")]
    [InlineData("on: push\njobs: {a: {runs-on: ubuntu-24.04, steps: [{run: ls, uses: a/b@v1.0.0}]}}")]
    [InlineData("on: push\npermissions: {content: read}\njobs: {a: {runs-on: ubuntu-24.04, steps: [{run: ls}]}}")]
    [InlineData("on: push\npermissions: {contents: reed}\njobs: {a: {runs-on: ubuntu-24.04, steps: [{run: ls}]}}")]
    public void Workflow_WithAMistake_IsInvalid(string text) => Assert.NotEmpty(Problems(YamlJson.Read(text).Single()!));

    [Theory]
    [MemberData(nameof(Names))]
    public void Workflow_EachFile_HasReadPermissionsAndATimeout(string name)
    {
        JsonNode workflow = Read(name);

        Assert.Equal("""{"contents":"read"}""", workflow["permissions"]!.ToJsonString());
        Assert.NotNull(workflow["concurrency"]);
        Assert.All(Jobs(workflow).Where(job => job["uses"] is null), job => Assert.InRange(job["timeout-minutes"]!.GetValue<long>(), 1, 120));
    }

    /// <summary>A branch of an action, or its latest minor version, may be something else tomorrow.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Actions_InUse_ArePinnedOrInTheRepository(string name) => Assert.All(Used(Read(name)), used =>
    {
        if (used.StartsWith("./", StringComparison.Ordinal))
        {
            Assert.True(Path.Exists(Path.Combine(Repository.Root, used)), $"{name} uses {used}, which does not exist");
        }
        else
        {
            Assert.Matches(PinnedAction(), used);
        }
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void Commands_Paths_Exist(string name)
    {
        string[] directories = [.. Directory.GetDirectories(Repository.Root).Select(path => Path.GetFileName(path))];

        IEnumerable<string> paths =
            from job in Jobs(Read(name))
            from step in job["steps"]?.AsArray() ?? []
            let run = step["run"]?.GetValue<string>()
            where run is not null
            from word in run.Split([' ', '\n', '"', '\''], StringSplitOptions.RemoveEmptyEntries)
            where directories.Contains(word.Split('/')[0]) || word.EndsWith(".md", StringComparison.Ordinal) || word.EndsWith(".props", StringComparison.Ordinal)
            select word;

        // A step makes these.
        Assert.All(paths.Except(["out", "notes.md"]).Where(path => !path.StartsWith("out/", StringComparison.Ordinal)), path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), $"{name} names {path}, which does not exist"));
    }

    [Fact]
    public void Ci_EachArchitecture_RunsWhatADeveloperRuns()
    {
        JsonNode job = Read("ci.yaml")["jobs"]!["run"]!;

        Assert.Equal(["ubuntu-24.04", "ubuntu-24.04-arm"], job["strategy"]!["matrix"]!["runner"]!.AsArray().Select(runner => runner!.GetValue<string>()));
        Assert.EndsWith(" .ci/run", job["steps"]!.AsArray()[^1]!["run"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    /// <summary>The chart names the image by default, and the hub's applications name the chart.</summary>
    [Fact]
    public void Release_Destinations_AreThoseOfTheChartAndTheApplications()
    {
        JsonNode variables = Read("release.yaml")["env"]!;
        string application = File.ReadAllText(Path.Combine(Repository.Config, "argocd/shipper-control.yaml"));
        Match repository = GitRepository().Match(application);
        string owner = repository.Groups["owner"].Value;

        Assert.True(repository.Success);
        Assert.Equal(
            ChartFiles.ReadValues()["image"]!["repository"]!.GetValue<string>(),
            Filled("IMAGE"));
        Assert.Contains($"repoURL: {Filled("CHARTS")["oci://".Length..]} ", application, StringComparison.Ordinal);

        string Filled(string variable) => variables[variable]!.GetValue<string>()
            .Replace("${{ github.repository }}", $"{owner}/{repository.Groups["name"].Value}", StringComparison.Ordinal)
            .Replace("${{ github.repository_owner }}", owner, StringComparison.Ordinal);
    }

    private static JsonNode Read(string name) => YamlJson.ReadFile(Path.Combine(Repository.Root, ".github/workflows", name)).Single()!;

    private static IEnumerable<string> Problems(JsonNode workflow)
    {
        EvaluationResults results = Schema.Evaluate(JsonSerializer.SerializeToElement(workflow), Listed);
        return results.IsValid ? [] : results.Details!.Where(detail => detail.Errors is { Count: > 0 }).Select(detail => $"{detail.InstanceLocation}: {string.Join("; ", detail.Errors!.Values)}");
    }

    private static IEnumerable<JsonNode> Jobs(JsonNode workflow) => workflow["jobs"]!.AsObject().Select(job => job.Value!);

    private static IEnumerable<string> Used(JsonNode workflow) =>
        from job in Jobs(workflow)
        from user in (IEnumerable<JsonNode?>)[job, .. job["steps"]?.AsArray() ?? []]
        let used = user["uses"]?.GetValue<string>()
        where used is not null
        select used;

    [GeneratedRegex(@"^[\w-]+/[\w-]+@v\d+\.\d+\.\d+$")]
    private static partial Regex PinnedAction();

    [GeneratedRegex(@"https://github\.com/(?<owner>[\w-]+)/(?<name>[\w-]+)\.git")]
    private static partial Regex GitRepository();
}
