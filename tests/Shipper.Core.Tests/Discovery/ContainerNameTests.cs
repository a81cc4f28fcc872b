using Shipper.Discovery;

namespace Shipper.Core.Tests.Discovery;

public class ContainerNameTests
{
    private const string Id = "806e352a13d953282081432ea2744015fabf6698b6a2b7ec24035d62301a8e6b";

    [Fact]
    public void Parse_KubeletLink_ReturnsAllParts()
    {
        var name = ContainerName.Parse(
            $"/var/log/containers/web-7549799c69-hdrdf_shop_my-app-{Id}.log",
            "/var/log/pods/shop_web-7549799c69-hdrdf_c618a892-a180-4c3a-acb4-8ef0a14644d5/my-app/0.log");

        Assert.Equal(new ContainerName("shop", "web-7549799c69-hdrdf", "my-app", "c618a892-a180-4c3a-acb4-8ef0a14644d5"), name);
    }

    [Fact]
    public void Parse_LinkToDockerFile_ReturnsAllButUid()
    {
        var name = ContainerName.Parse($"/var/log/containers/web_shop_app-{Id}.log", $"/var/lib/docker/containers/{Id}/{Id}-json.log");

        Assert.Equal(new ContainerName("shop", "web", "app", ""), name);
    }

    /// <summary>kubelet cuts a link's name at 255 bytes: here in the middle of the ID or of the container's name.</summary>
    [Theory]
    [InlineData("web_shop_my-app-806e352")]
    [InlineData("web_shop_my-a")]
    public void Parse_LinkNameCutOff_UsesPodPath(string link)
    {
        const string Pod = "/var/log/pods/shop_web_c618a892/my-app/0.log";
        var expected = new ContainerName("shop", "web", "my-app", "c618a892");

        Assert.Equal(expected, ContainerName.Parse($"/var/log/containers/{link}.log", Pod));
        Assert.Equal(expected, ContainerName.Parse($"/var/log/containers/{link}.log", Pod, $"/var/lib/docker/containers/{Id}/{Id}-json.log"));
    }

    [Fact]
    public void Parse_PathBelowPods_ReturnsContainer()
    {
        const string Path = "/var/log/pods/kube-system_static-web-real-1_81160f409cd11d8316931804dd2da2ff/static-web/12.log";

        Assert.Equal(new ContainerName("kube-system", "static-web-real-1", "static-web", "81160f409cd11d8316931804dd2da2ff"), ContainerName.Parse(Path, Path));
    }

    [Fact]
    public void Parse_NameWithoutId_TakesWholeRestAsContainer() =>
        Assert.Equal(new ContainerName("shop", "web", "my-app", ""), ContainerName.Parse("/logs/web_shop_my-app.log", "/logs/web_shop_my-app.log"));

    [Fact]
    public void Parse_OtherName_FillsMissingPartsWithUnknown()
    {
        var name = ContainerName.Parse("/logs/app.log", "/logs/app.log");

        Assert.Equal(new ContainerName("unknown", "app", "unknown", ""), name);
    }
}
