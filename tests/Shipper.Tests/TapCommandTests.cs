using System.Diagnostics;
using Shipper.Testing.Program;

namespace Shipper.Tests;

public class TapCommandTests
{
    [Fact]
    public async Task Tap_Limit_PrintsRecordsWithNotesAndEnds()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        agent.AddRecord("hello");
        agent.Events.Writer.TryWrite(": keep-alive\n\nevent: skipped\ndata: {\"records\": 1230}\n\n");
        agent.AddRecord("a\e[31mred\e[0m \e[2J", "web-2", ", \"rule\": \"probes\", \"changes\": [{\"stage\": \"redact\", \"line\": \"x\"}]");

        CommandResult result = await ShipperProgram.RunAsync(new Dictionary<string, string?> { ["LC_ALL"] = "C.UTF-8" }, "tap", "--address", agent.Address, "--limit", "2");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("shop/web-1 nginx hello\nshop/web-2 nginx ared \\u001B[2J\n  ↳ rule probes · changed by redact\n", result.Output);
        Assert.Contains("1,230 more records", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("shop/web -e health", "{namespace=\"shop\", pod=~\".*(web).*\"} !~ \"health\"")]
    [InlineData("{pod=\"a\"}|=\"x\" -n shop -c nginx -i err", "{namespace=\"shop\", container=~\".*(nginx).*\", pod=\"a\"}|=\"x\" |~ \"err\"")]
    [InlineData("-n a -n b", "{namespace=~\"a|b\"}")]
    public async Task Tap_Arguments_BuildTheQuery(string arguments, string expected)
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        agent.AddRecord("hello");

        CommandResult result = await ShipperProgram.RunAsync(["tap", .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--address", agent.Address, "--limit", "1", "--output", "raw"]);

        Assert.Equal("hello\n", result.Output);
        Assert.Equal([$"/api/tap?query={expected}&stage=processed"], agent.Requests);
    }

    [Fact]
    public async Task Tap_WrongSelector_PrintsTheAgentsWords()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        agent.Refusal = (400, "column 3: expected a label\n");

        CommandResult result = await ShipperProgram.RunAsync("tap", "--address", agent.Address, "{=");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("column 3: expected a label", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tap_ConnectionCut_ConnectsAgain()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        agent.AddRecord("before");
        agent.Events.Writer.TryWrite(AgentDouble.Cut);
        agent.AddRecord("after");

        CommandResult result = await ShipperProgram.RunAsync("tap", "--address", agent.Address, "--limit", "2", "--output", "raw");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("before\nafter\n", result.Output);
        Assert.Contains("is lost", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Tap_Signal_ExitsWith0(string signal)
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        agent.AddRecord("hello");
        using Process process = ShipperProgram.Start(ShipperProgram.Path, ["tap", "--address", agent.Address], new Dictionary<string, string?>());
        Assert.NotNull(await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        await ShipperProgram.SignalAsync(process, signal);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, process.ExitCode);
    }
}
