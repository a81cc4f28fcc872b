using Shipper.Native;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Files are deleted while Loki is unavailable, and the agent is restarted.</summary>
public class HeldCopyTests : LogFileFixture
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Stop_DeletedFilesHeld_SavesCopiesAndReadsThemFirstAtNextStart(int stops)
    {
        using var sut = new TailingFixture(batchBytes: 1000);
        HoldTwoFiles(sut);
        for (int i = 0; i < stops; i++)
        {
            sut.Withhold();
            sut.Stop();
            Assert.Equal(2, sut.Copies.Count());
            sut.Withhold();
            sut.Find();
            Append(sut.Log, 10);
            sut.Turn();
            Assert.InRange(sut.Status.HeldBytes, 1, long.MaxValue);
        }

        sut.Answer();
        Finish(sut);

        AssertComplete(sut);
        AssertNothingLost(sut);
    }

    [Fact]
    public void Stop_FileDeletedInGracePeriod_SavesItToo()
    {
        using var sut = new TailingFixture(batchBytes: 1000);
        HoldTwoFiles(sut);

        sut.Stop(() =>
        {
            Assert.Equal(2, sut.Copies.Count());
            File.Delete(sut.Log);
        });

        Assert.Equal(3, sut.Copies.Count());
        sut.Find();
        Finish(sut);
        AssertComplete(sut);
        AssertNothingLost(sut);
    }

    [Fact]
    public void Restart_KilledAtEachPushAfterStop_SendsEachLineOnce()
    {
        using var sut = new TailingFixture(batchBytes: 5000);
        HoldTwoFiles(sut);
        sut.Stop();
        for (int i = 0; i < 3; i++)
        {
            sut.Find();
            sut.Withhold();
            Append(sut.Log, 10);
            sut.Turn();
            sut.Restart();
        }

        sut.Find();
        Finish(sut);

        AssertComplete(sut);
        AssertNothingLost(sut);
    }

    [Fact]
    public void Stop_MostlyAcknowledged_CopiesOnlyRest()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 20_000);
        sut.Find();
        sut.Withhold();
        Append(sut.Log, 10);
        sut.Turn();
        File.Delete(sut.Log);
        sut.Turn();

        sut.Stop();

        Assert.Equal(0, FileStatus.OfPath(sut[Path.Combine("state/held", Assert.Single(sut.Copies))], out FileStatus copy));
        Assert.InRange(copy.Size, 800_000, long.MaxValue);
        Assert.InRange(copy.AllocatedBytes, 1, 32 * 1024);
        sut.Find();
        Finish(sut);
        AssertComplete(sut);
        AssertNothingLost(sut);
    }

    [Fact]
    public void Stop_DeletedCompressedFile_CopiesItCompressed()
    {
        using var sut = new TailingFixture(batchBytes: 1000);
        sut.Withhold();
        Append(sut.Log, 1000);
        sut.Find();
        string rotated = Rotate(sut, 3);
        sut.Turn();
        string second = Rotate(sut, 4);
        Compress(rotated);
        Compress(second);
        Append(sut.Log, 1000);
        sut.Turn();
        File.Delete(rotated + ".gz");
        File.Delete(second + ".gz");
        sut.Turn();

        sut.Stop();

        Assert.Contains(sut.Copies, name => name.EndsWith(".gz", StringComparison.Ordinal));
        sut.Find();
        Finish(sut);
        AssertComplete(sut);
        AssertNothingLost(sut);
    }

    [Fact]
    public void Stop_FileStillExistsCompressed_CopiesNothing()
    {
        using var sut = new TailingFixture(batchBytes: 1000);
        Append(sut.Log, 1);
        sut.Find();
        sut.Withhold();
        Append(sut.Log, 1000);
        sut.Turn();
        string rotated = Rotate(sut, 3);
        Compress(rotated);
        sut.Turn();

        sut.Stop();

        Assert.Empty(sut.Copies);
        sut.Find();
        Finish(sut);
        AssertComplete(sut);
        AssertNothingLost(sut);
    }

    [Fact]
    public void Start_LogDeletedWithPod_ReadsItFromCopies()
    {
        using var sut = new TailingFixture(batchBytes: 1000);
        HoldTwoFiles(sut);
        File.Delete(sut.Log);

        sut.Stop();
        sut.FindDeleted();
        Finish(sut);

        AssertComplete(sut);
        AssertNothingLost(sut);
        Assert.Equal(0, sut.Status.Streams);
    }

    [Fact]
    public void Start_FilesLeftByKilledAgent_RemovesThem()
    {
        using var sut = new TailingFixture(batchBytes: 1000);
        HoldTwoFiles(sut);
        sut.Stop();
        string[] copies = [.. sut.Copies.Order()];
        File.WriteAllText(sut[$"state/held/{copies[0]}.tmp"], "half");
        File.WriteAllText(sut["state/held/4711-0.log"], "of what the checkpoint does not know");
        File.WriteAllText(sut["state/held/readme"], "");

        sut.Restart();

        Assert.Equal(copies, sut.Copies.Order());
    }

    [Fact]
    public void Start_CopyHasOtherContent_SkipsItAndReportsLoss()
    {
        using var sut = new TailingFixture(batchBytes: 1000);
        HoldTwoFiles(sut);
        sut.Stop();
        string copy = sut[$"state/held/{sut.Copies.Order().First()}"];
        File.WriteAllText(copy, new string('x', (int)new FileInfo(copy).Length));

        sut.Find();
        Finish(sut);

        Assert.Single(sut.Notices);
        Assert.Equal(0, sut.Status.HeldBytes);
        Assert.Empty(sut.Copies);
    }

    private static void AssertNothingLost(TailingFixture sut)
    {
        Assert.Empty(sut.Notices);
        Assert.Empty(sut.Copies);
        Assert.Equal(0, sut.Status.HeldBytes);
        Assert.Equal(0, sut.Metrics.LostBytes.Get("deleted") + sut.Metrics.LostBytes.Get("truncated") + sut.Metrics.LostBytes.Get("held_bytes"));
    }

    private static void Finish(TailingFixture sut)
    {
        sut.Turn();
        sut.Time.Advance(TimeSpan.FromSeconds(10));
        sut.Turn();
    }

    /// <summary>Deletes two files while Loki is unavailable, one of them partly read.</summary>
    private void HoldTwoFiles(TailingFixture sut)
    {
        Append(sut.Log, 5);
        sut.Find();
        sut.Withhold();
        Append(sut.Log, 1000);
        sut.Turn();
        string first = Rotate(sut, 3);
        Append(sut.Log, 1000);
        sut.Turn();
        string second = Rotate(sut, 4);
        Append(sut.Log, 1000);
        sut.Turn();
        File.Delete(first);
        File.Delete(second);
        sut.Turn();
    }

    private string Rotate(TailingFixture sut, int second)
    {
        string rotated = $"{sut.Log}.20261123-01280{second}";
        File.Move(sut.Log, rotated);
        Append(sut.Log, 1);
        return rotated;
    }
}
