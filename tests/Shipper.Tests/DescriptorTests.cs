using System.Net;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

/// <summary>The program with a low limit of file descriptors.</summary>
public class DescriptorTests
{
    private const int Files = 300;

    /// <summary>The logs take turns. Connections have descriptors of their own.</summary>
    [Fact]
    public async Task Run_MoreLogsThanDescriptors_ShipsEveryLine()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        CriWriter[] writers = [.. Enumerable.Range(0, Files).Select(i => new CriWriter(node.AddContainer($"pod-{i}")))];
        Array.ForEach(writers, writer => writer.Write(5));

        await using RunningShipper sut = RunningShipper.Start(node, loki.Address, wrapper: "ulimit -n 256; exec \"$@\"");
        await sut.WaitForLogAsync("Too many open files");
        for (int round = 2; round <= 4; round++)
        {
            await sut.WaitUntilAsync(() => loki.Count() >= writers.Sum(writer => writer.Count));
            Array.ForEach(writers, writer => writer.Write(5));
        }

        await sut.WaitUntilAsync(() => loki.Count() >= writers.Sum(writer => writer.Count));
        Assert.Equal(HttpStatusCode.OK, await sut.GetStatusAsync("/readyz"));
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_open_files"] is >= 1 and < Files, () => "shipper_open_files does not count the files.");
        IReadOnlyDictionary<string, double> metrics = await sut.GetMetricsAsync();
        Assert.InRange(metrics["shipper_file_errors_total{reason=\"too_many_open_files\"}"], 1, double.MaxValue);
        Assert.Equal(0, metrics["shipper_lost_bytes_total{reason=\"deleted\"}"]);
        Assert.Equal(0, await sut.StopAsync());
        Assert.Equal(writers.Sum(writer => writer.Count), loki.Count());
        Assert.Single(sut.Log, line => line.Contains("Too many open files", StringComparison.Ordinal));
    }

    /// <summary>Everyone can connect to the HTTP port, so its connections may take only a part of the reserved descriptors.</summary>
    [Fact]
    public async Task Run_ManyConnectionsAndFewDescriptors_KeepsShipping()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        CriWriter[] writers = [.. Enumerable.Range(0, Files).Select(i => new CriWriter(node.AddContainer($"pod-{i}")))];
        await using RunningShipper sut = RunningShipper.Start(node, loki.Address, wrapper: "ulimit -n 256; exec \"$@\"");
        await sut.WaitUntilReadyAsync();
        var connections = new List<System.Net.Sockets.TcpClient>();
        for (int i = 0; i < 300; i++)
        {
            var connection = new System.Net.Sockets.TcpClient();
            connections.Add(connection);
            await connection.ConnectAsync(IPAddress.Loopback, sut.Port, TestContext.Current.CancellationToken);
        }

        Array.ForEach(writers, writer => writer.Write(5));

        await sut.WaitUntilAsync(() => loki.Count() >= writers.Sum(writer => writer.Count));
        connections.ForEach(connection => connection.Dispose());
        await sut.WaitUntilReadyAsync();
        Assert.Equal(0, (await sut.GetMetricsAsync())["shipper_internal_errors_total"]);
        Assert.Equal(0, await sut.StopAsync());
    }

    /// <summary>libsystemd opens as many files as it can, and would leave no descriptors for the logs.</summary>
    [Fact]
    public async Task Run_JournalHasMoreFilesThanDescriptors_ReportsItAndShipsLogs()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        new CriWriter(node.AddContainer("pod")).Write(5);
        string journal = Directory.CreateDirectory(Path.Combine(node.Root, "journal")).FullName;
        for (int i = 0; i < 120; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(journal, $"{i}.journal"), "", TestContext.Current.CancellationToken);
        }

        await using RunningShipper sut = RunningShipper.Start(
            node, loki.Address, wrapper: "ulimit -n 256; exec \"$@\"",
            extraYaml: $"sources: {{containers: {{include: [\"{node.Containers}/*.log\"]}}, journal: {{directories: [\"{journal}\"]}}}}");

        await sut.WaitForLogAsync("it has 120 files, but the agent can have only 256 files open");
        await sut.WaitUntilAsync(() => loki.Count() >= 5);
        Assert.Equal(0, await sut.StopAsync());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(32)]
    public async Task Run_TooFewDescriptors_ExitsWithError(int limit)
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("SHIPPER_BIN")), "The .NET runtime of a build that is not native does not start with so few descriptors.");
        using var node = new NodeDirectory();
        await using RunningShipper sut = RunningShipper.Start(node, new Uri("http://127.0.0.1:1"), wrapper: $"ulimit -n {limit}; exec \"$@\"");

        Assert.Equal(1, await sut.WaitForExitAsync());

        Assert.Contains(sut.Log, line => line.Contains($"only {limit} files may be open, but the agent needs at least 40", StringComparison.Ordinal));
    }
}
