using System.Diagnostics;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

public class DemoTests
{
    [Fact]
    public async Task Demo_WithoutLoki_AccountsForEveryLine()
    {
        CommandResult result = await ShipperProgram.RunAsync("demo", "--lines", "20000");

        Assert.Equal(0, result.ExitCode);
        AssertAudit(result.Output);
        Assert.DoesNotContain("Nothing more was delivered", result.Output, StringComparison.Ordinal);
        Assert.Contains("The agent starts again and resumes where it stopped", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\x1b', result.Output);
    }

    [Fact]
    public async Task Demo_WithLoki_AuditsByQueryingIt()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();

        CommandResult result = await ShipperProgram.RunAsync("demo", "--lines", "20000", "--loki", loki.Address.ToString());

        Assert.Equal(0, result.ExitCode);
        AssertAudit(result.Output);
        Assert.DoesNotContain("Nothing more was delivered", result.Output, StringComparison.Ordinal);

        // The lines of a stack trace are one entry: there are fewer than 100 traces, and six lines of each are joined.
        Assert.InRange(loki.Count(), 19_400, 30_000);
    }

    [Fact]
    public async Task Demo_LokiRefusesLines_ExitsWith1()
    {
        // Refuses the longest lines.
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { MaxLineBytes = 20_000 });

        CommandResult result = await ShipperProgram.RunAsync("demo", "--lines", "20000", "--loki", loki.Address.ToString());

        Assert.Equal(1, result.ExitCode);
        Assert.DoesNotMatch("lost +0\n", result.Output);
    }

    [Fact]
    public async Task Demo_LokiUnreachable_ExitsBeforeItBegins()
    {
        CommandResult result = await ShipperProgram.RunAsync("demo", "--loki", "http://127.0.0.1:1");

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("shipper demo: http://127.0.0.1:1/ can't be queried", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Demo_TemporaryDirectoryMissing_ExitsWithError()
    {
        CommandResult result = await ShipperProgram.RunAsync(new Dictionary<string, string?> { ["TMPDIR"] = "/nowhere" }, "demo");

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("shipper demo: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("/nowhere", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task Demo_Interrupted_DeletesItsFiles(string signal)
    {
        DirectoryInfo temporary = Directory.CreateTempSubdirectory("shipper-test-");
        var environment = new Dictionary<string, string?> { ["TMPDIR"] = temporary.FullName };

        // In the background or under nohup, the tests inherit ignored signals and would pass them on.
        string[] command = ["-c", "exec env --default-signal \"$@\"", "sh", ShipperProgram.Path, "demo"];
        using Process process = ShipperProgram.Start("/bin/sh", command, environment);
        await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.NotEmpty(temporary.EnumerateDirectories("shipper-demo-*"));

        await ShipperProgram.SignalAsync(process, signal);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, process.ExitCode);
        Assert.Contains("interrupted", await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Empty(temporary.EnumerateDirectories("shipper-demo-*"));
        temporary.Delete(recursive: true);
    }

    private static void AssertAudit(string output)
    {
        Assert.Matches("written +[0-9,]+  lines, [0-9.,]+ MB", output);
        Assert.Matches("lost +0\n", output);
        Assert.Matches("duplicated +0\n", output);
        Assert.Matches("throughput +[0-9.,]+  MB/s", output);
        Assert.Matches("peak memory +[0-9.,]+  MiB", output);
    }
}
