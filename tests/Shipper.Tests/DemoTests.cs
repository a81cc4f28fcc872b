using Shipper.Testing.Loki;

namespace Shipper.Tests;

public class DemoTests
{
    [Fact]
    public async Task Demo_NothingElseOnTheMachine_AccountsForEveryLine()
    {
        CommandResult result = await ShipperProgram.RunAsync("demo", "--lines", "20000");

        Assert.Equal(0, result.ExitCode);
        AssertAudit(result.Output);
        Assert.Contains("The agent starts again and goes on where it stopped", result.Output, StringComparison.Ordinal);
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

    private static void AssertAudit(string output)
    {
        Assert.Matches("written +[0-9,]+  lines, [0-9.,]+ MB", output);
        Assert.Matches("lost +0\n", output);
        Assert.Matches("duplicated +0\n", output);
        Assert.Matches("throughput +[0-9.,]+  MB/s", output);
        Assert.Matches("peak memory +[0-9.,]+  MiB", output);
    }
}
