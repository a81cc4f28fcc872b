namespace Shipper.Browser.Tests;

public class ExplainTests(Chromium chromium)
{
    [Fact]
    public async Task Explain_ExcludedLog_ShowsStepsRemedyAndSelector()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.BusyStatus());
        agent.Explanations["payments/ledger-0/ledger"] = Samples.Explanation(
            "payments/ledger-0/ledger",
            "payments/ledger-0/ledger",
            "refused",
            false,
            "Loki refused 12 records of this log, because they are too old.",
            "Raise reject_old_samples_max_age in Loki's limits, or accept the loss.",
            ("found", "ok", "/var/log/pods/payments_ledger-0_4f1c/ledger/0.log, a link of /var/log/containers.", ""),
            ("readable", "ok", "The file can be opened. It has 18,220,113 bytes.", ""),
            ("exclusions", "ok", "No exclusion matches.", ""),
            ("annotations", "note", "shipper.dev/multilin is not an annotation of Shipper.", "Write shipper.dev/multiline."),
            ("rules", "ok", "redact: password, card number", ""),
            ("multiline", "ok", "Learned: lines that start with a time begin a record.", ""),
            ("labels", "ok", """{cluster="prod-1", namespace="payments", pod="ledger-0", container="ledger"}""", ""),
            ("position", "ok", "Read up to 18,220,113 of 18,220,113 bytes. 0 bytes are not acknowledged.", ""),
            ("push", "ok", "The last push ended 2 s ago, with 204 No Content.", ""),
            ("Loki", "problem", "400 Bad Request: entry for stream has timestamp too old: 2026-11-20T10:00:00Z", "Raise reject_old_samples_max_age in Loki's limits, or accept the loss."));
        await using PageDriver page = await chromium.OpenAsync(new Uri(agent.Address, "#explain/payments/ledger-0/ledger"));

        await page.WaitForTextAsync("#explain-body", "Loki refused 12 records");

        Assert.Equal(10, await page.CountAsync("#explain .steps li"));
        Assert.Equal(1, await page.CountAsync("#explain .steps li[data-tone=problem]"));
        Assert.Equal(1, await page.CountAsync("#explain .steps li[data-tone=notice]"));
        Assert.Contains("Write shipper.dev/multiline.", await page.TextAsync("#explain"), StringComparison.Ordinal);
        Assert.Contains("Last acknowledged", await page.TextAsync("#explain dl.live"), StringComparison.Ordinal);
        Assert.Equal("https://grafana.example.com/explore?left=1", await page.GetAsync<string>("document.querySelector('#explain a').href"));
        await page.ScreenshotAsync("explain");
        await page.ClickAsync("#explain .actions button");
        await page.WaitForTextAsync("#explain .actions", "Copied");
        Assert.Equal("""{namespace="payments", pod="ledger-0"}""", await page.GetAsync<string>("navigator.clipboard.readText()"));
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Explain_UnknownName_OffersNearest()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status());
        agent.Explanations["shop/web-2"] = Samples.Explanation("shop/web-2", "shop/web-2/nginx", "delivered", true, "All lines are in Loki.", "", ("found", "ok", "It is there.", ""));
        await using PageDriver page = await chromium.OpenAsync(new Uri(agent.Address, "#explain/shop/web-1"));
        await page.WaitForTextAsync("#explain-body", "The agent knows nothing of shop/web-1.");

        await page.ClickAsync("#explain .nearest a");

        await page.WaitForTextAsync("#explain-body", "All lines are in Loki.");
        Assert.Equal("#explain/shop/web-2", await page.GetAsync<string>("location.hash"));
        page.AssertNoErrors("404");
    }

    [Fact]
    public async Task Explain_RowClicked_OpensAndClosesWithButton()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status(Samples.Row("shop", "web-1", "nginx", new { lastResponse = "429 Too Many Requests" })));
        agent.Explanations["shop/web-1/nginx"] = Samples.Explanation("shop/web-1/nginx", "shop/web-1/nginx", "delivered", true, "All lines are in Loki.", "");
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForAsync("document.querySelector('tr.log')");

        await page.ClickAsync("tr.log .first");
        await page.WaitForTextAsync("#explain-body", "All lines are in Loki.");
        Assert.Contains("429 Too Many Requests", await page.TextAsync("#explain dl.live"), StringComparison.Ordinal);
        agent.Send(rows: [Samples.Row("shop", "web-1", "nginx", new { lagSeconds = 33.0, lagBytes = 10 })]);
        await page.WaitForTextAsync("#explain dl.live", "33 s, 10 B");

        await page.ClickAsync("#explain .close");
        await page.WaitForAsync("location.hash === '' && !document.querySelector('#explain').open");
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Explain_Phone_NeedsNoHorizontalScrolling()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status(Samples.Row("shop", "web-1", "nginx")));
        string longText = new('x', 500);
        agent.Explanations["shop/web-1"] = Samples.Explanation("shop/web-1", "shop/web-1/nginx", "delivered", true, longText, longText, ("labels", "ok", longText, longText));
        await using PageDriver page = await chromium.OpenAsync(new Uri(agent.Address, "#explain/shop/web-1"), Look.Phone);

        await page.WaitForTextAsync("#explain-body", longText);

        Assert.Equal(360, await page.GetAsync<int>("document.documentElement.scrollWidth"));
        Assert.Equal(0, await page.GetAsync<int>("document.querySelector('#explain-body').scrollWidth - document.querySelector('#explain-body').clientWidth"));
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Explain_OtherFile_ShowsItsFiguresAndLabels()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status(Samples.Row("x", "y", "z", new
        {
            key = "/var/log/syslog",
            source = "file",
            @namespace = (string?)null,
            pod = (string?)null,
            container = (string?)null,
            labels = """{filename="/var/log/syslog"}""",
        })));
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForTextAsync("tr.log", "/var/log/syslog");

        await page.ClickAsync("tr.log .first");

        await page.WaitForTextAsync("#explain-body", """{filename="/var/log/syslog"}""");
        Assert.Contains("Shipping", await page.TextAsync("#explain dl.live"), StringComparison.Ordinal);
        page.AssertNoErrors();
    }
}
