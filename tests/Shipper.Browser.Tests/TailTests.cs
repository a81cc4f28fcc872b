using System.Text.Json.Nodes;

namespace Shipper.Browser.Tests;

public class TailTests(Chromium chromium)
{
    [Fact]
    public async Task Tail_Records_ShowsRuleLimitAndChanges()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.BusyStatus());
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForTextAsync("#verdict", "Catching up");
        await page.PressAsync("t");
        await page.WaitForAsync("document.querySelector('#tail').open");
        Assert.Equal(0, agent.TapClients);

        await page.TypeAsync("#tail-query", """{namespace="shop"} |= "error" """);
        await page.PressAsync("Enter");
        await page.WaitForTextAsync("#tail-tally", "Running");
        Assert.Equal(("""{namespace="shop"} |= "error" """.Trim(), "processed"), agent.LastTap);
        foreach (JsonObject record in RealisticRecords())
        {
            agent.SendTap("record", record);
        }

        agent.SendTap("skipped", new JsonObject { ["records"] = 1_234 });
        await page.WaitForTextAsync("#tail-tally", "12 shown · 1,234 skipped");
        Assert.Contains("rule password", await page.TextAsync("#tail-lines"), StringComparison.Ordinal);
        Assert.Contains("limit noisy", await page.TextAsync("#tail-lines"), StringComparison.Ordinal);

        await page.ClickAsync("#tail-lines li:nth-child(4) button");
        await page.WaitForTextAsync("#tail-lines li:nth-child(4) .changes", "redact");
        Assert.Equal("***", await page.TextAsync("#tail-lines mark"));
        Assert.Contains("""detected_level="error" """.Trim(), await page.TextAsync("#tail-lines .changes"), StringComparison.Ordinal);
        await page.ScreenshotAsync("tail");
        Assert.StartsWith("#tail?query=", await page.GetAsync<string>("location.hash"), StringComparison.Ordinal);
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Tail_PauseStopAndClose_EndAsSaid()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status());
        await using PageDriver page = await chromium.OpenAsync(new Uri(agent.Address, "#tail?query=%7Bnamespace%3D%22shop%22%7D&stage=read"));
        await page.WaitForTextAsync("#tail-tally", "Running");
        Assert.Equal(("""{namespace="shop"}""", "read"), agent.LastTap);

        await page.ClickAsync("#tail-pause");
        agent.SendTap("record", Samples.Record("while paused"));
        await page.WaitForTextAsync("#tail-tally", "Paused: 1 waiting");
        Assert.Equal(0, await page.CountAsync("#tail-lines li"));
        await page.ClickAsync("#tail-pause");
        await page.WaitForTextAsync("#tail-lines", "while paused");

        await page.ClickAsync("#tail-start");
        await page.WaitForTextAsync("#tail-tally", "Stopped");
        await WaitAsync(() => agent.TapClients == 0);
        await page.ClickAsync("#tail-start");
        await WaitAsync(() => agent.TapClients == 1);
        await page.ClickAsync("#tail .close");
        await WaitAsync(() => agent.TapClients == 0);
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Tail_WrongQuery_ShowsTheAgentsWords()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status());
        agent.QueryError = "column 12: a label matcher needs =, !=, =~ or !~";
        await using PageDriver page = await chromium.OpenAsync(new Uri(agent.Address, "#tail?query=%7Bnamespace"));

        await page.WaitForTextAsync("#tail-error", "column 12: a label matcher needs =, !=, =~ or !~");

        Assert.Contains("Stopped", await page.TextAsync("#tail-tally"), StringComparison.Ordinal);
        page.AssertNoErrors("400");
    }

    [Fact]
    public async Task Tail_ManyRecords_KeepsTheLast500()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status());
        await using PageDriver page = await chromium.OpenAsync(new Uri(agent.Address, "#tail?query=%7B%7D"));
        await page.WaitForTextAsync("#tail-tally", "Running");

        for (int i = 1; i <= 1200; i++)
        {
            agent.SendTap("record", Samples.Record($"record {i}"));
        }

        await page.WaitForTextAsync("#tail-lines", "record 1200");
        Assert.Equal(500, await page.CountAsync("#tail-lines li"));
        Assert.True(await page.GetAsync<bool>("(node => node.scrollHeight - node.scrollTop - node.clientHeight < 40)(document.querySelector('#tail-scroller'))"));
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Tail_AgentStops_SaysSo()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status());
        await using PageDriver page = await chromium.OpenAsync(new Uri(agent.Address, "#tail?query=%7B%7D"));
        await page.WaitForTextAsync("#tail-tally", "Running");

        await agent.StopAsync();

        await page.WaitForTextAsync("#tail-error", "The agent");
        await page.WaitForTextAsync("#tail-tally", "Stopped");
        page.AssertNoErrors("ERR_");
    }

    [Fact]
    public async Task Tail_Phone_NeedsNoHorizontalScrolling()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.BusyStatus());
        await using PageDriver page = await chromium.OpenAsync(new Uri(agent.Address, "#tail?query=%7Bnamespace%3D%22shop%22%7D"), Look.Phone.Dark);
        await page.WaitForTextAsync("#tail-tally", "Running");

        foreach (JsonObject record in RealisticRecords())
        {
            agent.SendTap("record", record);
        }

        await page.WaitForTextAsync("#tail-tally", "12 shown");
        Assert.False(await page.IsVisibleAsync("#tail-newest"));
        Assert.Equal(360, await page.GetAsync<int>("document.documentElement.scrollWidth"));
        Assert.Equal(0, await page.GetAsync<int>("document.querySelector('#tail-scroller').scrollWidth - document.querySelector('#tail-scroller').clientWidth"));
        Assert.Equal(0, await page.GetAsync<int>("document.querySelector('#tail').scrollWidth - document.querySelector('#tail').clientWidth"));
        await page.ScreenshotAsync("phone-tail");
        page.AssertNoErrors();
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(PageDriver.Patience, TimeProvider.System);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
        }
    }

    private static IEnumerable<JsonObject> RealisticRecords()
    {
        object Nginx(string level) => new
        {
            labels = new { cluster = "prod-1", @namespace = "shop", pod = "web-6c8d9f7b5-x2v4p", container = "nginx" },
            metadata = new { stream = "stdout", detected_level = level },
        };
        object Api(string level, object[] changes, string? rule = null, string? limit = null) => new
        {
            labels = new { cluster = "prod-1", @namespace = "shop", pod = "checkout-api-7f9c54d8b-k2xq7", container = "app" },
            metadata = new { stream = "stderr", detected_level = level, trace_id = "7f3c9a1be2d4" },
            rule,
            limit,
            changes,
        };
        object level = new { stage = "level", metadata = new { detected_level = "error" } };
        yield return Samples.Record("""10.42.3.17 - - [01/Dec/2026:13:40:00 +0000] "GET /api/cart?error=0 HTTP/1.1" 200 1532 "-" "Mozilla/5.0" 0.012""", Nginx("info"));
        yield return Samples.Record("""{"level":"warn","msg":"retrying after error","attempt":2,"upstream":"cart:8080"}""", Api("warn", []));
        yield return Samples.Record("java.net.SocketTimeoutException: error while reading\n\tat com.shop.checkout.PaymentClient.call(PaymentClient.java:118)\n\tat com.shop.checkout.Checkout.submit(Checkout.java:64)", Api("error", [level]));
        yield return Samples.Record(
            """{"level":"error","msg":"login failed","user":"anna","password":"***","error":"wrong password"}""",
            Api(
                "error",
                [
                    new { stage = "parse", line = """{"level":"error","msg":"login failed","user":"anna","password":"(hidden)","error":"wrong password"}""" },
                    new { stage = "redact", line = """{"level":"error","msg":"login failed","user":"anna","password":"***","error":"wrong password"}""" },
                    level,
                ],
                rule: "password"));
        yield return Samples.Record("\u001b[31mERROR\u001b[0m cannot reach cart:8080, error 111", Api("error", [level]));
        yield return Samples.Record("""{"level":"debug","msg":"no error","cache":"hit","ms":0.4}""", Api("debug", [], limit: "noisy"));
        for (int i = 0; i < 6; i++)
        {
            yield return Samples.Record($$"""10.42.3.{{20 + i}} - - [01/Dec/2026:13:40:0{{i}} +0000] "POST /api/checkout HTTP/1.1" 50{{i % 3}} 187 "-" "okhttp/4.12" error 0.{{i}}31""", Nginx(i % 3 == 0 ? "error" : "warn"));
        }
    }
}
