using System.Diagnostics;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

public class DemoTests
{
    [Fact]
    public async Task Demo_NothingElseOnTheMachine_AccountsForEveryLine()
    {
        CommandResult result = await ShipperProgram.RunAsync("demo", "--lines", "20000");

        Assert.Equal(0, result.ExitCode);
        AssertAudit(result.Output);
        Assert.Contains("The agent starts again and resumes where it stopped", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\x1b', result.Output);
    }

    [Fact]
    public async Task Demo_WithLoki_AuditsByAskingIt()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();

        CommandResult result = await ShipperProgram.RunAsync("demo", "--lines", "20000", "--loki", loki.Address.ToString());

        Assert.Equal(0, result.ExitCode);
        AssertAudit(result.Output);
        Assert.InRange(loki.Count(), 20_000, 30_000);
    }

    [Fact]
    public async Task Demo_LokiThatLosesALine_Fails()
    {
        // The longest lines are refused.
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { MaxLineBytes = 20_000 });

        CommandResult result = await ShipperProgram.RunAsync("demo", "--lines", "20000", "--loki", loki.Address.ToString());

        Assert.Equal(1, result.ExitCode);
        Assert.DoesNotMatch("lost +0\n", result.Output);
    }

    [Fact]
    public async Task Demo_LokiThatIsNotThere_SaysSoBeforeItBegins()
    {
        CommandResult result = await ShipperProgram.RunAsync("demo", "--loki", "http://127.0.0.1:1");

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("shipper demo: http://127.0.0.1:1/ can't be queried", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Demo_NowhereToWrite_SaysSo()
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
    public async Task Demo_Interrupted_LeavesNothingBehind(string signal)
    {
        DirectoryInfo temporary = Directory.CreateTempSubdirectory("shipper-test-");
        var environment = new Dictionary<string, string?> { ["TMPDIR"] = temporary.FullName };

        // Whoever runs the tests in the background or under nohup passes on that signals are ignored.
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
