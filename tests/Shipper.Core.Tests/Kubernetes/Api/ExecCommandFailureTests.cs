using Shipper.Kubernetes.Api;
using Shipper.Testing.Kubernetes;

namespace Shipper.Core.Tests.Kubernetes.Api;

/// <summary>Commands of a kubeconfig's <c>exec</c> that fail to give credentials.</summary>
public sealed class ExecCommandFailureTests : IDisposable
{
    private readonly ExecFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("echo SECRET >&2; echo SECRET; exit 7", "exited with code 7. Run it as the agent's user to see why")]
    [InlineData("kill -9 $$", "exited with code 137")]
    [InlineData("echo SECRET", "did not print an ExecCredential as JSON. Run it")]
    [InlineData("exit 0", "did not print an ExecCredential as JSON")]
    [InlineData("echo '[\"SECRET\"]'", "did not print an ExecCredential as JSON")]
    [InlineData("echo '{\"apiVersion\": {\"SECRET\": 1}}'", "did not print an ExecCredential as JSON")]
    [InlineData("echo '{\"apiVersion\": \"SECRET\", \"status\": {\"token\": \"SECRET\"}}'", "printed a different apiVersion than the kubeconfig's client.authentication.k8s.io/v1. Set apiVersion")]
    [InlineData("echo '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"status\": null}'", "printed no status")]
    [InlineData("STATUS \"token\": \"\"", "printed neither status.token nor status.clientCertificateData. Run it")]
    [InlineData("STATUS \"token\": \"SECRET \\n\"", "printed a status.token with characters that are not valid in a token")]
    [InlineData("STATUS \"token\": \"SECRET\", \"clientKeyData\": \"SECRET\"", "printed only one of status.clientCertificateData and status.clientKeyData")]
    [InlineData("STATUS \"token\": \"SECRET\", \"expirationTimestamp\": \"SECRET\"", "printed a status.expirationTimestamp that is not a valid time")]
    [InlineData("STATUS \"clientCertificateData\": \"SECRET\", \"clientKeyData\": \"SECRET\"", "can't be used")]
    [InlineData("head -c 2000000 /dev/zero", "printed more than 1048576 bytes")]
    public async Task GetAsync_CommandFails_NamesCommandUserAndRemedy(string script, string expected)
    {
        _fixture.WriteCommand(script.StartsWith("STATUS ", StringComparison.Ordinal) ? ExecFixture.Status(script[7..]) : script);
        using ApiClient client = _fixture.CreateClient(new Uri("http://127.0.0.1:1"), "args: [SECRET], env: [{name: A, value: SECRET}], installHint: none");

        var exception = await Assert.ThrowsAsync<ApiAccessException>(() => ExecFixture.GetAsync(client));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.Contains(_fixture.Command, exception.Message, StringComparison.Ordinal);
        Assert.Contains("user u", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", exception.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("./missing", "missing of user u can't be started: No such file or directory. Install it where the agent can find it, or write its full path into the kubeconfig. The kubeconfig says: Install it. Then try again.")]
    [InlineData("no-such-command", "the command no-such-command of user u can't be started: No such file or directory")]
    [InlineData("./config", "config of user u can't be started: Permission denied")]
    public async Task GetAsync_CommandIsMissing_ExplainsHowToInstallIt(string command, string expected)
    {
        using ApiClient client = _fixture.CreateClient(new Uri("http://127.0.0.1:1"), "installHint: \"Install it.\\nThen try again.\"", command: command);

        var exception = await Assert.ThrowsAsync<ApiAccessException>(() => ExecFixture.GetAsync(client));

        Assert.StartsWith($"kubernetes.kubeconfig {_fixture.Kubeconfig}: the command ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    /// <summary>The agent kills a command that hangs, and its child processes; the next request runs it again.</summary>
    [Fact]
    public async Task GetAsync_CommandHangs_KillsIt()
    {
        using ApiServerDouble server = await ApiServerDouble.StartAsync();
        _fixture.WriteCommand($"[ $n -gt 1 ] || {{ sleep 1000 & echo $! >{_fixture.Directory["pid"]}; wait; }}; {ExecFixture.Status("\"token\": \"t\"")}");
        using ApiClient client = _fixture.CreateClient(server.Address);
        Task<int> request = ExecFixture.GetAsync(client);
        int child = await _fixture.WaitForPidAsync();

        _fixture.Time.Advance(TimeSpan.FromSeconds(20));

        var exception = await Assert.ThrowsAsync<ApiAccessException>(() => request);
        Assert.Contains($"the command {_fixture.Command} of user u did not exit within 20 s and was killed. Run it as the agent's user: it must not ask", exception.Message, StringComparison.Ordinal);
        await ExecFixture.WaitUntilGoneAsync(child);
        Assert.Equal(200, await ExecFixture.GetAsync(client));
    }

    [Fact]
    public async Task Dispose_CommandIsRunning_KillsIt()
    {
        _fixture.WriteCommand($"echo $$ >{_fixture.Directory["pid"]}; exec sleep 1000");
        ApiClient client = _fixture.CreateClient(new Uri("http://127.0.0.1:1"));
        Task<int> request = ExecFixture.GetAsync(client);
        int child = await _fixture.WaitForPidAsync();

        client.Dispose();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await ExecFixture.WaitUntilGoneAsync(child);
    }
}
