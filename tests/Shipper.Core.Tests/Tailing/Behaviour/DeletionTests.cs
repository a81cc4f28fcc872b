using Shipper.Discovery;
using Shipper.Native;
using Shipper.Records;
using Shipper.Tailing.Held;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Deleted files: the agent reads those that it holds, and counts the bytes of those that it can't hold.</summary>
public class DeletionTests : LogFileFixture
{
    [Fact]
    public void Compress_PartlyReadFileExceedsHeldBytes_ReadsRestFromCompressedFile()
    {
        using var sut = new TailingFixture(new TailerOptions { HeldBytes = 1 });
        Append(sut.Log, 1);
        AppendPartialLine(sut.Log);
        sut.Find();
        string rotated = sut.Log + ".20261123-012803";
        File.Move(sut.Log, rotated);
        File.WriteAllText(sut.Log, "");
        sut.Turn();
        Compress(rotated);

        sut.Turn();
        sut.Turn();
        sut.Time.Advance(TimeSpan.FromSeconds(40));
        sut.Turn();

        Assert.Equal(0, sut.Metrics.LostBytes.Get("held_bytes"));
        AssertComplete(sut);
    }

    [Fact]
    public void Delete_AfterUnlink_ClosesFile()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 3);
        sut.Find();
        sut.Unlink();

        File.Delete(sut.Log);
        for (int i = 0; i < 3; i++)
        {
            sut.Time.Advance(TimeSpan.FromSeconds(10));
            sut.TurnWithoutEvent();
        }

        Assert.Equal(0, sut.Status.OpenFiles);
        Assert.Equal(0, sut.Status.Streams);
    }

    [Fact]
    public void Delete_UnreadFile_ReadsToEndAndClosesIt()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 10);
        sut.Find();
        Append(sut.Log, 10);
        File.Delete(sut.Log);

        sut.Turn();
        sut.Time.Advance(TimeSpan.FromSeconds(10));
        sut.Turn();

        AssertComplete(sut);
        Assert.Equal(0, sut.Status.OpenFiles);
        Assert.Equal(0, sut.Status.HeldBytes);
    }

    [Fact]
    public void Delete_HeldBytesExceeded_ReleasesOldestAndCountsLoss()
    {
        using var sut = new TailingFixture(new TailerOptions { HeldBytes = 1 });
        // A line that never ends keeps the file from being finished.
        Append(sut.Log, 1);
        File.AppendAllText(sut.Log, "2026-11-23T01:21:26Z stdout P never finished\n");
        sut.Find();
        File.Move(sut.Log, sut.Log + ".20261123-012803");
        Append(sut.Log, 0);
        sut.Turn();
        File.Delete(sut.Log + ".20261123-012803");

        sut.Turn();

        Assert.Equal("2026-11-23T01:21:26Z stdout P never finished\n".Length, sut.Metrics.LostBytes.Get("held_bytes"));
        Assert.Equal(0, sut.Status.HeldBytes);
        Append(sut.Log, 1);
        sut.Turn();
        AssertComplete(sut);
    }

    [Fact]
    public void Delete_HeldBytesExceededAcrossTwoLanes_ReleasesOldest()
    {
        // Two disk blocks exceed the budget.
        var budget = new HeldBudget(6000);
        using var old = new TailingFixture(batchBytes: 1024, budget: budget);
        using var young = new TailingFixture(batchBytes: 1024, budget: budget);
        Hold(old, TimeSpan.FromHours(2));
        Hold(young, TimeSpan.Zero);

        // The lane with the newer file checks first, and more often.
        young.Turn();
        old.Turn();

        Assert.InRange(old.Metrics.LostBytes.Get("held_bytes"), 1, long.MaxValue);
        Assert.Equal(0, young.Metrics.LostBytes.Get("held_bytes"));

        void Hold(TailingFixture sut, TimeSpan age)
        {
            sut.Withhold();
            Append(sut.Log, 70);
            File.SetLastWriteTimeUtc(sut.Log, sut.Time.GetUtcNow().UtcDateTime - age);
            sut.Find();
            File.Delete(sut.Log);
            sut.Time.Advance(TimeSpan.FromSeconds(1));
            sut.TurnOnce();
        }
    }

    [Fact]
    public void Move_OutOfDirectoryAndUnlink_ClosesFile()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 3);
        sut.Find();

        File.Move(sut.Log, sut["elsewhere"]);
        sut.Unlink();
        sut.Time.Advance(TimeSpan.FromSeconds(10));
        sut.Turn();

        AssertComplete(sut);
        Assert.Equal(0, sut.Status.OpenFiles);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Restart_KilledWithHeldFile_CountsItsUnacknowledgedBytes(bool isBegun)
    {
        using var sut = new TailingFixture(batchBytes: 1000);
        string rotated = sut.Log + ".20261123-012803";
        Append(sut.Log, isBegun ? 1 : 0);
        sut.Find();
        long acknowledged = new FileInfo(sut.Log).Length;
        sut.Withhold();
        Append(sut.Log, 1000);
        sut.Turn();
        File.Move(sut.Log, rotated);
        Append(sut.Log, 1000);
        sut.Turn();
        long size = new FileInfo(rotated).Length;
        File.Delete(rotated);
        sut.Turn();
        Assert.InRange(sut.Status.HeldBytes, size, long.MaxValue);

        sut.Restart();
        sut.Find();

        Assert.Equal(size - acknowledged, sut.Metrics.LostBytes.Get("deleted"));
        AssertComplete(sut, lost: Enumerable.Range(isBegun ? 1 : 0, 1000));
    }

    /// <summary>Someone deletes the file to free disk space while the container is running.</summary>
    [Fact]
    public void Delete_WriterKeepsWriting_ReadsLinesOfNextSeconds()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 5);
        sut.Find();
        using FileStream writer = OpenAsWriter(sut.Log);
        File.Delete(sut.Log);
        sut.Turn();

        // A second and a half later.
        Append(writer, 2);
        sut.TurnWithoutEvent();

        AssertComplete(sut);
    }

    /// <summary>Unless discovery reports that the log is gone, it may have been copied to another disk: its last line waits as long as any other.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Delete_LastLineUnfinished_SendsItAfterUnlinkOrHalfAMinute(bool isUnlinked)
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, "2026-11-23T01:21:26.1Z stdout F half");
        sut.Find();
        File.Delete(sut.Log);
        sut.Turn();
        Assert.Empty(sut.Lines);

        if (isUnlinked)
        {
            sut.Unlink();
        }
        else
        {
            sut.Time.Advance(TimeSpan.FromSeconds(31));
            sut.Turn();
        }

        Assert.Equal(["half"], sut.Lines);
    }

    /// <summary>While the agent is down, a new file gets the inode of the deleted one. Both begin with the same half of a timestamp.</summary>
    [Trait("Speed", "Slow")]
    [Fact]
    public void Restart_OtherFileHasInodeOfDeletedFile_IgnoresIt()
    {
        const int MaxTries = 20_000;
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, "2026-11-23T01");
        Assert.Equal(0, FileStatus.OfPath(sut.Log, out FileStatus deleted));
        sut.Find();
        sut.Restart();
        long restarted = TimeProvider.System.GetUnixNanoseconds();
        File.Delete(sut.Log);
        string other = Path.Combine(Path.GetDirectoryName(sut.Log)!, "other");
        FileStatus made;
        int tries = 0;
        do
        {
            // On a file system that never reuses inodes this test proves nothing.
            File.Delete(other);
            File.WriteAllText(other, "2026-11-23T01:21:26.1Z stdout F another's\n");
            Assert.Equal(0, FileStatus.OfPath(other, out made));
        }
        while ((made.Inode != deleted.Inode || made.CreatedNs < restarted) && ++tries < MaxTries);

        sut.Find();
        sut.Time.Advance(TimeSpan.FromMinutes(1));
        sut.Turn();

        Assert.Empty(sut.Lines);
    }
}
