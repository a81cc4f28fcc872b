using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Hub.Tests;

/// <summary>The names that the hub's queries may use are those that the agent sends.</summary>
public class AgentLabelsTests
{
    [Fact]
    public async Task Run_EverySource_SendsTheNamesThatQueriesMayUse()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        using var journal = new JournalDirectory(Path.Combine(node.Root, "journal"));
        journal.Add("compact-zstd.journal");
        new CriWriter(node.AddContainer("web-1")).Write(1);
        await File.WriteAllTextAsync(Path.Combine(node.Root, "audit.log"), $"{new string('x', 3000)}\n", TestContext.Current.CancellationToken);
        await using RunningShipper sut = RunningShipper.Start(node, loki.Address, $$"""
            sources:
              containers: {include: ["{{node.Containers}}/*.log"]}
              journal: {directories: ["{{journal.Path}}"], since: 168h}
              files: [{include: ["{{node.Root}}/audit.log"], maxLineSize: 2KiB}]
            """);
        await sut.WaitUntilAsync(() => loki.Count() == 14);

        string[] streams = [.. loki.GetStoredStreams().Keys.SelectMany(labels => LabelSet.Parse(labels)).Select(label => label.Key).Distinct().Except(AgentLabels.OfLoki)];
        string[] records = [.. loki.GetStoredStreams().Values.SelectMany(entries => entries).SelectMany(entry => entry.Pairs).Select(pair => pair.Key).Distinct().Except(AgentLabels.OfLoki)];

        Assert.Equal(AgentLabels.OfStreams.Order(StringComparer.Ordinal), streams.Order(StringComparer.Ordinal));
        Assert.Empty(records.Except(AgentLabels.OfRecords));
        // These names appear only in records that were changed or that report a loss.
        Assert.Equal(["lost_bytes", "lost_reason", "original_timestamp"], AgentLabels.OfRecords.Except(records).Order(StringComparer.Ordinal));
    }
}
