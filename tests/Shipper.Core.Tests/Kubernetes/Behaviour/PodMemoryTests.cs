using Microsoft.Extensions.Time.Testing;
using Shipper.Kubernetes;
using Shipper.Kubernetes.Api;

namespace Shipper.Core.Tests.Kubernetes.Behaviour;

/// <summary>Runs alone, because it measures the memory of the whole process.</summary>
[CollectionDefinition(nameof(PodMemoryTests), DisableParallelization = true)]
[Collection(nameof(PodMemoryTests))]
public class PodMemoryTests
{
    /// <summary>An API server may send 256 KiB of annotations with each pod.</summary>
    [Fact]
    public void Put_LargePods_KeepsAtMost12KiBEach()
    {
        const int Pods = 500;
        MetadataNeeds needs = Recorded.Needs("label:app", "annotation:team", "image", "containerId");
        PodStore sut = new(needs, new FakeTimeProvider());
        string template = Recorded.Items("pods-list-node").Single(item => item.Contains("\"name\":\"web-7549799c69-hdrdf\"", StringComparison.Ordinal));
        string large = template.Replace("\"annotations\":{", $"\"annotations\":{{\"big\":\"{new string('x', 200_000)}\",\"team\":\"{new string('y', 20_000)}\",", StringComparison.Ordinal);
        string Uid(int i) => large.Replace("c618a892-a180-4c3a-acb4-8ef0a14644d5", $"uid-{i}", StringComparison.Ordinal);
        sut.Put(Recorded.Read(Uid(0), needs));

        long before = BytesInUse();
        for (int i = 1; i <= Pods; i++)
        {
            sut.Put(Recorded.Read(Uid(i), needs));
        }

        long perPod = (BytesInUse() - before) / Pods;
        GC.KeepAlive(sut);

        // 8 KiB of it are the 4,096 characters kept of the annotation that a rule names.
        Assert.True(perPod <= 12 * 1024, $"{perPod} bytes per pod");
        Assert.Equal(ObjectReader.MaxValueChars, sut.Find("shop", "web-7549799c69-hdrdf", "uid-7")!.Annotations["team"].Length);
    }

    /// <summary>The recorded pods, with common rules.</summary>
    [Fact]
    public void Replace_RecordedPods_KeepsAtMost2KiBEach()
    {
        MetadataNeeds needs = Recorded.Needs("label:app", "owner.name", "image", "containerId", "podUid");
        var stores = new List<PodStore> { Recorded.ListedPods(needs) };

        long before = BytesInUse();
        for (int i = 0; i < 10; i++)
        {
            stores.Add(Recorded.ListedPods(needs));
        }

        long perPod = (BytesInUse() - before) / 160;
        GC.KeepAlive(stores);
        Assert.True(perPod <= 2 * 1024, $"{perPod} bytes per pod");
    }

    /// <summary>What earlier tests left to finalizers must not be freed between two measurements.</summary>
    private static long BytesInUse()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
