using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

/// <summary>Reloads of the configuration of a running agent: by SIGHUP, by a changed file, and by the links of a ConfigMap.</summary>
public sealed class ReloadTests : IDisposable
{
    private const string Reloads = "shipper_config_reloads_total";
    private const string InUse = "The new configuration is in use";

    private readonly NodeDirectory _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Reload_Sighup_AppliesNewLabelsToNewRecords()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        var writer = new CriWriter(_node.AddContainer("web-1"));
        writer.Write(100);
        await using RunningShipper sut = Start(loki);
        await sut.WaitUntilAsync(() => loki.Count() == 100);
        Assert.Equal(0, (await sut.GetMetricsAsync())[$"{Reloads}{{result=\"success\"}}"]);

        await ReplaceAsync(sut, "environment: ci", "environment: production\nlabels: {team: shop}");
        await sut.SignalAsync("HUP");
        await sut.WaitForLogAsync(InUse);
        writer.Write(100);
        await sut.WaitUntilAsync(() => loki.Count() == 200);

        Assert.Equal(
            [(Lines(0, 100), false), (Lines(100, 100), true)],
            loki.GetStoredStreams().OrderBy(stream => stream.Value[0].Line, StringComparer.Ordinal)
                .Select(stream => (Text(stream.Value.Select(entry => entry.Line)), stream.Key.Contains("environment=\"production\"", StringComparison.Ordinal) && stream.Key.Contains("team=\"shop\"", StringComparison.Ordinal))));
        IReadOnlyDictionary<string, double> metrics = await sut.GetMetricsAsync();
        Assert.Equal(1, metrics[$"{Reloads}{{result=\"success\"}}"]);
        Assert.Equal(200, metrics["shipper_sent_records_total"]);
        Assert.Equal(200, metrics["shipper_read_records_total{source=\"container\"}"]);
        Assert.Equal(0, await sut.StopAsync());
    }

    /// <summary>Swaps the files as kubelet does: a directory with the new files next to the old one, and one link renamed over another.</summary>
    [Fact]
    public async Task Reload_ConfigMapChanges_AppliesItWithoutSignal()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        var writer = new CriWriter(_node.AddContainer("web-1"));
        writer.Write(10);
        await using RunningShipper sut = Start(loki, configMap: true);
        await sut.WaitUntilAsync(() => loki.Count() == 10);

        await sut.SwapConfigAsync(text => text.Replace("environment: ci", "environment: staging", StringComparison.Ordinal));
        await sut.WaitForLogAsync(InUse);
        writer.Write(10);
        await sut.WaitUntilAsync(() => loki.Count() == 20);

        Assert.Contains(loki.GetStoredStreams().Keys, labels => labels.Contains("environment=\"staging\"", StringComparison.Ordinal));
        Assert.Contains(sut.ConfigPath, await sut.GetTextAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reload_InvalidConfiguration_RefusesItAndKeepsTheOldOne()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        var writer = new CriWriter(_node.AddContainer("web-1"));
        await using RunningShipper sut = Start(loki);
        await sut.WaitUntilReadyAsync();

        await ReplaceAsync(sut, "environment: ci", "enviroment: production");
        await sut.SignalAsync("HUP");
        await sut.WaitForLogAsync("was refused");

        Assert.Contains(sut.Log, line => Regex.IsMatch(line, @":2:1: .*enviroment.*environment"));
        Assert.Equal(1, (await sut.GetMetricsAsync())[$"{Reloads}{{result=\"failure\"}}"]);
        Assert.Equal(HttpStatusCode.OK, await sut.GetStatusAsync("/readyz"));
        Assert.Contains("a change was refused", await sut.GetTextAsync("/"), StringComparison.Ordinal);
        writer.Write(100);
        await sut.WaitUntilAsync(() => loki.Count() == 100);
        Assert.All(loki.GetStoredStreams().Keys, labels => Assert.Contains("environment=\"ci\"", labels, StringComparison.Ordinal));

        // Once it is fixed, the agent applies it without another signal.
        await ReplaceAsync(sut, "enviroment: production", "environment: production");
        await sut.WaitForLogAsync(InUse);
        Assert.DoesNotContain("a change was refused", await sut.GetTextAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reload_CertificateMissing_RefusesTheConfiguration()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        var writer = new CriWriter(_node.AddContainer("web-1"));
        await using RunningShipper sut = Start(loki);
        await sut.WaitUntilReadyAsync();

        await ReplaceAsync(sut, "  batch: {wait: 100ms}", "  batch: {wait: 100ms}\n  tls: {caFile: /nowhere/ca.crt}");
        await sut.SignalAsync("HUP");
        await sut.WaitForLogAsync("was refused");

        Assert.Contains(sut.Log, line => line.Contains("/nowhere/ca.crt", StringComparison.Ordinal));
        writer.Write(10);
        await sut.WaitUntilAsync(() => loki.Count() == 10);
    }

    /// <summary>The file may be half written, or the disk full. An empty file must not reset every key to its default.</summary>
    [Fact]
    public async Task Reload_EmptyFile_RefusesTheConfiguration()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        var writer = new CriWriter(_node.AddContainer("web-1"));
        await using RunningShipper sut = Start(loki);
        await sut.WaitUntilReadyAsync();

        await File.WriteAllTextAsync(sut.ConfigPath, "", TestContext.Current.CancellationToken);
        await sut.SignalAsync("HUP");
        await sut.WaitForLogAsync("the configuration is empty");

        writer.Write(10);
        await sut.WaitUntilAsync(() => loki.Count() == 10);
    }

    /// <summary>Opening a pipe blocks until somebody writes to it, and would block the shutdown as well.</summary>
    [Fact]
    public async Task Reload_ConfigurationIsAPipe_RefusesIt()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        await using RunningShipper sut = Start(loki);
        await sut.WaitUntilReadyAsync();

        File.Delete(sut.ConfigPath);
        MakePipe(sut.ConfigPath);
        await sut.SignalAsync("HUP");
        await sut.WaitForLogAsync("was refused: it is a pipe, not a file");

        Assert.Equal(0, await sut.StopAsync());
    }

    /// <summary>The person who changes the file can't know how far the agent's start has progressed.</summary>
    [Fact]
    public async Task Reload_SighupDuringStart_KeepsTheAgentRunning()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        await using RunningShipper other = Start(loki);
        await other.WaitUntilReadyAsync();
        string text = await File.ReadAllTextAsync(other.ConfigPath, TestContext.Current.CancellationToken);
        await other.StopAsync();
        File.Delete(other.ConfigPath);
        MakePipe(other.ConfigPath);
        using Process sut = ShipperProgram.Start("env", ["--default-signal=HUP", ShipperProgram.Path, "run", "--config", other.ConfigPath], new Dictionary<string, string?>());

        // Opening the pipe blocks until the program opens it to read its configuration.
        await using (FileStream pipe = await Task.Run(() => new FileStream(other.ConfigPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite), TestContext.Current.CancellationToken))
        {
            await ShipperProgram.SignalAsync(sut, "HUP");

            // Gives the program time to act wrongly on the signal: a signal without effect has no event.
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
            await pipe.WriteAsync(Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);
        }

        while (await sut.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.Contains("was refused", StringComparison.Ordinal))
        {
        }

        await ShipperProgram.SignalAsync(sut, "TERM");
        await sut.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, sut.ExitCode);
    }

    [Fact]
    public async Task Reload_KeyNeedsRestart_ReportsItAndAppliesTheRest()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        var writer = new CriWriter(_node.AddContainer("web-1"));
        await using RunningShipper sut = Start(loki);
        await sut.WaitUntilReadyAsync();
        string other = Path.Combine(_node.Root, "other");

        await ReplaceAsync(sut, $"state: {{path: \"{_node.State}\"}}", $"state: {{path: \"{other}\"}}\nlabels: {{a: b}}");
        await sut.SignalAsync("HUP");
        await sut.WaitForLogAsync(InUse);

        Assert.Contains(sut.Log, line => line.Contains("Ignored until the agent is restarted", StringComparison.Ordinal) && line.Contains($"state.path ({other}", StringComparison.Ordinal));
        Assert.Contains("state.path", await sut.GetTextAsync("/"), StringComparison.Ordinal);
        writer.Write(10);
        await sut.WaitUntilAsync(() => loki.Count() == 10);
        Assert.Contains("a=\"b\"", Assert.Single(loki.GetStoredStreams()).Key, StringComparison.Ordinal);
        Assert.False(Directory.Exists(other));
    }

    /// <summary>Changing the address is a way out of an outage: files that were held and deleted in the meantime arrive there.</summary>
    [Fact]
    public async Task Reload_FilesDeletedDuringOutage_DeliversThemOnceAndInOrder()
    {
        using LokiDouble away = await LokiDouble.StartAsync();
        using LokiDouble loki = await LokiDouble.StartAsync();
        string log = _node.AddContainer("web-1");
        var writer = new CriWriter(log);
        writer.Write(100);
        await using RunningShipper sut = Start(away, lokiYaml: "  timeout: 1s");
        await sut.WaitUntilAsync(() => away.Count() == 100);
        away.IsUnavailable = true;
        for (int file = 0; file < 3; file++)
        {
            writer.Write(20_000);
            await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_open_files"] >= file + 1, () => "The agent does not open the file.");
            writer.Rotate();
        }

        Array.ForEach(Directory.GetFiles(Path.GetDirectoryName(log)!, "0.log.*"), File.Delete);
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_held_bytes"] > 3_000_000, () => "The agent holds no files.");

        // Reloads twice, so that inherited files are handed over once more.
        await ReplaceAsync(sut, "environment: ci", "environment: ci\nlabels: {}");
        await sut.SignalAsync("HUP");
        await sut.WaitForLogAsync(InUse);
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_held_bytes"] > 3_000_000, () => "The agent no longer holds files.");
        Assert.False(Directory.Exists(Path.Combine(_node.State, "held")));
        await ReplaceAsync(sut, away.Address.ToString(), loki.Address.ToString());
        await sut.SignalAsync("HUP");
        writer.Write(100);
        await sut.WaitUntilAsync(() => loki.Count() >= writer.Count - 100);

        Assert.Equal(Enumerable.Range(100, writer.Count - 100).Select(CriWriter.Line), Assert.Single(loki.GetStoredStreams()).Value.Select(entry => entry.Line));
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_held_bytes"] == 0, () => "The agent still holds acknowledged files.");
        Assert.Equal(0, (await sut.GetMetricsAsync()).Where(sample => sample.Key.StartsWith("shipper_lost_bytes_total", StringComparison.Ordinal)).Sum(sample => sample.Value));
        Assert.Equal(0, await sut.StopAsync());
    }

    /// <summary>During a rotation the link of a log dangles, so the successor does not find the log. It must not release the held files of this log.</summary>
    [Fact]
    public async Task Reload_DuringRotation_KeepsHoldingDeletedFiles()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        string log = _node.AddContainer("web-1");
        var writer = new CriWriter(log);
        writer.Write(100);
        await using RunningShipper sut = Start(loki, lokiYaml: "  timeout: 200ms");
        await sut.WaitUntilAsync(() => loki.Count() == 100);
        loki.IsUnavailable = true;
        writer.Write(20_000);
        writer.Rotate();
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_open_files"] >= 2, () => "The agent does not see the rotation.");
        Array.ForEach(Directory.GetFiles(Path.GetDirectoryName(log)!, "0.log.*"), File.Delete);
        writer.Write(100);
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_held_bytes"] > 0, () => "The agent holds no files.");

        File.Move(log, log + ".20260101-000000");
        for (int reload = 1; reload <= 2; reload++)
        {
            await sut.SignalAsync("HUP");
            await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())[$"{Reloads}{{result=\"success\"}}"] == reload, () => "The agent does not reload.");
        }

        writer.Write(100);
        loki.IsUnavailable = false;
        await sut.WaitUntilAsync(() => loki.Count() >= writer.Count);

        Assert.Equal(Enumerable.Range(0, writer.Count).Select(CriWriter.Line), Assert.Single(loki.GetStoredStreams()).Value.Select(entry => entry.Line));
    }

    /// <summary>The predecessor's last push may arrive some seconds after it was given up, no matter how long the successor has been running by then.</summary>
    [Fact]
    public async Task Reload_PushStoredAfterTimeout_DoesNotResendIt()
    {
        TimeSpan timeout = TimeSpan.FromSeconds(6);
        TimeSpan delay = timeout + TimeSpan.FromSeconds(3);
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { BlockBytes = 0 });
        var writer = new CriWriter(_node.AddContainer("web-1"));
        await using RunningShipper sut = Start(loki, lokiYaml: $"  timeout: {timeout.TotalSeconds}s");
        await sut.WaitUntilReadyAsync();
        loki.Script.Enqueue(LokiFaults.WaitThenStore(loki, delay));
        writer.Write(100);
        await sut.WaitUntilAsync(() => loki.Script.IsEmpty);

        // Ends after the withheld push has been stored.
        Task arrival = Task.Delay(delay + TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);

        await sut.SignalAsync("HUP");
        await sut.WaitForLogAsync(InUse);
        writer.Write(100);
        await arrival;
        await sut.WaitUntilAsync(() => loki.Count() >= writer.Count);

        Assert.Equal(Enumerable.Range(0, writer.Count).Select(CriWriter.Line), Assert.Single(loki.GetStoredStreams()).Value.Select(entry => entry.Line));
    }

    /// <summary>A shutdown while one agent takes over from another saves the files that are being handed over.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(300)]
    public async Task Stop_DuringReload_SavesHeldFiles(int delayMilliseconds)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        string log = _node.AddContainer("web-1");
        var writer = new CriWriter(log);
        writer.Write(100);
        await using (RunningShipper sut = Start(loki, lokiYaml: "  timeout: 200ms"))
        {
            await sut.WaitUntilAsync(() => loki.Count() == 100);
            loki.IsUnavailable = true;
            writer.Write(5_000);
            writer.Rotate();
            await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_open_files"] >= 2, () => "The agent does not see the rotation.");
            Array.ForEach(Directory.GetFiles(Path.GetDirectoryName(log)!, "0.log.*"), File.Delete);
            await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_held_bytes"] > 0, () => "The agent holds no files.");
            await sut.SignalAsync("HUP");

            // Stops the program at different moments of the reload.
            await Task.Delay(TimeSpan.FromMilliseconds(delayMilliseconds), TimeProvider.System, TestContext.Current.CancellationToken);
            Assert.Equal(0, await sut.StopAsync());
        }

        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_node.State, "held")));
        loki.IsUnavailable = false;
        await using RunningShipper last = Start(loki, lokiYaml: "  tenant: last");
        await last.WaitUntilAsync(() => loki.Count() >= writer.Count);
        Assert.Equal(Enumerable.Range(0, writer.Count).Select(CriWriter.Line), Assert.Single(loki.GetStoredStreams()).Value.Select(entry => entry.Line));
    }

    /// <summary>Files are rotated in the meantime. Afterwards no file or connection stays open without need.</summary>
    [Fact]
    public async Task Reload_RepeatedlyUnderLoad_DeliversEachLineOnce()
    {
        const int Pods = 10;
        const int ReloadsInARow = 5;
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { BlockBytes = 0 });
        loki.AnswerDelay = TimeSpan.FromMilliseconds(20);
        string[] logs = [.. Enumerable.Range(0, Pods).Select(pod => _node.AddContainer($"pod-{pod}"))];
        CriWriter[] writers = [.. logs.Select(log => new CriWriter(log))];
        await using RunningShipper sut = Start(loki, lokiYaml: "  timeout: 5s");
        await sut.WaitUntilReadyAsync();
        await RunningShipper.WaitUntilAsync(() => Task.FromResult(FindOpen(sut).Count(path => path.EndsWith("/0.log", StringComparison.Ordinal)) == Pods), () => "The agent does not open its logs.");
        int sockets = FindOpen(sut).Count(IsSocket);
        var random = new Random(1);
        for (int reload = 0; reload < 3 * ReloadsInARow; reload++)
        {
            // Reloads in quick succession may be merged into one, but not all of them.
            double reloaded = reload / ReloadsInARow;
            if (reload % ReloadsInARow == 0)
            {
                await RunningShipper.WaitUntilAsync(
                    async () => (await sut.GetMetricsAsync())[$"{Reloads}{{result=\"success\"}}"] >= reloaded, () => $"The agent does not reload.\n{string.Join('\n', sut.Log.TakeLast(30))}");
            }

            for (int burst = 0; burst < 10; burst++)
            {
                Array.ForEach(writers, writer => writer.Write(100));
                if (random.Next(2) == 0)
                {
                    writers[random.Next(Pods)].Rotate();
                }

                // Spreads the writes over the reloads.
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20)), TimeProvider.System, TestContext.Current.CancellationToken);
            }

            await ReplaceAsync(sut, "environment: ci", $"# {reload}\nenvironment: ci");
            await sut.SignalAsync("HUP");
            foreach (string path in (string[])["/healthz", "/readyz", "/", "/api/status"])
            {
                Assert.Equal(HttpStatusCode.OK, await sut.GetStatusAsync(path));
            }
        }

        await sut.WaitUntilAsync(() => loki.Count() >= writers.Sum(writer => writer.Count));
        foreach (CriWriter writer in writers)
        {
            string labels = loki.GetStoredStreams().Keys.Single(labels => labels.Contains($"pod-{Array.IndexOf(writers, writer)}\"", StringComparison.Ordinal));
            Assert.Equal(Enumerable.Range(0, writer.Count).Select(CriWriter.Line), loki.GetStoredStreams()[labels].Select(entry => entry.Line));
        }

        // A file that one agent left open would be open twice, because the next one opens it as well.
        await RunningShipper.WaitUntilAsync(
            () => Task.FromResult(FindOpen(sut) is { } open && open.Count(IsSocket) <= sockets + Pods && open.Where(path => !IsSocket(path)).GroupBy(path => path).All(path => path.Count() == 1)),
            () => $"Files or connections stay open without need: {string.Join(", ", FindOpen(sut))}");
        IReadOnlyDictionary<string, double> metrics = await sut.GetMetricsAsync();
        Assert.InRange(metrics[$"{Reloads}{{result=\"success\"}}"], 2, 3 * ReloadsInARow);
        Assert.Equal(0, metrics["shipper_possible_duplicate_records_total"]);
        Assert.Equal(writers.Sum(writer => writer.Count), metrics["shipper_sent_records_total"]);
        Assert.Equal(0, await sut.StopAsync());
    }

    /// <summary>Under nohup, the tests inherit that SIGHUP is ignored, and would pass it on to the agent.</summary>
    private RunningShipper Start(LokiDouble loki, string lokiYaml = "", bool configMap = false) =>
        RunningShipper.Start(_node, loki.Address, lokiYaml: lokiYaml, wrapper: "exec env --default-signal=HUP \"$@\"", configMap: configMap);

    private static bool IsSocket(string target) => target.StartsWith("socket:", StringComparison.Ordinal);

    /// <summary>
    /// Returns the open files of the node, the inotify watches and the sockets of the program. Its other descriptors depend on how it was built.
    /// </summary>
    private List<string> FindOpen(RunningShipper sut) =>
    [
        .. Directory.EnumerateFiles($"/proc/{sut.Process.Id}/fd").Select(path => new FileInfo(path).LinkTarget ?? "")
            .Where(target => IsSocket(target) || target.StartsWith(_node.Root, StringComparison.Ordinal) || target == "anon_inode:inotify"),
    ];

    private static string Lines(int first, int count) => Text(Enumerable.Range(first, count).Select(CriWriter.Line));

    private static string Text(IEnumerable<string> lines) => string.Join('\n', lines);

    private static void MakePipe(string path)
    {
        using Process mkfifo = Process.Start("mkfifo", [path]);
        mkfifo.WaitForExit();
        Assert.Equal(0, mkfifo.ExitCode);
    }

    private static async Task ReplaceAsync(RunningShipper sut, string old, string replacement)
    {
        string text = await File.ReadAllTextAsync(sut.ConfigPath, TestContext.Current.CancellationToken);
        Assert.Contains(old, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(sut.ConfigPath, text.Replace(old, replacement, StringComparison.Ordinal), TestContext.Current.CancellationToken);
    }
}
