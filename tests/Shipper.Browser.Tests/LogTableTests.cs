namespace Shipper.Browser.Tests;

public class LogTableTests(Chromium chromium)
{
    private const string FirstPod = "document.querySelector('tr.log .first')?.textContent";
    private const string ActivePod = "document.activeElement?.querySelector?.('.first')?.textContent";

    [Fact]
    public async Task Table_ManyLogs_RendersOnlyThoseInView()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status(Samples.ManyRows(1500)));
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForAsync("document.querySelectorAll('tr.log').length > 5");

        Assert.Contains("1,500", await page.TextAsync("#logs-title"), StringComparison.Ordinal);
        Assert.InRange(await page.CountAsync("tr.log"), 5, 60);
        Assert.Equal("1501", await page.GetAsync<string>("document.querySelector('#table').getAttribute('aria-rowcount')"));

        await page.RunAsync("document.querySelector('#scroller').scrollTop = 1e9");
        await page.WaitForAsync("[...document.querySelectorAll('tr.log .first')].some(node => node.textContent === 'pod-0000')");
        Assert.InRange(await page.CountAsync("tr.log"), 5, 60);
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Table_Search_FindsByNamespacePodAndLabel()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status(Samples.ManyRows(1500)));
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForAsync(FirstPod);

        await page.PressAsync("/");
        Assert.Equal("search", await page.GetAsync<string>("document.activeElement.id"));
        await page.TypeAsync("#search", "TEAM-07 pod-0997");
        await page.WaitForAsync($"{FirstPod} === 'pod-0997'");
        Assert.Equal(1, await page.CountAsync("tr.log"));
        Assert.Contains("1 of 1,500 logs", await page.TextAsync("#logs-foot"), StringComparison.Ordinal);

        await page.PressAsync("Escape");
        await page.TypeAsync("#search", "nothing like this");
        await page.WaitForTextAsync("#logs-empty", "No log matches the search.");

        await page.PressAsync("Escape", "Escape");
        await page.WaitForAsync("document.querySelectorAll('tr.log').length > 5");
        Assert.Equal("", await page.GetAsync<string>("document.querySelector('#search').value"));
        page.AssertNoErrors();
    }

    [Theory]
    [InlineData("lag", "descending", "pod-1499", "pod-0000")]
    [InlineData("rate", "descending", "pod-0000", "pod-1499")]
    [InlineData("loss", "descending", "pod-0040", "pod-0000")]
    [InlineData("name", "ascending", "pod-0000", "pod-1499")]
    public async Task Table_Sort_WorksBothWays(string column, string direction, string first, string firstReversed)
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status(Samples.ManyRows(1500)));
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForAsync(FirstPod);

        await page.ClickAsync($"[data-sort={column}]");
        await page.WaitForAsync($"{FirstPod} === '{first}'");
        Assert.Equal(direction, await page.GetAsync<string>($"document.querySelector('[data-sort={column}]').parentElement.getAttribute('aria-sort')"));
        Assert.Equal(1, await page.CountAsync("[aria-sort]"));

        await page.ClickAsync($"[data-sort={column}]");
        await page.WaitForAsync($"{FirstPod} === '{firstReversed}'");
        Assert.NotEqual(direction, await page.GetAsync<string>($"document.querySelector('[data-sort={column}]').parentElement.getAttribute('aria-sort')"));
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Table_Updates_ChangeOnlyTheirRows()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status(Samples.ManyRows(1500)));
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForAsync($"{FirstPod} === 'pod-1499'");
        await page.RunAsync("""
            (() => {
              window.touched = new Set();
              new MutationObserver(list => list.forEach(change => window.touched.add((change.target.closest ? change.target : change.target.parentElement).closest('tr')?.key)))
                .observe(document.querySelector('#rows'), { subtree: true, childList: true, attributes: true, characterData: true });
            })()
            """);

        agent.Send(rows: [Samples.Row("team-28", "pod-1498", "app", new { lagSeconds = 1498.0, lagBytes = 1_498_000, recordsPerSecond = 77.0, bytesPerSecond = 10.0 })]);

        await page.WaitForTextAsync("#rows", "77/s");
        Assert.Equal("team-28/pod-1498/app", await page.GetAsync<string>("[...window.touched].join()"));
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Table_RowsComeAndGo_FollowsThem()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status(Samples.ManyRows(3)));
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForAsync("document.querySelectorAll('tr.log').length === 3");

        agent.Send(rows: [Samples.Row("shop", "web-1", "nginx", new { state = "unreadable" })], gone: ["team-01/pod-0001/app"]);

        await page.WaitForAsync($"{FirstPod} === 'web-1'");
        Assert.Equal(3, await page.CountAsync("tr.log"));
        Assert.DoesNotContain("pod-0001", await page.TextAsync("#rows"), StringComparison.Ordinal);
        await page.ClickAsync("#filter-behind");
        await page.WaitForAsync("document.querySelectorAll('tr.log').length === 1");
        Assert.Contains("Needs a look: 1", await page.TextAsync("#filter-behind"), StringComparison.Ordinal);
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Table_Keyboard_MovesThroughAllRowsAndOpensOne()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status(Samples.ManyRows(1500)));
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForAsync($"{FirstPod} === 'pod-1499'");

        await page.PressAsync("j");
        await page.WaitForAsync($"{ActivePod} === 'pod-1499'");
        await page.PressAsync("j", "ArrowDown", "k");
        await page.WaitForAsync($"{ActivePod} === 'pod-1498'");
        await page.PressAsync("End");
        await page.WaitForAsync($"{ActivePod} === 'pod-0000'");
        await page.PressAsync("PageUp");
        await page.WaitForAsync($"{ActivePod} > 'pod-0004'");
        await page.PressAsync("Home", "ArrowDown");
        await page.WaitForAsync($"{ActivePod} === 'pod-1498'");
        await page.PressAsync("c");
        await page.WaitForTextAsync("tr.is-active .copy", "Copied");
        Assert.Equal("""{cluster="prod-1", namespace="team-28", pod="pod-1498", container="app"}""", await page.GetAsync<string>("navigator.clipboard.readText()"));

        await page.PressAsync("Enter");
        await page.WaitForAsync("document.querySelector('#explain').open");
        Assert.Equal("#explain/team-28/pod-1498/app", await page.GetAsync<string>("location.hash"));
        await page.PressAsync("Escape");
        await page.WaitForAsync("location.hash === '' && !document.querySelector('#explain').open");
        await page.WaitForAsync($"{ActivePod} === 'pod-1498'");
        page.AssertNoErrors("404");
    }

    [Fact]
    public async Task Table_Keyboard_ShowsKeys()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status());
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForTextAsync("#verdict", "Shipping");

        await page.PressAsync("?");
        await page.WaitForAsync("document.querySelector('#keys').open");
        await page.PressAsync("Escape");
        await page.WaitForAsync("!document.querySelector('#keys').open");
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Table_GrafanaLink_IsHttpOnly()
    {
        await using AgentDouble agent = await AgentDouble.StartAsync(Samples.Status(
            Samples.Row("a", "good", "app"),
            Samples.Row("b", "bad", "app", new { grafana = "javascript:alert(1)" }),
            Samples.Row("c", "none", "app", new { grafana = "" })));
        await using PageDriver page = await chromium.OpenAsync(agent.Address);
        await page.WaitForAsync("document.querySelectorAll('tr.log').length === 3");

        Assert.Equal(1, await page.CountAsync("tr.log a"));
        Assert.StartsWith("https://grafana.example.com/explore?", await page.GetAsync<string>("document.querySelector('tr.log a').href"), StringComparison.Ordinal);
        page.AssertNoErrors();
    }
}
