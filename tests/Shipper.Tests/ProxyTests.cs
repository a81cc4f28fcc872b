using Shipper.Testing;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

/// <summary>The program with proxy variables in its environment.</summary>
public sealed class ProxyTests : IDisposable
{
    // A name that only the proxy can resolve.
    private static readonly Uri Loki = new("http://shipper-test.invalid:3100");

    private readonly NodeDirectory _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Run_ProxyRequiresPassword_DeliversEveryLine()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        await using var proxy = new ProxyDouble(loki.Address) { Credentials = "me:p@ss w" };
        string log = _node.AddContainer("web");
        await using RunningShipper sut = Start($"http://me:p%40ss%20w@{proxy.Authority}/\n", ".svc,10.0.0.0/8");
        await WriteAsync(log, "one");
        await sut.WaitUntilAsync(() => loki.Count() == 1);
        await WriteAsync(log, "two");
        await sut.WaitUntilAsync(() => loki.Count() == 2);

        Assert.All(proxy.Requests, request => Assert.Equal("me:p@ss w", request.Credentials));
        Assert.Equal(0, await sut.StopAsync());
    }

    [Fact]
    public async Task Run_ProxyRefusesPassword_ReportsItWithoutShowingThePassword()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        await using var proxy = new ProxyDouble(loki.Address) { Credentials = "me:secret" };
        string log = _node.AddContainer("web");
        await WriteAsync(log, "one");
        await using (RunningShipper sut = Start($"http://me:not-the-word@{proxy.Authority}", ""))
        {
            await sut.WaitForLogAsync("\"status\":\"407\"");
            string shown = string.Join('\n', sut.Log) + await sut.GetTextAsync("/") + await sut.GetTextAsync("/api/status") + await sut.GetTextAsync("/metrics");
            Assert.Contains($"http://{proxy.Authority} (HTTP_PROXY)", shown, StringComparison.Ordinal);
            Assert.Contains("http://USER:PASSWORD@HOST:PORT", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("not-the-word", shown, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String("me:not-the-word"u8), shown, StringComparison.Ordinal);
            await sut.KillAsync();
        }

        await using RunningShipper last = Start($"http://me:secret@{proxy.Authority}", "");
        await last.WaitUntilAsync(() => loki.Count() == 1);
        Assert.Equal(0, await last.StopAsync());
    }

    [Theory]
    [InlineData("*")]
    [InlineData("10.0.0.0/8, .invalid")]
    [InlineData("shipper-test.invalid:3100")]
    public async Task Run_LokiInNoProxy_ConnectsDirectly(string list)
    {
        await using var proxy = new ProxyDouble(Loki);
        await WriteAsync(_node.AddContainer("web"), "one");
        await using RunningShipper sut = Start($"http://{proxy.Authority}", list);
        await sut.WaitUntilReadyAsync();

        // A name server may take some time to answer that the name does not exist.
        await RunningShipper.WaitUntilAsync(
            async () => await sut.GetMetricsAsync() is { } metrics
                && ((string[])["error", "timeout"]).Any(status => metrics.GetValueOrDefault($"shipper_push_requests_total{{status=\"{status}\"}}") > 0),
            () => "The agent does not try to push to Loki.");
        Assert.Empty(proxy.Requests);
        await sut.KillAsync();
    }

    [Theory]
    [InlineData("run")]
    [InlineData("validate")]
    [InlineData("config")]
    public async Task Command_InvalidProxy_NamesTheVariableWithoutShowingThePassword(string command)
    {
        string path = Path.Combine(_node.Root, "shipper.yaml");
        await File.WriteAllTextAsync(path, $"loki: {{url: \"{Loki}\"}}\n", TestContext.Current.CancellationToken);

        CommandResult result = await ShipperProgram.RunAsync(Variables("gopher://me:secret@proxy:70", ""), command, "--config", path);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{path}:1:", result.Output + result.Error, StringComparison.Ordinal);
        Assert.Contains("HTTP_PROXY has the scheme 'gopher'", result.Output + result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", result.Output + result.Error, StringComparison.Ordinal);
    }

    private static Task WriteAsync(string log, string text) =>
        File.AppendAllTextAsync(log, $"{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffffff00Z} stdout F {text}\n", TestContext.Current.CancellationToken);

    private static Dictionary<string, string?> Variables(string proxy, string noProxy) => new()
    {
        ["HTTP_PROXY"] = proxy,
        ["NO_PROXY"] = noProxy,
        ["http_proxy"] = null,
        ["no_proxy"] = null,
    };

    private RunningShipper Start(string proxy, string noProxy) => RunningShipper.Start(_node, Loki, environment: Variables(proxy, noProxy));
}
