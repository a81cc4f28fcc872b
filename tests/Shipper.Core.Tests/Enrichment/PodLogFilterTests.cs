using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Kubernetes;
using Shipper.Core.Tests.Support;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Enrichment;
using Shipper.Kubernetes;
using Shipper.Processing;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Enrichment;

public class PodLogFilterTests
{
    private const string LogPath = "/var/log/pods/n_p_u/app";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task UpdateNamespace_NamespaceExcludesLogs_DecidesAgain(bool wasExcluded)
    {
        using var directory = new TemporaryDirectory();
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Options.Annotations.Namespaces = true;
        fixture.Start();
        fixture.Push("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"p\",\"namespace\":\"n\",\"uid\":\"u\"},\"spec\":{\"containers\":[{\"name\":\"app\"}]}}}\n");
        await fixture.UntilAsync(() => fixture.Sut.Pods.Find("n", "p", "u") is not null);
        using CheckpointStore checkpoints = CheckpointStore.Open(directory, NullLogger.Instance, new AgentMetrics());
        checkpoints.SetExcludedOutputs(LogPath, wasExcluded ? ExcludedOutputs.Both : null);
        var sink = new RecordingSink();
        var sut = new PodLogFilter(sink, new NamespaceOptions(), checkpoints, fixture.Log);
        fixture.Sut.NamespaceWishesChanged += sut.UpdateNamespace;

        // The namespace is not known yet: the last known decision holds.
        sut.Publish(CreateLog(fixture));
        Assert.Equal(wasExcluded ? 1 : 0, sut.ExcludedCount);

        Push("{\"shipper.io/exclude\":\"true\"}");
        await fixture.UntilAsync(() => sut.ExcludedCount == 1 && fixture.Sut.HasWishes(fixture.Sut.Pods.Find("n", "p", "u")!));
        Assert.Equal(wasExcluded ? [] : ["LogFound", "LogExcluded"], sink.Published);

        Push("{}");
        await fixture.UntilAsync(() => sut.ExcludedCount == 0);
        Assert.Equal("LogFound", sink.Published[^1]);
        Assert.Equal(ExcludedOutputs.None, checkpoints.GetExcludedOutputs(LogPath));

        void Push(string annotations) => fixture.Server.Push(
            "namespaces", Encoding.UTF8.GetBytes($"{{\"type\":\"MODIFIED\",\"object\":{{\"metadata\":{{\"name\":\"n\",\"annotations\":{annotations}}}}}}}\n"));
    }

    private static LogFound CreateLog(KubernetesFixture fixture)
    {
        var container = new ContainerName("n", "p", "app", "u");
        var builder = new AttributeBuilder(new Dictionary<string, string>(), fixture.Options, new ProcessingOptions(), fixture.Sut, fixture.Log, fixture.Metrics);
        var attributes = new PodAttributes(container, builder, fixture.Sut, remembered: null, isHeld: false, fixture.Time.GetTimestamp(), fixture.Time, fixture.Metrics);
        return new LogFound("key", new LogKind(LogKind.Container, HasHeaders: true, new TailerOptions()), attributes, RotatedLog.FromFile(LogPath + "/0.log", 1), container);
    }

    private sealed class RecordingSink : ILogSink
    {
        public List<string> Published { get; } = [];

        public void Publish(LogChange change) => Published.Add(change.GetType().Name);
    }
}
