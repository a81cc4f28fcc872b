using Shipper.Core.Tests.Kubernetes;
using Shipper.Discovery;
using Shipper.Enrichment;
using Shipper.Processing;
using Shipper.Processing.Multiline;

namespace Shipper.Core.Tests.Enrichment;

public class PodAttributesTests
{
    [Fact]
    public async Task IsReadable_ContainerWasRestarted_WaitsForItsIdForALimitedTime()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Options.StructuredMetadata["id"] = "containerId";
        fixture.Start();
        await fixture.UntilAsync(() => fixture.Sut.IsConnected);
        Push(fixture, restart: 0);
        await fixture.UntilAsync(() => fixture.Sut.Pods.Find("n", "p", "u") is not null);
        PodAttributes sut = Create(fixture);
        Assert.True(sut.IsReadable(0));
        Assert.False(sut.IsReadable(1));
        Assert.True(sut.IsReadable(0));

        Push(fixture, restart: 1);
        await fixture.UntilAsync(() => sut.IsReadable(1));

        Assert.False(sut.IsReadable(2));
        fixture.Time.Advance(PodAttributes.MaxWait);
        Assert.True(sut.IsReadable(2));
    }

    /// <summary>The logs of a pod that is being deleted, and of the agent's own pod, may disappear as soon as the agent has stopped.</summary>
    [Theory]
    [InlineData(false, "", false)]
    [InlineData(false, "null", false)]
    [InlineData(false, "\"2026-11-23T01:21:26Z\"", true)]
    [InlineData(true, "", true)]
    public async Task MayDisappear_PodIsBeingDeletedOrOwn_IsTrue(bool isOwn, string deletionTimestamp, bool expected)
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Start();
        await fixture.UntilAsync(() => fixture.Sut.IsConnected);
        Push(fixture, restart: 0, deletionTimestamp.Length == 0 ? "" : $",\"deletionTimestamp\":{deletionTimestamp}");
        await fixture.UntilAsync(() => fixture.Sut.Pods.Find("n", "p", "u") is not null);
        var rules = new AttributeBuilder(new Dictionary<string, string>(), fixture.Options, new ProcessingOptions { Multiline = MultilineOptions.Off, Level = DetectMode.Off }, fixture.Sut, fixture.Log, fixture.Metrics);

        var sut = new PodAttributes(
            new ContainerName("n", "p", "app", "u"), rules, fixture.Sut, remembered: null, isHeld: false, fixture.Time.GetTimestamp(), fixture.Time, fixture.Metrics, isOwn);

        Assert.Equal(isOwn, sut.IsOwnLog);
        Assert.Equal(expected, sut.MayDisappear);
    }

    [Fact]
    public async Task MayDisappear_KnownPodIsDeletedLater_BecomesTrue()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Start();
        await fixture.UntilAsync(() => fixture.Sut.IsConnected);
        Push(fixture, restart: 0);
        await fixture.UntilAsync(() => fixture.Sut.Pods.Find("n", "p", "u") is not null);
        PodAttributes sut = Create(fixture);
        Assert.False(sut.MayDisappear);

        Push(fixture, restart: 0, ",\"deletionTimestamp\":\"2026-11-23T01:21:26Z\"");

        await fixture.UntilAsync(() => sut.MayDisappear);
    }

    private static PodAttributes Create(KubernetesFixture fixture)
    {
        var rules = new AttributeBuilder(new Dictionary<string, string>(), fixture.Options, new ProcessingOptions { Multiline = MultilineOptions.Off, Level = DetectMode.Off }, fixture.Sut, fixture.Log, fixture.Metrics);
        return new PodAttributes(
            new ContainerName("n", "p", "app", "u"), rules, fixture.Sut, remembered: null, isHeld: false, fixture.Time.GetTimestamp(), fixture.Time, fixture.Metrics);
    }

    private static void Push(KubernetesFixture fixture, int restart, string metadata = "") => fixture.Push(
        $$$"""
        {"type":"MODIFIED","object":{"metadata":{"name":"p","namespace":"n","uid":"u"{{{metadata}}}},"spec":{"containers":[{"name":"app"}]},"status":{"containerStatuses":[{"containerID":"containerd://id-{{{restart}}}","name":"app","restartCount": {{{restart}}} }] } } }

        """);
}
