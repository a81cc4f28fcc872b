using Shipper.Discovery;
using Shipper.Native;
using Shipper.Records;
using Shipper.Tailing.Held;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Files that are deleted: what the agent holds of them is read, what it can't hold is counted.</summary>
public class DeletionTests : LogFileFixture
{
    [Fact]
    public void Delete_BegunFileThatIsCompressed_IsReadFromThereWhenItCanBeHeldNoLonger()
    {
        using var sut = new TailingFixture(new TailerOptions { HeldBytes = 1 });
        Append(sut.Log, 1);
        AppendOpen(sut.Log);
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
    public void Delete_AfterItsLinkIsGone_LetsTheFileGo()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 3);
        sut.Find();
        sut.Unlink();

        File.Delete(sut.Log);
        for (int i = 0; i < 3; i++)
        {
            sut.Time.Advance(TimeSpan.FromSeconds(10));
            sut.TurnUnseen();
        }

        Assert.Equal(0, sut.Status.OpenFiles);
        Assert.Equal(0, sut.Status.Streams);
    }

    [Fact]
    public void Delete_UnreadFile_IsReadToItsEndAndLetGo()
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
    public void Delete_MoreThanMayBeHeld_LetsTheOldestGoAndCountsIt()
    {
        using var sut = new TailingFixture(new TailerOptions { HeldBytes = 1 });
        // A line that never ends keeps the file from being done with.
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
    public void Delete_MoreThanMayBeHeldOverTwoLanes_LetsTheOldestGo()
    {
        // Two blocks of the disk are too much.
        var budget = new HeldBudget(6000);
        using var old = new TailingFixture(batchBytes: 1024, budget: budget);
        using var young = new TailingFixture(batchBytes: 1024, budget: budget);
        Hold(old, TimeSpan.FromHours(2));
        Hold(young, TimeSpan.Zero);

        // The one with the younger file looks first, and often.
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
    public void Move_OutOfItsDirectory_LetsTheFileGoWithItsLog()
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
    public void Delete_ThenKilled_CountsWhatWasHeldAtTheNextStart(bool isBegun)
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

    /// <summary>Somebody frees the disk while the container runs.</summary>
    [Fact]
    public void Delete_WhileItsWriterStillWrites_ReadsWhatComesInTheNextSeconds()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 5);
        sut.Find();
        using FileStream writer = OpenAsWriter(sut.Log);
        File.Delete(sut.Log);
        sut.Turn();

        // A second and a half later.
        Append(writer, 2);
        sut.TurnUnseen();

        AssertComplete(sut);
    }

    /// <summary>If nothing tells that the log is gone, it may have been copied to another disk: its last line waits as long as any other.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Delete_InTheMiddleOfALine_TheHalfWaitsForDiscoveryOrHalfAMinute(bool isUnlinked)
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

    /// <summary>A file with the inode of the deleted one, made while the agent was away, that begins alike: as much as half a time.</summary>
    [Fact]
    public void Delete_InodeIsUsedAgainWhileTheAgentIsAway_TheOtherFileIsNotTakenForIt()
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
            // A file system that never uses inodes again shows nothing here.
            File.Delete(other);
            File.WriteAllText(other, "2026-11-23T01:21:26.1Z stdout F another's\n");
            Assert.Equal(0, FileStatus.OfPath(other, out made));
        }
        while ((made.Inode != deleted.Inode || made.BornNs < restarted) && ++tries < MaxTries);

        sut.Find();
        sut.Time.Advance(TimeSpan.FromMinutes(1));
        sut.Turn();

        Assert.Empty(sut.Lines);
    }
}
