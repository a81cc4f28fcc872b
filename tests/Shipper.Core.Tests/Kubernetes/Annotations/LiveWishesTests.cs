using System.Text;
using Shipper.Discovery;
using Shipper.Enrichment;
using Shipper.Kubernetes;
using Shipper.Kubernetes.Annotations;
using Shipper.Processing;
using Shipper.Records;

namespace Shipper.Core.Tests.Kubernetes.Annotations;

/// <summary>Wishes of pods and namespaces as the API server reports them.</summary>
public class LiveWishesTests
{
    [Fact]
    public async Task GetWishes_AnnotationOfThePodChanges_ReturnsTheNewOnes()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Start();
        PushPod(fixture, "\"shipper.io/level\":\"off\"");
        await fixture.UntilAsync(() => Find(fixture) is not null);
        ContainerWishes before = fixture.Sut.GetWishes(Find(fixture)!, "app");
        Assert.Equal(DetectMode.Off, before[LogOutput.Stderr].Level);
        Assert.Same(before, fixture.Sut.GetWishes(Find(fixture)!, "proxy"));
        long version = fixture.Sut.Version;

        PushPod(fixture, "\"shipper.io/level\":\"detect\",\"shipper.io/levl\":\"off\"");
        await fixture.UntilAsync(() => fixture.Sut.Version > version);

