using Microsoft.Extensions.Time.Testing;
using Shipper.Core.Tests.Support;
using Shipper.Kubernetes;
using Shipper.Kubernetes.Api;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Kubernetes;

public sealed class PodFactTests : IDisposable
{
    private readonly RecordedLog _log = new();
    private KubernetesMetadata? _metadata;

    [Theory]
    [InlineData("label")]
    [InlineData("label:")]
    [InlineData("owner")]
    [InlineData("podIP:")]
    [InlineData("podip")]
    [InlineData("")]
    public void Parse_InvalidFact_ListsTheValidForms(string text) =>
        Assert.Contains("Use one of: label:KEY", Assert.Throws<FormatException>(() => PodFact.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("label:app.kubernetes.io/name", "web")]
    [InlineData("label:missing", null)]
    [InlineData("annotation:prometheus.io/port", "8080")]
    [InlineData("owner.kind", "Deployment")]
    [InlineData("owner.name", "web")]
    [InlineData("podUid", "c618a892-a180-4c3a-acb4-8ef0a14644d5")]
    [InlineData("containerId", "806e352a13d953282081432ea2744015fabf6698b6a2b7ec24035d62301a8e6b")]
    [InlineData("image", "registry.example.com/tools/busybox:1.36")]
    [InlineData("podIP", "10.244.0.2")]
    public void GetFact_RecordedPod_ReturnsIt(string fact, string? expected)
    {
        KubernetesMetadata sut = Create(fact);
        PodInfo pod = PodReader.Read(
            Recorded.Read(Recorded.Items("pods-list-node").Single(item => item.Contains("\"name\":\"web-7549799c69-hdrdf\"", StringComparison.Ordinal)), sut.Needs), sut.Needs)!;

        Assert.Equal(expected, sut.GetFact(PodFact.Parse(fact), pod, "app", 0));
        Assert.True(sut.HasAllFacts(pod, "app", 0));
    }

    [Fact]
    public void GetFact_ContainerId_IsThatOfTheRunThatWroteTheLog()
    {
        KubernetesMetadata sut = Create("containerId");
        PodFact fact = PodFact.Parse("containerId");
        ApiObject item = Recorded.Pod("p", "u");
        item.Status = new PodStatus
        {
            ContainerStatuses =
            [
                new ContainerStatus { Name = "app", RestartCount = 3, ContainerId = "containerd://three", LastContainerId = "containerd://two" },
            ],
        };
        PodInfo pod = PodReader.Read(item, sut.Needs)!;

        Assert.Equal([null, null, "two", "three", null], Enumerable.Range(0, 5).Select(restart => sut.GetFact(fact, pod, "app", restart)));
        Assert.Equal([true, true, true, true, false], Enumerable.Range(0, 5).Select(restart => sut.HasAllFacts(pod, "app", restart)));
        Assert.False(sut.HasAllFacts(pod, "app2", 0));
        Assert.True(sut.HasAllFacts(pod.AsDeleted(), "app2", 0));
    }

    [Fact]
    public void HasAllFacts_PodWithoutAnAddress_IsFalseOnlyIfARuleNeedsIt()
    {
        PodInfo pod = PodReader.Read(Recorded.Pod("p", "u"), Recorded.Needs())!;

        Assert.True(Create("label:app").HasAllFacts(pod, "app", 0));
        Assert.False(Create("podIP").HasAllFacts(pod, "app", 0));
        Assert.True(Create("podIP").HasAllFacts(pod.AsDeleted(), "app", 0));
    }

    public void Dispose()
    {
        _metadata?.Dispose();
        _log.Dispose();
    }

    private KubernetesMetadata Create(string fact)
    {
        _metadata?.Dispose();
        var options = new KubernetesOptions { StructuredMetadata = { ["x"] = fact } };
        return _metadata = new KubernetesMetadata(options, "real-1", new FakeTimeProvider(), _log, new AgentMetrics());
    }
}
