using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

/// <summary>Another configuration for a running agent: by SIGHUP, by a file that changed, and by the links of a ConfigMap.</summary>
public sealed class ReloadTests : IDisposable
{
    private const string Reloads = "shipper_config_reloads_total";
    private const string InUse = "The new configuration is in use";

    private readonly NodeDirectory _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Reload_Sighup_NewRecordsHaveTheNewLabels()
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
            loki.Stored().OrderBy(stream => stream.Value[0].Line, StringComparer.Ordinal)
                .Select(stream => (Text(stream.Value.Select(entry => entry.Line)), stream.Key.Contains("environment=\"production\"", StringComparison.Ordinal) && stream.Key.Contains("team=\"shop\"", StringComparison.Ordinal))));
        IReadOnlyDictionary<string, double> metrics = await sut.GetMetricsAsync();
        Assert.Equal(1, metrics[$"{Reloads}{{result=\"success\"}}"]);
        Assert.Equal(200, metrics["shipper_sent_records_total"]);
        Assert.Equal(200, metrics["shipper_read_records_total{source=\"container\"}"]);
        Assert.Equal(0, await sut.StopAsync());
    }

    /// <summary>As kubelet does it: a directory with the new files beside the old one, and one link that is renamed over another.</summary>
    [Fact]
    public async Task Reload_ConfigMapThatChanges_TakesEffectWithoutASignal()
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

        Assert.Contains(loki.Stored().Keys, labels => labels.Contains("environment=\"staging\"", StringComparison.Ordinal));
        Assert.Contains("configured", await sut.GetTextAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reload_Invalid_IsRefusedWithItsErrorsAndTheOldOneGoesOn()
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
        Assert.Contains("refused at", await sut.GetTextAsync("/"), StringComparison.Ordinal);
        writer.Write(100);
        await sut.WaitUntilAsync(() => loki.Count() == 100);
        Assert.All(loki.Stored().Keys, labels => Assert.Contains("environment=\"ci\"", labels, StringComparison.Ordinal));

        // Mended, it is taken without another signal.
        await ReplaceAsync(sut, "enviroment: production", "environment: production");
        await sut.WaitForLogAsync(InUse);
        Assert.DoesNotContain("refused at", await sut.GetTextAsync("/"), StringComparison.Ordinal);
    }

    /// <summary>A certificate that can't be read is an error of the new configuration as well.</summary>
    [Fact]
    public async Task Reload_CertificateThatIsMissing_IsRefused()
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

    /// <summary>A file that is being written, or for which the disk had no room, is not one in which everything has its default.</summary>
    [Fact]
    public async Task Reload_EmptyFile_IsRefused()
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

    /// <summary>To open a pipe waits for who writes to it, and so would the stop.</summary>
    [Fact]
    public async Task Reload_Pipe_IsRefused()
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

    /// <summary>Whoever writes the file can't know how far the agent is.</summary>
    [Fact]
    public async Task Reload_SighupWhileItStarts_DoesNotEndIt()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        await using RunningShipper other = Start(loki);
        await other.WaitUntilReadyAsync();
        string text = await File.ReadAllTextAsync(other.ConfigPath, TestContext.Current.CancellationToken);
        await other.StopAsync();
        File.Delete(other.ConfigPath);
        MakePipe(other.ConfigPath);
        using Process sut = ShipperProgram.Start("env", ["--default-signal=HUP", ShipperProgram.Path, "run", "--config", other.ConfigPath], new Dictionary<string, string?>());

        // Opened once the other end is: while the program reads its configuration.
        await using (FileStream pipe = await Task.Run(() => new FileStream(other.ConfigPath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite), TestContext.Current.CancellationToken))
        {
            await ShipperProgram.SignalAsync(sut, "HUP");
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
    public async Task Reload_WhatNeedsARestart_IsSaidAndTheRestIsTaken()
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
        Assert.Contains("a=\"b\"", Assert.Single(loki.Stored()).Key, StringComparison.Ordinal);
        Assert.False(Directory.Exists(other));
    }

    /// <summary>Another address is how one gets out of an outage: what was held open meanwhile, and deleted, arrives there.</summary>
    [Fact]
    public async Task Reload_DuringAnOutage_DeletedFilesAreStillHeldAndArriveOnceAndInOrder()
    {
        using LokiDouble away = await LokiDouble.StartAsync();
        using LokiDouble loki = await LokiDouble.StartAsync();
        string log = _node.AddContainer("web-1");
        var writer = new CriWriter(log);
        writer.Write(100);
        await using RunningShipper sut = Start(away, lokiMore: "  timeout: 1s");
        await sut.WaitUntilAsync(() => away.Count() == 100);
        away.IsAway = true;
        for (int file = 0; file < 3; file++)
        {
            writer.Write(20_000);
            await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_open_files"] >= file + 1, () => "It opens nothing.");
            writer.Rotate();
        }

        Array.ForEach(Directory.GetFiles(Path.GetDirectoryName(log)!, "0.log.*"), File.Delete);
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_held_bytes"] > 3_000_000, () => "It holds nothing.");

        // Twice, so that what was handed over is handed over again.
        await ReplaceAsync(sut, "environment: ci", "environment: ci\nlabels: {}");
        await sut.SignalAsync("HUP");
        await sut.WaitForLogAsync(InUse);
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_held_bytes"] > 3_000_000, () => "It holds nothing any more.");
        Assert.False(Directory.Exists(Path.Combine(_node.State, "held")));
        await ReplaceAsync(sut, away.Address.ToString(), loki.Address.ToString());
        await sut.SignalAsync("HUP");
        writer.Write(100);
        await sut.WaitUntilAsync(() => loki.Count() >= writer.Count - 100);

        Assert.Equal(Enumerable.Range(100, writer.Count - 100).Select(CriWriter.Line), Assert.Single(loki.Stored()).Value.Select(entry => entry.Line));
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_held_bytes"] == 0, () => "It goes on holding what is acknowledged.");
        Assert.Equal(0, (await sut.GetMetricsAsync()).Where(sample => sample.Key.StartsWith("shipper_lost_bytes_total", StringComparison.Ordinal)).Sum(sample => sample.Value));
        Assert.Equal(0, await sut.StopAsync());
    }

    /// <summary>While a log is rotated its link leads nowhere, and the agent that takes over does not find it. What was held open of it is not let go.</summary>
    [Fact]
    public async Task Reload_WhileALogIsRotated_DeletedFilesAreStillHeld()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        string log = _node.AddContainer("web-1");
        var writer = new CriWriter(log);
        writer.Write(100);
        await using RunningShipper sut = Start(loki, lokiMore: "  timeout: 200ms");
        await sut.WaitUntilAsync(() => loki.Count() == 100);
        loki.IsAway = true;
        writer.Write(20_000);
        writer.Rotate();
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_open_files"] >= 2, () => "It does not see the rotation.");
        Array.ForEach(Directory.GetFiles(Path.GetDirectoryName(log)!, "0.log.*"), File.Delete);
        writer.Write(100);
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_held_bytes"] > 0, () => "It holds nothing.");

        File.Move(log, log + ".20260101-000000");
        for (int reload = 1; reload <= 2; reload++)
        {
            await sut.SignalAsync("HUP");
            await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())[$"{Reloads}{{result=\"success\"}}"] == reload, () => "It does not reload.");
        }

        writer.Write(100);
        loki.IsAway = false;
        await sut.WaitUntilAsync(() => loki.Count() >= writer.Count);

        Assert.Equal(Enumerable.Range(0, writer.Count).Select(CriWriter.Line), Assert.Single(loki.Stored()).Value.Select(entry => entry.Line));
    }

    /// <summary>What the agent before sent last may arrive some seconds after it was given up, however long the new agent was there by then.</summary>
    [Fact]
    public async Task Reload_PushThatArrivesLate_IsNotSentAgain()
    {
        TimeSpan timeout = TimeSpan.FromSeconds(6);
        TimeSpan delay = timeout + TimeSpan.FromSeconds(3);
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { BlockBytes = 0 });
        var writer = new CriWriter(_node.AddContainer("web-1"));
        await using RunningShipper sut = Start(loki, lokiMore: $"  timeout: {timeout.TotalSeconds}s");
        await sut.WaitUntilReadyAsync();
        loki.Script.Enqueue(LokiFaults.WaitThenStore(loki, delay));
        writer.Write(100);
        await sut.WaitUntilAsync(() => loki.Script.IsEmpty);
        Task arrival = Task.Delay(delay + TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);

        await sut.SignalAsync("HUP");
        await sut.WaitForLogAsync(InUse);
        writer.Write(100);
        await arrival;
        await sut.WaitUntilAsync(() => loki.Count() >= writer.Count);

        Assert.Equal(Enumerable.Range(0, writer.Count).Select(CriWriter.Line), Assert.Single(loki.Stored()).Value.Select(entry => entry.Line));
    }

    /// <summary>A stop that comes while one agent takes the place of another saves what was on its way between them.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(300)]
    public async Task Stop_DuringAReload_SavesWhatIsHeld(int delayMilliseconds)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        string log = _node.AddContainer("web-1");
        var writer = new CriWriter(log);
        writer.Write(100);
        await using (RunningShipper sut = Start(loki, lokiMore: "  timeout: 200ms"))
        {
            await sut.WaitUntilAsync(() => loki.Count() == 100);
            loki.IsAway = true;
            writer.Write(5_000);
            writer.Rotate();
            await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_open_files"] >= 2, () => "It does not see the rotation.");
            Array.ForEach(Directory.GetFiles(Path.GetDirectoryName(log)!, "0.log.*"), File.Delete);
            await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_held_bytes"] > 0, () => "It holds nothing.");
            await sut.SignalAsync("HUP");
            await Task.Delay(TimeSpan.FromMilliseconds(delayMilliseconds), TimeProvider.System, TestContext.Current.CancellationToken);
            Assert.Equal(0, await sut.StopAsync());
        }

        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_node.State, "held")));
        loki.IsAway = false;
        await using RunningShipper last = Start(loki, lokiMore: "  tenant: last");
        await last.WaitUntilAsync(() => loki.Count() >= writer.Count);
        Assert.Equal(Enumerable.Range(0, writer.Count).Select(CriWriter.Line), Assert.Single(loki.Stored()).Value.Select(entry => entry.Line));
    }

    /// <summary>Under load, with rotation and with pods that come and go: nothing is lost, nothing comes twice, nothing is left open.</summary>
    [Fact]
    public async Task Reload_AgainAndAgainUnderLoad_LosesNothingAndRepeatsNothing()
    {
        const int Pods = 10;
        const int ReloadsInARow = 5;
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { BlockBytes = 0 });
        loki.AnswerDelay = TimeSpan.FromMilliseconds(20);
        string[] logs = [.. Enumerable.Range(0, Pods).Select(pod => _node.AddContainer($"pod-{pod}"))];
        CriWriter[] writers = [.. logs.Select(log => new CriWriter(log))];
        await using RunningShipper sut = Start(loki, lokiMore: "  timeout: 5s");
        await sut.WaitUntilReadyAsync();
        await RunningShipper.WaitUntilAsync(() => Task.FromResult(FindOpen(sut).Count(path => path.EndsWith("/0.log", StringComparison.Ordinal)) == Pods), () => "It does not open its logs.");
        int sockets = FindOpen(sut).Count(IsSocket);
        var random = new Random(1);
        for (int reload = 0; reload < 3 * ReloadsInARow; reload++)
        {
            // Those that follow each other quickly may become one, but not all.
            double reloaded = reload / ReloadsInARow;
            if (reload % ReloadsInARow == 0)
            {
                await RunningShipper.WaitUntilAsync(
                    async () => (await sut.GetMetricsAsync())[$"{Reloads}{{result=\"success\"}}"] >= reloaded, () => $"It does not reload.\n{string.Join('\n', sut.Log.TakeLast(30))}");
            }

            for (int burst = 0; burst < 10; burst++)
            {
                Array.ForEach(writers, writer => writer.Write(100));
                if (random.Next(2) == 0)
                {
                    writers[random.Next(Pods)].Rotate();
                }

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
            string labels = loki.Stored().Keys.Single(labels => labels.Contains($"pod-{Array.IndexOf(writers, writer)}\"", StringComparison.Ordinal));
            Assert.Equal(Enumerable.Range(0, writer.Count).Select(CriWriter.Line), loki.Stored()[labels].Select(entry => entry.Line));
        }

        // What an agent left open the next one has open once more.
        await RunningShipper.WaitUntilAsync(
            () => Task.FromResult(FindOpen(sut) is { } open && open.Count(IsSocket) <= sockets + Pods && open.Where(path => !IsSocket(path)).GroupBy(path => path).All(path => path.Count() == 1)),
            () => $"Files or connections stay open that nobody needs: {string.Join(", ", FindOpen(sut))}");
        IReadOnlyDictionary<string, double> metrics = await sut.GetMetricsAsync();
        Assert.InRange(metrics[$"{Reloads}{{result=\"success\"}}"], 2, 3 * ReloadsInARow);
        Assert.Equal(0, metrics["shipper_possible_duplicate_records_total"]);
        Assert.Equal(writers.Sum(writer => writer.Count), metrics["shipper_sent_records_total"]);
        Assert.Equal(0, await sut.StopAsync());
    }

    /// <summary>Whoever runs the tests under nohup passes on that the signal is ignored.</summary>
    private RunningShipper Start(LokiDouble loki, string lokiMore = "", bool configMap = false) =>
        RunningShipper.Start(_node, loki.Address, lokiMore: lokiMore, wrapper: "exec env --default-signal=HUP \"$@\"", configMap: configMap);

    private static bool IsSocket(string target) => target.StartsWith("socket:", StringComparison.Ordinal);

    /// <summary>Files of the node that the program has open, its watches and its sockets; what else there is depends on how it was built.</summary>
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
