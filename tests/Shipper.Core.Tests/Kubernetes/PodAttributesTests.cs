using Shipper.Discovery;

namespace Shipper.Kubernetes;

public class PodAttributesTests
{
    [Fact]
    public async Task IsReadable_ContainerWasRestarted_WaitsForItsIdForABoundedTime()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Options.StructuredMetadata["id"] = "containerId";
        fixture.Start();
        await fixture.UntilAsync(() => fixture.Sut.IsConnected);
        Push(fixture, restart: 0);
        await fixture.UntilAsync(() => fixture.Sut.Pods.Find("n", "p", "u") is not null);
        var rules = new AttributeRules(new Dictionary<string, string>(), fixture.Options, fixture.Sut, fixture.Log, fixture.Metrics);
        var sut = new PodAttributes(
            new ContainerName("n", "p", "app", "u"), rules, fixture.Sut, remembered: null, isHeld: false, fixture.Time.GetTimestamp(), fixture.Time, fixture.Metrics);
        Assert.True(sut.IsReadable(0));
        Assert.False(sut.IsReadable(1));
        Assert.True(sut.IsReadable(0));

        Push(fixture, restart: 1);
        await fixture.UntilAsync(() => sut.IsReadable(1));

        Assert.False(sut.IsReadable(2));
        fixture.Time.Advance(PodAttributes.MaxWait);
        Assert.True(sut.IsReadable(2));
    }

    private static void Push(KubernetesFixture fixture, int restart) => fixture.Push(
        $$$"""
        {"type":"MODIFIED","object":{"metadata":{"name":"p","namespace":"n","uid":"u"},"spec":{"containers":[{"name":"app"}]},"status":{"containerStatuses":[{"containerID":"containerd://id-{{{restart}}}","name":"app","restartCount": {{{restart}}} }] } } }

        """);
}
