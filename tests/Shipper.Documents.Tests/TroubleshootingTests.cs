using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Documents.Tests;

/// <summary>The messages that docs/troubleshooting.md quotes are messages of the agent.</summary>
[Trait("Speed", "Slow")]
public sealed class TroubleshootingTests : IDisposable
{
    private readonly NodeDirectory _node = new();
    private readonly string _page = File.ReadAllText(Path.Combine(Repository.Root, DocumentFiles.Troubleshooting));

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("loki: {timout: 10s}", "unknown key \"timout\" in loki; did you mean \"timeout\"?")]
    [InlineData("buffer: {memory: 2MiB}", "buffer.memory (2MiB) is too small for loki.batch.size and maxLineSize, which need 15MiB; raise it or lower them")]
    public async Task Validate_Message_IsQuotedOnThePage(string yaml, string message)
    {
        string file = Path.Combine(_node.Root, "shipper.yaml");
        await File.WriteAllTextAsync(file, yaml, TestContext.Current.CancellationToken);

        CommandResult result = await ShipperProgram.RunAsync("validate", "--config", file);

        Assert.Contains(message, result.Output, StringComparison.Ordinal);
        Assert.Contains(message, _page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "no org id", "Pushes can't succeed with this configuration: 401 no org id. Check loki.tenant and the credentials.")]
    [InlineData(404, "404 page not found", "404 404 page not found. Check the path of loki.url.")]
    [InlineData(413, "too large", "records is too large for Loki or for a proxy in front of it: 413")]
    public async Task Run_ErrorOfLoki_IsQuotedOnThePage(int status, string body, string message)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        loki.NextFault = () => LokiDouble.Answer(status, body);
        new CriWriter(_node.AddContainer("web-1")).Write(3);
        await using RunningShipper sut = RunningShipper.Start(_node, loki.Address, "log: {format: text}");

        await sut.WaitForLogAsync(message);

        Assert.Contains(message, _page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CredentialCommandMissing_IsQuotedOnThePage()
    {
        const string Message = "can't be started: No such file or directory. Install it where the agent can find it, ";
        string kubeconfig = Path.Combine(_node.Root, "kubeconfig");
        await File.WriteAllTextAsync(
            kubeconfig,
            """
            current-context: test
            contexts: [{name: test, context: {cluster: test, user: agent}}]
            clusters: [{name: test, cluster: {server: "http://127.0.0.1:1"}}]
            users: [{name: agent, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-command}}}]
            """,
            TestContext.Current.CancellationToken);
        await using RunningShipper sut = RunningShipper.Start(_node, new Uri("http://127.0.0.1:1"), $"kubernetes: {{kubeconfig: {kubeconfig}}}\nlog: {{format: text}}");

        await sut.WaitForLogAsync($"error kubernetes.kubeconfig {kubeconfig}: the command no-such-command of user agent {Message}");

        Assert.Contains($"the command … of user … {Message}", _page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_EverythingMisconfigured_MessagesAreQuotedOnThePage()
    {
        string[] messages =
        [
            "records wait, nothing is lost, next retry within",
            "Connection refused",
            "does not exist here. Mount it into the agent's pod at the same path, or exclude these logs",
            "Reading starts as soon as a journal appears",
            ": No such file or directory. Mount it into the agent's pod, or change the globs",
            "does not run in a pod and kubernetes.kubeconfig is not set: ",
            "was refused: 1 error, the first is ",
            "The agent keeps its current configuration; fix the file, and the agent reads it again",
            "Ignored until the agent is restarted: server.listen (",
        ];
        new CriWriter(_node.AddContainer("web-1")).Write(3);
        File.CreateSymbolicLink(Path.Combine(_node.Containers, $"web-2_default_main-{new string('a', 64)}.log"), "/not-mounted/pods/0.log");
        await using RunningShipper sut = RunningShipper.Start(_node, new Uri("http://127.0.0.1:1"), $$"""
            sources:
              containers: {include: ["{{_node.Containers}}/*.log", "/no-such-directory/*.log"]}
              journal: {directories: [/no-such-directory]}
            log: {format: text}
            """);
        await sut.WaitForLogAsync(messages[2]);

        string right = await File.ReadAllTextAsync(sut.ConfigPath, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(sut.ConfigPath, right.Replace("cluster:", "clutser:", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await sut.SignalAsync("HUP");
        await sut.WaitForLogAsync(messages[6]);
        await File.WriteAllTextAsync(sut.ConfigPath, right.Replace("127.0.0.1:", "127.0.0.2:", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await sut.SignalAsync("HUP");
        await sut.WaitForLogAsync(messages[^1]);

        // Discovery, the journal and the lanes start concurrently, so the order of their messages varies.
        foreach (string message in messages)
        {
            await sut.WaitForLogAsync(message);
            Assert.Contains(message, _page, StringComparison.Ordinal);
        }
    }
}
