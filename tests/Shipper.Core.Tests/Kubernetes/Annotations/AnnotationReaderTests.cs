using Microsoft.Extensions.Time.Testing;
using Shipper.Core.Tests.Support;
using Shipper.Kubernetes;
using Shipper.Kubernetes.Annotations;
using Shipper.Kubernetes.Api;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Kubernetes.Annotations;

public class AnnotationReaderTests
{
    [Fact]
    public void ReadPod_EqualAnnotations_SharesTheResult()
    {
        var sut = new AnnotationReader(["*"], isForeign: true);

        AnnotationSet first = Read("off", "app");

        Assert.Same(first, Read("off", "app"));
        Assert.NotEqual(first, Read("detect", "app"));
        Assert.NotEqual(first, Read("off", "app", "proxy"));
        Assert.Same(AnnotationSet.Empty, sut.ReadPod(MetadataNeeds.NoPairs, new Dictionary<string, string> { ["other"] = "x" }, ["app"]));

        // Lost from the shared ones, but still equal.
        for (int i = 0; i < 600; i++)
        {
            Read($"{i}", "app");
        }

        Assert.NotSame(first, Read("off", "app"));
        Assert.Equal(first, Read("off", "app"));

        AnnotationSet Read(string level, params string[] containers) =>
            sut.ReadPod(MetadataNeeds.NoPairs, new Dictionary<string, string> { ["shipper.io/level"] = level, ["other"] = Guid.NewGuid().ToString() }, containers);
    }

    [Fact]
    public void ReadPod_MoreThan8192Chars_IgnoresTheRest()
    {
        string regex = string.Concat(Enumerable.Range(0, 333).Select(i => $"{i:000}"));
        (string, string)[] annotations = [.. Enumerable.Range(0, 10).Select(i => ($"shipper.io/drop-c{i}", regex)), ("shipper.io/level", "off")];

        AnnotationSet sut = new AnnotationReader(["*"], isForeign: true)
            .ReadPod(MetadataNeeds.NoPairs, annotations.ToDictionary(StringComparer.Ordinal), [.. Enumerable.Range(0, 10).Select(i => $"c{i}")]);

        Assert.Equal("shipper.io/drop-c8: is ignored, and so are those after it: all annotations together have more than 8192 characters", Assert.Single(sut.Errors).Text);
        Assert.NotNull(sut.For("c7").Stdout.Drop);
        Assert.Null(sut.For("c8").Stdout.Drop);
        Assert.Null(sut.For("c7").Stdout.Level);
    }

    [Fact]
    public void ReadPod_ManyErrors_DescribesTwentyAndCountsAll()
    {
        Dictionary<string, string> annotations = Enumerable.Range(0, 100).ToDictionary(i => $"shipper.io/unknown{i}", _ => "x", StringComparer.Ordinal);

        IReadOnlyList<AnnotationError> errors = new AnnotationReader(["*"], isForeign: true).ReadPod(MetadataNeeds.NoPairs, annotations, ["app"]).Errors;

        Assert.Equal((21, 100), (errors.Count, errors.Sum(error => error.Count)));
    }

    /// <summary>The API server accepts 256 KiB of annotations, with any number of keys.</summary>
    [Fact]
    public void Read_ObjectWithManyKnownKeys_KeepsABoundedNumber()
    {
        string pairs = string.Join(',', Enumerable.Range(0, 3000).Select(i => $"\"shipper.io/{i:d4}\":\"{new string('x', 100)}\""));

        ApiObject sut = Recorded.Read($"{{\"metadata\":{{\"name\":\"p\",\"namespace\":\"n\",\"uid\":\"u\",\"annotations\":{{{pairs}}}}}}}", Recorded.Needs());

        Assert.InRange(sut.Metadata!.Annotations!.Sum(pair => pair.Key.Length + pair.Value.Length), 60_000, ObjectReader.MaxPairsChars);
    }

    [Fact]
    public void Intern_EqualWishes_AreTheSameObject()
    {
        var sut = new WishPool();
        (string, string)[] annotations =
        [
            ("shipper.io/multiline", "java"), ("shipper.io/fields", "a=b"), ("shipper.io/drop", "x"), ("shipper.io/limit", "1MiB"), ("shipper.io/redact", "ips"),
        ];

        ContainerWishes first = sut.Intern(Annotated.Pod(annotations).For("app"));

        Assert.Same(first, sut.Intern(Annotated.Pod(annotations).For("proxy")));
        Assert.Same(first.Stdout, first.Stderr);
        Assert.NotSame(first, sut.Intern(Annotated.Pod([.. annotations, ("shipper.io/sample", "2")]).For("app")));
        Assert.Same(ContainerWishes.None, sut.Intern(Annotated.Pod(("shipper.io/level-proxy", "off")).For("app")));
    }

    [Fact]
    public void Put_PodWithErrors_CountsThemOnceAChangeAndLogsThemOnceAnOwner()
    {
        using var log = new RecordedLog();
        var metrics = new AgentMetrics();
        var sut = new PodStore(Recorded.Needs(), new FakeTimeProvider(), new AnnotationReporter(log, metrics));

        sut.Put(Pod("u1", "on", "v1"));
        sut.Put(Pod("u1", "on", "v1"));
        Assert.Equal(1, metrics.AnnotationErrors.Get("invalid_value"));

        // Another pod of the same owner, then a change of the first pod that concerns no annotation, then one that does.
        sut.Put(Pod("u2", "on", "v1"));
        sut.Put(Pod("u1", "on", "v2"));
        Assert.Equal(2, metrics.AnnotationErrors.Get("invalid_value"));
        sut.Put(Pod("u1", "ON", "v2"));
        sut.Delete(Pod("u1", "ON", "v2"));

        Assert.Equal(3, metrics.AnnotationErrors.Get("invalid_value"));
        Assert.Equal(
            [
                "Warning: Ignoring an annotation of n/db: shipper.io/level: \"on\" must be detect or off",
                "Warning: Ignoring an annotation of n/db: shipper.io/level: \"ON\" must be detect or off",
            ],
            log.Messages);

        static ApiObject Pod(string uid, string level, string image)
        {
            ApiObject pod = Recorded.Pod(uid, uid, annotations: new() { ["shipper.io/level"] = level });
            pod.Metadata!.OwnerReferences = [new OwnerReference { Kind = "StatefulSet", Name = "db", Controller = true }];
            pod.Spec!.Containers![0].Image = image;
            return pod;
        }
    }
}
