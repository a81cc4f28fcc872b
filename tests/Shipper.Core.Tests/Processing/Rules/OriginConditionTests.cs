using Shipper.Processing;
using Shipper.Processing.Rules;

namespace Shipper.Core.Tests.Processing.Rules;

public class OriginConditionTests
{
    private static readonly RecordOrigin Pod = new() { Source = "container", Namespace = "batch-eu", Pod = "report-29541", Container = "main" };
    private static readonly RecordOrigin Unit = new() { Source = "journal", Unit = "kubelet.service" };
    private static readonly RecordOrigin File = new() { Source = "file", Filename = "/var/log/kubernetes/audit/audit.log" };

    [Fact]
    public void CanHold_NoCondition_IsTrueForEverySource() =>
        Assert.All([Pod, Unit, File], origin => Assert.True(OriginCondition.CanHold(new WhenOptions(), origin)));

    [Fact]
    public void CanHold_OneOfSeveralValues_IsTrue()
    {
        Assert.True(OriginCondition.CanHold(new WhenOptions { Source = ["journal", "container"] }, Pod));
        Assert.True(OriginCondition.CanHold(new WhenOptions { Namespace = ["shop", "batch-*"] }, Pod));
        Assert.True(OriginCondition.CanHold(new WhenOptions { Pod = ["report-?????"], Container = ["main"] }, Pod));
        Assert.True(OriginCondition.CanHold(new WhenOptions { Unit = ["kubelet*"] }, Unit));
        Assert.True(OriginCondition.CanHold(new WhenOptions { Filename = ["*/audit/*"] }, File));
    }

    [Fact]
    public void CanHold_OnePartDoesNotHold_IsFalse()
    {
        Assert.False(OriginCondition.CanHold(new WhenOptions { Source = ["file"] }, Pod));
        Assert.False(OriginCondition.CanHold(new WhenOptions { Namespace = ["batch-*"], Container = ["sidecar"] }, Pod));
        Assert.False(OriginCondition.CanHold(new WhenOptions { Namespace = ["Batch-*"] }, Pod));
        Assert.False(OriginCondition.CanHold(new WhenOptions { Pod = ["report"] }, Pod));
    }

    [Fact]
    public void CanHold_PartThatTheSourceLacks_IsFalse()
    {
        Assert.False(OriginCondition.CanHold(new WhenOptions { Namespace = ["*"] }, Unit));
        Assert.False(OriginCondition.CanHold(new WhenOptions { Stream = ["stdout"] }, File));
        Assert.True(OriginCondition.CanHold(new WhenOptions { Stream = ["stderr"] }, Pod));
    }
}
