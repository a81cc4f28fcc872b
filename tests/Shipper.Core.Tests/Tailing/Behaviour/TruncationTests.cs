using Shipper.Native;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Truncated files, with a copy made before (copytruncate) or without one.</summary>
public class TruncationTests : LogFileFixture
{
    [Fact]
    public void CopyTruncate_UnreadRest_ReadsItFromCopy()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 300);
        sut.Find();
        Append(sut.Log, 300);
        File.Copy(sut.Log, sut.Log + ".1");
        Truncate(sut.Log);
        Append(sut.Log, 300);

        sut.Turn();

        AssertComplete(sut);
        Assert.Equal(1, sut.Metrics.TruncatedFiles.Get());
        Assert.Equal(0, sut.Metrics.LostBytes.Get("truncated"));
    }

    [Fact]
    public void CopyTruncate_ShortFileTruncatedBefore_DoesNotTakeCopyForShortFile()
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, "2026-11-23T01:21:");
        sut.Find();
        Truncate(sut.Log);
        sut.TurnOnce();
        Append(sut.Log, 20);
        sut.TurnOnce();
        File.Copy(sut.Log, sut.Log + ".1");
        Truncate(sut.Log);
        sut.TurnOnce();

        sut.Turn();

        Assert.Equal("2026-11-23T01:21:".Length, sut.Metrics.LostBytes.Get("truncated"));
        AssertComplete(sut);
    }

    [Fact]
    public void Truncate_WithoutCopy_CountsLostBytes()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 3);
        sut.Find();
        File.AppendAllText(sut.Log, "2026-11-23T01:21:26Z stdout P never finished\n");
        sut.Turn();
        Truncate(sut.Log);
        Append(sut.Log, 1);

        sut.Turn();

        Assert.Equal("2026-11-23T01:21:26Z stdout P never finished\n".Length, sut.Metrics.LostBytes.Get("truncated"));
        AssertComplete(sut);
    }

    [Fact]
    public void Truncate_TwoFilesAtOnce_NoticesBoth()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 3);
        File.AppendAllText(sut.Log, "2026-11-23T01:21:26Z stdout P open\n");
        sut.Find();
        string rotated = sut.Log + ".20261123-012803";
        File.Move(sut.Log, rotated);
        File.WriteAllText(sut.Log, "2026-11-23T01:21:26Z stderr P open\n");
        sut.Turn();

        Truncate(rotated);
        Truncate(sut.Log);
        sut.Turn();

        Assert.Equal(0, sut.Metrics.InternalErrors.Get());
        Assert.Equal(2, sut.Metrics.TruncatedFiles.Get());
    }

    [Fact]
    public void Truncate_RewrittenLongerInPlace_ReadsNewContent()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 300);
        sut.Find();
        ulong inode = InodeOf(sut.Log);
        sut.Turn();

        // Truncating and rewriting the file is the surest way to keep the inode.
        Truncate(sut.Log);
        Append(sut.Log, 400);
        sut.Turn();

        Assert.Equal(inode, InodeOf(sut.Log));
        AssertComplete(sut);
    }

    [Fact]
    public void CopyTruncate_BetweenCheckAndRead_DoesNotMixOldAndNewContent()
    {
        // More than the read buffer holds, so that the rest is read when Loki has responded, without another check.
        using var sut = new TailingFixture(batchBytes: 2000);
        sut.Withhold();
        Append(sut.Log, 12_000);
        sut.Find();
        File.Copy(sut.Log, sut.Log + ".1");
        Truncate(sut.Log);
        Append(sut.Log, 7_000);

        sut.Answer();
        sut.TurnWithoutEvent();
        sut.Turn();

        AssertComplete(sut);
        Assert.Equal(1, sut.Metrics.TruncatedFiles.Get());
    }

    [Fact]
    public void CopyTruncate_BetweenCheckAndReadOfSmallFile_DoesNotMixOldAndNewContent()
    {
        using var sut = new TailingFixture(batchBytes: 2000);
        sut.Withhold();
        Append(sut.Log, 10);
        sut.Find();

        // Fills the second batch: a line appended now is seen, and read when Loki has responded.
        File.WriteAllText(sut.LogOf("other"), $"2026-11-23T01:21:26Z stdout F {new string('x', 3000)}\n");
        sut.Find("other");
        Append(sut.Log, 1);
        sut.TurnWithoutEvent();
        File.Copy(sut.Log, sut.Log + ".1");
        Truncate(sut.Log);
        Append(sut.Log, 30);

        sut.Answer();
        sut.TurnWithoutEvent();
        sut.Turn();

        AssertComplete(sut);
        Assert.Equal(1, sut.Metrics.TruncatedFiles.Get());
    }

    private static ulong InodeOf(string path)
    {
        Assert.Equal(0, FileStatus.OfPath(path, out FileStatus status));
        return status.Inode;
    }
}
