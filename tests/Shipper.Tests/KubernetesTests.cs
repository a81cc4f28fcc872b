using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Shipper.Testing.Kubernetes;
using Shipper.Testing.Loki;
using Shipper.Testing.Program;

namespace Shipper.Tests;

/// <summary>The program with an API server that serves the recorded pods.</summary>
public sealed class KubernetesTests : IDisposable
{
    private const string WebUid = "c618a892-a180-4c3a-acb4-8ef0a14644d5";
    private const string Web = "web-7549799c69-hdrdf";

    // Makes the agent wait for the API server's data, however slow the machine is.
    private const string Hold = "whenUnknown: hold";

    private readonly NodeDirectory _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task Run_PodKnown_SendsItsLabelsAndMetadata()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using ApiServerDouble api = await ApiServerDouble.StartAsync();
        new CriWriter(_node.AddContainer(Web, "shop", "app", uid: WebUid)).Write(10);
        await using RunningShipper sut = Start(api, loki, """
            labels: {app: "label:app.kubernetes.io/name", owner: owner.name, team: "label:team", none: "label:no/such"}
              structuredMetadata: {kind: owner.kind, pod_uid: podUid, image: image, ip: podIP, id: containerId}
              whenUnknown: hold
            """);
        await sut.WaitUntilAsync(() => loki.Count() == 10);

        (string labels, IReadOnlyList<StoredEntry> entries) = Assert.Single(loki.GetStoredStreams());
        Assert.Equal($"{{app=\"web\", cluster=\"test\", container=\"app\", environment=\"ci\", namespace=\"shop\", node=\"node-1\", owner=\"web\", pod=\"{Web}\", team=\"payments\"}}", labels);
        Assert.Contains("stream=stdout", entries[1].Metadata, StringComparison.Ordinal);
        Assert.Contains("kind=Deployment", entries[1].Metadata, StringComparison.Ordinal);
        Assert.Contains($"pod_uid={WebUid}", entries[1].Metadata, StringComparison.Ordinal);
        Assert.Contains("ip=10.244.0.2", entries[1].Metadata, StringComparison.Ordinal);
        Assert.Contains("id=806e352a13d95328", entries[1].Metadata, StringComparison.Ordinal);