        Assert.Equal(DetectMode.Detect, fixture.Sut.GetWishes(Find(fixture)!, "app").Stdout.Level);
        Assert.Equal(["shipper.io/levl: is unknown; did you mean shipper.io/level?"], fixture.Sut.GetAnnotationErrors(Find(fixture)!));
        Assert.Equal(1, fixture.Metrics.AnnotationErrors.Get("unknown_key"));
        Assert.Equal(0, fixture.Server.Count("watch", "namespaces"));
    }

    [Fact]
    public async Task GetWishes_NamespacesAreOn_AreTheDefaultsOfThePods()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Options.Annotations.Namespaces = true;
        fixture.Start();
        PushPod(fixture, "\"shipper.io/level\":\"off\",\"shipper.io/redact\":\"cards\"");
        await fixture.UntilAsync(() => Find(fixture) is not null);
        PodInfo pod = Find(fixture)!;
        Assert.False(fixture.Sut.HasWishes(pod));
        Assert.False(fixture.Sut.HasAllFacts(pod, "app", 0));

        // The pod's general annotation wins over the namespace's exact one.
        PushNamespace(fixture, "n", "\"shipper.io/level-app\":\"detect\",\"shipper.io/sample-app\":\"10\",\"shipper.io/redact\":\"secrets\",\"shipper.io/trace\":\"on\"");
        PushNamespace(fixture, "other", "\"shipper.io/trace\":\"on\"");
        await fixture.UntilAsync(() => fixture.Sut.HasWishes(pod));

        OutputWishes app = fixture.Sut.GetWishes(pod, "app").Stdout;
        Assert.Equal((DetectMode.Off, 10, true), (app.Level!.Value, app.Sample!.Value, app.Redaction!.Secrets));
        Assert.Null(fixture.Sut.GetWishes(pod, "proxy").Stdout.Sample);
        Assert.Same(fixture.Sut.GetWishes(pod, "app"), fixture.Sut.GetWishes(pod, "app"));
        Assert.True(fixture.Sut.HasAllFacts(pod, "app", 0));
        Assert.Equal("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", fixture.Server.Requests.Single(request => request.Resource == "namespaces").Accept);

        // Each node sees all namespaces, but reports only those of its pods.
        Assert.Equal(["namespace n: shipper.io/trace: \"on\" must be detect or off"], fixture.Sut.GetAnnotationErrors(pod));
        Assert.Equal(1, fixture.Metrics.AnnotationErrors.Get("invalid_value"));
        Assert.Single(fixture.Log.Messages, message => message.Contains("Ignoring an annotation of namespace n: ", StringComparison.Ordinal));
    }

    /// <summary>Each value is checked for its own stage: one that is right elsewhere is still wrong.</summary>
    [Fact]
    public async Task GetWishes_ValuesOfOtherStages_AreReportedForPodAndNamespace()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Options.Annotations.Namespaces = true;
        fixture.Start();
        const string Wrong = "\"shipper.io/ansi\":\"off\",\"shipper.io/level\":\"strip\",\"shipper.io/sample\":\"500KiB\",\"shipper.io/limit\":\"100\",\"shipper.io/redact\":\"cards,email\"";
        PushPod(fixture, Wrong + ",\"shipper.io/trace-app\":\"detect\",\"shipper.io/exclude-stdout\":\"true\"");
        PushNamespace(fixture, "n", Wrong + ",\"shipper.io/trace\":\"off\",\"shipper.io/exclude-stdout\":\"true\",\"shipper.io/multilne\":\"auto\"");
        await fixture.UntilAsync(() => Find(fixture) is not null && fixture.Sut.HasWishes(Find(fixture)!));
        PodInfo pod = Find(fixture)!;

        OutputWishes wishes = fixture.Sut.GetWishes(pod, "app").Stdout;

        Assert.Equal(OutputWishes.None with { Trace = DetectMode.Detect }, wishes);
        await fixture.UntilAsync(() => fixture.Log.Messages.Count(message => message.Contains("Ignoring an annotation of ", StringComparison.Ordinal)) == 13);
        Assert.Equal((10, 3), (fixture.Metrics.AnnotationErrors.Get("invalid_value"), fixture.Metrics.AnnotationErrors.Get("unknown_key")));
        IReadOnlyList<string> errors = fixture.Sut.GetAnnotationErrors(pod);
        Assert.Equal(13, errors.Count);
        Assert.Contains("shipper.io/exclude-stdout: the pod has no container stdout; did you mean shipper.io/exclude_stdout?", errors);
        Assert.Contains("namespace n: shipper.io/exclude-stdout: names a container stdout; did you mean shipper.io/exclude_stdout?", errors);
    }

    [Fact]
    public async Task GetWishes_VeryManyWrongAnnotations_AreAllCounted()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Start();

        PushPod(fixture, string.Join(',', Enumerable.Range(0, 50).Select(i => $"\"shipper.io/nothing{i}\":\"x\"")));
        await fixture.UntilAsync(() => fixture.Metrics.AnnotationErrors.Get("unknown_key") >= 50);

        Assert.Equal(50, fixture.Metrics.AnnotationErrors.Get("unknown_key"));
        Assert.Equal("30 more annotations are not obeyed: unknown_key", fixture.Sut.GetAnnotationErrors(Find(fixture)!)[^1]);
    }

    [Fact]
    public async Task GetWishes_AnnotationOfTheNamespaceChanges_ReturnsTheNewOnes()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Options.Annotations.Namespaces = true;
        fixture.Start();
        var changed = new List<string>();
        fixture.Sut.NamespaceWishesChanged += changed.Add;
        PushPod(fixture, "");
        PushNamespace(fixture, "n", "\"shipper.io/exclude\":\"true\"");
        await fixture.UntilAsync(() => Find(fixture) is not null && fixture.Sut.HasWishes(Find(fixture)!));
        PodInfo pod = Find(fixture)!;
        Assert.Equal("annotation shipper.io/exclude of the namespace", fixture.Sut.GetWishes(pod, "app").Exclusion!.Rule);

        // A pod can say otherwise, and a deleted namespace still holds.
        PushPod(fixture, "\"shipper.io/exclude-app\":\"false\"");
        await fixture.UntilAsync(() => fixture.Sut.GetWishes(Find(fixture)!, "app").Exclusion is null);
        Assert.NotNull(fixture.Sut.GetWishes(Find(fixture)!, "proxy").Exclusion);
        PushNamespace(fixture, "n", "\"shipper.io/exclude\":\"true\"", "DELETED");
        PushNamespace(fixture, "m", "");
        await fixture.UntilAsync(() => changed.Contains("m"));
        Assert.NotNull(fixture.Sut.GetWishes(Find(fixture)!, "proxy").Exclusion);

        long version = fixture.Sut.Version;
        PushNamespace(fixture, "n", "");
        await fixture.UntilAsync(() => fixture.Sut.Version > version);
        Assert.Same(ContainerWishes.None, fixture.Sut.GetWishes(pod, "proxy"));
        Assert.Equal(["n", "m", "n"], changed);
    }

    [Fact]
    public async Task GetWishes_NamespacesAreOff_IgnoresTheirAnnotations()
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Options.Labels["team"] = "namespaceLabel:team";
        fixture.Start();
        PushPod(fixture, "");
        PushNamespace(fixture, "n", "\"shipper.io/exclude\":\"true\"");
        await fixture.UntilAsync(() => Find(fixture) is not null && fixture.Sut.HasAllFacts(Find(fixture)!, "app", 0));

        Assert.Same(ContainerWishes.None, fixture.Sut.GetWishes(Find(fixture)!, "app"));
    }

    /// <summary>While the namespace is unknown, nothing of an excluded log may be sent.</summary>
    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task IsReadable_NamespaceIsUnknown_WaitsForIt(bool isHeld, bool isReadableLate)
    {
        await using KubernetesFixture fixture = await KubernetesFixture.CreateAsync();
        fixture.Options.Annotations.Namespaces = true;
        fixture.Start();
        PushPod(fixture, "");
        await fixture.UntilAsync(() => Find(fixture) is not null);
        var builder = new AttributeBuilder(new Dictionary<string, string>(), fixture.Options, new ProcessingOptions(), fixture.Sut, fixture.Log, fixture.Metrics);
        var sut = new PodAttributes(
            new ContainerName("n", "p", "app", "u"), builder, fixture.Sut, remembered: null, isHeld, fixture.Time.GetTimestamp() + 1, fixture.Time, fixture.Metrics);
        Assert.False(sut.IsReadable(0));

        fixture.Time.Advance(PodAttributes.MaxWait);
        Assert.Equal(isReadableLate, sut.IsReadable(0));
        PushNamespace(fixture, "n", "\"shipper.io/exclude_stderr\":\"true\"");
        await fixture.UntilAsync(() => sut.IsReadable(0) && fixture.Sut.HasWishes(sut.Pod!));

        Assert.Equal(LogOutput.Stderr, sut.Get(0).Rules.Excluded);
    }

    private static PodInfo? Find(KubernetesFixture fixture) => fixture.Sut.Pods.Find("n", "p", "u");

    private static void PushPod(KubernetesFixture fixture, string annotations) => fixture.Push(
        $$$"""
        {"type":"MODIFIED","object":{"metadata":{"name":"p","namespace":"n","uid":"u","annotations":{{{{annotations}}}}},"spec":{"containers":[{"name":"app"},{"name":"proxy"}]} } }

        """);

    private static void PushNamespace(KubernetesFixture fixture, string name, string annotations, string type = "ADDED") => fixture.Server.Push(
        "namespaces", Encoding.UTF8.GetBytes($$$"""{"type":"{{{type}}}","object":{"metadata":{"name":"{{{name}}}","resourceVersion":"9","annotations":{{{{annotations}}}} } } }""" + "\n"));
}
