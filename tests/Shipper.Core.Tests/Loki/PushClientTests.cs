using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Time.Testing;
using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Testing;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Loki;

public class PushClientTests : PushClientFixture
{
    [Fact]
    public async Task PushAsync_Accepted_ReturnsStored()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki);

        PushAnswer answer = await sut.PushAsync(Body("hello"), Stopping);

        Assert.Equal(PushVerdict.Stored, answer.Verdict);
        Assert.Equal("hello", Assert.Single(loki.GetStoredStreams()["{pod=\"p\"}"]).Line);
        Assert.Equal(1, Metrics.PushRequests.Get("204"));
        Assert.Equal("application/x-protobuf", Assert.Single(loki.Headers)["Content-Type"]);
    }

    [Fact]
    public async Task PushAsync_NoResponseInTime_ReturnsUnconfirmed()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        var never = new TaskCompletionSource<bool>();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        loki.Script.Enqueue(_ =>
        {
            time.Advance(TimeSpan.FromMinutes(1));
            return never.Task;
        });
        using PushClient sut = Create(loki, options => options.Timeout = TimeSpan.FromMinutes(1), time);

        PushAnswer answer = await sut.PushAsync(Body("hello"), Stopping);
        never.SetResult(true);

        Assert.Equal(PushVerdict.Unconfirmed, answer.Verdict);
        Assert.Equal(1, Metrics.PushRequests.Get("timeout"));
    }

    /// <summary>The decisive text comes after the reasons, and there may be many reasons.</summary>
    [Fact]
    public async Task PushAsync_LongResponse_ReadsItToTheEndAndShortensTheMessage()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki);
        string reasons = string.Concat(Enumerable.Repeat("entry with timestamp 2026-11-23 01:28:03 +0000 UTC ignored, reason: 'entry too far behind',\n", 500));
        loki.Script.Enqueue(LokiDouble.Answer(400, $"{reasons}user 'fake', total ignored: 500 out of 501 for stream: {{pod=\"p\"}}\n"));

        PushAnswer answer = await sut.PushAsync(Body("hello"), Stopping);

        Assert.Equal((PushVerdict.StreamEntriesRefused, 500), (answer.Verdict, answer.StreamError?.Ignored));
        Assert.True(answer.Names("{pod=\"p\"}"));
        Assert.InRange(answer.Message.Length, 500, 2000);
    }

    [Fact]
    public async Task PushAsync_RequestCannotBeSent_ReturnsNotStored()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki, options => options.Headers["X-User"] = "ü");

        PushAnswer answer = await sut.PushAsync(Body("hello"), Stopping);

        Assert.Equal((PushVerdict.NotStored, "error"), (answer.Verdict, answer.Status));
    }

    [Theory]
    [InlineData("a\nb\n", "has more than one line")]
    [InlineData("clé", "has characters that a token can't have")]
    public async Task PushAsync_InvalidToken_ReturnsMisconfiguredAndNamesTheFile(string content, string expected)
    {
        using var directory = new TemporaryDirectory();
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki, options => options.BearerTokenFile = directory["token"]);
        await File.WriteAllTextAsync(directory["token"], content, Stopping);

        PushAnswer refused = await sut.PushAsync(Body("hello"), Stopping);
        await File.WriteAllTextAsync(directory["token"], "here", Stopping);
        PushAnswer accepted = await sut.PushAsync(Body("hello"), Stopping);

        Assert.Equal((PushVerdict.Misconfigured, PushVerdict.Stored), (refused.Verdict, accepted.Verdict));
        Assert.Contains($"loki.bearerTokenFile {directory["token"]} {expected}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PushAsync_EntryRefused_DoesNotRepeatThePush()
    {
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { MaxLineBytes = 3 });
        using PushClient sut = Create(loki);

        PushAnswer answer = await sut.PushAsync(Body("hello", "ok"), Stopping);

        Assert.Equal(PushVerdict.EntriesRefused, answer.Verdict);
        Assert.Equal(1, answer.Errors!.CountOf(RefusalKind.LineTooLong));
        Assert.Equal("ok", Assert.Single(loki.GetStoredStreams()["{pod=\"p\"}"]).Line);
        Assert.Contains("max entry size '3' bytes exceeded for stream '{pod=\"p\"", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PushAsync_Canceled_Throws()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using var stopping = new CancellationTokenSource();
        loki.Script.Enqueue(async context =>
        {
            await stopping.CancelAsync();
            context.Abort();
            return true;
        });
        using PushClient sut = Create(loki);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sut.PushAsync(Body("hello"), stopping.Token));
    }

    [Fact]
    public async Task PushAsync_TenantAndHeaders_SendsThem()
    {
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { AuthEnabled = true });
        using PushClient sut = Create(loki, options =>
        {
            options.Tenant = "team-a";
            options.Headers["X-Extra"] = "yes";
        });

        await sut.PushAsync(Body("hello"), Stopping);

        IReadOnlyDictionary<string, string> headers = Assert.Single(loki.Headers);
        Assert.Equal("team-a", headers["X-Scope-OrgID"]);
        Assert.Equal("yes", headers["X-Extra"]);
    }

    [Fact]
    public async Task PushAsync_CredentialsChange_SendsTheNewOnes()
    {
        using var directory = new TemporaryDirectory();
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient bearer = Create(loki, options => options.BearerTokenFile = directory["token"]);
        using PushClient basic = Create(loki, options => options.BasicAuth = new BasicAuthOptions { Username = "me", PasswordFile = directory["token"] });

        await File.WriteAllTextAsync(directory["token"], "first\n", Stopping);
        await bearer.PushAsync(Body("a"), Stopping);
        await File.WriteAllTextAsync(directory["token"], "second\n", Stopping);
        await bearer.PushAsync(Body("b"), Stopping);
        await basic.PushAsync(Body("c"), Stopping);

        Assert.Equal(
            ["Bearer first", "Bearer second", "Basic " + Convert.ToBase64String("me:second"u8)],
            loki.Headers.Select(headers => headers["Authorization"]));
    }

    [Fact]
    public async Task PushAsync_CredentialsFileIsMissing_ReturnsMisconfiguredAndNamesTheFile()
    {
        using var directory = new TemporaryDirectory();
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki, options => options.BearerTokenFile = directory["token"]);
        PushAnswer refused = await sut.PushAsync(Body("hello"), Stopping);
        await File.WriteAllTextAsync(directory["token"], "here", Stopping);
        PushAnswer accepted = await sut.PushAsync(Body("hello"), Stopping);

        Assert.Equal((PushVerdict.Misconfigured, PushVerdict.Stored), (refused.Verdict, accepted.Verdict));
        Assert.Contains($"loki.bearerTokenFile {directory["token"]} can't be read", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PushAsync_OwnAuthorityAndClientCertificate_UsesThem()
    {
        using var certificates = new TestCertificates("loki.internal");
        using LokiDouble loki = await LokiDouble.StartAsync(configure: listen => UseTls(listen, certificates));
        using PushClient sut = Create(loki, options =>
        {
            options.Tls.CaFile = certificates.CaFile;
            options.Tls.CertFile = certificates.ClientFile;
            options.Tls.KeyFile = certificates.ClientKeyFile;
            options.Tls.ServerName = "loki.internal";
        });

        PushAnswer answer = await sut.PushAsync(Body("hello"), Stopping);

        Assert.Equal(PushVerdict.Stored, answer.Verdict);
        Assert.Equal("loki.internal", Assert.Single(loki.Headers)["Host"]);
    }

    [Theory]
    [InlineData(false, "loki.internal", false)]
    [InlineData(true, "other.internal", false)]
    [InlineData(false, "", true)]
    public async Task PushAsync_ServerCertificate_IsVerifiedUnlessDisabled(bool trustsAuthority, string serverName, bool skipsVerification)
    {
        using var certificates = new TestCertificates("loki.internal");
        using LokiDouble loki = await LokiDouble.StartAsync(configure: listen => listen.UseHttps(
            new HttpsConnectionAdapterOptions { ServerCertificate = certificates.Server }));
        using PushClient sut = Create(loki, options =>
        {
            options.Tls.CaFile = trustsAuthority ? certificates.CaFile : "";
            options.Tls.ServerName = serverName;
            options.Tls.InsecureSkipVerify = skipsVerification;
        });

        PushAnswer answer = await sut.PushAsync(Body("hello"), Stopping);

        Assert.Equal(skipsVerification ? PushVerdict.Stored : PushVerdict.NotStored, answer.Verdict);
    }

    private static void UseTls(ListenOptions listen, TestCertificates certificates) => listen.UseHttps(new HttpsConnectionAdapterOptions
    {
        ServerCertificate = certificates.Server,
        ClientCertificateMode = ClientCertificateMode.RequireCertificate,
        ClientCertificateValidation = (certificate, _, _) => certificate.Subject == "CN=shipper",
    });
}
