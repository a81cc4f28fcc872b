using System.Globalization;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

/// <summary>Files deleted by a rollout while Loki is unavailable, across restarts of the agent; and reports of what is lost.</summary>
public sealed class HeldFileTests : IDisposable
{
    private const int Lines = 20_000;

    private readonly NodeDirectory _node = new();

    public void Dispose() => _node.Dispose();

    private string Held => Path.Combine(_node.State, "held");

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public async Task Stop_FilesDeletedDuringOutage_DeliversThemOnceAndInOrder(int stops, bool isPodDeleted)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        string log = _node.AddContainer("web-1");
        var writer = new CriWriter(log);
        writer.Write(100);
        await using (RunningShipper first = Start(loki))
        {
            await first.WaitUntilAsync(() => loki.Count() == 100);
            loki.IsUnavailable = true;
            await WriteAndDeleteAsync(first, writer, log);
            if (isPodDeleted)
            {
                Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(log))!, recursive: true);
                Directory.GetFiles(_node.Containers).ToList().ForEach(File.Delete);
            }

            Assert.Equal(0, await first.StopAsync());
            Assert.Contains(first.Log, line => line.Contains("Saved the unacknowledged bytes of", StringComparison.Ordinal));
        }

        string[] copies = Directory.GetFiles(Held);
        Assert.Equal(isPodDeleted ? 3 : 2, copies.Length);
        for (int stop = 1; stop < stops; stop++)
        {
            await using RunningShipper again = Start(loki);
            await again.WaitUntilReadyAsync();
            writer.Write(50);
            await RunningShipper.WaitUntilAsync(
                async () => (await again.GetMetricsAsync())["shipper_held_bytes"] > 0, () => $"The agent holds no files.\n{string.Join('\n', again.Log)}");
            Assert.Equal(0, await again.StopAsync());
            Assert.Equal(copies.Order(), Directory.GetFiles(Held).Order());
        }

        loki.IsUnavailable = false;
        await using RunningShipper last = Start(loki);
        await last.WaitUntilAsync(() => loki.Count() >= writer.Count);
        await last.WaitUntilAsync(() => Directory.GetFiles(Held).Length == 0);
        await RunningShipper.WaitUntilAsync(async () => (await last.GetMetricsAsync())["shipper_held_bytes"] == 0, () => "The agent still holds files.");
        Assert.Equal(0, (await last.GetMetricsAsync()).Where(sample => sample.Key.StartsWith("shipper_lost_bytes_total", StringComparison.Ordinal)).Sum(sample => sample.Value));
        Assert.Equal(0, await last.StopAsync());

        Assert.Equal(Enumerable.Range(0, writer.Count).Select(CriWriter.Line), Assert.Single(loki.GetStoredStreams()).Value.Select(entry => entry.Line));
    }

    /// <summary>
    /// The agent's own pod is deleted as well: the next agent ships everything that it logged about the outage, up to its last message. A shell loop
    /// stands in for the container runtime.
    /// </summary>
    [Fact]
    public async Task Stop_OwnPodDeletedDuringOutage_NextAgentShipsItsWholeLog()
    {
        const string Runtime = "mkfifo \"$OWN_LOG.pipe\"; while IFS= read -r line; do printf '%s stderr F %s\\n' \"$(date -u +%Y-%m-%dT%H:%M:%S.%N)Z\" \"$line\"; done < \"$OWN_LOG.pipe\" >> \"$OWN_LOG\" & exec \"$@\" 2> \"$OWN_LOG.pipe\"";
        using LokiDouble loki = await LokiDouble.StartAsync();
        var writer = new CriWriter(_node.AddContainer("web-1"));
        writer.Write(100);
        string own = _node.AddContainer("shipper-x7f2p", "logging");
        var environment = new Dictionary<string, string?> { ["OWN_LOG"] = own, ["POD_NAME"] = "shipper-x7f2p", ["POD_NAMESPACE"] = "logging" };
        string[] ownLines;
        await using (RunningShipper first = RunningShipper.Start(_node, loki.Address, environment: environment, wrapper: Runtime))
        {
            await RunningShipper.WaitUntilAsync(() => Task.FromResult(loki.Count() > 100), () => "Nothing arrives.");
            loki.IsUnavailable = true;
            writer.Write(100);
            await RunningShipper.WaitUntilAsync(
                async () => (await File.ReadAllTextAsync(own, TestContext.Current.CancellationToken)).Contains("can't be reached", StringComparison.Ordinal), () => "The agent does not log the outage.");
            await first.SignalAsync("TERM");
            Assert.Equal(0, await first.WaitForExitAsync());
            ownLines = await File.ReadAllLinesAsync(own, TestContext.Current.CancellationToken);
            Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(own))!, recursive: true);
            Directory.GetFiles(_node.Containers, "shipper-*").ToList().ForEach(File.Delete);
        }

        loki.IsUnavailable = false;
        await using RunningShipper last = Start(loki);
        await last.WaitUntilAsync(() => loki.Count() >= 200 + ownLines.Length && Directory.GetFiles(Held).Length == 0);

        Assert.Equal(0, (await last.GetMetricsAsync()).Where(sample => sample.Key.StartsWith("shipper_lost_bytes_total", StringComparison.Ordinal)).Sum(sample => sample.Value));
        Assert.Equal(0, await last.StopAsync());
        Assert.Contains(ownLines, line => line.Contains("Stopped", StringComparison.Ordinal));
        Assert.Equal(
            ownLines.Select(line => line[(line.IndexOf(" F ", StringComparison.Ordinal) + 3)..]),
            loki.GetStoredStreams().Single(stream => stream.Key.Contains("shipper-x7f2p", StringComparison.Ordinal)).Value.Select(entry => entry.Line));
    }

    [Fact]
    public async Task Kill_WhileCopiesAreReadOrWritten_RepeatsOnlyUnconfirmedLines()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        string log = _node.AddContainer("web-1");
        var writer = new CriWriter(log);
        writer.Write(100);
        await using (RunningShipper first = Start(loki))
        {
            await first.WaitUntilAsync(() => loki.Count() == 100);
            loki.IsUnavailable = true;
            await WriteAndDeleteAsync(first, writer, log);
            Assert.Equal(0, await first.StopAsync());
        }

        loki.IsUnavailable = false;
        loki.AnswerDelay = TimeSpan.FromMilliseconds(50);
        var random = new Random(1);
        for (int kill = 0; kill < 6; kill++)
        {
            await using RunningShipper sut = Start(loki, tenant: $"life-{kill}");
            await sut.WaitUntilReadyAsync();
            writer.Write(500);

            // Stops or kills the agent at a random moment.
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(200)), TimeProvider.System, TestContext.Current.CancellationToken);
            if (kill % 2 == 0)
            {
                await sut.SignalAsync("TERM");
            }

            await sut.KillAsync();
        }

        await using RunningShipper last = Start(loki, tenant: "last");
        await last.WaitUntilAsync(() => loki.GetStoredStreams().Values.Single().Select(entry => entry.Line).Distinct().Count() >= writer.Count);
        await last.WaitUntilAsync(() => Directory.GetFiles(Held).Length == 0);
        var seen = new HashSet<string>();
        ILookup<bool, string> lines = Assert.Single(loki.GetStoredStreams()).Value.Select(entry => entry.Line).ToLookup(seen.Add);
        Assert.Equal(Enumerable.Range(0, writer.Count).Select(CriWriter.Line), lines[true]);
        Assert.Subset(loki.GetLastPushes().SelectMany(push => push.Value).ToHashSet(), lines[false].ToHashSet());
    }

    [Fact]
    public async Task Hold_MoreThanHeldBytes_CountsAndReportsTheLoss()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        string log = _node.AddContainer("web-1");
        var writer = new CriWriter(log);
        writer.Write(100);
        await using RunningShipper sut = Start(loki, heldBytes: "1KiB");
        await sut.WaitUntilAsync(() => loki.Count() == 100);
        loki.IsUnavailable = true;
        await WriteAndDeleteAsync(sut, writer, log);
        await RunningShipper.WaitUntilAsync(
            async () => (await sut.GetMetricsAsync()) is { } sample && sample["shipper_held_bytes"] == 0 && sample["shipper_open_files"] == 1,
            () => $"The agent releases no files.\n{string.Join('\n', sut.Log)}");
        double lost = LostBytes(await sut.GetMetricsAsync(), "held_bytes");

        loki.IsUnavailable = false;
        await sut.WaitUntilAsync(() => Notices(loki).Count > 0 && loki.GetStoredStreams().Values.Single()[^1].Line == CriWriter.Line(writer.Count - 1));
        Assert.Equal(lost, LostBytes(await sut.GetMetricsAsync(), "held_bytes"));
        Assert.Equal(0, await sut.StopAsync());

        StoredEntry notice = Assert.Single(Notices(loki));
        IReadOnlyList<StoredEntry> stored = Assert.Single(loki.GetStoredStreams()).Value;
        Assert.Equal(lost, MissingBytes(writer, stored));
        Assert.Contains($"shipper: {lost.ToString(CultureInfo.InvariantCulture)} bytes of this log between", notice.Line, StringComparison.Ordinal);
        Assert.Equal(stored.Select(entry => entry.TimestampNs).Order(), stored.Select(entry => entry.TimestampNs));
    }

    [Fact]
    public async Task Kill_UnreadFilesDeletedBeforeRestart_CountsAndReportsTheLossOnce()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        string log = _node.AddContainer("web-1");
        var writer = new CriWriter(log);
        writer.Write(100);
        await using (RunningShipper first = Start(loki))
        {
            await first.WaitUntilAsync(() => loki.Count() == 100);
            loki.IsUnavailable = true;
            await WriteAndDeleteAsync(first, writer, log);
            await first.KillAsync();
        }

        loki.IsUnavailable = false;
        double lost = 0;
        for (int start = 0; start < 3; start++)
        {
            writer.Write(10);
            await using RunningShipper sut = Start(loki);
            await sut.WaitUntilAsync(() => Notices(loki).Count > 0 && loki.GetStoredStreams().Values.Single()[^1].Line == CriWriter.Line(writer.Count - 1));
            lost += LostBytes(await sut.GetMetricsAsync(), "deleted");
            Assert.Equal(0, await sut.StopAsync());
        }

        StoredEntry notice = Assert.Single(Notices(loki));
        Assert.Equal(lost, MissingBytes(writer, Assert.Single(loki.GetStoredStreams()).Value));
        Assert.StartsWith($"shipper: {lost.ToString(CultureInfo.InvariantCulture)} bytes of this log between", notice.Line, StringComparison.Ordinal);
        Assert.EndsWith("were lost: the file was deleted before it could be read", notice.Line, StringComparison.Ordinal);
        Assert.Contains($"lost_bytes={lost.ToString(CultureInfo.InvariantCulture)}", notice.Metadata, StringComparison.Ordinal);
        Assert.Contains("lost_reason=deleted", notice.Metadata, StringComparison.Ordinal);
    }

    private static double LostBytes(IReadOnlyDictionary<string, double> metrics, string reason) =>
        metrics.GetValueOrDefault($"shipper_lost_bytes_total{{reason=\"{reason}\"}}");

    private static List<StoredEntry> Notices(LokiDouble loki) =>
        [.. loki.GetStoredStreams().Values.SelectMany(entries => entries).Where(entry => entry.Line.StartsWith("shipper: ", StringComparison.Ordinal))];

    /// <summary>Returns how many bytes the lines that did not arrive take in the log files.</summary>
    private static double MissingBytes(CriWriter writer, IReadOnlyList<StoredEntry> stored)
    {
        HashSet<string> arrived = stored.Select(entry => entry.Line).ToHashSet();
        return Enumerable.Range(0, writer.Count).Select(CriWriter.Line).Where(line => !arrived.Contains(line))
            .Sum(line => "2026-11-23T01:21:26.0000000Z stdout F \n".Length + line.Length);
    }

    /// <summary>Writes three files, and deletes the two older ones once the agent has seen them.</summary>
    private static async Task WriteAndDeleteAsync(RunningShipper sut, CriWriter writer, string log)
    {
        var rotated = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            writer.Write(Lines);
            long written = new FileInfo(log).Length;
            int files = i + 1;
            await RunningShipper.WaitUntilAsync(
                async () => (await sut.GetMetricsAsync()) is { } sample && sample["shipper_open_files"] == files && sample["shipper_lag_bytes"] > files * (written - 20_000),
                () => $"The agent does not see the written lines.\n{string.Join('\n', sut.Log)}");
            if (i < 2)
            {
                string name = string.Create(CultureInfo.InvariantCulture, $"{log}.20261123-01280{i}");
                File.Move(log, name);
                rotated.Add(name);
                await File.Create(log).DisposeAsync();
            }
        }

        rotated.ForEach(File.Delete);
        await RunningShipper.WaitUntilAsync(
            async () => (await sut.GetMetricsAsync()) is { } sample && (sample["shipper_held_bytes"] > 0 || LostBytes(sample, "held_bytes") > 0),
            () => $"The agent does not see that files are deleted.\n{string.Join('\n', sut.Log)}");
    }

    private RunningShipper Start(LokiDouble loki, string heldBytes = "2GiB", string tenant = "") => RunningShipper.Start(_node, loki.Address, $$$"""
        sources:
          containers: {include: ["{{{_node.Containers}}}/*.log"], scanInterval: 100ms, heldBytes: {{{heldBytes}}}}
          journal: {enabled: false}
        """, lokiYaml: tenant.Length > 0 ? $"  tenant: {tenant}" : "");
}
