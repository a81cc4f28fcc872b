using Shipper.Testing.Loki;

namespace Shipper.Tests;

/// <summary>The program with other log files, rotated as logrotate does.</summary>
public sealed class FileTests : IDisposable
{
    private readonly NodeDirectory _node = new();
    private readonly List<string> _written = [];

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("number")]
    [InlineData("date")]
    [InlineData("copytruncate")]
    [InlineData("noextension")]
    public async Task Run_RotatedFiles_EachLineIsSentOnceUnderTheNameThatMatched(string rotation)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        string log = Path.Combine(_node.Root, "other/deep/down", rotation == "noextension" ? "messages" : "app.log");
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        string glob = rotation == "noextension" ? $"{_node.Root}/other/deep/*/messages*" : $"{_node.Root}/other/**/*.log*";
        Write(log, 100);
        await using (RunningShipper first = Start(loki, glob))
        {
            await first.WaitUntilAsync(() => loki.Count() == 100);
            Rotate(log, rotation, 1);
            Write(log, 50);
            await first.WaitUntilAsync(() => loki.Count() == 150);
            await first.KillAsync();
        }

        Write(log, 20);
        Rotate(log, rotation, 2);
        Write(log, 30);
        await using RunningShipper second = Start(loki, glob);
        await second.WaitUntilAsync(() => loki.Count() >= _written.Count);
        Assert.Equal(0, await second.StopAsync());

        (string labels, IReadOnlyList<StoredEntry> entries) = Assert.Single(loki.Stored());
        Assert.Equal($"{{cluster=\"test\", environment=\"ci\", filename=\"{log}\", job=\"audit\", node=\"node-1\"}}", labels);
        Assert.Equal(_written, entries.Select(entry => entry.Line));
        Assert.Equal(entries.Select(entry => entry.TimestampNs).Order(), entries.Select(entry => entry.TimestampNs));
    }

    [Fact]
    public async Task Run_DirectoryThatComesLater_IsReadThen()
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
    public async Task Run_FileThatIsAContainersLog_IsSentOnce()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        var writer = new CriWriter(_node.AddContainer("web-1"));
        writer.Write(10);
        await using RunningShipper sut = Start(loki, $"{_node.Root}/log/pods/**/*.log", containers: true);
        await sut.WaitForLogAsync("a log is sent once");
        await sut.WaitUntilAsync(() => loki.Count() == 10);
        Assert.Equal(0, await sut.StopAsync());

        Assert.Contains("pod=\"web-1\"", Assert.Single(loki.Stored()).Key, StringComparison.Ordinal);
    }

    private static void Rotate(string log, string rotation, int number)
    {
        switch (rotation)
        {
            case "number" or "noextension":
                for (int i = number; i > 1; i--)
                {
                    File.Move($"{log}.{i - 1}", $"{log}.{i}");
                }

                File.Move(log, log + ".1");
                break;
            case "date":
                File.Move(log, $"{log}-2026112{number}");
                break;
            default:
                if (File.Exists(log + ".1"))
                {
                    File.Move(log + ".1", log + ".2");
                }

                File.Copy(log, log + ".1");
                File.WriteAllText(log, "");
                break;
        }
    }

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
