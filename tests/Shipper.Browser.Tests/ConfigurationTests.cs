namespace Shipper.Browser.Tests;

public class ConfigurationTests(Chromium chromium)
{
    private static readonly string[] NeedsRestart = ["state.path (/var/lib/shipper)"];

    [Fact]
    public async Task Configuration_IsLoadedOnDemandAndAfterAReload()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status());
        agent.Configuration = "loki:\n  url: http://loki:3100\n  password: ***\n";
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForTextAsync("#config-facts", "/etc/shipper/shipper.yaml");
        Assert.Equal(0, agent.ConfigurationRequests);

        await page.ClickAsync("#config summary");
        await page.WaitForTextAsync("#config-text", "password: ***");

        agent.Configuration = "loki:\n  url: http://loki-2:3100\n";
        agent.Send(status => status["configuration"]!["loadedAt"] = Samples.Time(0));
        await page.WaitForTextAsync("#config-text", "loki-2");
        Assert.Equal(2, agent.ConfigurationRequests);
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Configuration_Refused_SaysWhyUntilItIsCorrected()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status());
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForTextAsync("#config-facts", "none");

        agent.Send(status => Samples.Set(status["configuration"]!.AsObject(), new
        {
            refused = new { at = Samples.Time(0), reason = "line 12: loki.urll is not known. Did you mean loki.url?" },
            needsRestart = NeedsRestart,
        }));

        await page.WaitForTextAsync("#attention", "Did you mean loki.url?");
        Assert.Contains("state.path (/var/lib/shipper)", await page.TextAsync("#attention"), StringComparison.Ordinal);
        Assert.Contains("line 12", await page.TextAsync("#config-facts"), StringComparison.Ordinal);

        agent.Send(status => Samples.Set(status["configuration"]!.AsObject(), new { refused = (object?)null, needsRestart = Array.Empty<string>() }));
        await page.WaitForAsync("!document.querySelector('#attention').checkVisibility()");
        page.AssertNoErrors();
    }
}
