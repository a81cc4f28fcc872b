using System.Globalization;
using System.Net;
using System.Text.Json;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

/// <summary>The endpoint <c>/api/explain</c>: why a log is or is not in Loki, in each case that an operator may meet.</summary>
public sealed class ExplainTests : IDisposable
{
    private readonly NodeDirectory _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Explain_AllSent_IsDelivered()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        new CriWriter(_node.AddContainer("web-1", "shop", "app")).Write(10);
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address);

        JsonElement log = await WaitForStateAsync(sut, "shop/web-1/app", "delivered");

        Assert.True(log.GetProperty("isDelivered").GetBoolean());
        Assert.Equal("""{cluster="test", container="app", environment="ci", namespace="shop", node="node-1", pod="web-1"}""", log.GetProperty("selector").GetString());
        string[] steps = [.. log.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("name").GetString()!)];
        Assert.Equal(["found", "exclusions", "annotations", "readable", "rules", "multiline", "labels", "position", "push", "Loki"], steps);
    }

    [Fact]
    public async Task Explain_LokiUnavailable_IsBehindInLokisWords()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        var writer = new CriWriter(_node.AddContainer("web-1", "shop", "app"));
        writer.Write(10);
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address);
        await WaitForStateAsync(sut, "shop/web-1", "delivered");
        loki.IsUnavailable = true;
        writer.Write(10);

        // Until Loki's first 503 is there, the log is only catching up.
        JsonElement log = await WaitForStateAsync(sut, "shop/web-1", "behind", summary: "503");

        Assert.False(log.GetProperty("isDelivered").GetBoolean());
        Assert.Equal("problem", Step(log, "Loki").GetProperty("state").GetString());
    }

    [Fact]
    public async Task Explain_NamespaceExcluded_NamesTheKey()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        new CriWriter(_node.AddContainer("dns-1", "kube-system", "dns")).Write(1);
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address, "kubernetes: {namespaces: {exclude: [\"kube-*\"]}}");

        JsonElement log = await WaitForStateAsync(sut, "kube-system/dns-1", "excluded");

        Assert.Contains("kubernetes.namespaces.exclude", log.GetProperty("summary").GetString(), StringComparison.Ordinal);
        Assert.Equal("Remove the namespace from kubernetes.namespaces.exclude.", log.GetProperty("remedy").GetString());
    }

    [Theory]
    [InlineData("include: [\"{0}/*.log\"], exclude: [\"{0}/*_shop_*\"]", "sources.containers.exclude has {0}/*_shop_*, which matches")]
    [InlineData("include: [\"{0}/*_other_*\"]", "no glob of sources.containers.include matches {0}/web-1_shop_app")]
    public async Task Explain_GlobExcludes_NamesTheGlob(string containers, string expected)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        new CriWriter(_node.AddContainer("web-1", "shop", "app")).Write(1);
        await using RunningShipper sut = RunningShipper.Start(
            _node, loki.Address, $"sources: {{containers: {{{containers.Replace("{0}", _node.Containers, StringComparison.Ordinal)}}}, journal: {{enabled: false}}}}");

        JsonElement log = await WaitForStateAsync(sut, "shop/web-1", "excluded");

        Assert.Contains(expected.Replace("{0}", _node.Containers, StringComparison.Ordinal), log.GetProperty("summary").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_LinkOfAnEarlierRunIsBroken_IsDeliveredWithANote()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        new CriWriter(_node.AddContainer("web-1", "shop", "app")).Write(10);
        File.CreateSymbolicLink(Path.Combine(_node.Containers, $"web-1_shop_app-{new string('e', 64)}.log"), Path.Combine(_node.Root, "log/pods/shop_web-1_old/app/0.log"));
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address);
        await sut.WaitForLogAsync("which can't be accessed");

        JsonElement log = await WaitForStateAsync(sut, "shop/web-1", "delivered");

        Assert.Equal("note", Step(log, "readable").GetProperty("state").GetString());
    }

    [Fact]
    public async Task Explain_FileForbidden_IsUnreadable()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "Root may read every file.");
        using LokiDouble loki = await LokiDouble.StartAsync();
        string log = _node.AddContainer("web-1", "shop", "app");
        new CriWriter(log).Write(1);
        File.SetUnixFileMode(log, UnixFileMode.None);
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address);

        JsonElement explained = await WaitForStateAsync(sut, "shop/web-1", "unreadable");

        Assert.Contains("permission denied", explained.GetProperty("summary").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_LogIsADirectory_IsUnreadable()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        string log = _node.AddContainer("web-1", "shop", "app");
        File.Delete(log);
        Directory.CreateDirectory(log);
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address);

        JsonElement explained = await WaitForStateAsync(sut, "shop/web-1", "unreadable");

        Assert.Contains("directory", explained.GetProperty("summary").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_TargetDirectoryMissing_IsNotMounted()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        File.CreateSymbolicLink(Path.Combine(_node.Containers, $"web-1_shop_app-{new string('a', 64)}.log"), "/no-such-directory/pods/shop_web-1_1/app/0.log");
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address);

        JsonElement log = await WaitForStateAsync(sut, "shop/web-1", "not mounted");

        Assert.Contains("/no-such-directory", log.GetProperty("summary").GetString(), StringComparison.Ordinal);
        Assert.Contains("Mount it", log.GetProperty("remedy").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_TargetGone_IsBrokenLink()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        new CriWriter(_node.AddContainer("other-1", "shop", "app")).Write(1);
        string log = _node.AddContainer("web-1", "shop", "app");
        Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(log)!)!, recursive: true);
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address);

        await WaitForStateAsync(sut, "shop/web-1", "broken link");
    }

    [Fact]
    public async Task Explain_StreamRateLimited_IsPausedWithLokisWords()
    {
        bool isOverRate = false;
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { IsOverRate = _ => Volatile.Read(ref isOverRate) });
        var writer = new CriWriter(_node.AddContainer("web-1", "shop", "app"));
        writer.Write(10);
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address);
        await WaitForStateAsync(sut, "shop/web-1", "delivered");
        Volatile.Write(ref isOverRate, true);
        writer.Write(10);

        JsonElement log = await WaitForStateAsync(sut, "shop/web-1", "paused");

        Assert.Contains("Per stream rate limit exceeded", log.GetProperty("summary").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_LokiRefusedRecords_IsRefusedWithLokisWords()
    {
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { MaxLineBytes = 1000 });
        string log = _node.AddContainer("web-1", "shop", "app");
        new CriWriter(log).Write(10);
        await File.AppendAllTextAsync(log, $"{Now()} stdout F {new string('x', 2000)}\n", TestContext.Current.CancellationToken);
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address);

        JsonElement explained = await WaitForStateAsync(sut, "shop/web-1", "refused");

        Assert.Contains("ax entry size", explained.GetProperty("summary").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_OverLimit_IsLimited()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        new CriWriter(_node.AddContainer("web-1", "shop", "app")).Write(20_000);
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address, "processing: {limits: [{name: noisy, lines: 10, burst: 1s}]}");

        JsonElement log = await WaitForStateAsync(sut, "shop/web-1", "limited");

        Assert.Contains("noisy", log.GetProperty("summary").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{sample: 100}", "sampled")]
    [InlineData("drop", "dropped")]
    public async Task Explain_RuleLeavesRecordsOut_NamesTheRule(string action, string state)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        new CriWriter(_node.AddContainer("web-1", "shop", "app")).Write(1000);
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address, $"processing: {{rules: [{{name: chatter, when: {{text: {{contains: [\"line\"]}}}}, do: {action}}}]}}");

        JsonElement log = await WaitForStateAsync(sut, "shop/web-1", state);

        Assert.Contains("by the rule chatter", log.GetProperty("summary").GetString(), StringComparison.Ordinal);
        Assert.Contains("rule chatter", Step(log, "rules").GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_UnknownPod_OffersTheNearestNames()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        new CriWriter(_node.AddContainer("checkout-7d9f-abcde", "shop", "app")).Write(1);
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address);
        await WaitForStateAsync(sut, "shop/checkout-7d9f-abcde", "delivered");

        Assert.Equal(["shop/checkout-7d9f-abcde"], await NearestAsync("shop/chekout-7d9f-abcde"));
        Assert.Equal(["shop/checkout-7d9f-abcde"], await NearestAsync("shop/checkout"));
        Assert.Equal(["shop/checkout-7d9f-abcde"], await NearestAsync("default/checkout-7d9f-abcde"));
        Assert.Empty(await NearestAsync("shop/payment"));

        async Task<string[]> NearestAsync(string target)
        {
            JsonElement answer = await ExplainAsync(sut, target);
            Assert.Equal("unknown", answer.GetProperty("state").GetString());
            return [.. answer.GetProperty("nearest").EnumerateArray().Select(name => name.GetString()!)];
        }
    }

    [Fact]
    public async Task Explain_PodGone_SaysThatItsLinesAreInLoki()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        string log = _node.AddContainer("web-1", "shop", "app");
        new CriWriter(log).Write(10);
        await using (RunningShipper first = RunningShipper.Start(_node, loki.Address))
        {
            await WaitForStateAsync(first, "shop/web-1", "delivered");
            File.Delete(Directory.GetFiles(_node.Containers).Single());
            Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(log)!)!, recursive: true);

            JsonElement gone = await WaitForStateAsync(first, "shop/web-1", "gone");

            Assert.True(gone.GetProperty("isDelivered").GetBoolean());
            Assert.Equal(0, await first.StopAsync());
        }

        // Another agent knows nothing of the pod, and asks Loki.
        await using RunningShipper second = RunningShipper.Start(_node, loki.Address);
        await second.WaitUntilReadyAsync();
        JsonElement answer = await WaitForStateAsync(second, "shop/web-1", "gone");
        Assert.Contains("Loki's newest entry of it", answer.GetProperty("summary").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shop")]
    [InlineData("shop/web/app/more")]
    [InlineData("shop/")]
    public async Task Explain_NotAPod_IsABadRequest(string target)
    {
        await using RunningShipper sut = RunningShipper.Start(_node, new Uri("http://127.0.0.1:1"));
        await sut.WaitUntilReadyAsync();

        Assert.Equal(HttpStatusCode.BadRequest, await sut.GetStatusAsync($"/api/explain/{target}"));
    }

    private static string Now() => TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    private static JsonElement Step(JsonElement log, string name) => log.GetProperty("steps").EnumerateArray().First(step => step.GetProperty("name").GetString() == name);

    /// <summary>Waits until the first log of the answer has a state, and a summary that contains some words.</summary>
    private static async Task<JsonElement> WaitForStateAsync(RunningShipper sut, string target, string state, string summary = "")
    {
        await sut.WaitUntilReadyAsync();
        JsonElement answer = default;
        await RunningShipper.WaitUntilAsync(
            async () =>
            {
                answer = await ExplainAsync(sut, target);
                return answer.GetProperty("state").GetString() == state
                    && answer.GetProperty("logs").EnumerateArray().First().GetProperty("summary").GetString()!.Contains(summary, StringComparison.Ordinal);
            },
            () => $"The state does not become {state} {summary}: {answer}\n{string.Join('\n', sut.Log)}");
        return answer.GetProperty("logs")[0];
    }

    private static async Task<JsonElement> ExplainAsync(RunningShipper sut, string target)
    {
        using var client = new HttpClient();
        using HttpResponseMessage response = await client.GetAsync(new Uri($"http://127.0.0.1:{sut.Port}/api/explain/{target}"), TestContext.Current.CancellationToken);
        using JsonDocument answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(answer.RootElement.GetProperty("logs").GetArrayLength() == 0 ? HttpStatusCode.NotFound : HttpStatusCode.OK, response.StatusCode);
        return answer.RootElement.Clone();
    }
}
