using Shipper.Kubernetes;
using Shipper.Kubernetes.Annotations;

namespace Shipper.Core.Tests.Kubernetes.Annotations;

public class ExclusionTests
{
    [Theory]
    [InlineData("shipper.io/exclude", "true", true, true)]
    [InlineData("shipper.io/exclude-app", "TRUE", true, true)]
    [InlineData("shipper.io/exclude_stderr", "true", false, true)]
    [InlineData("fluentbit.io/exclude", "True", true, true)]
    [InlineData("fluentbit.io/exclude", "on", true, true)]
    [InlineData("fluentbit.io/exclude_stdout-app", "yes", true, false)]
    [InlineData("vector.dev/exclude-containers", "other, app", true, true)]
    [InlineData("co.elastic.logs/enabled", "false", true, true)]
    [InlineData("co.elastic.logs.app/enabled", "0", true, true)]
    [InlineData("logs.grafana.com/pods.enabled", "skip", true, true)]
    [InlineData("io.opentelemetry.discovery.logs/enabled", "false", true, true)]
    [InlineData("io.opentelemetry.discovery.logs.app/enabled", "false", true, true)]
    [InlineData("ad.datadoghq.com/logs_exclude", "true", true, true)]
    [InlineData("ad.datadoghq.com/app.exclude", "true", true, true)]
    [InlineData("ad.datadoghq.com/app.logs_exclude", "1", true, true)]
    public void Exclusion_ExcludingAnnotation_NamesIt(string key, string value, bool stdout, bool stderr) =>
        Assert.Equal(new LogExclusion($"annotation {key}", stdout, stderr), Find((key, value)));

    [Theory]
    [InlineData("shipper.io/exclude", "false")]
    [InlineData("shipper.io/exclude-proxy", "true")]
    [InlineData("fluentbit.io/exclude-ap", "true")]
    [InlineData("fluentbit.io/exclude", "1")]
    [InlineData("fluentbit.io/exclude_other", "true")]
    [InlineData("fluentbit.io/excluded", "true")]
    [InlineData("vector.dev/exclude", "true")]
    [InlineData("vector.dev/exclude-containers", "proxy")]
    [InlineData("co.elastic.logs/enabled", "no")]
    [InlineData("co.elastic.logs.proxy/enabled", "false")]
    [InlineData("logs.grafana.com/pods.enabled", "yes")]
    [InlineData("io.opentelemetry.discovery.logs/enabled", "true")]
    [InlineData("ad.datadoghq.com/metrics_exclude", "true")]
    [InlineData("ad.datadoghq.com/proxy.exclude", "true")]
    public void Exclusion_OtherAnnotation_IsNull(string key, string value) => Assert.Null(Find((key, value)));

    [Fact]
    public void Exclusion_VectorLabel_ExcludesOnlyIfExactlyTrue()
    {
        Assert.Equal("label vector.dev/exclude", Read("true")!.Rule);
        Assert.Null(Read("True"));

        static LogExclusion? Read(string value) => new AnnotationReader(["*"], isForeign: true)
            .ReadPod(new Dictionary<string, string> { ["vector.dev/exclude"] = value, ["fluentbit.io/exclude"] = "true" }, MetadataNeeds.NoPairs, ["app"])
            .For("app").Exclusion;
    }

    [Fact]
    public void Exclusion_AnnotationNamesTheContainer_TakesPrecedence()
    {
        Assert.Null(Find(("fluentbit.io/exclude", "true"), ("fluentbit.io/exclude-app", "false")));
        Assert.Null(Find(("co.elastic.logs/enabled", "false"), ("co.elastic.logs.app/enabled", "true")));
        Assert.Equal(
            new LogExclusion("annotation shipper.io/exclude", ExcludesStdout: false),
            Find(("shipper.io/exclude", "true"), ("shipper.io/exclude_stdout-app", "false")));
    }

    [Fact]
    public void Exclusion_SeveralAgents_ExcludeTogether()
    {
        Assert.True(Find(("shipper.io/exclude_stdout", "true"), ("shipper.io/exclude_stderr", "true"))!.ExcludesBoth);
        Assert.True(Find(("shipper.io/exclude_stdout", "true"), ("fluentbit.io/exclude_stderr", "true"))!.ExcludesBoth);
        Assert.Equal(
            "annotation shipper.io/exclude_stdout, annotation co.elastic.logs/enabled",
            Find(("shipper.io/exclude_stdout", "true"), ("co.elastic.logs/enabled", "false"))!.Rule);

        // That another agent wants a log does not mean that this one may not leave it out.
        Assert.NotNull(Find(("fluentbit.io/exclude", "false"), ("co.elastic.logs/enabled", "false")));
        Assert.NotNull(Find(("io.opentelemetry.discovery.logs/enabled", "true"), ("fluentbit.io/exclude", "true")));
    }

    [Fact]
    public void Exclusion_OwnAnnotation_TakesPrecedenceOverForeignOnes() =>
        Assert.Null(Find(("shipper.io/exclude", "false"), ("fluentbit.io/exclude-app", "true"), ("vector.dev/exclude-containers", "app")));

    [Fact]
    public void Read_Pod_KeepsWishesButNoAnnotations()
    {
        MetadataNeeds needs = Recorded.Needs();

        PodInfo pod = PodReader.Read(Recorded.Pod("p", "u", annotations: new() { ["shipper.io/exclude-app2"] = "true" }), needs)!;

        Assert.Null(pod.Wishes.For("app").Exclusion);
        Assert.Equal("annotation shipper.io/exclude-app2", pod.Wishes.For("app2").Exclusion!.Rule);
        Assert.Null(pod.Wishes.For("unknown").Exclusion);
        Assert.True(needs.IsReadFromPod("shipper.io/exclude-app2") && needs.IsReadFromPod("co.elastic.logs.app/enabled") && !needs.IsReadFromPod("co.elastic.logs/module"));
        Assert.False(needs.IsReadFromNamespace("shipper.io/exclude"));
        Assert.Empty(pod.Annotations);
    }

    private static LogExclusion? Find(params (string Key, string Value)[] annotations) => Annotated.Pod(annotations).For("app").Exclusion;
}
