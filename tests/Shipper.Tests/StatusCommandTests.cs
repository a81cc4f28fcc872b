using System.Text.Json;
using System.Text.Json.Nodes;
using Shipper.Testing.Program;

namespace Shipper.Tests;

public class StatusCommandTests
{
    private static readonly Dictionary<string, string?> Narrow = new() { ["COLUMNS"] = "80", ["LC_ALL"] = "C.UTF-8" };

    [Fact]
    public async Task Status_At80Columns_PrintsHeaderAndTable()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        agent.Status = AgentDouble.CreateStatus(2).ToJsonString();

        CommandResult result = await ShipperProgram.RunAsync(Narrow, "status", "--address", agent.Address);

        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            """
            ● SHIPPING  All logs are in Loki up to 0.4 s ago. (for 10m00s)
            Agent   worker-1 · cluster prod-1 (production) · shipper 0.1.0 · up 1d02h
            Rates   read 12 lines/s, 1.2 KiB/s · sent 12 lines/s, 300 B/s compressed
            Lag     2 KiB not yet in Loki · 0.4 s behind · no loss ahead
            Loki    http://loki:3100/loki/api/v1/push · 204 No Content · last push 1.0 s ago
            Memory  buffer 1 MiB of 32 MiB · process 40 MiB · CPU 1.2 %
            Dropped 3 excluded
            Sources 2 logs · Kubernetes: connected, 42 pods

            LOG               STATE     LINES/S  BYTES/S    LAG  BEHIND  LEVELS
            shop/web-0/nginx  shipping       13    2 KiB  2 KiB   3.3 s  EIIIIIII
            shop/web-1/nginx  shipping       13    2 KiB  1 KiB   3.3 s  EIIIIIII

            """,
            result.Output);
    }

    [Fact]
    public async Task Status_HostileNamesAndEverythingWrong_FitsAndStaysPlain()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        JsonObject status = AgentDouble.CreateStatus(1);
        JsonObject log = AgentDouble.CreateLog("evil\e[2J\a\u202E名前が広い🎉-" + new string('x', 300), 5);
        (log["lossDeadlineSeconds"], log["droppedRecords"], log["limitedRecords"], log["lostBytes"], log["lastResponse"]) = (340, 12345, 8, 99999, "429 \e[31mtoo much\r\n of it");
        status["streams"]!.AsArray().Add(log);
        status["streams"]!.AsArray().Add("no object");
        status["verdict"]!["text"] = "\e]0;title\a " + new string('y', 200);
        agent.Status = status.ToJsonString();

        CommandResult result = await ShipperProgram.RunAsync(Narrow, "status", "--address", agent.Address);

        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain(result.Output, c => char.IsControl(c) && c != '\n' || c == '\u202E');
        Assert.All(result.Output.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Contains("LOSS IN", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_ManyLogs_SortsAndFilters()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        agent.Status = AgentDouble.CreateStatus(1500).ToJsonString();

        CommandResult byLag = await ShipperProgram.RunAsync(Narrow, "status", "--address", agent.Address);
        CommandResult filtered = await ShipperProgram.RunAsync(Narrow, "status", "--address", agent.Address, "--filter", "WEB-149", "--sort", "name");

        string[] logs = [.. byLag.Output.Split('\n').Where(line => line.StartsWith("shop/", StringComparison.Ordinal))];
        Assert.Equal(1500, logs.Length);
        Assert.StartsWith("shop/web-0/", logs[0], StringComparison.Ordinal);
        Assert.Equal(11, filtered.Output.Split('\n').Count(line => line.StartsWith("shop/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Status_Json_PrintsTheAnswer()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        agent.Status = AgentDouble.CreateStatus(3).ToJsonString();

        CommandResult result = await ShipperProgram.RunAsync("status", "--address", agent.Address, "--output", "json");

        using JsonDocument answer = JsonDocument.Parse(result.Output);
        Assert.Equal(3, answer.RootElement.GetProperty("streams").GetArrayLength());
    }

    [Theory]
    [InlineData(403, "This path answers only clients on the same machine.", "kubectl port-forward")]
    [InlineData(404, "", "older agent")]
    [InlineData(200, "<html>hello</html>", "not a Shipper agent")]
    [InlineData(503, "too many\e[2J", "503")]
    public async Task Status_Refused_NamesAddressAndRemedy(int status, string text, string expected)
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        agent.Refusal = (status, text);

        CommandResult result = await ShipperProgram.RunAsync("status", "--address", agent.Address);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Contains(agent.Address.TrimEnd('/'), result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', result.Error);
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("tap")]
    [InlineData("explain shop/web-1")]
    public async Task Command_NobodyListens_ExitsWith1(string command)
    {
        CommandResult result = await ShipperProgram.RunAsync([.. command.Split(' '), "--address", "127.0.0.1:1"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("no agent answers at http://127.0.0.1:1: nothing listens there", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status --sort size")]
    [InlineData("status --output yaml")]
    [InlineData("status --watch --output json")]
    [InlineData("status --address ftp://x")]
    [InlineData("tap --limit 0")]
    [InlineData("tap --stage sent")]
    [InlineData("explain")]
    [InlineData("explain web-1")]
    [InlineData("explain a/b/c/d")]
    public async Task Command_WrongUsage_ExitsWith2(string command)
    {
        CommandResult result = await ShipperProgram.RunAsync(command.Split(' '));

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("shipper: ", result.Error, StringComparison.Ordinal);
    }
}
