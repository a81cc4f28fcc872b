namespace Shipper.Browser.Tests;

public class HostileTextTests(Chromium chromium)
{
    private const string Markup = "<script>window.hacked=1</script><img src=x onerror=\"window.hacked=1\"><b>bold</b>";
    private const string Reversed = "\u202Egpj.exe";
    private const string Ansi = "\u001b[2J\u001b]0;title\u0007\u001b[31mred\u001b[0m\u0000\u009b31m";

    [Fact]
    public async Task Names_WithMarkup_AreText()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status(
            Samples.Row("shop", Markup, "a\"b'c", new { labels = $$"""{pod="{{Markup.Replace("\"", "\\\"", StringComparison.Ordinal)}}"}""", lastResponse = Markup, grafana = "javascript:window.hacked=1" }),
            Samples.Row("<i>ns</i>", Reversed, Ansi.Replace("\0", "", StringComparison.Ordinal), new { levels = new Dictionary<string, int> { [Markup] = 1, ["__proto__"] = 1 }, state = "constructor" })));
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForAsync("document.querySelectorAll('tr.log').length === 2");

        agent.Send(status =>
        {
            Samples.Set(status, new
            {
                node = Markup,
                cluster = Markup,
                verdict = new { state = Markup, severity = "constructor", text = Markup, remedy = Markup, since = "never" },
                lost = new[] { new { reason = Markup, bytes = 1 } },
                dropped = new[] { new { reason = Reversed, records = 1 } },
                processed = new[] { new { stage = Markup, rule = Ansi, records = 1 } },
                levels = new Dictionary<string, int> { [Markup] = 1, ["constructor"] = 2 },
                kubernetes = new { state = "not connected", text = Markup },
                unreadable = new[] { new { path = Markup, reason = "x", text = Ansi, remedy = Reversed } },
                configuration = new { path = Markup, loadedAt = "?", needsRestart = new[] { Markup }, refused = new { at = "?", reason = Markup } },
                warnings = new[] { new { time = Markup, level = "warn", stage = Markup, message = Markup + Ansi, suppressed = 1 } },
            });
            Samples.Set(status["loki"]!.AsObject(), new { url = Markup, failing = new { since = "?", kind = "refused", response = Markup, nextRetry = (string?)null, waitingRecords = 1 } });
        });

        await page.WaitForTextAsync("#verdict-text", Markup);
        Assert.Contains(Markup, await page.TextAsync("#rows"), StringComparison.Ordinal);
        Assert.Contains("‹U+202E›gpj.exe", await page.TextAsync("#rows"), StringComparison.Ordinal);
        Assert.Contains("‹ESC›[31mred‹ESC›[0m‹NUL›‹U+009B›31m", await page.TextAsync("#warnings"), StringComparison.Ordinal);
        await AssertHarmlessAsync(page);

        await page.PressAsync("j", "Enter");
        await page.WaitForTextAsync("#explain-body", "The agent knows nothing of");
        await AssertHarmlessAsync(page);
        page.AssertNoErrors("404");
    }

    [Fact]
    public async Task Explain_WithMarkup_IsText()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status());
        agent.Explanations["shop/web-1"] = Samples.Explanation("shop/web-1", "shop/web-1/" + Markup, Markup, false, Markup, Markup, (Markup, Markup, Markup + "\n" + Ansi, Markup));
        await using PageDriver page = await chromium.OpenAsync(new Uri(agent.Address, "#explain/shop/web-1"));

        await page.WaitForTextAsync("#explain-body", "‹ESC›[31mred");

        Assert.Contains(Markup, await page.TextAsync("#explain .steps"), StringComparison.Ordinal);
        await AssertHarmlessAsync(page);
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Tail_WithMarkupEscapesAndHugeLines_StaysInLayout()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status());
        await using PageDriver page = await chromium.OpenAsync(new Uri(agent.Address, "#tail?query=%7B%7D"));
        await page.WaitForTextAsync("#tail-tally", "Running");

        agent.SendTap("record", Samples.Record(Markup + Ansi + Reversed, new { rule = Markup, limit = Ansi, reason = Reversed, labels = new { @namespace = Markup, pod = Markup }, metadata = new { detected_level = Markup } }));
        agent.SendTap("record", Samples.Record(new string('x', 1024 * 1024), new { changes = new[] { new { stage = Markup, line = new string('y', 1024 * 1024) } } }));
        agent.SendTap("record", Samples.Record("the last"));

        await page.WaitForTextAsync("#tail-lines", "the last");
        string first = await page.TextAsync("#tail-lines li:first-child");
        Assert.Contains(Markup, first, StringComparison.Ordinal);
        Assert.Contains("‹ESC›[2J‹ESC›]0;title‹BEL›‹ESC›[31mred", first, StringComparison.Ordinal);
        Assert.Contains("‹U+202E›gpj.exe", first, StringComparison.Ordinal);
        Assert.Contains("… 1.0 MiB", await page.TextAsync("#tail-lines li:nth-child(2)"), StringComparison.Ordinal);
        await AssertHarmlessAsync(page);

        await page.ClickAsync("#tail-lines li:nth-child(1) button");
        await page.ClickAsync("#tail-lines li:nth-child(2) button");
        await page.WaitForAsync("document.querySelectorAll('#tail-lines .changes').length === 2");
        Assert.InRange(await page.GetAsync<int>("document.querySelector('#tail-lines').textContent.length"), 1, 100_000);
        Assert.Equal(0, await page.GetAsync<int>("document.querySelector('#tail-scroller').scrollWidth - document.querySelector('#tail-scroller').clientWidth"));
        Assert.InRange(await page.GetAsync<int>("document.querySelector('#tail-lines li:nth-child(2)').offsetHeight"), 1, 2000);
        await AssertHarmlessAsync(page);
        page.AssertNoErrors();
    }

    [Theory]
    [InlineData("#explain/%E0%A4%A/x")]
    [InlineData("#explain/..%2F..%2Fconfig/x/y/z")]
    [InlineData("#log/<script>")]
    [InlineData("#<img src=x onerror=window.hacked=1>")]
    public async Task Address_WithHostileFragment_IsHarmless(string fragment)
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status());
        await using PageDriver page = await chromium.OpenAsync(new Uri(agent.Address + fragment));

        await page.WaitForTextAsync("#verdict-text", "All logs");

        await AssertHarmlessAsync(page);
        page.AssertNoErrors();
    }

    private static async Task AssertHarmlessAsync(PageDriver page)
    {
        Assert.False(await page.GetAsync<bool>("'hacked' in window"));
        Assert.Equal(1, await page.CountAsync("script"));
        Assert.Equal(0, await page.CountAsync("img, iframe, [onerror], [onclick], main i i"));
        Assert.Equal(0, await page.GetAsync<int>("[...document.links].filter(link => !/^(https?:|#)/.test(link.getAttribute('href')) && link.getAttribute('href') !== 'api/status').length"));
        Assert.Equal(await page.GetAsync<int>("innerWidth"), await page.GetAsync<int>("document.documentElement.scrollWidth"));
    }
}
