using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Shipper.Batching;
using Shipper.Parsing;
using Shipper.Telemetry;
using Shipper.Testing;
using Shipper.Testing.Loki;
using Snappier;

namespace Shipper.Loki;

public class PushClientTests
{
    private readonly RecordedLog _log = new();
    private readonly AgentMetrics _metrics = new();

    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PushAsync_Accepted_IsStored()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki);

        PushAnswer answer = await sut.PushAsync(Body("hello"), 1, returnsRefusals: false, Stopping);

        Assert.Equal(PushVerdict.Stored, answer.Verdict);
        Assert.Equal("hello", Assert.Single(loki.Stored()["{pod=\"p\"}"]).Line);
        Assert.Equal(1, _metrics.PushRequests.Get("204"));
        Assert.Equal("application/x-protobuf", Assert.Single(loki.Headers)["Content-Type"]);
    }

    [Fact]
    public async Task PushAsync_FailuresThatPass_AreRepeatedAndCounted()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        loki.Script.Enqueue(LokiDouble.Answer(500, "empty ring\n"));
        loki.Script.Enqueue(LokiDouble.Answer(429, "ingestion rate limit exceeded for user fake (limit: 1 bytes/sec)\n"));
        loki.Script.Enqueue(LokiDouble.Answer(503, ""));
        loki.Script.Enqueue(LokiDouble.Reset());
        using PushClient sut = Create(loki);

        PushAnswer answer = await sut.PushAsync(Body("hello"), 7, returnsRefusals: false, Stopping);

        Assert.Equal(PushVerdict.Stored, answer.Verdict);
        Assert.Equal(4, _metrics.PushRetries.Get());
        Assert.Equal(1, _metrics.PushRequests.Get("error"));

        // The 503 and the reset left it open, which counts once; the other two said that nothing was stored.
        Assert.Equal(7, _metrics.PossibleDuplicates.Get());
        Assert.Contains(_log.Messages, message => message.Contains("Loki takes batches again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PushAsync_NoAnswerInTime_IsRepeated()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        var never = new TaskCompletionSource<bool>();
        loki.Script.Enqueue(_ => never.Task);
        using PushClient sut = Create(loki, options => options.Timeout = TimeSpan.FromMilliseconds(100));

        PushAnswer answer = await sut.PushAsync(Body("hello"), 1, returnsRefusals: false, Stopping);
        never.SetResult(true);

        Assert.Equal(PushVerdict.Stored, answer.Verdict);
        Assert.Equal(1, _metrics.PushRequests.Get("timeout"));
    }

    [Fact]
    public async Task PushAsync_LimitReached_GivesTheBatchUp()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki, options => options.Retry.Limit = 2);
        for (int i = 0; i < 3; i++)
        {
            loki.Script.Enqueue(LokiDouble.Answer(500, "broken\n"));
        }

        PushAnswer answer = await sut.PushAsync(Body("hello"), 1, returnsRefusals: false, Stopping);

        Assert.Equal(PushVerdict.Retry, answer.Verdict);
        Assert.Equal(3, loki.Statuses.Count);
    }

    [Fact]
    public async Task PushAsync_Limit_IsNotUsedUpByAWrongConfiguration()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki, options => options.Retry.Limit = 1);
        foreach (int status in (int[])[401, 401, 401, 503])
        {
            loki.Script.Enqueue(LokiDouble.Answer(status, "no\n"));
        }

        Assert.Equal(PushVerdict.Stored, (await sut.PushAsync(Body("hello"), 1, returnsRefusals: false, Stopping)).Verdict);
    }

    /// <summary>What decides stands behind the reasons, and there may be many.</summary>
    [Fact]
    public async Task PushAsync_LongAnswer_IsReadToItsEndAndShownInShort()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki);
        string reasons = string.Concat(Enumerable.Repeat("entry with timestamp 2026-11-23 01:28:03 +0000 UTC ignored, reason: 'entry too far behind',\n", 500));
        loki.Script.Enqueue(LokiDouble.Answer(400, $"{reasons}user 'fake', total ignored: 500 out of 501 for stream: {{pod=\"p\"}}\n"));

        PushAnswer answer = await sut.PushAsync(Body("hello"), 501, returnsRefusals: false, Stopping);

        Assert.Equal((PushVerdict.Refused, 500), (answer.Verdict, answer.RefusedRecords));
        Assert.InRange(answer.Message.Length, 500, 2000);
    }

    [Fact]
    public async Task PushAsync_NothingLeftTheMachine_IsNoPossibleDuplicate()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki, options =>
        {
            options.Headers["X-User"] = "ü";
            options.Retry.Limit = 1;
        });

        Assert.Equal("error", (await sut.PushAsync(Body("hello"), 1, returnsRefusals: false, Stopping)).Status);

        Assert.Equal(0, _metrics.PossibleDuplicates.Get());
    }

    [Theory]
    [InlineData("a\nb\n", "has more than one line")]
    [InlineData("clé", "has characters that no token has")]
    public async Task PushAsync_TokenThatIsNone_HoldsAndNamesTheFile(string content, string expected)
    {
        using var directory = new TemporaryDirectory();
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki, options => options.BearerTokenFile = directory["token"]);
        await File.WriteAllTextAsync(directory["token"], content, Stopping);
        Task<PushAnswer> push = sut.PushAsync(Body("hello"), 1, returnsRefusals: false, Stopping);
        while (_metrics.PushRetries.Get() < 2)
        {
            await Task.Yield();
        }

        await File.WriteAllTextAsync(directory["token"], "here", Stopping);

        Assert.Equal(PushVerdict.Stored, (await push).Verdict);
        Assert.Contains(_log.Messages, message => message.Contains($"loki.bearerTokenFile {directory["token"]} {expected}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PushAsync_WrongConfiguration_HoldsWhateverTheLimit()
    {
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { AuthEnabled = true });
        using PushClient sut = Create(loki, options => options.Retry.Limit = 1);
        Task<PushAnswer> push = sut.PushAsync(Body("hello"), 1, returnsRefusals: false, Stopping);
        while (loki.Statuses.Count < 4)
        {
            await Task.Yield();
        }

        loki.Limits.AuthEnabled = false;

        Assert.Equal(PushVerdict.Stored, (await push).Verdict);
        Assert.Contains(_log.Messages, message => message.Contains("401 no org id. Check loki.tenant", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PushAsync_Refused_IsNotRepeated()
    {
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { MaxLineBytes = 3 });
        using PushClient sut = Create(loki);

        PushAnswer answer = await sut.PushAsync(Body("hello", "ok"), 2, returnsRefusals: false, Stopping);

        Assert.Equal(PushVerdict.Refused, answer.Verdict);
        Assert.Equal(1, answer.RefusedRecords);
        Assert.Equal("ok", Assert.Single(loki.Stored()["{pod=\"p\"}"]).Line);
        Assert.Contains("max entry size '3' bytes exceeded for stream '{pod=\"p\"", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PushAsync_Cancelled_GivesUp()
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

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sut.PushAsync(Body("hello"), 1, returnsRefusals: false, stopping.Token));
    }

    [Fact]
    public async Task Hurry_DuringALongWait_TriesAgainAtOnce()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki, options => options.Retry = new RetryOptions { Initial = TimeSpan.FromHours(1), Max = TimeSpan.FromHours(1) });
        loki.Script.Enqueue(LokiDouble.Answer(503, ""));
        Task<PushAnswer> push = sut.PushAsync(Body("hello"), 1, returnsRefusals: false, Stopping);
        while (_metrics.PushRetries.Get() < 1)
        {
            await Task.Yield();
        }

        sut.Hurry();

        Assert.Equal(PushVerdict.Stored, (await push).Verdict);
    }

    [Fact]
    public async Task Hurry_ManyFailures_UseUpNoLimit()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki, options => options.Retry.Limit = 1);
        for (int i = 0; i < 4; i++)
        {
            loki.Script.Enqueue(LokiDouble.Answer(503, ""));
        }

        sut.Hurry();

        Assert.Equal(PushVerdict.Stored, (await sut.PushAsync(Body("hello"), 1, returnsRefusals: false, Stopping)).Verdict);
    }

    [Fact]
    public async Task PushAsync_TenantAndHeaders_AreSent()
    {
        using LokiDouble loki = await LokiDouble.StartAsync(new LokiLimits { AuthEnabled = true });
        using PushClient sut = Create(loki, options =>
        {
            options.Tenant = "team-a";
            options.Headers["X-Extra"] = "yes";
        });

        await sut.PushAsync(Body("hello"), 1, returnsRefusals: false, Stopping);

        IReadOnlyDictionary<string, string> headers = Assert.Single(loki.Headers);
        Assert.Equal("team-a", headers["X-Scope-OrgID"]);
        Assert.Equal("yes", headers["X-Extra"]);
    }

    [Fact]
    public async Task PushAsync_Credentials_AreReadForEachPush()
    {
        using var directory = new TemporaryDirectory();
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient bearer = Create(loki, options => options.BearerTokenFile = directory["token"]);
        using PushClient basic = Create(loki, options => options.BasicAuth = new BasicAuthOptions { Username = "me", PasswordFile = directory["token"] });

        await File.WriteAllTextAsync(directory["token"], "first\n", Stopping);
        await bearer.PushAsync(Body("a"), 1, returnsRefusals: false, Stopping);
        await File.WriteAllTextAsync(directory["token"], "second\n", Stopping);
        await bearer.PushAsync(Body("b"), 1, returnsRefusals: false, Stopping);
        await basic.PushAsync(Body("c"), 1, returnsRefusals: false, Stopping);

        Assert.Equal(
            ["Bearer first", "Bearer second", "Basic " + Convert.ToBase64String("me:second"u8)],
            loki.Headers.Select(headers => headers["Authorization"]));
    }

    [Fact]
    public async Task PushAsync_CredentialsMissing_HoldsAndNamesTheFile()
    {
        using var directory = new TemporaryDirectory();
        using LokiDouble loki = await LokiDouble.StartAsync();
        using PushClient sut = Create(loki, options => options.BearerTokenFile = directory["token"]);
        Task<PushAnswer> push = sut.PushAsync(Body("hello"), 1, returnsRefusals: false, Stopping);
        while (_metrics.PushRetries.Get() < 2)
        {
            await Task.Yield();
        }

        await File.WriteAllTextAsync(directory["token"], "here", Stopping);

        Assert.Equal(PushVerdict.Stored, (await push).Verdict);
        Assert.Contains(_log.Messages, message => message.Contains($"loki.bearerTokenFile {directory["token"]} can't be read", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PushAsync_OwnAuthorityAndClientCertificate_AreUsed()
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

        PushAnswer answer = await sut.PushAsync(Body("hello"), 1, returnsRefusals: false, Stopping);

        Assert.Equal(PushVerdict.Stored, answer.Verdict);
        Assert.Equal("loki.internal", Assert.Single(loki.Headers)["Host"]);
    }

    [Theory]
    [InlineData(false, "loki.internal", false)]
    [InlineData(true, "other.internal", false)]
    [InlineData(false, "", true)]
    public async Task PushAsync_Certificate_IsCheckedUnlessToldOtherwise(bool trustsAuthority, string serverName, bool skipsVerification)
    {
        using var certificates = new TestCertificates("loki.internal");
        using LokiDouble loki = await LokiDouble.StartAsync(configure: listen => listen.UseHttps(
            new HttpsConnectionAdapterOptions { ServerCertificate = certificates.Server }));
        using PushClient sut = Create(loki, options =>
        {
            options.Tls.CaFile = trustsAuthority ? certificates.CaFile : "";
            options.Tls.ServerName = serverName;
            options.Tls.InsecureSkipVerify = skipsVerification;
            options.Retry.Limit = 1;
        });

        PushAnswer answer = await sut.PushAsync(Body("hello"), 1, returnsRefusals: false, Stopping);

        Assert.Equal(skipsVerification ? PushVerdict.Stored : PushVerdict.Retry, answer.Verdict);
    }

    private static void UseTls(ListenOptions listen, TestCertificates certificates) => listen.UseHttps(new HttpsConnectionAdapterOptions
    {
        ServerCertificate = certificates.Server,
        ClientCertificateMode = ClientCertificateMode.RequireCertificate,
        ClientCertificateValidation = (certificate, _, _) => certificate.Subject == "CN=shipper",
    });

    private static byte[] Body(params string[] lines)
    {
        var buffer = new byte[4096];
        int length = PushRequestWriter.BeginStream(buffer, StreamLabels.Create(new Dictionary<string, string> { ["pod"] = "p" }).Encoded);
        long now = (TimeProvider.System.GetUtcNow().Ticks - DateTime.UnixEpoch.Ticks) * 100;
        foreach (string line in lines)
        {
            length += PushRequestWriter.WriteEntry(buffer.AsSpan(length), new LogRecord(now, PushRequestWriter.StdoutMetadata, System.Text.Encoding.UTF8.GetBytes(line), 0), now++, moved: false);
        }

        PushRequestWriter.EndStream(buffer.AsSpan(0, length));
        return Snappy.CompressToArray(buffer.AsSpan(0, length));
    }

    private PushClient Create(LokiDouble loki, Action<LokiOptions>? configure = null)
    {
        var options = new LokiOptions
        {
            Url = loki.Address,
            Retry = new RetryOptions { Initial = TimeSpan.FromMilliseconds(1), Max = TimeSpan.FromMilliseconds(2) },
        };
        configure?.Invoke(options);
        return new PushClient(options, TimeProvider.System, _log, _metrics);
    }
}
