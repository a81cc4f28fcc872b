using System.Globalization;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Browser.Tests;

/// <summary>The page of the real program.</summary>
public sealed class ProgramTests(Chromium chromium) : IDisposable
{
    private readonly NodeDirectory _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Page_LokiGoesAndComesBack_VerdictFollows()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        var writer = new CriWriter(_node.AddContainer("web-1", "shop", "app"));
        writer.Write(100);
        await using RunningShipper agent = RunningShipper.Start(_node, loki.Address);
        await using PageDriver page = await OpenAsync(agent);
        await page.WaitForTextAsync("#verdict", "Everything that was written is in Loki");

        loki.IsUnavailable = true;
        writer.Write(100);
        await page.WaitForTextAsync("#verdict", "503");
        loki.IsUnavailable = false;
        await page.WaitForTextAsync("#verdict", "Everything that was written is in Loki");

        await page.WaitForTextAsync("#logs", "web-1");
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Page_LogIsOpened_ShowsItsWay()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        new CriWriter(_node.AddContainer("web-1", "shop", "app")).Write(100);
        await using RunningShipper agent = RunningShipper.Start(
            _node, loki.Address, "processing: {rules: [{name: chatter, when: {text: {contains: [\"line 7\"]}}, do: drop}]}");
        await using PageDriver page = await OpenAsync(agent, "#explain/shop/web-1");

        await page.WaitForTextAsync("body", "left out by the rule chatter");
        await page.WaitForTextAsync("body", "rule chatter: drops");

        page.AssertNoErrors();
    }

    [Fact]
    public async Task Page_LiveTail_ShowsHostileLinesAsText()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        string log = _node.AddContainer("web-1", "shop", "app");
        await using RunningShipper agent = RunningShipper.Start(_node, loki.Address, "processing: {redact: {secrets: true}}");
        await using PageDriver page = await OpenAsync(agent, $"#tail?query={Uri.EscapeDataString("""{pod="web-1"}""")}&stage=read");
        await page.WaitForTextAsync("body", "Running");
        string[] lines = ["<script>alert(1)</script><img src=x onerror=alert(2)>", "password=hunter22 for the tail", "\e[31mred\e[0m and \u202E turned around", new string('x', 200_000) + " end"];

        await File.AppendAllLinesAsync(log, lines.Select(line => $"{Now()} stdout F {line}"), TestContext.Current.CancellationToken);

        await page.WaitForTextAsync("body", "<script>alert(1)</script>");
        await page.WaitForTextAsync("body", "password=[redacted:password] for the tail");
        await page.WaitForTextAsync("body", "turned around");
        Assert.Equal(0, await page.CountAsync("script:not([src])"));
        Assert.DoesNotContain("hunter22", await page.TextAsync("body"), StringComparison.Ordinal);
        Assert.True(await page.GetAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        page.AssertNoErrors();
    }

    [Fact]
    public async Task Page_ConfigurationIsReloaded_ShowsTheNewOneAndARefusedOne()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        new CriWriter(_node.AddContainer("web-1", "shop", "app")).Write(1);
        await using RunningShipper agent = RunningShipper.Start(_node, loki.Address);
        await using PageDriver page = await OpenAsync(agent);
        await page.WaitForTextAsync("body", "test · ci");
        string text = await File.ReadAllTextAsync(agent.ConfigPath, TestContext.Current.CancellationToken);

        await File.WriteAllTextAsync(agent.ConfigPath, text.Replace("cluster: test", "cluster: another-name", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await page.WaitForTextAsync("body", "another-name");
        await File.WriteAllTextAsync(agent.ConfigPath, text.Replace("cluster: test", "clutser: test", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await page.WaitForTextAsync("body", "clutser");

        page.AssertNoErrors();
    }

    [Fact]
    public async Task Page_ManyLogs_ShowsAll()
    {
        const int Logs = 300;
        using LokiDouble loki = await LokiDouble.StartAsync();
        for (int i = 0; i < Logs; i++)
        {
            new CriWriter(_node.AddContainer(string.Create(CultureInfo.InvariantCulture, $"web-{i:000}"), "shop", "app")).Write(2);
        }

        await using RunningShipper agent = RunningShipper.Start(_node, loki.Address);
        await agent.WaitUntilAsync(() => loki.Count() == 2 * Logs);
        await using PageDriver page = await OpenAsync(agent);

        await page.WaitForTextAsync("#logs", Logs.ToString(CultureInfo.InvariantCulture));
        page.AssertNoErrors();
    }

    private static string Now() => TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    private async Task<PageDriver> OpenAsync(RunningShipper agent, string fragment = "")
    {
        await agent.WaitUntilReadyAsync();
        return await chromium.OpenAsync(new Uri($"http://127.0.0.1:{agent.Port}/{fragment}"));
    }
}
