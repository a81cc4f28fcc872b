using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Shipper.Kubernetes.Api;
using Shipper.Testing;
using Shipper.Testing.Kubernetes;

namespace Shipper.Core.Tests.Kubernetes.Api;

/// <summary>Credentials from the command in a kubeconfig's <c>exec</c>. The commands are shell scripts.</summary>
public sealed class ExecCommandTests : IDisposable
{
    private readonly ExecFixture _fixture = new();

    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task GetAsync_TokenExpires_RunsTheCommandAgain()
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        _fixture.WriteCommand(ExecFixture.Status("\"token\": \"token-'$n'\", \"expirationTimestamp\": \"2026-12-01T11:00:00Z\""));
        using ApiClient client = _fixture.CreateClient(server.Address);

        await ExecFixture.GetAsync(client);
        await ExecFixture.GetAsync(client);
        _fixture.Time.Advance(TimeSpan.FromMinutes(59));
        await ExecFixture.GetAsync(client);
        _fixture.Time.Advance(TimeSpan.FromSeconds(31));
        await ExecFixture.GetAsync(client);

        Assert.Equal(["Bearer token-1", "Bearer token-1", "Bearer token-1", "Bearer token-2"], server.Requests.Select(request => request.Authorization));
        Assert.Equal($"the credentials that {_fixture.Command} printed for user u in {_fixture.Kubeconfig}", client.CredentialsOrigin);
    }

    [Fact]
    public async Task GetAsync_TokenWithoutExpiration_UsesItUntilItIsRefused()
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        _fixture.WriteCommand(ExecFixture.Status("\"token\": \"token-'$n'\", \"expirationTimestamp\": null"));
        using ApiClient client = _fixture.CreateClient(server.Address);
        await ExecFixture.GetAsync(client);
        _fixture.Time.Advance(TimeSpan.FromDays(30));
        await ExecFixture.GetAsync(client);

        server.Token = "token-2";
        Assert.Equal(401, await ExecFixture.GetAsync(client));
        Assert.Equal(200, await ExecFixture.GetAsync(client));
        Assert.Equal(200, await ExecFixture.GetAsync(client));

        Assert.Equal(2, _fixture.CountRuns());
    }

    [Fact]
    public async Task GetAsync_ConcurrentRequests_ShareOneRun()
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        _fixture.WriteCommand($"while [ ! -e {_fixture.Directory["go"]} ]; do sleep 0.01; done; {ExecFixture.Status("\"token\": \"token-'$n'\"")}");
        using ApiClient client = _fixture.CreateClient(server.Address);

        Task<int>[] requests = [.. Enumerable.Range(0, 5).Select(_ => ExecFixture.GetAsync(client))];
        await File.WriteAllTextAsync(_fixture.Directory["go"], "", Stopping);

        Assert.All(await Task.WhenAll(requests), status => Assert.Equal(200, status));
        Assert.All(server.Requests, request => Assert.Equal("Bearer token-1", request.Authorization));
    }

    /// <summary>Canceling one request does not take the credentials from the others.</summary>
    [Fact]
    public async Task GetAsync_OneRequestIsCanceled_OthersGetTheResultOfTheRun()
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        _fixture.WriteCommand($"while [ ! -e {_fixture.Directory["go"]} ]; do sleep 0.01; done; {ExecFixture.Status("\"token\": \"token-'$n'\"")}");
        using ApiClient client = _fixture.CreateClient(server.Address);
        using var canceling = new CancellationTokenSource();
        Task<HttpResponseMessage> first = client.GetAsync("/api/v1/pods", "application/json", canceling.Token);
        Task<int> second = ExecFixture.GetAsync(client);

        await canceling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await File.WriteAllTextAsync(_fixture.Directory["go"], "", Stopping);

        Assert.Equal(200, await second);
        Assert.Equal(1, _fixture.CountRuns());
    }

    [Fact]
    public async Task GetAsync_CommandChanges_RunsTheNewOne()
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        _fixture.WriteCommand(ExecFixture.Status("\"token\": \"token-'$1'\""));
        using ApiClient client = _fixture.CreateClient(server.Address, "args: [one]");
        await ExecFixture.GetAsync(client);

        _fixture.WriteKubeconfig(server.Address, "args: [two]");
        await ExecFixture.GetAsync(client);

        Assert.Equal(["Bearer token-one", "Bearer token-two"], server.Requests.Select(request => request.Authorization));
    }

    [Fact]
    public async Task GetAsync_ClientCertificateFromCommand_IsAccepted()
    {
        using var certificates = new TestCertificates("localhost");
        using ApiServerDouble server = await ApiServerDouble.StartAsync(listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificates.Server;
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.AllowAnyClientCertificate();
        }));
        static string Json(string path) => File.ReadAllText(path).ReplaceLineEndings("\\n");
        _fixture.WriteCommand(ExecFixture.Status($"\"clientCertificateData\": \"{Json(certificates.ClientFile)}\", \"clientKeyData\": \"{Json(certificates.ClientKeyFile)}\""));
        using ApiClient client = _fixture.CreateClient(new Uri($"https://localhost:{server.Address.Port}"), cluster: $", certificate-authority: {certificates.CaFile}");

        Assert.Equal(200, await ExecFixture.GetAsync(client));
    }

    /// <summary>Arguments keep their spaces, variables are set, and the command gets the same information as from kubectl.</summary>
    [Fact]
    public async Task GetAsync_Command_GetsArgumentsVariablesAndCluster()
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        _fixture.WriteCommand($"printf '%s\\n' \"$#\" \"$1\" \"$2\" \"$COLOR\" \"$KUBERNETES_EXEC_INFO\" >{_fixture.Directory["seen"]}; cat >>{_fixture.Directory["seen"]}; {ExecFixture.Status("\"token\": \"t\"")}");
        using ApiClient client = _fixture.CreateClient(server.Address, "args: [a b, \"\"], env: [{name: COLOR, value: dark red}], provideClusterInfo: true, interactiveMode: Never");

        await ExecFixture.GetAsync(client);

        string address = $"http://127.0.0.1:{server.Address.Port}";
        Assert.Equal(
            ["2", "a b", "", "dark red", $$$$"""{"apiVersion":"{{{{ExecCommand.ApiV1}}}}","kind":"ExecCredential","spec":{"interactive":false,"cluster":{"server":"{{{{address}}}}"}}}"""],
            await File.ReadAllLinesAsync(_fixture.Directory["seen"], Stopping));
    }

    /// <summary>A command without a path is searched in PATH, and long output is read to its end.</summary>
    [Fact]
    public async Task GetAsync_CommandInPathWithLongOutput_Works()
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        string script = $"head -c 300000 /dev/zero | tr '\\0' ' ' >&2; head -c 300000 /dev/zero | tr '\\0' ' '; {ExecFixture.Status("\"token\": \"t\"")}";
        await File.WriteAllTextAsync(_fixture.Directory["script"], script, Stopping);
        using ApiClient client = _fixture.CreateClient(server.Address, $"args: [{_fixture.Directory["script"]}]", command: "sh");

        Assert.Equal(200, await ExecFixture.GetAsync(client));
    }

    [Theory]
    [InlineData("token: static")]
    [InlineData("username: a, password: b")]
    public async Task GetAsync_OtherCredentials_DoesNotRunTheCommand(string user)
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        _fixture.WriteCommand("exit 1");
        using ApiClient client = _fixture.CreateClient(server.Address, user: $", {user}");

        Assert.Equal(200, await ExecFixture.GetAsync(client));
        Assert.Equal(0, _fixture.CountRuns());
    }

    /// <summary>Validating a configuration must not run commands that it names.</summary>
    [Fact]
    public void Read_Command_DoesNotRunIt()
    {
        _fixture.WriteCommand("exit 1");

        ApiEndpoint endpoint = Kubeconfig.Read(_fixture.WriteKubeconfig(new Uri("http://127.0.0.1:1"), ""));

        Assert.NotNull(endpoint.Exec);
        Assert.Equal(0, _fixture.CountRuns());
    }
}
