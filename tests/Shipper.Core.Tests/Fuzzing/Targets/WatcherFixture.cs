using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shipper.Kubernetes;
using Shipper.Kubernetes.Api;
using Shipper.Net;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Fuzzing.Targets;

/// <summary>A watcher that reads given response bodies, and records what it did.</summary>
internal sealed class WatcherFixture : IResourceStore
{
    private static readonly MetadataNeeds Needs = new(new KubernetesOptions
    {
        Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["app"] = "label:app", ["owner"] = "owner.name", ["note"] = "annotation:a" },
    });

    // Never used for a request.
    private static readonly ApiClient Client = new(new ApiAccess("", "/nowhere", _ => null));

    private static readonly BackOff BackOff = RequestFailures.CreateBackOff(TimeProvider.System);

    // Shared: creating metrics would take most of a run's time.
    private static readonly AgentMetrics Metrics = new();

    private readonly PodStore _pods;
    private readonly long _skippedBefore = CountSkipped();

    public WatcherFixture()
    {
        var time = new FakeTimeProvider();
        _pods = new PodStore(Needs, time);
        var failures = new RequestFailures(WatchedResource.Pods("node"), Client, BackOff, time, NullLogger.Instance, Metrics);
        var objects = new StoreUpdater(this, new ObjectReader(Needs.IsReadFromPod), failures);
        List = new ListFeed(objects);
        Watch = new WatchFeed(objects, failures, time);
    }

    public ListFeed List { get; }

    public WatchFeed Watch { get; }

    /// <summary>The objects that were put, deleted or listed.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Number of pods in the store.</summary>
    public int Pods => _pods.Count;

    /// <summary>Number of skipped objects. Only one fixture is used at a time.</summary>
    public long Skipped => CountSkipped() - _skippedBefore;

    public bool Put(ApiObject item) => Add("put", item, _pods.Put(item));

    public bool Delete(ApiObject item) => Add("delete", item, _pods.Delete(item));

    public int Replace(IReadOnlyList<ApiObject> items)
    {
        int invalid = _pods.Replace(items);
        Calls.AddRange(items.Select(item => $"list {JsonSerializer.Serialize(item)}"));
        return invalid;
    }

    private static long CountSkipped() => SkipReasons.All.Sum(reason => Metrics.KubernetesSkippedObjects.Get(reason));

    private bool Add(string what, ApiObject item, bool isValid)
    {
        Calls.Add($"{what} {isValid} {JsonSerializer.Serialize(item)}");
        return isValid;
    }
}
