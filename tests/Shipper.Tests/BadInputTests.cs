using System.Diagnostics;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

public class BadInputTests
{
    private const int RandomBytes = 64 * 1024 * 1024;

    [Fact]
    public async Task Run_UnreadableFilesInDirectory_ShipsTheOthersAndCountsEachError()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        var good = new CriWriter(node.AddContainer("good"));
        good.Write(1000);
        Directory.CreateDirectory(Path.Combine(node.Containers, "directory_ns_c.log"));
        await RunAsync("mkfifo", Path.Combine(node.Containers, "fifo_ns_c.log"));
        File.CreateSymbolicLink(Path.Combine(node.Containers, "dangling_ns_c.log"), "/not/there/0.log");
        string secret = node.AddContainer("secret");
        await File.WriteAllTextAsync(secret, "2026-11-23T01:21:26Z stdout F x\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(secret, UnixFileMode.None);

        // root may read every file, unless these capabilities are removed from its bounding set.
        const string DropCapabilities = "exec setpriv --bounding-set=-dac_override,-dac_read_search \"$@\"";
        bool isPrivileged = CanRead(secret);
        Assert.SkipWhen(isPrivileged && await TryRunAsync("/bin/sh", "-c", DropCapabilities, "sh", "cat", secret) != 1, "This user may read every file, and setpriv can't change that.");
        await using RunningShipper sut = RunningShipper.Start(node, loki.Address, wrapper: isPrivileged ? DropCapabilities : null);
        await sut.WaitUntilAsync(() => loki.Count() >= 1000);
        await sut.WaitForLogAsync("dangling_ns_c.log points to /not/there/0.log, but /not does not exist here");
        await sut.WaitForLogAsync("directory_ns_c.log: it is a directory");
        await sut.WaitForLogAsync("fifo_ns_c.log: it is a pipe");
        await sut.WaitForLogAsync("permission denied");

        good.Write(1000);
        await sut.WaitUntilAsync(() => loki.Count() >= 2000);
        IReadOnlyDictionary<string, double> metrics = await sut.GetMetricsAsync();
        Assert.Equal(1, metrics["shipper_file_errors_total{reason=\"not_mounted\"}"]);
        Assert.Equal(2, metrics["shipper_file_errors_total{reason=\"not_a_file\"}"]);
        Assert.True(metrics["shipper_file_errors_total{reason=\"permission\"}"] >= 1);
        Assert.Equal(0, metrics["shipper_internal_errors_total"]);
        Assert.Equal(0, await sut.StopAsync());
        Assert.Equal(2000, loki.Count());
    }

    [Fact]
    public async Task Run_LogWithRandomBytes_ShipsEveryLineOfAllLogs()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        var random = new Random(9);
        var content = new byte[RandomBytes];
        random.NextBytes(content);
        await File.WriteAllBytesAsync(node.AddContainer("noise"), content, TestContext.Current.CancellationToken);
        var good = new CriWriter(node.AddContainer("good"));
        good.Write(100);
        int lines = content.Count(value => value == '\n');

        await using RunningShipper sut = RunningShipper.Start(node, loki.Address);
        await sut.WaitUntilAsync(() => loki.Count() >= 100 + lines);

        Assert.Equal(0, (await sut.GetMetricsAsync())["shipper_internal_errors_total"]);
        Assert.Equal(0, await sut.StopAsync());
    }

    /// <summary>Simulates a full disk: no file may have any content.</summary>
    [Fact]
    public async Task Run_NoSpaceForState_ShipsAndReportsCheckpointErrors()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        var good = new CriWriter(node.AddContainer("good"));
        good.Write(1000);

        await using RunningShipper sut = RunningShipper.Start(node, loki.Address, wrapper: RunningShipper.LimitFileSize(0));
        await sut.WaitUntilAsync(() => loki.Count() >= 1000);
        await sut.WaitForLogAsync("Checkpoint");
        good.Write(500);
        await sut.WaitUntilAsync(() => loki.Count() >= 1500);

        Assert.True((await sut.GetMetricsAsync()).Where(sample => sample.Key.StartsWith("shipper_checkpoint_errors_total{", StringComparison.Ordinal)).Sum(sample => sample.Value) > 0);
        Assert.Equal(0, await sut.StopAsync());
        Assert.Equal(1500, loki.Count());
    }

    [Fact]
    public async Task Run_StatePathIsAFile_ExitsWithError()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        Directory.Delete(node.State);
        await File.WriteAllTextAsync(node.State, "a file, not a directory", TestContext.Current.CancellationToken);

        await using RunningShipper sut = RunningShipper.Start(node, loki.Address);

        Assert.Equal(1, await sut.WaitForExitAsync());
        Assert.Contains(sut.Log, line => line.Contains($"state.path {node.State} can't be used", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_DamagedCheckpoint_ReportsItAndResumes()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var node = new NodeDirectory();
        var writer = new CriWriter(node.AddContainer("good"));
        writer.Write(100);
        await using (RunningShipper first = RunningShipper.Start(node, loki.Address))
        {
            await first.WaitUntilAsync(() => loki.Count() == 100);
            await first.StopAsync();
        }

        string log = Directory.EnumerateFiles(node.State, "checkpoint-*.log").Order().Last();
        await File.AppendAllTextAsync(log, "half a record", TestContext.Current.CancellationToken);
        writer.Write(10);
        await using RunningShipper second = RunningShipper.Start(node, loki.Address);
        await second.WaitForLogAsync("bytes are damaged");
        await second.WaitUntilAsync(() => loki.Count() >= 110);

        Assert.Equal(1, (await second.GetMetricsAsync())["shipper_checkpoint_errors_total{operation=\"read\"}"]);
        await second.StopAsync();
        Assert.Equal(110, loki.Count());
    }

    private static bool CanRead(string path)
    {
        try
        {
            File.OpenRead(path).Dispose();
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task RunAsync(string program, params string[] arguments) => Assert.Equal(0, await TryRunAsync(program, arguments));

    private static async Task<int> TryRunAsync(string program, params string[] arguments)
    {
        using Process process = ShipperProgram.Start(program, arguments, new Dictionary<string, string?>());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }
}
