using System.Globalization;
using System.Text;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

/// <summary>The program with systemd journals.</summary>
public sealed class JournalTests : IDisposable
{
    private const int Kills = 10;

    private readonly NodeDirectory _node = new();
    private readonly List<JournalDirectory> _journals = [];

    public void Dispose()
    {
        _journals.ForEach(journal => journal.Dispose());
        _node.Dispose();
    }

    [Fact]
    public async Task Run_JournalEntries_SendsTheirLabelsAndMetadata()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        Journal("journal").Add("compact-zstd.journal");
        await using RunningShipper sut = Start(loki, "journal");
        await sut.WaitUntilAsync(() => loki.Count() == 12);
        Assert.Equal(0, await sut.StopAsync());

        StoredEntry template = Assert.Single(loki.GetStoredStreams()[Labels("getty@.service")]);
        Assert.Equal("two\nlines", template.Line);
        Assert.Equal("level=info,identifier=kubelet,pid=1001,transport=stdout,boot_id=0123456789abcdef0123456789abcdef,unit_full=getty@tty1.service,detected_level=info", template.Metadata);
        Assert.Contains("level=warning", Assert.Single(loki.GetStoredStreams()[Labels("kernel")]).Metadata, StringComparison.Ordinal);
        Assert.Contains("unit_full=session-4.scope", Assert.Single(loki.GetStoredStreams()[Labels("scope")]).Metadata, StringComparison.Ordinal);
        Assert.Equal("caf\ufffd", Assert.Single(loki.GetStoredStreams()[Labels("latin.service")]).Line);
        Assert.Contains("truncated_bytes=", Assert.Single(loki.GetStoredStreams()[Labels("big.service")]).Metadata, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restart_AllAcknowledged_SendsOnlyNewEntries()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        JournalDirectory journal = Journal("journal");
        journal.Begin("a.journal");
        journal.Write(200, "a.service", "b.service");
        await using (RunningShipper first = Start(loki, "journal"))
        {
            await first.WaitUntilAsync(() => loki.Count() == 200);
            Assert.Equal(0, await first.StopAsync());
        }

        journal.Write(50, "a.service", "b.service");
        await using RunningShipper second = Start(loki, "journal");
        await second.WaitUntilAsync(() => loki.Count() >= 250);
        Assert.Equal(0, await second.StopAsync());
        AssertEachOnce(loki, 250);
    }

