namespace Shipper.Browser.Tests;

public class ConnectionTests(Chromium chromium)
{
    [Fact]
    public async Task Connection_AgentRestarts_SaysSoAndComesBack()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status(Samples.ManyRows(3)));
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForAsync("document.querySelectorAll('tr.log').length === 3");
        Assert.Equal("Live", await page.TextAsync("#link"));

        await agent.StopAsync();
        await page.WaitForTextAsync("#lost", "The agent does not answer since");
        Assert.Contains("kubectl port-forward", await page.TextAsync("#lost"), StringComparison.Ordinal);
        Assert.Equal("No connection", await page.TextAsync("#link"));
        Assert.StartsWith("No answer", await page.GetAsync<string>("document.title"), StringComparison.Ordinal);
        await page.ScreenshotAsync("lost");

        await agent.RestartAsync(Samples.Status(Samples.Row("shop", "web-1", "nginx")));
        await page.WaitForTextAsync("#rows", "web-1");
        await page.WaitForAsync("!document.querySelector('#lost').checkVisibility()");
        Assert.Equal(1, await page.CountAsync("tr.log"));
        Assert.False(await page.IsVisibleAsync("#stale"));
        page.AssertNoErrors("ERR_");
    }

    [Fact]
    public async Task Connection_TooManyClients_ShowsTheAgentsWordsAndTriesAgain()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status());
        agent.Refusal = "Too many clients are connected. Close another page of the agent.";
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForTextAsync("#lost", "Too many clients are connected.");

        agent.Refusal = null;
        await page.ClickAsync("#lost-retry");

        await page.WaitForTextAsync("#verdict", "Shipping");
        Assert.False(await page.IsVisibleAsync("#lost"));
        page.AssertNoErrors("503");
    }

    [Fact]
    public async Task Connection_AgentWasUpdated_AsksForAReload()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status());
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForTextAsync("#verdict", "Shipping");

        agent.Send(status => status["commit"] = "1234567");

        await page.WaitForTextAsync("#stale", "Reload the page");
        await page.ClickAsync("#stale-reload");
        await page.WaitForAsync("document.querySelector('#verdict-state').textContent === 'Shipping' && !document.querySelector('#stale').checkVisibility()");
        page.AssertNoErrors("ERR_");
    }
}
