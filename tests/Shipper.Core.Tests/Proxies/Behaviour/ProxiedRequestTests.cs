using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Shipper.Core.Tests.Support;
using Shipper.Kubernetes.Api;
using Shipper.Loki;
using Shipper.Proxies;
using Shipper.Records;
using Shipper.Telemetry;
using Shipper.Testing;
using Shipper.Testing.Kubernetes;
using Shipper.Testing.Loki;
using Snappier;

namespace Shipper.Core.Tests.Proxies.Behaviour;

/// <summary>Loki and the API server behind a proxy.</summary>
public sealed class ProxiedRequestTests : IDisposable
{
    // A name that only the proxy can resolve.
    private const string Host = "shipper-test.invalid";

    private readonly RecordedLog _log = new();
    private readonly AgentMetrics _metrics = new();
    private readonly TestCertificates _certificates = new(Host);
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _certificates.Dispose();
        _log.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task PushAsync_ThroughAProxy_ReturnsStored(bool isHttps, bool wantsPassword)
    {
        using LokiDouble loki = await StartLokiAsync(isHttps);
        await using var proxy = new ProxyDouble(loki.Address) { Credentials = wantsPassword ? "me:p@ss" : null };
        using PushClient sut = CreateClient(isHttps, $"http://me:p%40ss@{proxy.Authority}");

        PushAnswer first = await sut.PushAsync(Body("one"), Stopping);
        QueryAnswer query = await sut.AskAsync("{pod=\"p\"}", 0, 1, new NoEntries(), Stopping);

        Assert.Equal(PushVerdict.Stored, first.Verdict);
        Assert.NotEqual(QueryOutcome.Failed, query.Outcome);
        Assert.Equal("one", Assert.Single(loki.GetStoredStreams()["{pod=\"p\"}"]).Line);
        if (!isHttps)
        {
            // Sent without waiting for a challenge: otherwise the body would be sent twice.
            Assert.All(proxy.Requests, request => Assert.Equal("me:p@ss", request.Credentials));
            Assert.Equal([$"POST http://{Host}/loki/api/v1/push HTTP/1.1"], proxy.Requests.Select(request => request.Line).Take(1));
        }

        Assert.DoesNotContain(loki.Headers.SelectMany(headers => headers.Keys), name => name.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(false, "me:wrong@")]
    [InlineData(true, "")]
    [InlineData(true, "me:wrong@")]
    public async Task PushAsync_ProxyRefusesCredentials_ReturnsMisconfiguredAndTheRemedy(bool isHttps, string credentials)
    {
        using LokiDouble loki = await StartLokiAsync(isHttps);
        await using var proxy = new ProxyDouble(loki.Address) { Credentials = "me:secret" };
        using PushClient sut = CreateClient(isHttps, $"http://{credentials}{proxy.Authority}");

        PushAnswer answer = await sut.PushAsync(Body("one"), Stopping);
        QueryAnswer query = await sut.AskAsync("{pod=\"p\"}", 0, 1, new NoEntries(), Stopping);

        Assert.Equal((PushVerdict.Misconfigured, "407"), (answer.Verdict, answer.Status));
        Assert.Contains($"http://{proxy.Authority} ({(isHttps ? "HTTPS_PROXY" : "HTTP_PROXY")})", answer.Message, StringComparison.Ordinal);
        Assert.Contains("http://USER:PASSWORD@HOST:PORT", answer.Describe(), StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", answer.Describe() + query.Message, StringComparison.Ordinal);

        // A later query may succeed, once the proxy's settings are fixed.
        Assert.Equal(QueryOutcome.Failed, query.Outcome);
        Assert.Empty(loki.Statuses);
    }

    /// <summary>A proxy that refuses a request without reading it closes the connection while the body is being sent, and its response may be lost.</summary>
    [Fact]
    public async Task PushAsync_ProxyRefusesBeforeTheBodyIsSent_IsReportedByTheNextPush()
    {
        using LokiDouble loki = await StartLokiAsync(isHttps: false);
        await using var proxy = new ProxyDouble(loki.Address) { Credentials = "me:secret", RefusesBeforeBody = true };
        using PushClient sut = CreateClient(isHttps: false, $"http://{proxy.Authority}");
        byte[] body = new byte[4 * 1024 * 1024];

        PushAnswer first = await sut.PushAsync(body, Stopping);
        PushAnswer second = first.Status == "error" ? await sut.PushAsync(body, Stopping) : first;

        Assert.Equal((PushVerdict.Misconfigured, "407"), (second.Verdict, second.Status));
    }

    [Fact]
    public async Task PushAsync_ConnectionWasReset_NextPushWaitsForContinue()
    {
        using LokiDouble loki = await StartLokiAsync(isHttps: false);
        await using var proxy = new ProxyDouble(loki.Address);
        using PushClient sut = CreateClient(isHttps: false, $"http://{proxy.Authority}");
        loki.Script.Enqueue(LokiDouble.Reset());

        PushVerdict[] verdicts = [(await sut.PushAsync(Body("one"), Stopping)).Verdict, (await sut.PushAsync(Body("two"), Stopping)).Verdict, (await sut.PushAsync(Body("three"), Stopping)).Verdict];

        Assert.Equal([PushVerdict.Unconfirmed, PushVerdict.Stored, PushVerdict.Stored], verdicts);
        Assert.Equal([false, true, false], proxy.Requests.Select(request => request.Waits));
    }

    [Fact]
    public async Task PushAsync_ProxyIsUnreachable_NamesIt()
    {
        using PushClient sut = CreateClient(isHttps: false, "http://me:secret@127.0.0.1:1");

        PushAnswer answer = await sut.PushAsync(Body("one"), Stopping);

        Assert.Equal(PushVerdict.NotStored, answer.Verdict);
        Assert.EndsWith(", through the proxy http://127.0.0.1:1 (HTTP_PROXY)", answer.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", answer.Message, StringComparison.Ordinal);
    }

    /// <summary>The HTTP client may send the body a second time until the push is closed.</summary>
    [Fact]
    public async Task CopyToAsync_SecondTime_WritesTheSameBody()
    {
        using var sut = new PushContent(new byte[] { 1, 2, 3 });
        using var first = new MemoryStream();
        using var second = new MemoryStream();

        await sut.CopyToAsync(first, Stopping);
        await sut.CopyToAsync(second, Stopping);
        await sut.CloseAsync();

        Assert.Equal(first.ToArray(), second.ToArray());
        await Assert.ThrowsAsync<HttpRequestException>(() => sut.CopyToAsync(new MemoryStream(), Stopping));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task GetAsync_KubeconfigBehindAProxy_GetsTheResponse(bool isHttps, bool isNamedThere)
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync(listen =>
        {
            if (isHttps)
            {
                listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = _certificates.Server });
            }
        });
        await using var proxy = new ProxyDouble(server.Address) { Credentials = "me:secret" };
        string address = $"http://me:secret@{proxy.Authority}";
        await File.WriteAllTextAsync(_directory["config"], $$$"""
            current-context: main
            contexts: [{name: main, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: "{{{(isHttps ? "https" : "http")}}}://{{{Host}}}", certificate-authority: {{{_certificates.CaFile}}}{{{(isNamedThere ? $", proxy-url: \"{address}\"" : "")}}}}}]
            users: [{name: u, user: {token: t}}]
            """, Stopping);
        using var sut = new ApiClient(new ApiAccess(_directory["config"], "/nowhere", _ => null), Proxies(isNamedThere ? "http://127.0.0.1:1" : address));

        using HttpResponseMessage answer = await sut.GetAsync("/api/v1/pods", "application/json", Stopping);

        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal($", through the proxy http://{proxy.Authority} ({(isNamedThere ? "proxy-url" : isHttps ? "HTTPS_PROXY" : "HTTP_PROXY")})", sut.ProxySuffix);
        Assert.NotEmpty(proxy.Requests);
    }

    [Fact]
    public async Task GetAsync_ServiceAccount_ConnectsDirectly()
    {
        await using var proxy = new ProxyDouble(new Uri("http://127.0.0.1:1"));
        await File.WriteAllTextAsync(_directory["token"], "t", Stopping);
        File.Copy(_certificates.CaFile, _directory["ca.crt"]);
        using var sut = new ApiClient(new ApiAccess("", _directory, name => name == "KUBERNETES_SERVICE_HOST" ? Host : null), Proxies($"http://{proxy.Authority}"));

        await Assert.ThrowsAsync<HttpRequestException>(() => sut.GetAsync("/api/v1/pods", "application/json", Stopping));

        Assert.Equal("", sut.ProxySuffix);
        Assert.Empty(proxy.Requests);
    }

    private static EnvironmentProxies Proxies(string address) => new(name => name is "HTTP_PROXY" or "HTTPS_PROXY" ? address : null);

    private static byte[] Body(string line)
    {
        var buffer = new byte[4096];
        int length = PushRequestWriter.BeginStream(buffer, StreamLabels.Create(new Dictionary<string, string> { ["pod"] = "p" }).Encoded);
        long now = TimeProvider.System.GetUnixNanoseconds();
        length += PushRequestWriter.WriteEntry(buffer.AsSpan(length), new LogRecord(now, PushRequestWriter.StdoutMetadata, System.Text.Encoding.UTF8.GetBytes(line), 0), now, moved: false);
        PushRequestWriter.EndStream(buffer.AsSpan(0, length));
        return Snappy.CompressToArray(buffer.AsSpan(0, length));
    }

    private Task<LokiDouble> StartLokiAsync(bool isHttps) => LokiDouble.StartAsync(configure: listen =>
    {
        if (isHttps)
        {
            listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = _certificates.Server });
        }
    });

    private PushClient CreateClient(bool isHttps, string proxy)
    {
        var options = new LokiOptions { Url = new Uri($"{(isHttps ? "https" : "http")}://{Host}") };
        options.Tls.CaFile = isHttps ? _certificates.CaFile : "";
        return new PushClient(options, 4096, TimeProvider.System, _log, _metrics, Proxies(proxy));
    }

    private sealed class NoEntries : IEntryVisitor
    {
        public void BeginStream(IReadOnlyDictionary<string, string> labels)
        {
            // The test needs only the outcome of the query.
        }

        public void Visit(long timestampNs, ReadOnlySpan<byte> line)
        {
            // The test needs only the outcome of the query.
        }
    }
}
