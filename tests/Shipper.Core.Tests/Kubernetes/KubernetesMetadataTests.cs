using System.Text.Json;
using Shipper.Core.Tests.Support;
using Shipper.Kubernetes;
using Shipper.Kubernetes.Api;
using Shipper.Testing.Kubernetes;

namespace Shipper.Core.Tests.Kubernetes;

public class KubernetesMetadataTests
{
    private const string WebUid = "c618a892-a180-4c3a-acb4-8ef0a14644d5";

    [Fact]
    public async Task RunAsync_DefaultRules_ListsPodsOnceAndWatchesThem()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Start();

        await fixture.UntilAsync(() => fixture.Sut.IsConnected);

        Assert.Equal(
            ["/api/v1/pods?fieldSelector=spec.nodeName%3Dreal-1&resourceVersion=0", "/api/v1/pods?watch=1&allowWatchBookmarks=true&resourceVersion=964&fieldSelector=spec.nodeName%3Dreal-1&timeoutSeconds="],
            fixture.Server.Requests.Select(request => request.PathAndQuery[..(request.Verb == "list" ? ^0 : ^3)]));
        Assert.InRange(int.Parse(fixture.Server.Requests.Last().PathAndQuery[^3..], null), 240, 480);
        Assert.Equal(16, fixture.Sut.Pods.Count);
        Assert.Equal(1, fixture.Metrics.KubernetesRequests.Get("pods", "list", "200"));
        Assert.Equal(1, fixture.Metrics.KubernetesRequests.Get("pods", "watch", "200"));
        Assert.Contains("shipper_kubernetes_requests_total{resource=\"pods\",verb=\"list\",status=\"200\"} 1\n", fixture.Metrics.ToPrometheusText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("watch-pods-node.jsonl")]
    [InlineData("watch-pods-deletion.jsonl")]
    [InlineData("watch-pods-resourceVersion0.jsonl")]
    [InlineData("watch-pods-sendInitialEvents.jsonl")]
    public async Task RunAsync_RecordedWatch_KeepsTheLastStateOfEachPod(string recording)
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Server.Script("list", "pods", "pods-list-empty");
        fixture.Server.Script("watch", "pods", fixture.Server.AnswerAndStayOpen(recording));
        fixture.Start();
        var last = new Dictionary<string, (string Type, PodInfo Pod)>(StringComparer.Ordinal);
        foreach (string line in Recorded.Lines(recording))
        {
            using JsonDocument json = JsonDocument.Parse(line);
            string type = json.RootElement.GetProperty("type").GetString()!;
            if (type != "BOOKMARK")
            {
                PodInfo pod = PodReader.Read(Recorded.Read(json.RootElement.GetProperty("object").GetRawText(), fixture.Sut.Needs), fixture.Sut.Needs)!;
                last[pod.Uid] = (type, type == "DELETED" ? pod.AsDeleted() : pod);
            }
        }

        fixture.Push("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"end\",\"namespace\":\"n\",\"uid\":\"u\"}}}\n");
        await fixture.UntilAsync(() => fixture.Sut.Pods.Find("n", "end", "u") is not null);

