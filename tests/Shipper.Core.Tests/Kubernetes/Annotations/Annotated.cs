using Shipper.Kubernetes.Annotations;
using Shipper.Records;

namespace Shipper.Core.Tests.Kubernetes.Annotations;

/// <summary>Annotations as the agent reads them from a pod with the containers <c>app</c> and <c>proxy</c>.</summary>
internal static class Annotated
{
    private static readonly Dictionary<string, string> NoLabels = [];

    /// <summary>Reads a pod.</summary>
    /// <param name="annotations">Keys and values.</param>
    public static AnnotationSet Pod(params (string Key, string Value)[] annotations) => Read(["*"], isForeign: true, annotations);

    /// <summary>Reads a pod with another configuration.</summary>
    public static AnnotationSet Read(string[] allow, bool isForeign, params (string Key, string Value)[] annotations) =>
        new AnnotationReader(allow, isForeign).ReadPod(NoLabels, annotations.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal), ["app", "proxy"]);

    /// <summary>Returns the wishes for standard output of the container <c>app</c>, and checks that there are no errors.</summary>
    public static OutputWishes App(params (string Key, string Value)[] annotations)
    {
        AnnotationSet read = Pod(annotations);
        Assert.Empty(read.Errors);
        return read.For("app")[LogOutput.Stdout];
    }

    /// <summary>Returns the only error of a pod, and checks that it asks for nothing.</summary>
    public static AnnotationError Error(params (string Key, string Value)[] annotations) => Error(Pod(annotations));

    /// <summary>Returns the only error, and checks that nothing is asked for.</summary>
    public static AnnotationError Error(AnnotationSet read)
    {
        Assert.Equal(ContainerWishes.None, read.For("app"));
        Assert.Equal(ContainerWishes.None, read.For("proxy"));
        return Assert.Single(read.Errors);
    }
}
