using System.Text.RegularExpressions;
using Shipper.Testing.Program;

namespace Shipper.Documents.Tests;

/// <summary>The table of metrics in docs/operate.md matches a running agent.</summary>
public partial class MetricsTableTests
{
    /// <summary>Labels whose values are not known in advance.</summary>
    private static readonly string[] Unknown = ["version", "commit", "rule"];

    [Fact]
    public async Task Table_OfMetrics_MatchesARunningAgent()
    {
        (string Metric, string Type, string Labels)[] table =
        [
            .. MarkdownDocument.Load(DocumentFiles.Operate).Rows.Select(row => Row().Match(row)).Where(row => row.Success)
                .Select(row => (row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value)),
        ];
        string text = await GetMetricsAsync();

        Assert.Equal(
            TypeLine().Matches(text).Select(line => (line.Groups[1].Value, line.Groups[2].Value)).Order(),
            table.Select(row => (row.Metric, row.Type)).Order());
        Assert.All(table, row =>
        {
            string[] samples = [.. text.Split('\n').Where(line => line.StartsWith($"{row.Metric}{{", StringComparison.Ordinal))];
            foreach (Match label in samples.SelectMany(sample => Label().Matches(sample)))
            {
                Assert.Contains($"`{label.Groups[1].Value}`", row.Labels, StringComparison.Ordinal);
                bool isListed = row.Labels.Contains(':', StringComparison.Ordinal) && label.Groups[1].Value != "status" && !Unknown.Contains(label.Groups[1].Value);
                Assert.True(!isListed || row.Labels.Contains($"`{label.Groups[2].Value}`", StringComparison.Ordinal), $"{row.Metric} has {label.Value}, which {DocumentFiles.Operate} does not list.");
            }
        });
    }

    /// <summary>Returns the metrics of an agent with a bit of everything: a push, an unreadable file, and an unreadable journal.</summary>
    private static async Task<string> GetMetricsAsync()
    {
        using var node = new NodeDirectory();
        using var journal = new JournalDirectory(Path.Combine(node.Root, "journal"));
        journal.Add("unknown-flag.journal");
        new CriWriter(node.AddContainer("web-1")).Write(1);
        File.CreateSymbolicLink(Path.Combine(node.Containers, $"web-2_default_main-{new string('a', 64)}.log"), node.Root);
        await using RunningShipper sut = RunningShipper.Start(node, new Uri("http://127.0.0.1:1"), $$"""
            sources:
              containers: {include: ["{{node.Containers}}/*.log"]}
              journal: {directories: ["{{journal.Path}}"]}
            """);
        string[] wanted = ["shipper_push_requests_total{", "shipper_file_errors_total{", "shipper_journal_errors_total{"];
        await RunningShipper.WaitUntilAsync(
            async () => await sut.GetStatusAsync("/metrics") is not null && (await sut.GetTextAsync("/metrics")) is var text && wanted.All(start => text.Split('\n').Any(line => line.StartsWith(start, StringComparison.Ordinal) && !line.EndsWith(" 0", StringComparison.Ordinal))),
            () => string.Join('\n', sut.Log));
        return await sut.GetTextAsync("/metrics");
    }

    [GeneratedRegex(@"^\| `((?:shipper|process)_[a-z_]+)` \| (counter|gauge|histogram) \| (.*?) ?\| .+ \|$")]
    private static partial Regex Row();

    [GeneratedRegex("(?m)^# TYPE ([^ ]+) ([a-z]+)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex("[{,]([a-z_]+)=\"([^\"]*)\"")]
    private static partial Regex Label();
}