    /// <summary>Only entries of the last push before a kill may be stored twice.</summary>
    [Fact]
    public async Task Kill_WhileEntriesAreWritten_LosesNothingAndRepeatsOnlyUnconfirmedEntries()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        loki.AnswerDelay = TimeSpan.FromMilliseconds(50);
        JournalDirectory journal = Journal("journal");
        journal.Begin("a.journal");
        var random = new Random(5);
        for (int kill = 0; kill <= Kills; kill++)
        {
            journal.Write(300, "a.service", "b.service", "getty@tty1.service");
            await using RunningShipper sut = StartAs($"  tenant: life-{kill}", loki, "journal");
            if (kill == Kills)
            {
                await sut.WaitUntilAsync(() => Lines(loki).Distinct().Count() == journal.Count);
                Assert.Equal(0, await sut.StopAsync());
                break;
            }

            await sut.WaitUntilReadyAsync();
            for (int burst = random.Next(1, 20); burst > 0; burst--)
            {
                journal.Write(100, "a.service", "b.service", "getty@tty1.service");

                // Spreads the bursts, so that the kill meets the agent in different states.
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(30)), TimeProvider.System, TestContext.Current.CancellationToken);
            }

            await sut.KillAsync();
        }

        HashSet<string> lastPushed = [.. loki.GetLastPushes().Values.SelectMany(lines => lines)];
        Assert.Equal(Messages(journal.Count), Lines(loki).ToHashSet());
        Assert.All(Lines(loki).GroupBy(line => line).Where(line => line.Count() > 1), line => Assert.Contains(line.Key, lastPushed));
    }

    [Fact]
    public async Task Run_NoJournalDirectory_LogsOnlyOneInfoMessage()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        await using RunningShipper sut = Start(loki, "missing", "missing-too");
        await sut.WaitForLogAsync("There is no journal to read");
        await sut.WaitUntilReadyAsync();

        string line = Assert.Single(sut.Log, line => line.Contains("ournal", StringComparison.Ordinal));
        Assert.Contains("info", line, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, (await sut.GetMetricsAsync()).Where(sample => sample.Key.StartsWith("shipper_journal_", StringComparison.Ordinal)).Sum(sample => sample.Value));
        Assert.Equal(0, await sut.StopAsync());
    }

    [Fact]
    public async Task Run_UnsupportedFormat_LogsOneErrorAndCountsIt()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        Journal("journal").Add("unknown-flag.journal");
        await using RunningShipper sut = Start(loki, "journal", "missing");
        await sut.WaitForLogAsync("0x80");
        await RunningShipper.WaitUntilAsync(
            async () => (await sut.GetMetricsAsync()).GetValueOrDefault("shipper_journal_errors_total{reason=\"unsupported_format\"}") == 1, () => "The error is not counted.");

        string error = Assert.Single(sut.Log, line => line.Contains("\"error\"", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("unsupported_format", error, StringComparison.Ordinal);
        Assert.Equal(0, await sut.StopAsync());
    }

    /// <summary>Loki reports that it refuses the unit only if it is the last stream of a request, as the real Loki does.</summary>
    [Fact]
    public async Task Push_OneUnitRefusedAcrossKills_SendsTheOthersAndEachEntryOnce()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        bool refuses = true;
        loki.Limits.IsOverRate = labels => Volatile.Read(ref refuses) && labels.Contains("hot.service", StringComparison.Ordinal);
        JournalDirectory journal = Journal("journal");
        journal.Begin("a.journal");
        journal.Write(100, number => Encoding.UTF8.GetBytes(number < 30 ? "a.service" : number < 40 ? "b.service" : "hot.service"));
        await journal.EndAsync();
        journal.Begin("a.journal");
        for (int run = 0; run < 3; run++)
        {
            await using RunningShipper sut = Start(loki, "journal");
            await sut.WaitForLogAsync("Loki refuses");
            journal.Write(60, "a.service", "b.service", "hot.service");
            int others = 40 + (40 * (run + 1));
            await sut.WaitUntilAsync(() => loki.Count() >= others);
            Assert.Equal(others, loki.Count());
            await sut.KillAsync();
        }

        Volatile.Write(ref refuses, false);
        await using RunningShipper last = Start(loki, "journal");
        await last.WaitUntilAsync(() => loki.Count() >= journal.Count);
        journal.Write(30, "a.service", "b.service", "hot.service");
        await last.WaitUntilAsync(() => loki.Count() >= journal.Count);
        Assert.Equal(0, await last.StopAsync());
        AssertEachOnce(loki, journal.Count);
    }

    [Fact]
    public async Task Outage_FilesRotatedAndVacuumed_SendsEachReadEntryOnce()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        JournalDirectory journal = Journal("journal");
        journal.Begin("system.journal");
        journal.Write(100, "a.service");
        await using RunningShipper sut = Start(loki, "journal");
        await sut.WaitUntilAsync(() => loki.Count() == 100);
        loki.IsUnavailable = true;
        journal.Write(100, "a.service");
        await journal.EndAsync();
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_read_records_total{source=\"journal\"}"] == 200, () => "The entries are not read.");
        File.Move(Path.Combine(journal.Path, "system.journal"), Path.Combine(journal.Path, "system@1.journal"));
        journal.Begin("system.journal");
        journal.Write(100, "a.service");
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_read_records_total{source=\"journal\"}"] == 300, () => "The entries are not read.");
        File.Delete(Path.Combine(journal.Path, "system@1.journal"));
        loki.IsUnavailable = false;
        await sut.WaitUntilAsync(() => loki.Count() >= 300);
        journal.Write(20, "a.service");
        await sut.WaitUntilAsync(() => loki.Count() >= 320);
        Assert.Equal(0, await sut.StopAsync());
        AssertEachOnce(loki, 320);
    }

    [Fact]
    public async Task Run_TwoDirectories_ReadsBoth()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        Journal("persistent").Add("entries.journal");
        Journal("volatile").Add("units.journal");
        await using RunningShipper sut = Start(loki, "persistent", "volatile");
        await sut.WaitUntilAsync(() => loki.Count() >= 700);
        await sut.KillAsync();
        await using RunningShipper second = Start(loki, "persistent", "volatile");
        await second.WaitUntilReadyAsync();
        Assert.Equal(0, await second.StopAsync());

        Assert.Equal(700, loki.Count());
    }

    [Fact]
    public async Task Run_TwoThousandUnits_SendsAtMostAThousandStreams()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        JournalDirectory journal = Journal("journal");
        journal.Begin("a.journal");
        journal.Write(2_000, number => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"unit-{number}.service")));
        await using RunningShipper sut = Start(loki, "journal");
        await sut.WaitUntilAsync(() => loki.Count() >= 2_000);
        await sut.WaitForLogAsync("over 1000 units");
        Assert.Equal(0, await sut.StopAsync());

        AssertEachOnce(loki, 2_000);
        Assert.InRange(loki.GetStoredStreams().Count, 990, 1_000);
        Assert.All(loki.GetStoredStreams()[Labels("other")], entry => Assert.Contains("unit_full=unit-", entry.Metadata, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_UnitNamesWithOddBytes_SendsEachEntryOnce()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        JournalDirectory journal = Journal("journal");
        byte[][] names =
        [
            [.. "bad\xff"u8, 0xff, 0xfe, .. ".service"u8], "quote\".service"u8.ToArray(), @"dev-disk\x2dby.service"u8.ToArray(), "two\nlines.service"u8.ToArray(),
            "nul\0.service"u8.ToArray(), [], [.. Enumerable.Repeat((byte)'u', 3000), .. ".service"u8], "\u00fcn\u00ef.service"u8.ToArray(), "{a=\"b\"}"u8.ToArray(), "@.service"u8.ToArray(), "."u8.ToArray(),
        ];
        journal.Begin("a.journal");
        journal.Write(names.Length * 3, number => names[number % names.Length]);
        await using RunningShipper sut = Start(loki, "journal");
        await sut.WaitUntilAsync(() => loki.Count() >= names.Length * 3);
        Assert.Equal(0, await sut.StopAsync());

        AssertEachOnce(loki, names.Length * 3);
        Assert.All(loki.Statuses, status => Assert.Equal(204, status));
    }

    private static string Labels(string unit) => $"{{cluster=\"test\", environment=\"ci\", job=\"systemd-journal\", node=\"node-1\", unit=\"{unit}\"}}";

    private static List<string> Lines(LokiDouble loki) => [.. loki.GetStoredStreams().Values.SelectMany(entries => entries).Select(entry => entry.Line)];

    private static HashSet<string> Messages(int count) => [.. Enumerable.Range(0, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"entry {number}"))];

    private static void AssertEachOnce(LokiDouble loki, int count)
    {
        List<string> lines = Lines(loki);
        Assert.Equal(Messages(count), lines.ToHashSet());
        Assert.Equal(count, lines.Count);
        Assert.All(loki.GetStoredStreams().Values, entries => Assert.Equal(entries.Select(entry => entry.TimestampNs).Order(), entries.Select(entry => entry.TimestampNs)));
    }

    private JournalDirectory Journal(string name)
    {
        var journal = new JournalDirectory(Path.Combine(_node.Root, name));
        _journals.Add(journal);
        return journal;
    }

    private RunningShipper Start(LokiDouble loki, params string[] directories) => StartAs("", loki, directories);

    private RunningShipper StartAs(string lokiYaml, LokiDouble loki, params string[] directories) => RunningShipper.Start(_node, loki.Address, $$"""
        sources:
          containers: {enabled: false}
          journal: {directories: [{{string.Join(", ", directories.Select(name => $"\"{_node.Root}/{name}\""))}}], since: 168h}
        """, lokiYaml);
}
