using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

public class RunTests
{
    private static readonly string Recordings = Path.Combine(AppContext.BaseDirectory, "../../../../Shipper.Testing/Recordings/node");

    /// <summary>Real files of kubelet and containerd, in their original layout.</summary>
    /// <param name="isTooOld">True if the lines are older than Loki accepts.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_RecordedNode_DeliversEveryLineInOrder(bool isTooOld)
    {
        // All lines are too old, or none. Otherwise Loki would store the lines that it accepts before those that it refuses first, and change the order.
        var firstTaken = new DateTimeOffset(2026, 11, 23, isTooOld ? 2 : 1, 0, 0, TimeSpan.Zero);
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { MaxAge = TimeProvider.System.GetUtcNow() - firstTaken });
        using var node = new NodeDirectory();
        var expected = new Dictionary<string, List<string>>();
        foreach (string path in Directory.EnumerateFiles(Recordings, "*.log"))
        {
            // POD.CONTAINER.RESTART.log
            string[] parts = Path.GetFileName(path).Split('.');
            string log = node.AddContainer(parts[0], "logs", parts[1], int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture));
            File.Copy(path, log, overwrite: true);
            List<string> records = RecordsOf(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
            if (records.Count > 0)
            {
                expected[$"{{cluster=\"test\", container=\"{parts[1]}\", environment=\"ci\", namespace=\"logs\", node=\"node-1\", pod=\"{parts[0]}\"}}"] = records;
            }

            // An unfinished line is sent once its file has been quiet for half a minute.
            File.SetLastWriteTimeUtc(log, TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-1));
        }

        await using RunningShipper sut = RunningShipper.Start(node, loki.Address);
        await sut.WaitUntilAsync(() => loki.Count() >= expected.Values.Sum(records => records.Count));

        IReadOnlyDictionary<string, IReadOnlyList<StoredEntry>> stored = loki.GetStoredStreams();
        Assert.Equal(expected.Keys.Order(), stored.Keys.Order());
        foreach ((string labels, List<string> records) in expected)
        {
            Assert.Equal(records, stored[labels].Select(entry => entry.Line));
        }

        Assert.Equal(0, await sut.StopAsync());
    }

    [Fact]
    public async Task Run_HttpEndpoints_ReportTheState()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        var writer = new CriWriter(node.AddContainer("web-1"));
        writer.Write(1000);
        await using RunningShipper sut = RunningShipper.Start(node, loki.Address);
        await sut.WaitUntilReadyAsync();
        await sut.WaitUntilAsync(() => loki.Count() == 1000);

        Assert.Equal(HttpStatusCode.OK, await sut.GetStatusAsync("/healthz"));
        Assert.Equal(HttpStatusCode.NotFound, await sut.GetStatusAsync("/nowhere"));
        Assert.Contains("cluster test", await sut.GetTextAsync("/"), StringComparison.Ordinal);
        await RunningShipper.WaitUntilAsync(
            async () => (await sut.GetTextAsync("/")).Contains("1 log", StringComparison.Ordinal), () => "The status page shows no log.");
        await RunningShipper.WaitUntilAsync(
            async () => await sut.GetMetricsAsync() is { } sample && sample["shipper_lag_bytes"] == 0 && sample["shipper_open_files"] == 1, () => "The agent lags behind.");
        IReadOnlyDictionary<string, double> metrics = await sut.GetMetricsAsync();
        Assert.Equal(1000, metrics["shipper_sent_records_total"]);
        Assert.Equal(1000, metrics["shipper_read_records_total{source=\"container\"}"]);
        Assert.True(metrics["shipper_read_bytes_total{source=\"container\"}"] > 40_000);
        Assert.True(metrics["shipper_push_requests_total{status=\"204\"}"] >= 1);
        Assert.Equal(32 * 1024 * 1024, metrics["shipper_buffer_limit_bytes"]);
        Assert.Equal(0, metrics["shipper_lag_seconds"]);
        Assert.Equal(1, metrics.Single(sample => sample.Key.StartsWith("shipper_build_info{", StringComparison.Ordinal)).Value);
        Assert.True(metrics["process_resident_memory_bytes"] > 1_000_000);
    }

    [Fact]
    public async Task Run_LokiUnreachable_StaysHealthyAndReady()
    {
        using var node = new NodeDirectory();
        var writer = new CriWriter(node.AddContainer("web-1"));
        writer.Write(10);
        await using RunningShipper sut = RunningShipper.Start(node, new Uri("http://127.0.0.1:1"));
        await sut.WaitUntilReadyAsync();
        await sut.WaitForLogAsync("Connection refused");

        Assert.Equal(HttpStatusCode.OK, await sut.GetStatusAsync("/healthz"));
        Assert.Equal(HttpStatusCode.OK, await sut.GetStatusAsync("/readyz"));
        Assert.True((await sut.GetMetricsAsync())["shipper_lag_seconds"] > 0);
    }

    [Fact]
    public async Task Run_StoppedWhileLokiIsUnreachable_SaysThatItWaits()
    {
        using var node = new NodeDirectory();
        new CriWriter(node.AddContainer("web-1")).Write(10);
        await using RunningShipper sut = RunningShipper.Start(node, new Uri("http://127.0.0.1:1"), lokiYaml: "  confirmResends: false");
        await sut.WaitForLogAsync("Loki can't be reached since");

        await sut.SignalAsync("TERM");

        await sut.WaitForLogAsync("Stopping: waiting up to 25 s for Loki");
    }

    [Fact]
    public async Task Run_DirectoryMissing_ReadyzNamesItAndTheRemedy()
    {
        using var node = new NodeDirectory();
        await using RunningShipper sut = RunningShipper.Start(node, new Uri("http://127.0.0.1:1"), """sources: {containers: {include: ["/no-such-directory/*.log"]}}""");
        await sut.WaitForLogAsync("Can't list /no-such-directory");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{sut.Port}") };
        string text = "";

        await RunningShipper.WaitUntilAsync(
            async () =>
            {
                using HttpResponseMessage response = await http.GetAsync(new Uri("/readyz", UriKind.Relative), TestContext.Current.CancellationToken);
                text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                return text == "not ready: /no-such-directory: No such file or directory. Mount it into the agent's pod, or change the globs\n";
            },
            () => text);
    }

    [Fact]
    public async Task Run_OwnLog_WritesJsonAndLimitsRepetitions()
    {
        using var node = new NodeDirectory();
        new CriWriter(node.AddContainer("web-1")).Write(10);
        await using RunningShipper sut = RunningShipper.Start(node, new Uri("http://127.0.0.1:1"));
        await sut.WaitUntilReadyAsync();
        double retries = 0;
        await RunningShipper.WaitUntilAsync(async () => (retries = (await sut.GetMetricsAsync())["shipper_push_retries_total"]) > 20, () => "The agent does not retry.");
        await sut.WaitForLogAsync("Connection refused");

        IReadOnlyList<string> log = sut.Log;
        foreach (string line in log)
        {
            using JsonDocument message = JsonDocument.Parse(line);
            Assert.All((string[])["time", "level", "stage", "message"], name => Assert.False(string.IsNullOrEmpty(message.RootElement.GetProperty(name).GetString())));
        }

        Assert.InRange(log.Count(line => line.Contains("Connection refused", StringComparison.Ordinal)), 1, retries / 2);
    }

    [Fact]
    public async Task Run_NewFilesAndLines_ShipsThem()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        await using RunningShipper sut = RunningShipper.Start(node, loki.Address);
        await sut.WaitUntilReadyAsync();

        var writer = new CriWriter(node.AddContainer("late"));
        writer.Write(3);
        await sut.WaitUntilAsync(() => loki.Count() == 3);
        writer.Write(4);
        await sut.WaitUntilAsync(() => loki.Count() == 7);
    }

    [Fact]
    public async Task Stop_Sigterm_FlushesAndSavesPositions()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        var writer = new CriWriter(node.AddContainer("web-1"));
        writer.Write(5000);
        await using (RunningShipper first = RunningShipper.Start(node, loki.Address, lokiYaml: "  timeout: 5s"))
        {
            await first.WaitUntilAsync(() => loki.Count() > 0);
            Assert.Equal(0, await first.StopAsync());
            Assert.Contains(first.Log, line => line.Contains("Stopped; all positions are saved", StringComparison.Ordinal));
        }

        writer.Write(5000);
        await using RunningShipper second = RunningShipper.Start(node, loki.Address);
        await second.WaitUntilAsync(() => loki.Count() >= writer.Count);
        Assert.Equal(0, await second.StopAsync());

        Assert.Equal(Enumerable.Range(0, writer.Count).Select(CriWriter.Line), Assert.Single(loki.GetStoredStreams()).Value.Select(entry => entry.Line));
    }

    [Fact]
    public async Task Stop_ClientWithUnfinishedRequest_DoesNotWaitForIt()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        await using RunningShipper sut = RunningShipper.Start(node, loki.Address);
        await sut.WaitUntilReadyAsync();
        using var client = new TcpClient("127.0.0.1", sut.Port);
        await client.GetStream().WriteAsync("GET /metrics HTTP/1.1\r\nHost: x\r\nX-A: "u8.ToArray(), TestContext.Current.CancellationToken);

        Assert.Equal(0, await sut.StopAsync());
        Assert.Contains(sut.Log, line => line.Contains("Stopped; all positions are saved", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_ListenAddressOfAnotherMachine_ExitsAndNamesTheKey()
    {
        using var node = new NodeDirectory();
        await using RunningShipper sut = RunningShipper.Start(node, new Uri("http://127.0.0.1:1"), address: "192.0.2.1");

        Assert.Equal(1, await sut.WaitForExitAsync());
        Assert.Contains(sut.Log, line => line.Contains("server.listen 192.0.2.1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stop_DuringStart_ExitsCleanly()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        await using RunningShipper sut = RunningShipper.Start(node, loki.Address);
        await sut.WaitForLogAsync("starts: cluster test");

        Assert.Equal(0, await sut.StopAsync());
    }

    [Fact]
    public async Task Restart_LabelsChanged_SendsOnlyNewLines()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        var writer = new CriWriter(node.AddContainer("web-1"));
        writer.Write(100);
        await using (RunningShipper first = RunningShipper.Start(node, loki.Address))
        {
            await first.WaitUntilAsync(() => loki.Count() == 100);
            await first.StopAsync();
        }

        writer.Write(10);
        await using RunningShipper second = RunningShipper.Start(node, loki.Address, "labels: {team: a}");
        await second.WaitUntilAsync(() => loki.Count() >= 110);
        await second.StopAsync();

        Assert.Equal([100, 10], loki.GetStoredStreams().OrderBy(stream => stream.Key.Length).Select(stream => stream.Value.Count));
    }

    [Fact]
    public async Task Run_ProxyInEnvironment_UsesIt()
    {
        // A proxy receives the whole URL in the request line; the double answers it like any other request.
        using LokiDouble proxy = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        new CriWriter(node.AddContainer("web-1")).Write(3);
        await using RunningShipper sut = RunningShipper.Start(
            node, new Uri("http://loki.example.invalid:3100"), environment: new Dictionary<string, string?> { ["http_proxy"] = proxy.Address.ToString(), ["no_proxy"] = null });

        await sut.WaitUntilAsync(() => proxy.Count() == 3);

        Assert.Equal("loki.example.invalid:3100", proxy.Headers.First()["Host"]);
    }

    private static List<string> RecordsOf(byte[] content)
    {
        var records = new List<string>();
        var open = new SortedDictionary<string, List<byte>>(Comparer<string>.Create((a, b) => string.CompareOrdinal(b, a)));
        int start = 0;
        for (int end; (end = Array.IndexOf(content, (byte)'\n', start)) >= 0; start = end + 1)
        {
            ReadOnlySpan<byte> line = content.AsSpan(start..end);
            string output = Encoding.ASCII.GetString(line.Slice(line.IndexOf((byte)' ') + 1, 6));
            int tag = line.IndexOf((byte)' ') + 8;
            if (!open.TryGetValue(output, out List<byte>? parts))
            {
                open[output] = parts = [];
            }

            parts.AddRange(line[(tag + 2)..]);
            if (line[tag] == 'F')
            {
                records.Add(Encoding.UTF8.GetString([.. parts]));
                open.Remove(output);
            }
        }

        records.AddRange(open.Values.Select(parts => Encoding.UTF8.GetString([.. parts])));
        return records;
    }
}