        Assert.Equal(last.Values.Count(pod => pod.Type != "DELETED") + 1, fixture.Sut.Pods.Count);
        Assert.All(last.Values, pod => Assert.True(pod.Pod.IsSameAs(Find(fixture, pod.Pod.Namespace, pod.Pod.Name, pod.Pod.Uid))));
        Assert.Equal(0, fixture.Metrics.KubernetesSkippedObjects.Get("invalid"));
        Assert.Equal(1, fixture.Server.Count("watch", "pods"));
    }

    [Fact]
    public async Task RunAsync_RulesNeedNodeAndNamespaces_WatchesThemWithoutAList()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Options.Labels["team"] = "namespaceLabel:kubernetes.io/metadata.name";
        fixture.Options.StructuredMetadata["zone"] = "nodeLabel:topology.kubernetes.io/zone";
        fixture.Server.Script("watch", "namespaces", fixture.Server.AnswerAndStayOpen("watch-namespaces-metadata.jsonl"));
        fixture.Start();
        await fixture.UntilAsync(() => fixture.Sut.IsConnected && fixture.Server.OpenWatches == 3);
        PodInfo web = Find(fixture, "shop", "web-7549799c69-hdrdf", WebUid);

        await fixture.UntilAsync(() => fixture.Sut.GetFact(PodFact.Parse("namespaceLabel:kubernetes.io/metadata.name"), web, "app", 0) == "shop");

        Assert.False(fixture.Sut.HasAllFacts(web, "app", 0));
        fixture.Server.Push("nodes", "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"real-1\",\"resourceVersion\":\"5\",\"labels\":{\"a\":\"b\",\"topology.kubernetes.io/zone\":\"z1\"}}}}\n"u8);
        await fixture.UntilAsync(() => fixture.Sut.HasAllFacts(web, "app", 0));
        Assert.Equal("z1", fixture.Sut.GetFact(PodFact.Parse("nodeLabel:topology.kubernetes.io/zone"), web, "app", 0));
        Assert.Equal(0, fixture.Server.Count("list", "namespaces") + fixture.Server.Count("list", "nodes"));
        ApiRequest node = fixture.Server.Requests.Single(request => request.Resource == "nodes");
        Assert.StartsWith("/api/v1/nodes?watch=1&allowWatchBookmarks=true&resourceVersion=0&fieldSelector=metadata.name%3Dreal-1&", node.PathAndQuery, StringComparison.Ordinal);
        Assert.Equal("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", node.Accept);

        // A later event counts as a change.
        long version = fixture.Sut.Version;
        fixture.Server.Push("nodes", "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"name\":\"real-1\",\"resourceVersion\":\"6\",\"labels\":{\"topology.kubernetes.io/zone\":\"z2\"}}}}\n"u8);
        await fixture.UntilAsync(() => fixture.Sut.Version > version);
        Assert.Equal("z2", fixture.Sut.GetFact(PodFact.Parse("nodeLabel:topology.kubernetes.io/zone"), web, "app", 0));
    }

    [Fact]
    public async Task RunAsync_WatchEnds_StartsTheNextOneWhereItEnded()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Start();
        await fixture.UntilAsync(() => fixture.Sut.IsConnected);
        fixture.Push("{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"1416\"},\"spec\":{\"containers\":null},\"status\":{}}}\n");
        fixture.Time.Advance(TimeSpan.FromSeconds(2));

        fixture.Server.EndWatch("pods");
        await fixture.UntilAsync(() => fixture.Server.Count("watch", "pods") == 2);

        Assert.Contains("resourceVersion=1416&", fixture.Server.Requests.Last().PathAndQuery, StringComparison.Ordinal);
        Assert.Equal(1, fixture.Server.Count("list", "pods"));
        Assert.True(fixture.Sut.IsConnected);
        Assert.Equal(16, fixture.Sut.Pods.Count);
    }

    [Fact]
    public async Task RunAsync_WatchEndsAtOnce_PausesBeforeTheNextOne()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Server.Script("watch", "pods", "watch-pods-no-bookmarks-idle.jsonl");
        fixture.Start();

        await fixture.UntilAsync(() => fixture.Log.Messages.Any(message => message.Contains("the watch ended immediately", StringComparison.Ordinal)));

        Assert.Equal(1, fixture.Server.Count("watch", "pods"));
        await fixture.AdvanceUntilAsync(() => fixture.Sut.IsConnected);
        Assert.Equal(1, fixture.Server.Count("list", "pods"));
    }

    [Theory]
    [InlineData("watch-410-old-resource-version.jsonl")]
    [InlineData("watch-410-compacted-no-cache.jsonl")]
    [InlineData("error-410-list-exact")]
    [InlineData("error-504-resource-version-too-large")]
    public async Task RunAsync_WatchVersionExpired_ListsAgainAfterAPause(string recording)
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Server.Script("watch", "pods", recording);
        fixture.Start();
        await fixture.UntilAsync(() => fixture.Log.Messages.Any(message => message.Contains("Reading them again", StringComparison.Ordinal)));
        Assert.False(fixture.Sut.IsConnected);

        await fixture.AdvanceUntilAsync(() => fixture.Sut.IsConnected);

        Assert.Equal(2, fixture.Server.Count("list", "pods"));
        Assert.Equal(2, fixture.Server.Count("watch", "pods"));
    }

    [Fact]
    public async Task RunAsync_ListVersionExpired_ListsAgain()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Server.Script("list", "pods", "error-410-list-exact");
        fixture.Server.Script("list", "pods", "error-504-resource-version-too-large");
        fixture.Start();

        await fixture.AdvanceUntilAsync(() => fixture.Sut.IsConnected);

        Assert.Equal(3, fixture.Server.Count("list", "pods"));
    }

    [Fact]
    public async Task RunAsync_ServerShutsDown_WatchesAgainFromTheLastBookmark()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Server.Script("watch", "pods", "watch-server-shutdown.jsonl");
        fixture.Server.Script("watch", "pods", ApiServerDouble.Reset());
        fixture.Server.Script("watch", "pods", ApiServerDouble.Answer(503, "shutting down"));
        fixture.Start();

        await fixture.AdvanceUntilAsync(() => fixture.Server.Count("watch", "pods") == 4 && fixture.Sut.IsConnected);

        Assert.Equal(1, fixture.Server.Count("list", "pods"));
        Assert.All(
            fixture.Server.Requests.Where(request => request.Verb == "watch").Skip(1),
            request => Assert.Contains("resourceVersion=1416&", request.PathAndQuery, StringComparison.Ordinal));
        Assert.Equal(1, fixture.Metrics.KubernetesRequests.Get("pods", "watch", "error"));
        Assert.Equal(1, fixture.Metrics.KubernetesRequests.Get("pods", "watch", "503"));
    }

    [Fact]
    public async Task RunAsync_TokenIsOutdated_ReadsItAgain()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["token"], "old\n", TestContext.Current.CancellationToken);
        fixture.Options.Kubeconfig = fixture.WriteKubeconfig(user: $"{{tokenFile: {directory["token"]}}}");
        fixture.Server.Token = "new";
        fixture.Start();
        await fixture.UntilAsync(() => fixture.Log.Messages.Any(message => message.Contains($"does not accept the token in {directory["token"]}", StringComparison.Ordinal)));

        await File.WriteAllTextAsync(directory["token"], "new\n", TestContext.Current.CancellationToken);
        await fixture.AdvanceUntilAsync(() => fixture.Sut.IsConnected);

        Assert.Contains(fixture.Log.Messages, message => message.Contains("answers again", StringComparison.Ordinal));
        Assert.True(fixture.Metrics.KubernetesRequests.Get("pods", "list", "401") >= 1);
    }

    [Fact]
    public async Task RunAsync_NotAllowed_NamesTheMissingVerb()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Server.Script("list", "pods", "error-403-serviceaccount");
        fixture.Server.Script("watch", "pods", "error-403-user-watch");
        fixture.Start();

        await fixture.AdvanceUntilAsync(() => fixture.Sut.IsConnected);

        Assert.Contains(fixture.Log.Messages, message => message.Contains("cannot list resource", StringComparison.Ordinal) && message.Contains("Grant the verb list on pods", StringComparison.Ordinal));
        Assert.Contains(fixture.Log.Messages, message => message.Contains("cannot watch resource", StringComparison.Ordinal) && message.Contains("Grant the verb watch on pods", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunAsync_SameFailureAgain_IsLoggedOnceAMinute()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        for (int i = 0; i < 20; i++)
        {
            fixture.Server.Script("list", "pods", ApiServerDouble.Answer(500, "broken"));
        }

        fixture.Start();
        DateTimeOffset start = fixture.Time.GetUtcNow();
        await fixture.AdvanceUntilAsync(() => fixture.Sut.IsConnected, TimeSpan.FromSeconds(5));

        int minutes = (int)(fixture.Time.GetUtcNow() - start).TotalMinutes;
        Assert.InRange(fixture.Log.Messages.Count(message => message.Contains("500 broken", StringComparison.Ordinal)), 1, minutes + 2);
        Assert.Equal(20, fixture.Metrics.KubernetesRequests.Get("pods", "list", "500"));
    }

    /// <summary>As with a future resource version, or a connection whose other side is dead.</summary>
    [Fact]
    public async Task RunAsync_SilentWatch_ListsAgainAfterTheTimeout()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Server.Script("watch", "pods", fixture.Server.AnswerAndStayOpen("watch-resource-version-too-large.jsonl"));
        fixture.Start();
        await fixture.UntilAsync(() => fixture.Sut.IsConnected && fixture.Server.OpenWatches == 1);
        int seconds = int.Parse(fixture.Server.Requests.Last().PathAndQuery[^3..], null);

        fixture.Time.Advance(TimeSpan.FromSeconds(seconds + 29));
        Assert.Equal(1, fixture.Server.OpenWatches);
        Assert.True(fixture.Sut.IsConnected);
        fixture.Time.Advance(TimeSpan.FromSeconds(2));
        await fixture.UntilAsync(() => fixture.Server.OpenWatches == 0);
        await fixture.AdvanceUntilAsync(() => fixture.Server.Count("list", "pods") == 2 && fixture.Sut.IsConnected);

        Assert.Contains(fixture.Log.Messages, message => message.Contains("did not end in time", StringComparison.Ordinal));
    }

    /// <summary>The API server ends such a watch silently after its timeout: watching from the same version could go on forever.</summary>
    [Fact]
    public async Task RunAsync_WatchWithoutABookmark_ListsAgain()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Start();
        await fixture.UntilAsync(() => fixture.Sut.IsConnected && fixture.Server.OpenWatches == 1);
        fixture.Time.Advance(TimeSpan.FromSeconds(240));

        fixture.Server.EndWatch("pods");

        await fixture.UntilAsync(() => fixture.Server.Count("list", "pods") == 2);
    }

    [Fact]
    public async Task RunAsync_ConnectionBreaksWithinALine_ContinuesAfterTheLastWholeLine()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        byte[] whole = ApiRecording.Read("watch-pods-deletion.jsonl").Body.ToArray();
        int second = Array.IndexOf(whole, (byte)'\n', Array.IndexOf(whole, (byte)'\n') + 1);
        fixture.Server.Script("watch", "pods", fixture.Server.AnswerPartlyAndReset("watch-pods-deletion.jsonl", second - 100));
        fixture.Start();
        await fixture.UntilAsync(() => fixture.Sut.Pods.Count == 17);
        fixture.Server.EndWatch("pods");

        await fixture.AdvanceUntilAsync(() => fixture.Server.Count("watch", "pods") == 2);

        Assert.Contains("resourceVersion=1087&", fixture.Server.Requests.Last().PathAndQuery, StringComparison.Ordinal);
        Assert.Equal(0, fixture.Metrics.KubernetesSkippedObjects.Get("invalid"));
    }

    [Fact]
    public async Task RunAsync_InvalidPods_SkipsOnlyThem()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Server.Script("list", "pods", ApiServerDouble.Answer(200, """
            {"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[
              {"metadata":"none"},{"metadata":{"name":"no-uid","namespace":"n"}},null,7,[],
              {"metadata":{"name":"good","namespace":"n","uid":"u1","labels":{"app":7},"ownerReferences":[null]},"spec":{"containers":[null,{"name":"c"}]},"status":{"containerStatuses":[null]}}]}
            """));
        fixture.Start();
        await fixture.UntilAsync(() => fixture.Sut.IsConnected);

        fixture.Push("not json\n{\"type\":\"ADDED\"}\n{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"x\",\"namespace\":\"n\",\"uid\":\"u2\"},\"spec\":{\"containers\":{}}}}\n\n");
        fixture.Push("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"last\",\"namespace\":\"n\",\"uid\":\"u3\"}}}\n");
        await fixture.UntilAsync(() => fixture.Sut.Pods.Find("n", "last", "u3") is not null);

        Assert.NotNull(fixture.Sut.Pods.Find("n", "good", "u1"));
        Assert.Equal(2, fixture.Sut.Pods.Count);
        Assert.Equal(9, fixture.Metrics.KubernetesSkippedObjects.Get("invalid"));
        Assert.Single(fixture.Log.Messages, message => message.Contains("Skipped one of the", StringComparison.Ordinal));
        Assert.Equal(1, fixture.Server.Count("watch", "pods"));
    }

    [Fact]
    public async Task RunAsync_LineTooLong_SkipsAndCountsIt()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Start();
        await fixture.UntilAsync(() => fixture.Sut.IsConnected);
        var half = new byte[5 * 1024 * 1024];
        Array.Fill(half, (byte)' ');

        fixture.Server.Push("pods", half);
        fixture.Server.Push("pods", half);
        fixture.Push("\n{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"last\",\"namespace\":\"n\",\"uid\":\"u3\"}}}\n");
        await fixture.UntilAsync(() => fixture.Sut.Pods.Find("n", "last", "u3") is not null);
        fixture.Time.Advance(TimeSpan.FromSeconds(2));
        fixture.Server.EndWatch("pods");

        await fixture.UntilAsync(() => fixture.Metrics.KubernetesSkippedObjects.Get("too_long") == 1);
    }

    [Fact]
    public async Task RunAsync_ServerIsUnreachable_RetriesUntilItAnswers()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Options.Kubeconfig = fixture.WriteKubeconfig(server: new Uri("http://127.0.0.1:1"));
        fixture.Start();
        await fixture.UntilAsync(() => fixture.Log.Messages.Any(message => message.Contains("Connection refused", StringComparison.Ordinal)));

        fixture.WriteKubeconfig();

        await fixture.AdvanceUntilAsync(() => fixture.Sut.IsConnected);
    }

    [Fact]
    public async Task RunAsync_CommandIsMissing_LogsTheRemedy()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Options.Kubeconfig = fixture.WriteKubeconfig("{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./missing}}");
        fixture.Start();

        await fixture.UntilAsync(() => fixture.Log.Messages.Any(message => message.Contains("can't be started", StringComparison.Ordinal)));

        string failure = fixture.Log.Messages.First(message => message.Contains("can't be started", StringComparison.Ordinal));
        Assert.Contains("Install it where the agent can find it", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("network policies", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_NotInACluster_LogsItOnceAndWaits()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Start(new ApiAccess("", "/nowhere", _ => null));

        await fixture.UntilAsync(() => fixture.Log.Messages.Count > 0);

        Assert.False(fixture.Sut.IsConfigured);
        Assert.Contains("Set kubernetes.enabled to false", Assert.Single(fixture.Log.Messages), StringComparison.Ordinal);
        Assert.Empty(fixture.Server.Requests);
    }

    [Fact]
    public async Task RunAsync_PodLivesForAMoment_FindsItForTenMinutes()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Start();
        await fixture.UntilAsync(() => fixture.Sut.IsConnected);
        var changes = new List<bool>();
        fixture.Sut.Pods.Changed += pod => changes.Add(pod.IsDeleted);
        const string Pod = "\"object\":{\"metadata\":{\"name\":\"short\",\"namespace\":\"n\",\"uid\":\"u9\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i:1\"}]}}}\n";

        fixture.Push("{\"type\":\"ADDED\"," + Pod + "{\"type\":\"DELETED\"," + Pod);
        await fixture.UntilAsync(() => fixture.Sut.Pods.Find("n", "short", "u9") is { IsDeleted: true });

        Assert.Equal([false, true], changes);
        Assert.Equal("i:1", fixture.Sut.Pods.Find("n", "short", "")!.FindContainer("c")!.Image);
        Assert.Equal(16, fixture.Sut.Pods.Count);
        fixture.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(fixture.Sut.Pods.Find("n", "short", "u9"));
    }

    private static PodInfo Find(KubernetesFixture fixture, string @namespace, string name, string uid) =>
        fixture.Sut.Pods.Find(@namespace, name, uid) ?? throw new InvalidOperationException($"{name} is not in the store");
}
