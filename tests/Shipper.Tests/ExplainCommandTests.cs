using Shipper.Testing.Program;

namespace Shipper.Tests;

public class ExplainCommandTests
{
    private const string Excluded = """
        {"summary": "No line of shop/web-1 reaches Loki.", "isDelivered": false, "nearest": [], "logs": [{"key": "shop/web-1/nginx", "state": "excluded", "isDelivered": false,
         "summary": "The pod excludes itself.", "remedy": "", "selector": "{pod=\"web-1\"}", "grafana": "https://grafana/explore",
         "steps": [{"name": "found", "state": "ok", "text": "/var/log/containers/web-1.log"}, {"name": "annotations", "state": "problem", "text": "shipper.io/exclude\nfrom \u001b[2Jthe pod", "remedy": "Remove it."}]}]}
        """;

    [Fact]
    public async Task Explain_Excluded_PrintsStepsAndExitsWith3()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        agent.Explanation = Excluded;

        CommandResult result = await ShipperProgram.RunAsync(new Dictionary<string, string?> { ["LC_ALL"] = "C.UTF-8" }, "explain", "--address", agent.Address, "shop/web-1");

        Assert.Equal(3, result.ExitCode);
        Assert.Equal(
            """
            ✗ No line of shop/web-1 reaches Loki.

            shop/web-1/nginx  excluded
              The pod excludes itself.
              ✓ found         /var/log/containers/web-1.log
              ✗ annotations   shipper.io/exclude
                              from \u001B[2Jthe pod
                              Remove it.
                selector      {pod="web-1"}
                link          https://grafana/explore

            """,
            result.Output);
        Assert.Equal(["/api/explain/shop/web-1"], agent.Requests);
    }

    [Fact]
    public async Task Explain_AsciiLocale_UsesAsciiMarks()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        agent.Explanation = Excluded;

        CommandResult result = await ShipperProgram.RunAsync(new Dictionary<string, string?> { ["LC_ALL"] = "C" }, "explain", "--address", agent.Address, "shop/web-1");

        Assert.DoesNotContain(result.Output, c => c > '~');
    }

    [Fact]
    public async Task Explain_UnknownPod_PrintsNearestNames()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        agent.ExplanationStatus = 404;
        agent.Explanation = """{"summary": "Nothing is known of shop/wbe.", "isDelivered": false, "nearest": ["shop/web-1", "shop/web-2"], "logs": []}""";

        CommandResult result = await ShipperProgram.RunAsync("explain", "--address", agent.Address, "shop/wbe");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("shop/web-2", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_Delivered_ExitsWith0()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync();
        agent.Explanation = """{"summary": "All is in Loki.", "isDelivered": true, "logs": []}""";

        Assert.Equal(0, (await ShipperProgram.RunAsync("explain", "--address", agent.Address, "shop/web-1/nginx", "--output", "json")).ExitCode);
    }
}
