using Shipper.Discovery;
using Shipper.Kubernetes;

namespace Shipper.Core.Tests.Kubernetes;

public class OwnPodTests
{
    private const string Uid = "5d3c1a2b-6b0f-4a57-9f0e-1f4d3f6f8a11";

    [Theory]
    [InlineData($"1021 984 259:1 /var/lib/kubelet/pods/{Uid}/etc-hosts /etc/hosts rw,relatime - ext4 /dev/root rw", Uid)]
    [InlineData($"1022 984 259:2 /lib/kubelet/pods/{Uid}/containers/shipper/7d1b9a3c /dev/termination-log rw,relatime - xfs /dev/sdb rw", Uid)]
    [InlineData("1022 984 0:31 /k/pods/0f3c5d7e9a1b2c3d4e5f60718293a4b5/etc-hosts /etc/hosts rw - btrfs /dev/sda rw", "0f3c5d7e9a1b2c3d4e5f60718293a4b5")]
    [InlineData($"1023 984 0:55 / /var/lib/kubelet/pods/{Uid}/volumes/kubernetes.io~projected/token rw - tmpfs tmpfs rw", null)]
    [InlineData("25 30 0:23 / /etc/hosts rw - overlay overlay rw", null)]
    [InlineData("", null)]
    public void ReadUid_MountsOfAContainer_ReturnsTheUidOfItsPod(string mounts, string? uid) =>
        Assert.Equal(uid, OwnPod.ReadUid($"24 30 0:22 / /proc rw - proc proc rw\n{mounts}\n31 30 0:24 / /sys ro - sysfs sysfs ro\n"));

    [Theory]
    [InlineData(Uid, "other", null, true)]
    [InlineData(null, "shipper-x", "logging", true)]
    [InlineData(null, "shipper-x", null, true)]
    [InlineData(null, "shipper-x", "default", false)]
    [InlineData("another", "shipper-y", "logging", false)]
    [InlineData(null, null, null, false)]
    public void Contains_ContainerOfThePod_IsRecognizedByUidOrName(string? uid, string? name, string? ns, bool isOwn) =>
        Assert.Equal(isOwn, new OwnPod(uid, ns, name).Contains(new ContainerName("logging", "shipper-x", "shipper", Uid)));
}
