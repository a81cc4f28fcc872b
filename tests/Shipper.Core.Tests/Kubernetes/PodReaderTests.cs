using System.Text.Json;
using Shipper.Kubernetes;
using Shipper.Kubernetes.Api;

namespace Shipper.Core.Tests.Kubernetes;

public class PodReaderTests
{
    private static readonly string[] Watches = ["watch-pods-node.jsonl", "watch-pods-deletion.jsonl", "watch-pods-resourceVersion0.jsonl"];

    [Theory]
    [InlineData("batch", "report-29923287-hdndw", "CronJob", "report")]
    [InlineData("kube-system", "agent-d48jw", "DaemonSet", "agent")]
    [InlineData("kube-system", "static-web-real-1", "Node", "real-1")]
    [InlineData("logs", "alternate", null, null)]
    [InlineData("logs", "withinit", null, null)]
    [InlineData("shop", "db-0", "StatefulSet", "db")]
    [InlineData("shop", "web-7549799c69-hdrdf", "Deployment", "web")]
    public void Read_RecordedPod_HasItsOwner(string @namespace, string name, string? kind, string? owner)
    {
        PodInfo pod = Recorded.ListedPods(Recorded.Needs()).Find(@namespace, name, "")!;

        Assert.Equal((kind, owner), (pod.OwnerKind, pod.OwnerName));
    }

    /// <summary>Every recorded pod, listed or watched, belongs to one of these owners.</summary>
    [Fact]
    public void Read_AllRecordedPods_HaveTheOwnerThatTheirNamesShow()
    {
        MetadataNeeds needs = Recorded.Needs();
        foreach (PodInfo pod in AllPods(needs))
        {
            (string?, string?) expected = (pod.Namespace, pod.Name) switch
            {
                ("batch", _) => ("CronJob", "report"),
                ("kube-system", "static-web-real-1") => ("Node", "real-1"),
                ("kube-system", _) => ("DaemonSet", "agent"),
                ("shop", "db-0") => ("StatefulSet", "db"),
                ("shop", _) => ("Deployment", "web"),
                _ => (null, null),
            };
            Assert.Equal(expected, (pod.OwnerKind, pod.OwnerName));
        }
    }

    [Theory]
    [InlineData("ReplicaSet", "web-abc12", "abc12", "Deployment", "web")]
    [InlineData("ReplicaSet", "web-abc12", null, "ReplicaSet", "web-abc12")]
    [InlineData("ReplicaSet", "web-abc12", "c12", "ReplicaSet", "web-abc12")]
    [InlineData("ReplicaSet", "-abc12", "abc12", "ReplicaSet", "-abc12")]
    [InlineData("Job", "import-29923287", null, "CronJob", "import")]
    [InlineData("Job", "import-20261231", null, "Job", "import-20261231")]
    [InlineData("Job", "import-7", null, "Job", "import-7")]
    [InlineData("Job", "import", null, "Job", "import")]
    [InlineData("Job", "import-99999999999999999999999", null, "Job", "import-99999999999999999999999")]
    public void Find_GeneratedOwner_ReturnsTheOwnerThatUsersCreate(string kind, string name, string? hash, string expectedKind, string expectedName)
    {
        OwnerReference[] owners = [new() { Kind = "Other", Name = "other" }, new() { Kind = kind, Name = name, Controller = true }];

        Assert.Equal((expectedKind, expectedName), PodOwner.Find(owners, hash));
    }

    [Fact]
    public void Find_OwnerIsNotTheController_ReturnsNone() =>
        Assert.Equal((null, null), PodOwner.Find([new OwnerReference { Kind = "ReplicaSet", Name = "a", Controller = false }], null));

    /// <summary>
    /// While a container waits for its next start, the API server reports its last run in both fields; it must not count as the run before that.
    /// </summary>
    [Fact]
    public void Read_AllRecordedEvents_GiveOneIdForEachRun()
    {
        MetadataNeeds needs = Recorded.Needs();
        var ids = new Dictionary<(string Uid, string Container, int Restart), string>();
        foreach (PodInfo pod in AllPods(needs))
        {
            foreach (PodContainer container in pod.Containers)
            {
                Check(pod, container, container.RestartCount, container.ContainerId);
                Check(pod, container, container.RestartCount - 1, container.LastContainerId);
            }
        }

        Assert.Contains(ids.Keys, key => key.Restart > 2);

        void Check(PodInfo pod, PodContainer container, int restart, string? id)
        {
            if (id is null)
            {
                return;
            }

            Assert.True(restart >= 0);
            Assert.Equal(64, id.Length);
            if (!ids.TryAdd((pod.Uid, container.Name, restart), id))
            {
                Assert.Equal(ids[(pod.Uid, container.Name, restart)], id);
            }
        }
    }

    [Fact]
    public void Read_LabelsAndAnnotations_KeepsOnlyThoseThatRulesName()
    {
        PodStore store = Recorded.ListedPods(Recorded.Needs("label:app.kubernetes.io/name", "annotation:prometheus.io/port", "label:missing"));

        PodInfo pod = store.Find("shop", "web-7549799c69-hdrdf", "")!;

        Assert.Equal([new("app.kubernetes.io/name", "web")], pod.Labels);
        Assert.Equal([new("prometheus.io/port", "8080")], pod.Annotations);
        Assert.Equal(["migrate", "proxy", "app", "metrics"], pod.Containers.Select(container => container.Name));
        Assert.Equal("10.244.0.2", pod.PodIp);
    }

    private static IEnumerable<PodInfo> AllPods(MetadataNeeds needs)
    {
        IEnumerable<string> watched = Watches
            .SelectMany(Recorded.Lines)
            .Where(line => !line.Contains("\"type\":\"BOOKMARK\"", StringComparison.Ordinal))
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("object").GetRawText());
        return Recorded.Items("pods-list-node").Concat(watched).Select(item => PodReader.Read(Recorded.Read(item, needs), needs)!);
    }
}
