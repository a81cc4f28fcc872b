using System.Text.Json.Nodes;

namespace Shipper.Browser.Tests;

public class OverviewTests(Chromium chromium)
{
    private static readonly string[] LokiMembers = ["verdict", "loki", "lag", "history"];

    [Fact]
    public async Task Overview_NoLogs_SaysSo()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status());
        await using PageDriver page = await chromium.OpenAsync(agent.Address);

        await page.WaitForTextAsync("#verdict", "Shipping");

        Assert.Contains("All logs are in Loki up to 0.4 s ago.", await page.TextAsync("#verdict"), StringComparison.Ordinal);
        Assert.Contains("No logs yet", await page.TextAsync("#logs"), StringComparison.Ordinal);
        Assert.Contains("None expected", await page.TextAsync("#tile-deadline"), StringComparison.Ordinal);
        Assert.Contains("Nothing", await page.TextAsync("#tile-lost"), StringComparison.Ordinal);
        Assert.False(await page.IsVisibleAsync("#attention"));
        Assert.Equal("Shipping · worker-1", await page.GetAsync<string>("document.title"));
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Overview_BusyAgent_ShowsRatesLagLossesAndWarnings()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.BusyStatus());
        await using PageDriver page = await chromium.OpenAsync(agent.Address);

        await page.WaitForTextAsync("#verdict", "Catching up");

        Assert.Contains("2.7 MiB/s", await page.TextAsync("#tile-read"), StringComparison.Ordinal);
        Assert.Contains("13,120 records/s", await page.TextAsync("#tile-sent"), StringComparison.Ordinal);
        Assert.Contains("41 s", await page.TextAsync("#tile-lag"), StringComparison.Ordinal);
        Assert.Contains("17 MiB", await page.TextAsync("#tile-lag"), StringComparison.Ordinal);
        Assert.Contains("1 h 31 min", await page.TextAsync("#tile-deadline"), StringComparison.Ordinal);
        Assert.Contains("4.0 KiB", await page.TextAsync("#tile-lost"), StringComparison.Ordinal);
        Assert.Contains("Lost: deleted", await page.TextAsync("#losses"), StringComparison.Ordinal);
        Assert.Contains("Dropped: probes", await page.TextAsync("#losses"), StringComparison.Ordinal);
        Assert.Contains("12 s behind", await page.TextAsync("#warnings li:first-child"), StringComparison.Ordinal);
        Assert.Contains("and 3 more like it", await page.TextAsync("#warnings li:first-child"), StringComparison.Ordinal);
        Assert.Contains("M", await page.GetAsync<string>("document.querySelector('#tile-read .line').getAttribute('d')"), StringComparison.Ordinal);
        Assert.Contains("Last 15 minutes", await page.GetAsync<string>("document.querySelector('#tile-read svg').getAttribute('aria-label')"), StringComparison.Ordinal);
        await page.ScreenshotAsync("overview-light");
        await page.ScreenshotAsync("overview-light-whole", isWholePage: true);
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Overview_LokiBecomesUnavailable_SaysWhyAndWhatToDo()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status());
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForTextAsync("#verdict", "Shipping");
        JsonObject unavailable = Samples.UnavailableStatus();

        agent.Send(
            status =>
            {
                foreach (string name in LokiMembers)
                {
                    status[name] = unavailable[name]!.DeepClone();
                }
            },
            [.. unavailable["streams"]!.AsArray().Select(row => row!.AsObject())]);

        await page.WaitForTextAsync("#verdict", "Loki unavailable");
        Assert.Equal("problem", await page.GetAsync<string>("document.querySelector('#verdict').dataset.severity"));
        Assert.Contains("Check that Loki runs", await page.TextAsync("#verdict-remedy"), StringComparison.Ordinal);
        Assert.Contains("for 3 min", await page.TextAsync("#verdict-since"), StringComparison.Ordinal);
        Assert.Contains("Loki unavailable. Loki can't be reached", await page.GetAsync<string>("document.querySelector('[aria-live]').textContent"), StringComparison.Ordinal);
        string loki = await page.TextAsync("#loki");
        Assert.Contains("connection refused (10.43.12.7:80)", loki, StringComparison.Ordinal);
        Assert.Matches(@"Next retry\s+in \d+ s", loki);
        Assert.Contains("1,350 records", loki, StringComparison.Ordinal);
        Assert.Contains("Paused", await page.TextAsync("#rows tr.log"), StringComparison.Ordinal);
        Assert.StartsWith("Loki unavailable", await page.GetAsync<string>("document.title"), StringComparison.Ordinal);
        await page.ScreenshotAsync("loki-unavailable");
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Overview_SourcesCannotBeRead_NamesThemWithRemedy()
    {
        JsonObject status = Samples.Status();
        Samples.Set(status, new
        {
            unreadable = new[] { new { path = "/var/log/containers/web-1.log", reason = "permission", text = "The agent may not read the file.", remedy = "Run the agent as root, or in the group of the file." } },
            kubernetes = new { state = "not connected", text = "The API server refused the token: 401" },
        });
        Samples.Set(status["journal"]!.AsObject(), new
        {
            state = "not reading",
            problems = new[] { new { path = "/run/log/journal", reason = "no_files", text = "The directory has no journal.", remedy = "Mount /run/log/journal." } },
        });
        await using AgentDouble agent = await AgentDouble.StartAsync(status);
        await using PageDriver page = await chromium.OpenAsync(agent.Address);

        await page.WaitForTextAsync("#attention", "/var/log/containers/web-1.log");

        string attention = await page.TextAsync("#attention");
        Assert.Contains("Run the agent as root", attention, StringComparison.Ordinal);
        Assert.Contains("Mount /run/log/journal.", attention, StringComparison.Ordinal);
        Assert.Contains("401", attention, StringComparison.Ordinal);
        page.AssertNoErrors();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Overview_Phone_NeedsNoHorizontalScrolling(bool isDark)
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.BusyStatus());
        await using PageDriver page = await chromium.OpenAsync(agent.Address, isDark ? Look.Phone.Dark : Look.Phone);

        await page.WaitForAsync("document.querySelectorAll('tr.log').length > 5");

        Assert.Equal(360, await page.GetAsync<int>("document.documentElement.scrollWidth"));
        Assert.Equal(0, await page.GetAsync<int>("document.querySelector('#scroller').scrollWidth - document.querySelector('#scroller').clientWidth"));
        Assert.Contains("Catching up", await page.TextAsync("tr.log .third"), StringComparison.Ordinal);
        Assert.InRange(await page.GetAsync<int>("document.querySelector('tr.log .c-name').offsetWidth"), 200, 360);
        string theme = isDark ? "dark" : "light";
        await page.ScreenshotAsync($"phone-{theme}");
        await page.ScreenshotAsync($"phone-{theme}-whole", isWholePage: true);
        page.AssertNoErrors();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Overview_Theme_HasContrastOfWcagAa(bool isDark)
    {
        JsonObject status = Samples.BusyStatus();
        await using AgentDouble agent = await AgentDouble.StartAsync(status);
        await using PageDriver page = await chromium.OpenAsync(agent.Address, isDark ? Look.Desktop.Dark : Look.Desktop);
        await page.WaitForTextAsync("#verdict", "Catching up");
        string[] selectors =
        [
            "#verdict-text", "#verdict-since", "#about", ".tile h2", ".tile .detail", "tr.log .first", "tr.log .second", "tr.log .badge", "thead button", "#loki dt", "#loki dd",
            "#warnings b", "#warnings time", "#filter-all", "#filter-behind", "#open-tail", "tr.log button",
        ];

        foreach (string severity in new[] { "ok", "notice", "problem" })
        {
            agent.Send(changed => changed["verdict"]!["severity"] = severity);
            await page.WaitForAsync($"document.querySelector('#verdict').dataset.severity === '{severity}'");
            Assert.True(await page.ContrastAsync("#verdict-state") >= 4.5, $"{severity}: {await page.ContrastAsync("#verdict-state")}");
        }

        foreach (string selector in selectors)
        {
            double contrast = await page.ContrastAsync(selector);
            Assert.True(contrast >= 4.5, $"{selector}: {contrast}");
        }

        await page.ScreenshotAsync(isDark ? "overview-dark" : "overview-problem-light");
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Overview_IdleUpdates_ChangeAlmostNothing()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status(Samples.ManyRows(1500)));
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForAsync("document.querySelectorAll('tr.log').length > 5");
        await page.RunAsync("""
            (() => {
              window.changes = { all: 0, table: 0 };
              const count = name => new MutationObserver(list => { window.changes[name] += list.length; });
              const options = { subtree: true, childList: true, attributes: true, characterData: true };
              count('all').observe(document.body, options);
              count('table').observe(document.querySelector('#table'), options);
            })()
            """);

        for (int i = 1; i <= 10; i++)
        {
            int update = i;
            agent.Send(status => status["records"]!["sent"] = update);
            await page.WaitForTextAsync("#loki", $"Records sent\n{update}");
        }

        Assert.Equal(0, await page.GetAsync<int>("window.changes.table"));
        Assert.InRange(await page.GetAsync<int>("window.changes.all"), 1, 150);
        page.AssertNoErrors();
    }
}
