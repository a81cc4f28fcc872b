using System.Text.Json.Nodes;
using Shipper.Testing.Program;

namespace Shipper.Chart.Tests;

/// <summary>Compares what helm renders with the golden files. The other tests read the golden files, so that they need no helm.</summary>
public class GoldenTests
{
    [Fact]
    public async Task Version_OfTheChart_EqualsTheProgramsVersion()
    {
        CommandResult program = await ShipperProgram.RunAsync("version");
        JsonNode chart = YamlJson.ReadFile(Path.Combine(ChartFiles.Directory, "Chart.yaml")).Single()!;

        string version = program.Output.Split('\n')[0].Split(' ')[1];
        Assert.Equal(version, chart["version"]!.ToString());
        Assert.Equal(version, chart["appVersion"]!.ToString());
    }

    [Fact]
    public async Task GoldenHash_OfTheChart_IsUpToDate()
    {
        string hash = ChartFiles.Hash() + "\n";
        if (ChartFiles.IsUpdating && Helm.Programs.Count > 0)
        {
            foreach (string name in ChartFiles.Names)
            {
                await File.WriteAllTextAsync(ChartFiles.GoldenFile(name), await RenderAsync(Helm.Programs[0], name), TestContext.Current.CancellationToken);
            }

            await File.WriteAllTextAsync(ChartFiles.GoldenHash, hash, TestContext.Current.CancellationToken);
            return;
        }

        string golden = await File.ReadAllTextAsync(ChartFiles.GoldenHash, TestContext.Current.CancellationToken);
        Assert.True(golden == hash, $"The chart or the values of its tests have changed since they were rendered. {ChartFiles.HowToUpdate}");
    }

    [Fact]
    public async Task Template_EachHelm_RendersTheGoldenFile()
    {
        Assert.SkipWhen(ChartFiles.IsUpdating, "The golden files are being written.");
        foreach ((string helm, string name) in EachHelmWith(ChartFiles.Names))
        {
            string golden = await File.ReadAllTextAsync(ChartFiles.GoldenFile(name), TestContext.Current.CancellationToken);

            Assert.Equal(golden, await RenderAsync(helm, name));
        }
    }

    [Fact]
    public async Task Lint_EachHelm_FindsNothing()
    {
        foreach ((string helm, string name) in EachHelmWith(ChartFiles.Names))
        {
            CommandResult result = await Helm.RunAsync(helm, "lint", "--strict", ChartFiles.Directory, "--values", ChartFiles.ValuesFile(name));

            Assert.True(result.ExitCode == 0, $"{helm} {name}: {result.Output}{result.Error}");
        }
    }

    [Fact]
    public async Task Template_ValueAgainstTheSchema_Fails()
    {
        foreach ((string helm, (string set, string key)) in EachHelmWith(RefusedValues.BySchema))
        {
            CommandResult result = await Helm.TemplateAsync(helm, "--set", set);

            Assert.True(result.ExitCode == 1, $"{helm} accepts {set}");
            Assert.Contains("values don't meet the specifications of the schema", result.Error, StringComparison.Ordinal);
            Assert.Contains(key, result.Error.Replace('.', '/'), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Template_ConflictingValues_FailsWithRemedy()
    {
        foreach ((string helm, (string set, string message)) in EachHelmWith(RefusedValues.ByTemplates))
        {
            CommandResult result = await Helm.TemplateAsync(helm, "--set", set);

            Assert.True(result.ExitCode == 1, $"{helm} accepts {set}");
            Assert.Contains(message, result.Error, StringComparison.Ordinal);
        }
    }

    /// <summary>Renders the chart, with the same empty lines between documents for each helm: Helm 4 and Helm 3 write different ones.</summary>
    private static async Task<string> RenderAsync(string helm, string name)
    {
        CommandResult result = await Helm.TemplateAsync(helm, "--values", ChartFiles.ValuesFile(name));
        Assert.True(result.ExitCode == 0, $"{helm}: {result.Error}");
        return string.Concat($"\n{result.Output}".Split("\n---\n", StringSplitOptions.RemoveEmptyEntries).Select(document => $"---\n{document.Trim('\n')}\n"));
    }

    private static IEnumerable<(string Helm, T Row)> EachHelmWith<T>(IEnumerable<T> rows)
    {
        Assert.SkipWhen(Helm.Programs.Count == 0, "helm is not installed.");
        return Helm.Programs.SelectMany(helm => rows.Select(row => (helm, row)));
    }
}
