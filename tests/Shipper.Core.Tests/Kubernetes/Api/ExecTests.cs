using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Time.Testing;
using Shipper.Core.Tests.Testing;
using Shipper.Kubernetes.Api;
using Shipper.Testing;
using Shipper.Testing.Kubernetes;

namespace Shipper.Core.Tests.Kubernetes.Api;

/// <summary>Credentials from a command, as a kubeconfig's <c>exec</c> names it. The commands are shell scripts.</summary>
public sealed class ExecTests : IDisposable
{
    private const string Version = "client.authentication.k8s.io/v1";

    // Of a kill and the like: only what never comes is waited for that long.
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(2);

    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 12, 1, 10, 0, 0, TimeSpan.Zero));

    private static CancellationToken Stopping => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task GetAsync_Token_IsUsedUntilItExpires()
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        WriteCommand(Status("\"token\": \"token-'$n'\", \"expirationTimestamp\": \"2026-12-01T11:00:00Z\""));
        using ApiClient sut = CreateClient(server.Address);

        await GetAsync(sut);
        await GetAsync(sut);
        _time.Advance(TimeSpan.FromMinutes(59));
        await GetAsync(sut);
        _time.Advance(TimeSpan.FromSeconds(31));
        await GetAsync(sut);

        Assert.Equal(["Bearer token-1", "Bearer token-1", "Bearer token-1", "Bearer token-2"], server.Requests.Select(request => request.Authorization));
        Assert.Equal($"the credentials that {_directory["command"]} printed for user u in {_directory["config"]}", sut.Credentials);
    }

    [Fact]
    public async Task GetAsync_TokenWithoutEnd_IsUsedUntilItIsRefused()
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        WriteCommand(Status("\"token\": \"token-'$n'\", \"expirationTimestamp\": null"));
        using ApiClient sut = CreateClient(server.Address);
        await GetAsync(sut);
        _time.Advance(TimeSpan.FromDays(30));
        await GetAsync(sut);

        server.Token = "token-2";
        Assert.Equal(401, await GetAsync(sut));
        Assert.Equal(200, await GetAsync(sut));
        Assert.Equal(200, await GetAsync(sut));

        Assert.Equal(2, CountRuns());
    }

    [Fact]
    public async Task GetAsync_ManyAtOnce_ShareOneRun()
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        WriteCommand($"while [ ! -e {_directory["go"]} ]; do sleep 0.01; done; {Status("\"token\": \"token-'$n'\"")}");
        using ApiClient sut = CreateClient(server.Address);

        Task<int>[] requests = [.. Enumerable.Range(0, 5).Select(_ => GetAsync(sut))];
        await File.WriteAllTextAsync(_directory["go"], "", Stopping);

        Assert.All(await Task.WhenAll(requests), status => Assert.Equal(200, status));
        Assert.All(server.Requests, request => Assert.Equal("Bearer token-1", request.Authorization));
    }

    /// <summary>One request that is given up does not cost the others their credentials.</summary>
    [Fact]
    public async Task GetAsync_GivenUp_LeavesTheRunToTheOthers()
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        WriteCommand($"while [ ! -e {_directory["go"]} ]; do sleep 0.01; done; {Status("\"token\": \"token-'$n'\"")}");
        using ApiClient sut = CreateClient(server.Address);
        using var givingUp = new CancellationTokenSource();
        Task<HttpResponseMessage> first = sut.GetAsync("/api/v1/pods", "application/json", givingUp.Token);
        Task<int> second = GetAsync(sut);

        await givingUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await File.WriteAllTextAsync(_directory["go"], "", Stopping);

        Assert.Equal(200, await second);
        Assert.Equal(1, CountRuns());
    }

    [Fact]
    public async Task GetAsync_ChangedCommand_IsRun()
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        WriteCommand(Status("\"token\": \"token-'$1'\""));
        using ApiClient sut = CreateClient(server.Address, "args: [one]");
        await GetAsync(sut);

        WriteKubeconfig(server.Address, "args: [two]");
        await GetAsync(sut);

        Assert.Equal(["Bearer token-one", "Bearer token-two"], server.Requests.Select(request => request.Authorization));
    }

    [Fact]
    public async Task GetAsync_ClientCertificate_IsLetIn()
    {
        using var certificates = new TestCertificates("localhost");
        using ApiServerDouble server = await ApiServerDouble.StartAsync(listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificates.Server;
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.AllowAnyClientCertificate();
        }));
        static string Json(string path) => File.ReadAllText(path).ReplaceLineEndings("\\n");
        WriteCommand(Status($"\"clientCertificateData\": \"{Json(certificates.ClientFile)}\", \"clientKeyData\": \"{Json(certificates.ClientKeyFile)}\""));
        using ApiClient sut = CreateClient(new Uri($"https://localhost:{server.Address.Port}"), cluster: $", certificate-authority: {certificates.CaFile}");

        Assert.Equal(200, await GetAsync(sut));
    }

    /// <summary>Arguments keep their blanks, variables are set, and the command learns what kubectl would tell it.</summary>
    [Fact]
    public async Task GetAsync_Command_GetsArgumentsVariablesAndCluster()
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        WriteCommand($"printf '%s\\n' \"$#\" \"$1\" \"$2\" \"$COLOR\" \"$KUBERNETES_EXEC_INFO\" >{_directory["seen"]}; cat >>{_directory["seen"]}; {Status("\"token\": \"t\"")}");
        using ApiClient sut = CreateClient(server.Address, "args: [a b, \"\"], env: [{name: COLOR, value: dark red}], provideClusterInfo: true, interactiveMode: Never");

        await GetAsync(sut);

        string address = $"http://127.0.0.1:{server.Address.Port}";
        Assert.Equal(
            ["2", "a b", "", "dark red", $$$$"""{"apiVersion":"{{{{Version}}}}","kind":"ExecCredential","spec":{"interactive":false,"cluster":{"server":"{{{{address}}}}"}}}"""],
            await File.ReadAllLinesAsync(_directory["seen"], Stopping));
    }

    /// <summary>A command by its name is looked for in PATH, and one that says much is read to its end.</summary>
    [Fact]
    public async Task GetAsync_CommandInPath_IsFoundAndMayBeTalkative()
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        string script = $"head -c 300000 /dev/zero | tr '\\0' ' ' >&2; head -c 300000 /dev/zero | tr '\\0' ' '; {Status("\"token\": \"t\"")}";
        await File.WriteAllTextAsync(_directory["script"], script, Stopping);
        using ApiClient sut = CreateClient(server.Address, $"args: [{_directory["script"]}]", command: "sh");

        Assert.Equal(200, await GetAsync(sut));
    }

    [Theory]
    [InlineData("token: static")]
    [InlineData("username: a, password: b")]
    public async Task GetAsync_OtherCredentials_NeedNoCommand(string user)
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        WriteCommand("exit 1");
        using ApiClient sut = CreateClient(server.Address, user: $", {user}");

        Assert.Equal(200, await GetAsync(sut));
        Assert.Equal(0, CountRuns());
    }

    [Theory]
    [InlineData("echo SECRET >&2; echo SECRET; exit 7", "ended with exit code 7. Run it as the agent's user to see why")]
    [InlineData("kill -9 $$", "ended with exit code 137")]
    [InlineData("echo SECRET", "did not print an ExecCredential as JSON. Run it")]
    [InlineData("exit 0", "did not print an ExecCredential as JSON")]
    [InlineData("echo '[\"SECRET\"]'", "did not print an ExecCredential as JSON")]
    [InlineData("echo '{\"apiVersion\": {\"SECRET\": 1}}'", "did not print an ExecCredential as JSON")]
    [InlineData("echo '{\"apiVersion\": \"SECRET\", \"status\": {\"token\": \"SECRET\"}}'", "answered in another apiVersion than the client.authentication.k8s.io/v1 of the kubeconfig. Set the version")]
    [InlineData("echo '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"status\": null}'", "printed no status")]
    [InlineData("STATUS \"token\": \"\"", "printed neither status.token nor status.clientCertificateData. Run it")]
    [InlineData("STATUS \"token\": \"SECRET \\n\"", "printed a status.token with characters that no token has")]
    [InlineData("STATUS \"token\": \"SECRET\", \"clientKeyData\": \"SECRET\"", "printed only one of status.clientCertificateData and status.clientKeyData")]
    [InlineData("STATUS \"token\": \"SECRET\", \"expirationTimestamp\": \"SECRET\"", "printed a status.expirationTimestamp that is not a time")]
    [InlineData("STATUS \"clientCertificateData\": \"SECRET\", \"clientKeyData\": \"SECRET\"", "can't be used")]
    [InlineData("head -c 2000000 /dev/zero", "printed more than 1048576 bytes")]
    public async Task GetAsync_CommandThatFails_IsNamedWithTheUserAndTheRemedy(string script, string expected)
    {
        WriteCommand(script.StartsWith("STATUS ", StringComparison.Ordinal) ? Status(script[7..]) : script);
        using ApiClient sut = CreateClient(new Uri("http://127.0.0.1:1"), "args: [SECRET], env: [{name: A, value: SECRET}], installHint: none");

        var exception = await Assert.ThrowsAsync<ApiAccessException>(() => GetAsync(sut));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Contains(_directory["command"], exception.Message, StringComparison.Ordinal);
        Assert.Contains("user u", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", exception.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("./missing", "missing of user u can't be started: No such file or directory. Install it where the agent finds it, or write its whole path into the kubeconfig. The kubeconfig says: Install it. Then try again.")]
    [InlineData("no-such-command", "the command no-such-command of user u can't be started: No such file or directory")]
    [InlineData("./config", "config of user u can't be started: Permission denied")]
    public async Task GetAsync_NoCommand_SaysHowToInstallIt(string command, string expected)
    {
        using ApiClient sut = CreateClient(new Uri("http://127.0.0.1:1"), "installHint: \"Install it.\\nThen try again.\"", command: command);

        var exception = await Assert.ThrowsAsync<ApiAccessException>(() => GetAsync(sut));

        Assert.StartsWith($"kubernetes.kubeconfig {_directory["config"]}: the command ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    /// <summary>A command that hangs is killed with what it has started, and the next request runs it again.</summary>
    [Fact]
    public async Task GetAsync_CommandThatHangs_IsKilled()
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        WriteCommand($"[ $n -gt 1 ] || {{ sleep 1000 & echo $! >{_directory["pid"]}; wait; }}; {Status("\"token\": \"t\"")}");
        using ApiClient sut = CreateClient(server.Address);
        Task<int> request = GetAsync(sut);
        int child = await WaitForPidAsync();

        _time.Advance(TimeSpan.FromSeconds(20));

        var exception = await Assert.ThrowsAsync<ApiAccessException>(() => request);
        Assert.Contains($"the command {_directory["command"]} of user u did not end within 20 s and was killed. Run it as the agent's user: it must neither ask", exception.Message, StringComparison.Ordinal);
        await WaitUntilGoneAsync(child);
        Assert.Equal(200, await GetAsync(sut));
    }

    [Fact]
    public async Task Dispose_CommandThatRuns_IsKilled()
    {
        WriteCommand($"echo $$ >{_directory["pid"]}; exec sleep 1000");
        ApiClient sut = CreateClient(new Uri("http://127.0.0.1:1"));
        Task<int> request = GetAsync(sut);
        int child = await WaitForPidAsync();

        sut.Dispose();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await WaitUntilGoneAsync(child);
    }

    /// <summary>What validates a configuration must not run what it names.</summary>
    [Fact]
    public void Read_Command_IsNotRun()
    {
        WriteCommand("exit 1");

        ApiEndpoint endpoint = Kubeconfig.Read(WriteKubeconfig(new Uri("http://127.0.0.1:1"), ""));

        Assert.NotNull(endpoint.Exec);
        Assert.Equal(0, CountRuns());
    }

    private static string Status(string status) => $"printf '%s\\n' '{{\"apiVersion\": \"{Version}\", \"kind\": \"ExecCredential\", \"status\": {{{status}}}}}'";

    private static async Task<int> GetAsync(ApiClient client)
    {
        using HttpResponseMessage answer = await client.GetAsync("/api/v1/pods", "application/json", Stopping);
        return (int)answer.StatusCode;
    }

    /// <summary>Writes the command: a script that counts its runs, in <c>$n</c> as well.</summary>
    private void WriteCommand(string script)
    {
        File.WriteAllText(_directory["command"], $"#!/bin/sh\necho >>{_directory["runs"]}; n=$(wc -l <{_directory["runs"]})\n{script}\n");
        File.SetUnixFileMode(_directory["command"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private int CountRuns() => File.Exists(_directory["runs"]) ? File.ReadAllLines(_directory["runs"]).Length : 0;

    private ApiClient CreateClient(Uri server, string exec = "", string user = "", string cluster = "", string command = "./command") =>
        new(new ApiAccess(WriteKubeconfig(server, exec, user, cluster, command), "/nowhere", _ => null), time: _time);

    private string WriteKubeconfig(Uri server, string exec, string user = "", string cluster = "", string command = "./command")
    {
        File.WriteAllText(_directory["config"], $$$"""
            current-context: main
            contexts: [{name: main, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: "{{{server.GetLeftPart(UriPartial.Authority)}}}"{{{cluster}}}}}]
            users: [{name: u, user: {exec: {apiVersion: {{{Version}}}, command: {{{command}}}, {{{exec}}}}{{{user}}}}}]
            """);
        return _directory["config"];
    }

    private async Task<int> WaitForPidAsync()
    {
        string text = "";
        await UntilAsync(() => File.Exists(_directory["pid"]) && (text = File.ReadAllText(_directory["pid"])).EndsWith('\n'));
        return int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until a process has ended. One that nobody has asked for its end yet has no memory any more.</summary>
    private static Task WaitUntilGoneAsync(int pid) => UntilAsync(() =>
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Length == 0;
        }
        catch (IOException)
        {
            return true;
        }
    });

    private static async Task UntilAsync(Func<bool> condition)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < MaxWait, "It never came to that.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Stopping);
        }
    }
}
