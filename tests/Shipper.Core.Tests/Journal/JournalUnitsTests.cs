using System.Globalization;
using System.Text;
using Shipper.Journal;
using Shipper.Protocol;

namespace Shipper.Core.Tests.Journal;

public class JournalUnitsTests
{
    [Theory]
    [InlineData("kubelet.service", "kubelet.service")]
    [InlineData("getty@tty1.service", "getty@.service")]
    [InlineData("getty@.service", "getty@.service")]
    [InlineData("systemd-coredump@3-1234-0.service", "systemd-coredump@.service")]
    [InlineData("sshd@12-10.0.0.1:22-10.0.0.2:55555.service", "sshd@.service")]
    [InlineData("systemd-fsck@dev-disk-by\\x2duuid-1.service", "systemd-fsck@.service")]
    [InlineData("a@b.c@d.socket", "a@.socket")]
    [InlineData("session-4.scope", "scope")]
    [InlineData("init.scope", "scope")]
    [InlineData("cri-containerd-0123.scope", "scope")]
    [InlineData("run-r0123456789abcdef0123456789abcdef.service", "run-.service")]
    [InlineData("run-u123.service", "run-.service")]
    [InlineData("run-p123-i456.service", "run-.service")]
    [InlineData("run-4711.timer", "run-.timer")]
    [InlineData("run-parts.service", "run-parts.service")]
    [InlineData("run-user.service", "run-user.service")]
    [InlineData("run-.service", "run-.service")]
    [InlineData("run-p-i.service", "run-p-i.service")]
    [InlineData("run-containerd-io.containerd.runtime.v2.task-k8s.io-0123-rootfs.mount", "mount")]
    [InlineData("proc-sys-fs-binfmt_misc.automount", "automount")]
    [InlineData("dev-sda1.swap", "swap")]
    [InlineData("dev-sda.device", "device")]
    [InlineData("user-1000.slice", "slice")]
    [InlineData("dbus-:1.2-org.freedesktop.problems@0.service", "dbus-.service")]
    [InlineData("nodot", "nodot")]
    [InlineData("@", "@")]
    [InlineData(".", ".")]
    [InlineData(".scope", "scope")]
    public void Find_Name_GivesTheLabel(string name, string label)
    {
        var sut = new JournalUnits([], []);

        JournalUnit unit = sut.Find(Encoding.UTF8.GetBytes(name));

        Assert.Equal((name, label, name != label), (unit.FullName, unit.Label, !unit.Metadata.IsEmpty));
        Assert.Same(unit, sut.Find(Encoding.UTF8.GetBytes(name)));
    }

    [Fact]
    public void Find_UnitsWithTheSameLabel_ShareIt()
    {
        var sut = new JournalUnits([], []);
        JournalUnit one = sut.Find("getty@tty1.service"u8);
        JournalUnit two = sut.Find("getty@tty2.service"u8);

        Assert.Same(one.Label, two.Label);
        Assert.Equal(one.LabelIndex, two.LabelIndex);
        Assert.Equal(one.LabelIndex + 1, sut.Find("sshd.service"u8).LabelIndex);
    }

    [Fact]
    public void Find_NoName_GivesUnknown() => Assert.Equal("unknown", new JournalUnits([], []).Find([]).Label);

    [Theory]
    [InlineData(256)]
    [InlineData(2_049)]
    [InlineData(1_000_000)]
    public void Find_NameTooLong_GivesUnknownAndKeepsTheNameInMetadata(int length)
    {
        var sut = new JournalUnits([], []);

        JournalUnit unit = sut.Find(Encoding.UTF8.GetBytes(new string('x', length - 8) + ".service"));

        Assert.Equal(("unknown", true), (unit.Label, !unit.Metadata.IsEmpty));
        Assert.Equal(Math.Min(length, JournalMetadata.MaxValueBytes), Value(unit).Length);
    }

    [Fact]
    public void Find_NameIsNotUtf8_GivesUnknownAndKeepsTheNameInMetadata()
    {
        JournalUnit unit = new JournalUnits([], []).Find([(byte)'a', 0xff, (byte)'b']);

        Assert.Equal("unknown", unit.Label);
        Assert.Equal("a\uFFFDb", Value(unit));
    }

    [Fact]
    public void Find_TooManyLabels_GivesOther()
    {
        var sut = new JournalUnits([], []);
        for (int i = 0; i < 3 * JournalUnits.MaxNames; i++)
        {
            JournalUnit unit = sut.Find(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"job-{i}.service")));
            Assert.InRange(unit.LabelIndex, 0, JournalUnits.MaxLabels - 1);
            Assert.Equal(unit.Label != unit.FullName, !unit.Metadata.IsEmpty);
        }

        Assert.True(sut.IsFull);
        JournalUnit last = sut.Find("job-5999.service"u8);
        Assert.Equal((JournalUnits.OtherLabel, "job-5999.service"), (last.Label, Value(last)));
        Assert.Equal("job-7.service", sut.Find("job-7.service"u8).Label);
    }

    [Theory]
    [InlineData("", "", "kubelet.service", true)]
    [InlineData("kubelet.service", "", "kubelet.service", true)]
    [InlineData("kubelet.service", "", "sshd.service", false)]
    [InlineData("kube*", "", "kubelet.service", true)]
    [InlineData("getty@tty?.service", "", "getty@tty1.service", true)]
    [InlineData("getty@tty1.service", "", "getty@tty2.service", false)]
    [InlineData("getty@.service", "", "getty@tty2.service", true)]
    [InlineData("getty@*", "getty@tty2.service", "getty@tty2.service", false)]
    [InlineData("", "scope", "session-1.scope", false)]
    [InlineData("", "*.scope", "session-1.scope", false)]
    [InlineData("scope", "", "session-1.scope", true)]
    [InlineData("systemd-fsck@dev-disk-by\\x2duuid*", "", "systemd-fsck@dev-disk-by\\x2duuid-1.service", true)]
    [InlineData("KUBELET.service", "", "kubelet.service", false)]
    [InlineData("kernel", "", "kubelet.service", false)]
    [InlineData("kubelet", "", "kubelet.service", true)]
    [InlineData("kubelet", "", "kubelet.socket", false)]
    [InlineData("kubelet.socket", "", "kubelet.service", false)]
    [InlineData("dbus-org.freedesktop.login1", "", "dbus-org.freedesktop.login1.service", true)]
    [InlineData("getty@tty1", "", "getty@tty1.service", true)]
    [InlineData("", "kubelet", "kubelet.service", false)]
    [InlineData("", "kubelet", "kubelet-proxy.service", true)]
    public void IsWanted_Globs_MatchNameAndLabel(string include, string exclude, string name, bool expected)
    {
        var sut = new JournalUnits(include.Length == 0 ? [] : [include], exclude.Length == 0 ? [] : [exclude]);

        Assert.Equal(expected, sut.Find(Encoding.UTF8.GetBytes(name)).IsWanted);
        Assert.Equal(include is "" or "kernel", sut.Kernel.IsWanted);
    }

    private static string Value(JournalUnit unit) =>
        EntryAdapter.Parser.ParseFrom(unit.Metadata.ToArray()).StructuredMetadata.Single(pair => pair.Name == "unit_full").Value;
}