        // The list is enough for the labels; the watch begins after it.
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_kubernetes_connected"] == 1, () => "The agent does not connect to the API server.");
        Assert.Equal((1, 1, 0, 0), (api.Count("list", "pods"), api.Count("watch", "pods"), api.Count("watch", "nodes"), api.Count("watch", "namespaces")));
        Assert.Equal(0, await sut.StopAsync());
    }

    [Fact]
    public async Task Run_ApiServerUnavailableAtFirst_AddsPodLabelsOnceItAnswers()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using ApiServerDouble api = await ApiServerDouble.StartAsync();
        api.Token = "another";
        var writer = new CriWriter(_node.AddContainer(Web, "shop", "app", uid: WebUid));
        writer.Write(10);
        await using RunningShipper sut = Start(api, loki, """labels: {app: "label:app.kubernetes.io/name"}""");
        await sut.WaitUntilAsync(() => loki.Count() == 10);
        Assert.DoesNotContain("app=", Assert.Single(loki.GetStoredStreams()).Key, StringComparison.Ordinal);
        Assert.Equal(0, (await sut.GetMetricsAsync())["shipper_kubernetes_connected"]);

        api.Token = null;
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_kubernetes_connected"] == 1, () => "The agent does not connect to the API server.");
        writer.Write(5);
        await sut.WaitUntilAsync(() => loki.Count() == 15);

        Assert.Equal([5, 10], loki.GetStoredStreams().OrderBy(stream => stream.Key).Select(stream => stream.Value.Count));
    }

    [Fact]
    public async Task Run_PodExcludesItself_NeverOpensItsLogAndRemembersItAfterRestart()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using ApiServerDouble api = await ApiServerDouble.StartAsync();
        api.Script("list", "pods", async context => await context.Response.WriteAsync(ListWith("shipper.io/exclude", "true"), TestContext.Current.CancellationToken));
        new CriWriter(_node.AddContainer(Web, "shop", "app", uid: WebUid)).Write(10);
        var other = new CriWriter(_node.AddContainer("fast", "logs", uid: "b21afd0c-af03-4888-a28c-28ef73dd6e8d"));
        other.Write(3);
        await using (RunningShipper first = Start(api, loki, Hold))
        {
            await first.WaitUntilAsync(() => loki.Count() == 3);
            await first.WaitForLogAsync("annotation shipper.io/exclude");
            Assert.Equal(1, (await first.GetMetricsAsync())["shipper_excluded_logs"]);
            Assert.DoesNotContain(Directory.EnumerateFiles($"/proc/{first.Process.Id}/fd").Select(path => new FileInfo(path).LinkTarget), target => target?.Contains("shop_", StringComparison.Ordinal) == true);
            await first.KillAsync();
        }

        api.Token = "another";
        other.Write(3);
        await using RunningShipper second = Start(api, loki, "labels: {}");
        await second.WaitUntilAsync(() => loki.Count() >= 6);
        Assert.DoesNotContain(loki.GetStoredStreams().Keys, labels => labels.Contains("shop", StringComparison.Ordinal));

        // The pod no longer excludes itself.
        api.Token = null;
        await second.WaitUntilAsync(() => loki.Count() == 16);
    }

    [Fact]
    public async Task Run_PodExcludesStderr_DropsAndCountsItAndRemembersItAfterRestart()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using ApiServerDouble api = await ApiServerDouble.StartAsync();
        api.Script("list", "pods", async context => await context.Response.WriteAsync(ListWith("fluentbit.io/exclude_stderr", "true"), TestContext.Current.CancellationToken));
        var writer = new CriWriter(_node.AddContainer(Web, "shop", "app", uid: WebUid));
        writer.Write(10);
        await using (RunningShipper first = Start(api, loki, Hold))
        {
            await first.WaitUntilAsync(() => loki.Count() == 8);
            await RunningShipper.WaitUntilAsync(
                async () => (await first.GetMetricsAsync())["shipper_dropped_records_total{reason=\"excluded\"}"] == 2, () => "The excluded lines are not counted.");
            await first.StopAsync();
        }

        api.Token = "another";
        writer.Write(10);
        await using RunningShipper second = Start(api, loki, "labels: {}");
        await second.WaitUntilAsync(() => loki.Count() >= 17);
        await second.StopAsync();

        Assert.All(Assert.Single(loki.GetStoredStreams()).Value, entry => Assert.Contains("stream=stdout", entry.Metadata, StringComparison.Ordinal));
        Assert.Equal(17, loki.Count());
    }

    [Fact]
    public async Task Run_PodsAndNamespacesAskForWhatIsWrong_CountsAndLogsEach()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using ApiServerDouble api = await ApiServerDouble.StartAsync();
        JsonObject pod = PodWith("shipper.io/levl", "off");
        JsonNode annotations = pod["metadata"]!["annotations"]!;
        annotations["shipper.io/sample"] = "500KiB";
        annotations["shipper.io/limit"] = "100KiB";
        annotations["shipper.io/trace"] = "detect";
        new CriWriter(_node.AddContainer(Web, "shop", "app", uid: WebUid)).Write(10);
        await using RunningShipper sut = Start(api, loki, "annotations: {namespaces: true, allow: [level, trace, sample]}");
        await sut.WaitUntilAsync(() => loki.Count() == 10);
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_kubernetes_connected"] == 1, () => "The agent does not connect to the API server.");
        api.Push("pods", Encoding.UTF8.GetBytes($"{{\"type\":\"MODIFIED\",\"object\":{pod.ToJsonString()}}}\n"));
        api.Push("namespaces", Encoding.UTF8.GetBytes("""{"type":"MODIFIED","object":{"metadata":{"name":"shop","resourceVersion":"999999","annotations":{"shipper.io/level":"strip","shipper.io/exclude-stdout":"true"}}}}""" + "\n"));

        await sut.WaitForLogAsync("Ignoring an annotation of shop/web: shipper.io/levl: is unknown; did you mean shipper.io/level?");
        await sut.WaitForLogAsync("Ignoring an annotation of shop/web: shipper.io/limit: is not obeyed: kubernetes.annotations.allow does not include limit");
        await sut.WaitForLogAsync("Ignoring an annotation of namespace shop: shipper.io/exclude-stdout: names a container stdout");
        await RunningShipper.WaitUntilAsync(
            async () => await sut.GetMetricsAsync() is var metrics && (metrics["shipper_annotation_errors_total{reason=\"unknown_key\"}"], metrics["shipper_annotation_errors_total{reason=\"invalid_value\"}"],
                metrics["shipper_annotation_errors_total{reason=\"not_allowed\"}"]) is (2, 2, 1),
            () => "The annotations are not counted.");
        Assert.Equal(0, await sut.StopAsync());
    }

    [Fact]
    public async Task Run_PodExcludedWhileItsLogIsRead_StopsAndClosesItsFiles()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using ApiServerDouble api = await ApiServerDouble.StartAsync();
        var writer = new CriWriter(_node.AddContainer(Web, "shop", "app", uid: WebUid));
        writer.Write(10);
        await using RunningShipper sut = Start(api, loki, "labels: {}");
        await sut.WaitUntilAsync(() => loki.Count() == 10);

        api.Push("pods", Encoding.UTF8.GetBytes($"{{\"type\":\"MODIFIED\",\"object\":{PodWith("fluentbit.io/exclude-app", "true").ToJsonString()}}}\n"));
        await sut.WaitForLogAsync("annotation fluentbit.io/exclude-app");
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_open_files"] == 0, () => "The agent keeps the file open.");
        writer.Write(5);
        Assert.Equal(0, await sut.StopAsync());

        Assert.Equal(10, loki.Count());
    }

    [Theory]
    [InlineData("hold", 0)]
    [InlineData("ship", 10)]
    public async Task Run_PodUnknown_FollowsWhenUnknown(string whenUnknown, int expected)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using ApiServerDouble api = await ApiServerDouble.StartAsync();
        api.Token = "another";
        new CriWriter(_node.AddContainer(Web, "shop", "app", uid: WebUid)).Write(10);
        await using RunningShipper sut = Start(api, loki, $"whenUnknown: {whenUnknown}");
        await sut.WaitUntilReadyAsync();
        await sut.WaitUntilAsync(() => loki.Count() == expected);
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_lag_bytes"] > 0 == (expected == 0), () => "The lag does not match whenUnknown.");
        Assert.Equal(expected, loki.Count());

        api.Token = null;
        await sut.WaitUntilAsync(() => loki.Count() == 10);
    }

    [Fact]
    public async Task Run_NamespaceGlobs_ShipsOnlyMatchingNamespaces()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using ApiServerDouble api = await ApiServerDouble.StartAsync();
        new CriWriter(_node.AddContainer("a", "team-a")).Write(1);
        new CriWriter(_node.AddContainer("b", "team-b")).Write(1);
        new CriWriter(_node.AddContainer("c", "kube-system")).Write(1);
        await using RunningShipper sut = Start(api, loki, "namespaces: {include: [\"team-*\"], exclude: [\"*-b\"]}");
        await sut.WaitUntilAsync(() => loki.Count() == 1);
        Assert.Equal(0, await sut.StopAsync());

        Assert.Contains("namespace=\"team-a\"", Assert.Single(loki.GetStoredStreams()).Key, StringComparison.Ordinal);
    }

    /// <summary>A pod's own labels and annotations are data: they can't pass for another cluster, namespace or tenant.</summary>
    [Fact]
    public async Task Run_LabelsBeyondLokisLimits_CutsOrMovesThem()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using ApiServerDouble api = await ApiServerDouble.StartAsync();
        api.Script("list", "pods", async context => await context.Response.WriteAsync(ListWith("big", new string('ä', 5000)), TestContext.Current.CancellationToken));
        new CriWriter(_node.AddContainer(Web, "shop", "app", uid: WebUid)).Write(10);
        string labels = string.Join(", ", Enumerable.Range(0, 12).Select(i => $"l{i:D2}: \"label:team\""));
        await using RunningShipper sut = Start(api, loki, $"labels: {{big: \"annotation:big\", {labels}}}\n  {Hold}");
        await sut.WaitUntilAsync(() => loki.Count() == 10);

        (string selector, IReadOnlyList<StoredEntry> entries) = Assert.Single(loki.GetStoredStreams());
        Assert.Contains($"big=\"{new string('ä', 1024)}\"", selector, StringComparison.Ordinal);
        Assert.Contains("l11=payments", entries[0].Metadata, StringComparison.Ordinal);
        IReadOnlyDictionary<string, double> metrics = await sut.GetMetricsAsync();
        Assert.True(metrics["shipper_labels_adjusted_total{how=\"cut\"}"] >= 1);
        Assert.True(metrics["shipper_labels_adjusted_total{how=\"moved\"}"] >= 4);
    }

    [Fact]
    public async Task Run_CredentialCommand_RunsItAgainWhenItsTokenIsRefused()
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        using ApiServerDouble api = await ApiServerDouble.StartAsync();
        api.Token = "second";
        string command = Path.Combine(_node.Root, "credentials");
        string runs = Path.Combine(_node.Root, "runs");
        await File.WriteAllTextAsync(
            command,
            $$$"""
            #!/bin/sh
            [ -e {{{runs}}} ] && token=second || token=first
            echo "$1 $COLOR" >>{{{runs}}}
            echo "to standard error: $token" >&2
            echo '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "'$token'", "expirationTimestamp": "2999-01-01T00:00:00Z"}}'
            """,
            TestContext.Current.CancellationToken);
        File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        new CriWriter(_node.AddContainer(Web, "shop", "app", uid: WebUid)).Write(10);
        await using RunningShipper sut = Start(
            api, loki, $"labels: {{app: \"label:app.kubernetes.io/name\"}}\n  {Hold}",
            "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./credentials, args: [a b], env: [{name: COLOR, value: red}]}");
        await sut.WaitUntilAsync(() => loki.Count() == 10);
        await RunningShipper.WaitUntilAsync(async () => (await sut.GetMetricsAsync())["shipper_kubernetes_connected"] == 1, () => "The agent does not connect to the API server.");

        Assert.Contains("app=\"web\"", Assert.Single(loki.GetStoredStreams()).Key, StringComparison.Ordinal);
        Assert.Equal(["Bearer first", "Bearer second", "Bearer second"], api.Requests.Select(request => request.Authorization));
        Assert.Equal(["a b red", "a b red"], await File.ReadAllLinesAsync(runs, TestContext.Current.CancellationToken));
        Assert.Equal(0, await sut.StopAsync());
        Assert.Contains(sut.Log, line => line.Contains($"does not accept the credentials that {command} printed for user agent", StringComparison.Ordinal));
        Assert.DoesNotContain(sut.Log, line => line.Contains("standard error", StringComparison.Ordinal));
    }

    private static JsonObject PodWith(string annotation, string value)
    {
        JsonNode list = JsonNode.Parse(ApiRecording.Read("pods-list-node").Body.Span)!;
        JsonNode pod = list["items"]!.AsArray().Single(item => (string?)item!["metadata"]!["uid"] == WebUid)!;
        pod["metadata"]!["annotations"]![annotation] = value;
        return pod.DeepClone().AsObject();
    }

    private static string ListWith(string annotation, string value)
    {
        JsonNode list = JsonNode.Parse(ApiRecording.Read("pods-list-node").Body.Span)!;
        list["items"]!.AsArray().Single(item => (string?)item!["metadata"]!["uid"] == WebUid)!["metadata"]!["annotations"]![annotation] = value;
        return list.ToJsonString();
    }

    private RunningShipper Start(ApiServerDouble api, LokiDouble loki, string kubernetes, string user = "token: secret")
    {
        string kubeconfig = Path.Combine(_node.Root, "kubeconfig");
        File.WriteAllText(kubeconfig, $$$"""
            apiVersion: v1
            kind: Config
            current-context: test
            contexts: [{name: test, context: {cluster: test, user: agent}}]
            clusters: [{name: test, cluster: {server: "{{{api.Address}}}"}}]
            users: [{name: agent, user: {{{{user}}}}}]
            """);
        return RunningShipper.Start(_node, loki.Address, $"kubernetes:\n  kubeconfig: {kubeconfig}\n  {kubernetes}");
    }
}
