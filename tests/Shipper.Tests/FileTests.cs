using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

/// <summary>The program with plain log files (<c>sources.files</c>), rotated as logrotate and logging libraries do.</summary>
public sealed class FileTests : IDisposable
{
    private readonly NodeDirectory _node = new();
    private readonly List<string> _written = [];

    public void Dispose() => _node.Dispose();

    /// <summary>The glob matches the rotated files as well, or only the live file.</summary>
    [Theory]
    [InlineData("app.log", "*.log*", "number")]
    [InlineData("app.log", "*.log*", "date")]
    [InlineData("app.log", "*.log*", "copytruncate")]
    [InlineData("messages", "messages*", "number")]
    [InlineData("app.log", "*.log", "lumberjack")]
    [InlineData("app.log", "app.log", "lumberjack")]
    [InlineData("audit.json", "*", "lumberjack compressed")]
    [InlineData("app.log", "*.log", "logback")]
    [InlineData("app.log", "app.log", "logback")]
    [InlineData("log.txt", "*.txt", "no separator")]
    [InlineData("app.log", "*.log", "log4j min")]
    [InlineData("app.log", "app.log", "log4j min")]
    [InlineData("app.log", "*.log", "log4j max")]
    [InlineData("app.log", "app*", "log4j max compressed")]
    [InlineData("app.log", "*.log", "extension and copytruncate")]
    [InlineData("app.log", "*", "any name")]
    [InlineData("app.log", "app.log", "any name")]
    [InlineData("app.log", "*", "any name compressed")]
    public async Task Run_RotatedFiles_SendsEachLineOnceUnderTheLiveFilesName(string name, string glob, string rotation)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        string log = Path.Combine(_node.Root, "other/deep/down", name);
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        glob = $"{_node.Root}/other/deep/*/{glob}";
        Write(log, 100);
        await using (RunningShipper first = Start(loki, glob))
        {
            await first.WaitUntilAsync(() => loki.Count() == 100);
            LogRotation.Rotate(log, rotation, 1);
            Write(log, 50);
            await first.WaitUntilAsync(() => loki.Count() == 150);
            await first.KillAsync();
        }

        Write(log, 20);
        LogRotation.Rotate(log, rotation, 2);
        Write(log, 30);
        await using (RunningShipper second = Start(loki, glob))
        {
            await second.WaitUntilAsync(() => loki.Count() >= _written.Count);
            await second.WaitUntilReadyAsync();
            Assert.Equal(0, await second.StopAsync());
        }

        if (rotation.StartsWith("any name", StringComparison.Ordinal))
        {
            // A file that the agent has not seen under another name is a log of its own.
            AssertAllDelivered(loki, log);
            return;
        }

