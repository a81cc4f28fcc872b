using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

/// <summary>The program next to a journald that moves its journal between directories.</summary>
public sealed class JournaldTests : IDisposable
{
    private readonly NodeDirectory _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Flush_WhileAgentRuns_SendsEachEntryOnce(bool isVolatileFirst)
    {
        using Journald journald = await Journald.StartAsync();
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { BlockBytes = 0 });
        await using RunningShipper sut = Start(loki, journald, isVolatileFirst);
        for (int i = 0; i < 3; i++)
        {
            await journald.WriteAsync(50);
            await sut.WaitUntilAsync(() => Entries(loki) >= journald.Count);
            await journald.WriteAsync(20);
            await journald.ControlAsync("--flush");
            await journald.WriteAsync(50);
            await sut.WaitUntilAsync(() => Entries(loki) >= journald.Count);
            await journald.ControlAsync("--relinquish-var");
        }

        await AssertEachOnceAsync(loki, journald, sut);
    }

    /// <summary>journald switches directories between two reads of the agent: the unread entries in the first directory are older.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Flush_BetweenTwoReads_KeepsTheOrder(bool isVolatileFirst)
    {
        using Journald journald = await Journald.StartAsync();
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { BlockBytes = 0 });
        await using RunningShipper sut = Start(loki, journald, isVolatileFirst);
        foreach (string change in (string[])["--flush", "--relinquish-var", "--flush", "--relinquish-var"])
        {
            await journald.WriteAsync(20);
            await sut.WaitUntilAsync(() => Entries(loki) >= journald.Count);
            await sut.SignalAsync("STOP");
            await journald.WriteAsync(20);
            await journald.ControlAsync(change);
            await journald.WriteAsync(20);
            await sut.SignalAsync("CONT");
        }

        await sut.WaitUntilAsync(() => Entries(loki) >= journald.Count);
        await AssertEachOnceAsync(loki, journald, sut);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Flush_WhileAgentIsDown_SendsEachEntryOnce(bool isKilled, bool isVolatileFirst)
    {
        using Journald journald = await Journald.StartAsync();
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { BlockBytes = 0 });
        for (int i = 0; i < 3; i++)
        {
            await using RunningShipper sut = Start(loki, journald, isVolatileFirst);
            await journald.WriteAsync(50);
            await sut.WaitUntilAsync(() => Entries(loki) >= journald.Count);
            await journald.WriteAsync(20);
            await (isKilled ? sut.KillAsync() : sut.StopAsync());
            await journald.WriteAsync(20);
            await journald.ControlAsync("--flush");
            await journald.WriteAsync(20);
            await journald.ControlAsync("--relinquish-var");
        }

        await using RunningShipper last = Start(loki, journald, isVolatileFirst);
        await last.WaitUntilAsync(() => Entries(loki) >= journald.Count);
        await AssertEachOnceAsync(loki, journald, last);
    }

    [Fact]
    public async Task Flush_WhileLokiIsUnavailable_SendsEachEntryOnce()
    {
        using Journald journald = await Journald.StartAsync();
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { BlockBytes = 0 });
        await using RunningShipper sut = Start(loki, journald);
        await journald.WriteAsync(50);
        await sut.WaitUntilAsync(() => Entries(loki) >= journald.Count);
        loki.IsUnavailable = true;

        // More than the agent reads ahead.
        await journald.WriteAsync(20_000);
        await journald.ControlAsync("--flush");
        await journald.WriteAsync(50);
        loki.IsUnavailable = false;
        await sut.WaitUntilAsync(() => Entries(loki) >= journald.Count);

        await AssertEachOnceAsync(loki, journald, sut);
    }

    private static int Entries(LokiDouble loki) => Lines(loki).Count;

    private static List<string> Lines(LokiDouble loki) =>
        [.. loki.GetStoredStreams().Values.SelectMany(entries => entries).Select(entry => entry.Line).Where(line => line.StartsWith("entry ", StringComparison.Ordinal))];

    private static async Task AssertEachOnceAsync(LokiDouble loki, Journald journald, RunningShipper sut)
    {
        Assert.Equal(Enumerable.Range(0, journald.Count).Select(number => $"entry {number}").Order(StringComparer.Ordinal), Lines(loki).Order(StringComparer.Ordinal));
        Assert.All(loki.GetStoredStreams().Values, entries => Assert.Equal(entries.Select(entry => entry.TimestampNs).Order(), entries.Select(entry => entry.TimestampNs)));
        IReadOnlyDictionary<string, double> metrics = await sut.GetMetricsAsync();
        Assert.Equal(0, metrics["shipper_journal_missing_entries_total"]);
        Assert.Equal(0, metrics["shipper_possible_duplicate_records_total"]);
        Assert.Equal(0, await sut.StopAsync());
    }

    private RunningShipper Start(LokiDouble loki, Journald journald, bool isVolatileFirst = false)
    {
        string[] directories = isVolatileFirst ? [journald.Volatile, journald.Persistent] : [journald.Persistent, journald.Volatile];
        return RunningShipper.Start(_node, loki.Address, $$"""
            sources:
              containers: {enabled: false}
              journal: {directories: ["{{string.Join("\", \"", directories)}}"], since: 168h}
            """);
    }
}
