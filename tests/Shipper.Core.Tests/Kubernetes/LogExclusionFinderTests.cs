using Shipper.Kubernetes;

namespace Shipper.Core.Tests.Kubernetes;

public class LogExclusionFinderTests
{
    [Theory]
    [InlineData("shipper.io/exclude", "true", "annotation shipper.io/exclude", true, true)]
    [InlineData("shipper.io/exclude-app", "TRUE", "annotation shipper.io/exclude-app", true, true)]
    [InlineData("shipper.io/exclude_stderr", "true", "annotation shipper.io/exclude_stderr", false, true)]
    [InlineData("fluentbit.io/exclude", "True", "annotation fluentbit.io/exclude", true, true)]
    [InlineData("fluentbit.io/exclude", "on", "annotation fluentbit.io/exclude", true, true)]
    [InlineData("fluentbit.io/exclude_stdout-app", "yes", "annotation fluentbit.io/exclude_stdout-app", true, false)]
    [InlineData("vector.dev/exclude-containers", "other, app", "annotation vector.dev/exclude-containers", true, true)]
    [InlineData("co.elastic.logs/enabled", "false", "annotation co.elastic.logs/enabled", true, true)]
    [InlineData("co.elastic.logs.app/enabled", "0", "annotation co.elastic.logs.app/enabled", true, true)]
    public void Find_ExcludingAnnotation_ReturnsTheExclusion(string key, string value, string rule, bool stdout, bool stderr) =>
        Assert.Equal(new LogExclusion(rule, stdout, stderr), Find(annotations: new() { [key] = value }));

    [Theory]
    [InlineData("shipper.io/exclude", "false")]
    [InlineData("shipper.io/exclude-app2", "true")]
    [InlineData("fluentbit.io/exclude-ap", "true")]
    [InlineData("fluentbit.io/exclude", "1")]
    [InlineData("fluentbit.io/exclude_other", "true")]
    [InlineData("fluentbit.io/excluded", "true")]
    [InlineData("vector.dev/exclude", "true")]
    [InlineData("vector.dev/exclude-containers", "app2")]
    [InlineData("co.elastic.logs/enabled", "no")]
    [InlineData("co.elastic.logs.app2/enabled", "false")]
    public void Find_OtherAnnotation_ReturnsNull(string key, string value) => Assert.Null(Find(annotations: new() { [key] = value }));

    [Fact]
    public void Find_VectorLabel_ExcludesOnlyIfExactlyTrue()
    {
        Assert.Equal("label vector.dev/exclude", Find(labels: new() { ["vector.dev/exclude"] = "true" })!.Rule);
        Assert.Null(Find(labels: new() { ["vector.dev/exclude"] = "True" }));
        Assert.Null(Find(labels: new() { ["fluentbit.io/exclude"] = "true" }));
    }

    [Fact]
    public void Find_AnnotationNamesTheContainer_TakesPrecedence()
    {
        Assert.Null(Find(annotations: new() { ["fluentbit.io/exclude"] = "true", ["fluentbit.io/exclude-app"] = "false" }));
        Assert.Null(Find(annotations: new() { ["co.elastic.logs/enabled"] = "false", ["co.elastic.logs.app/enabled"] = "true" }));
        Assert.Equal(
            new LogExclusion("annotation shipper.io/exclude", ExcludesStdout: false),
            Find(annotations: new() { ["shipper.io/exclude"] = "true", ["shipper.io/exclude_stdout-app"] = "false" }));
        Assert.True(Find(annotations: new() { ["shipper.io/exclude_stdout"] = "true", ["shipper.io/exclude_stderr"] = "true" })!.ExcludesBoth);
        Assert.True(Find(annotations: new() { ["shipper.io/exclude_stdout"] = "true", ["fluentbit.io/exclude_stderr"] = "true" })!.ExcludesBoth);
        Assert.Equal(
            "annotation co.elastic.logs/enabled",
            Find(annotations: new() { ["shipper.io/exclude_stdout"] = "true", ["co.elastic.logs/enabled"] = "false" })!.Rule);
    }

    [Fact]
    public void FindExclusion_PodThatWasRead_IsFound()
    {
        MetadataNeeds needs = Recorded.Needs();
        PodInfo pod = PodReader.Read(Recorded.Pod("p", "u", annotations: new() { ["shipper.io/exclude-app2"] = "true" }), needs)!;

        Assert.Null(KubernetesMetadata.FindExclusion(pod, "app"));
        Assert.Equal("annotation shipper.io/exclude-app2", KubernetesMetadata.FindExclusion(pod, "app2")!.Rule);
        Assert.Null(KubernetesMetadata.FindExclusion(pod, "unknown"));
        Assert.True(needs.IsReadFromPod("shipper.io/exclude-app2") && needs.IsReadFromPod("co.elastic.logs.app/enabled") && !needs.IsReadFromPod("co.elastic.logs/module"));
        Assert.Empty(pod.Annotations);
    }

    private static LogExclusion? Find(Dictionary<string, string>? labels = null, Dictionary<string, string>? annotations = null) =>
        LogExclusionFinder.Find(labels ?? [], annotations ?? [], "app");
}