        // Rotates twice while no agent runs, so that the second file is unknown to the next one.
        Write(log, 20);
        LogRotation.Rotate(log, rotation, 3);
        Write(log, 10);
        LogRotation.Rotate(log, rotation, 4);
        Write(log, 30);
        await using RunningShipper third = Start(loki, glob);
        await third.WaitUntilAsync(() => loki.Count() >= _written.Count);
        await third.WaitUntilReadyAsync();
        Assert.Equal(0, await third.StopAsync());
        AssertAllDelivered(loki, log);
    }

    private void AssertAllDelivered(LokiDouble loki, string log)
    {
        Assert.True(loki.GetStoredStreams().Count == 1, Describe(loki));
        (string labels, IReadOnlyList<StoredEntry> entries) = loki.GetStoredStreams().Single();
        Assert.Equal($"{{cluster=\"test\", environment=\"ci\", filename=\"{log}\", job=\"audit\", node=\"node-1\"}}", labels);
        Assert.Equal(_written, entries.Select(entry => entry.Line));
        Assert.Equal(entries.Select(entry => entry.TimestampNs).Order(), entries.Select(entry => entry.TimestampNs));
    }

    [Theory]
    [InlineData("worker.log", "worker-1.log", "worker-2.log")]
    [InlineData("app.log", "app-2026-11-29.log", "app.1.log")]
    [InlineData("worker-1.log", "worker-2.log", "worker-3.log")]
    [InlineData("log20261128.txt", "log20261129.txt", "log20261129_001.txt")]
    [InlineData("worker", "worker-1", "worker-2")]
    public async Task Run_LogsNamedLikeRotatedFiles_SendsEachUnderItsOwnName(params string[] names)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        string directory = Directory.CreateDirectory(Path.Combine(_node.Root, "other")).FullName;
        string[] logs = [.. names.Select(name => Path.Combine(directory, name))];
        var written = logs.ToDictionary(log => log, _ => new List<string>());
        WriteAll(20);
        await using (RunningShipper first = Start(loki, directory + "/*"))
        {
            await first.WaitUntilAsync(() => loki.Count() == 60);
            WriteAll(10);
            await first.WaitUntilAsync(() => loki.Count() == 90);
            await first.KillAsync();
        }

        WriteAll(10);
        await using RunningShipper second = Start(loki, directory + "/*");
        await second.WaitUntilAsync(() => loki.Count() >= 120);
        Assert.Equal(0, await second.StopAsync());

        foreach (string log in logs)
        {
            IReadOnlyList<StoredEntry>? entries = loki.GetStoredStreams().FirstOrDefault(stream => stream.Key.Contains($"filename=\"{log}\"", StringComparison.Ordinal)).Value;
            Assert.True(entries is not null, Describe(loki));
            Assert.Equal(written[log], entries.Select(entry => entry.Line));
        }

        void WriteAll(int lines)
        {
            for (int i = 0; i < lines; i++)
            {
                foreach (string log in logs)
                {
                    string line = $"{Path.GetFileName(log)} {written[log].Count}";
                    written[log].Add(line);
                    File.AppendAllText(log, line + "\n");
                }
            }
        }
    }

    [Fact]
    public async Task Run_DirectoryCreatedLater_ReadsItsFiles()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        await using RunningShipper sut = Start(loki, $"{_node.Root}/late/*.log");
        await sut.WaitUntilReadyAsync();
        Directory.CreateDirectory(Path.Combine(_node.Root, "late"));
        Write(Path.Combine(_node.Root, "late/a.log"), 3);

        await sut.WaitUntilAsync(() => loki.Count() == 3);
        Assert.Equal(3, (await sut.GetMetricsAsync())["shipper_read_records_total{source=\"file\"}"]);
    }

    [Fact]
    public async Task Run_FileIsAlsoAContainersLog_SendsItOnce()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        var writer = new CriWriter(_node.AddContainer("web-1"));
        writer.Write(10);
        await using RunningShipper sut = Start(loki, $"{_node.Root}/log/pods/**/*.log", containers: true);
        await sut.WaitForLogAsync("a log is sent only once");
        await sut.WaitUntilAsync(() => loki.Count() == 10);
        Assert.Equal(0, await sut.StopAsync());

        Assert.Contains("pod=\"web-1\"", Assert.Single(loki.GetStoredStreams()).Key, StringComparison.Ordinal);
    }

    private static string Describe(LokiDouble loki) => string.Join('\n', loki.GetStoredStreams().Select(
        stream => $"{stream.Key}: {stream.Value.Count} lines, {stream.Value[0].Line} to {stream.Value[^1].Line}"));

    private RunningShipper Start(LokiDouble loki, string glob, bool containers = false) => RunningShipper.Start(_node, loki.Address, $$$"""
        sources:
          containers: {enabled: {{{(containers ? "true" : "false")}}}, include: ["{{{_node.Containers}}}/*.log"], scanInterval: 100ms}
          journal: {enabled: false}
          files: [{include: ["{{{glob}}}"], labels: {job: audit}}]
        """);

    private void Write(string log, int lines)
    {
        string[] text = [.. Enumerable.Range(_written.Count, lines).Select(number => $"event {number}")];
        _written.AddRange(text);
        File.AppendAllLines(log, text);
    }
}
