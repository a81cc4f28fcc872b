using Shipper.Testing.Program;

namespace Shipper.Tests;

/// <summary>The live view in a pseudo-terminal.</summary>
public class WatchTests
{
    [Fact]
    public async Task Watch_Keys_FilterSortExplainAndQuit()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        agent.Status = AgentDouble.CreateStatus(50).ToJsonString();
        agent.Explanation = """{"summary": "All lines are in Loki.", "isDelivered": true, "logs": []}""";
        await using PseudoTerminal sut = PseudoTerminal.Start(80, 24, "status", "--watch", "--address", agent.Address);

        await sut.WaitForAsync("1 of 50  by lag");
        Assert.True(sut.IsAlternate && sut.IsCursorHidden);
        sut.Type("G");
        await sut.WaitForAsync("50 of 50");
        sut.Type("\e[A");
        await sut.WaitForAsync("49 of 50");
        sut.Type("/web-49");
        await sut.WaitForAsync("filter: web-49_");
        sut.Type("\r");
        await sut.WaitForAsync("1 of 1  by lag  filter \"web-49\"");
        sut.Type("\e");
        await sut.WaitForAsync("of 50");
        sut.Type("sr");
        await sut.WaitForAsync("by rate reversed");
        sut.Type("\r");
        await sut.WaitForAsync("All lines are in Loki.");
        sut.Type("q?");
        await sut.WaitForAsync("this help");
        sut.Type("\e");
        await sut.WaitForAsync("of 50");
        sut.Resize(60, 15);
        await sut.WaitForAsync("of 50");
        Assert.True(sut.WidestColumn <= 60, sut.Text);
        sut.Type("q");
        await sut.WaitForAsync("restored\nexit 0");

        Assert.False(sut.IsAlternate || sut.IsCursorHidden);
    }

    [Fact]
    public async Task Watch_HostileNames_FitsAndEndsOnInterrupt()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        System.Text.Json.Nodes.JsonObject status = AgentDouble.CreateStatus(3);
        status["streams"]!.AsArray().Add(AgentDouble.CreateLog("evil\e[2J\a" + new string('x', 300), 50_000));
        agent.Status = status.ToJsonString();
        await using PseudoTerminal sut = PseudoTerminal.Start(80, 24, "status", "--watch", "--address", agent.Address);

        await sut.WaitForAsync("shop/evil");
        Assert.True(sut.WidestColumn <= 80, sut.Text);
        sut.Type("\x03");

        await sut.WaitForAsync("restored\nexit 0");
    }

    [Fact]
    public async Task Watch_AgentAway_SaysSoAndRecovers()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        agent.Refusal = (503, "starting");
        await using PseudoTerminal sut = PseudoTerminal.Start(80, 24, "status", "--watch", "--address", agent.Address);
        await sut.WaitForAsync("Trying again");

        agent.Status = AgentDouble.CreateStatus(3).ToJsonString();
        agent.Refusal = null;
        await sut.WaitForAsync("1 of 3");
        sut.Type("q");

        await sut.WaitForAsync("restored\nexit 0");
    }
}
