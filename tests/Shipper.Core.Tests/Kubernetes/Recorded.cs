using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Shipper.Kubernetes;
using Shipper.Kubernetes.Api;
using Shipper.Testing.Kubernetes;

namespace Shipper.Core.Tests.Kubernetes;

/// <summary>Recorded objects as the agent reads them.</summary>
internal static class Recorded
{
    /// <summary>The lines of a recorded watch.</summary>
    public static IReadOnlyList<string> Lines(string name) =>
        Encoding.UTF8.GetString(ApiRecording.Read(name).Body.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The objects of a recorded list.</summary>
    public static IReadOnlyList<string> Items(string name)
    {
        using JsonDocument list = JsonDocument.Parse(ApiRecording.Read(name).Body);
        return [.. list.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetRawText())];
    }

    /// <summary>Reads an object with the given rules.</summary>
    public static ApiObject Read(string json, MetadataNeeds needs) =>
        new ObjectReader(needs.IsReadFromPod).Read(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(json)))!;

    /// <summary>Rules as written in the configuration.</summary>
    public static MetadataNeeds Needs(params string[] facts) =>
        new(new KubernetesOptions { Labels = facts.ToDictionary(fact => fact, fact => fact, StringComparer.Ordinal) });

    /// <summary>A store with the recorded list.</summary>
    public static PodStore ListedPods(MetadataNeeds needs)
    {
        var store = new PodStore(needs, new FakeTimeProvider());
        Assert.Equal(0, store.Replace([.. Items("pods-list-node").Select(item => Read(item, needs))]));
        return store;
    }

    /// <summary>A pod with few fields.</summary>
    public static ApiObject Pod(
        string name, string uid, Dictionary<string, string>? labels = null, Dictionary<string, string>? annotations = null, DateTimeOffset? created = null) => new()
        {
            Metadata = new ObjectMetadata { Namespace = "n", Name = name, Uid = uid, Labels = labels, Annotations = annotations, CreationTimestamp = created },
            Spec = new PodSpec { Containers = [new ContainerSpec { Name = "app", Image = "i" }, new ContainerSpec { Name = "app2", Image = "i" }] },
        };
}
