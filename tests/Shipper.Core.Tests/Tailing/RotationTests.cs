using System.IO.Compression;
using System.Text;
using Shipper.Native;

namespace Shipper.Tailing;

/// <summary>A fixed table of what happens to log files; what comes of their combinations, the model tests.</summary>
public class RotationTests
{
    private int _number;

    [Fact]
    public void Rename_UnreadRest_IsReadBeforeTheNewFile()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 3);
        sut.Find();
        Append(sut.Log, 2);
        File.Move(sut.Log, sut.Log + ".20261123-012803");
        Append(sut.Log, 2);

        sut.Turn();

        AssertComplete(sut);
    }

    [Fact]
    public void SeveralGenerationsAtTheStart_AreReadOldestFirst()
    {
        using var sut = new TailingFixture();
        foreach (string stamp in (string[])["012803", "012809", "012815", "012821"])
        {
            Append(sut.Log, 5);
            File.Move(sut.Log, $"{sut.Log}.20261123-{stamp}");
        }

        foreach (string stamp in (string[])["012803", "012809", "012815"])
        {
            Compress($"{sut.Log}.20261123-{stamp}");
        }

        Append(sut.Log, 5);

        sut.Find();

        AssertComplete(sut);
    }

    [Fact]
    public void Compress_UnbegunGeneration_IsHeldAsTheSmallerFile()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 1);
        sut.Find();
        File.Move(sut.Log, sut.Log + ".20261123-012803");
        Append(sut.Log, 5);
        sut.Turn();
        Compress(sut.Log + ".20261123-012803");
        File.Move(sut.Log, sut.Log + ".20261123-012809");
        Append(sut.Log, 5);
        sut.Turn();
        Compress(sut.Log + ".20261123-012809");
        sut.Turn();
        Append(sut.Log, 1);
        sut.Turn();

        AssertComplete(sut);
        Assert.Equal(0, sut.Status.HeldBytes);
    }

    [Fact]
    public void CopyTruncate_UnreadRest_IsReadFromTheCopy()
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
    public void CopyTruncate_AfterAFileOfAFewBytesWasTruncated_IsNotTakenForIt()
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
    public void Truncate_WithoutCopy_CountsWhatIsLost()
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rotated_BehindAFileOfAFewBytes_IsNoCopyOfIt(bool isCompressed)
    {
        using var sut = new TailingFixture();
        string rotated = sut.Log + ".20261123-012803";
        Append(rotated, 5);
        if (isCompressed)
        {
            Compress(rotated);
        }

        // All lines begin so: that is not enough to tell one file from the other.
        File.WriteAllText(sut.Log, "2026-1");

        sut.Find();

        AssertComplete(sut);
    }

    [Fact]
    public void Truncate_TwoFilesAtOnce_AreBothReadAnew()
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
    public void Delete_BegunFileThatIsCompressed_IsReadFromThereWhenItCanBeHeldNoLonger()
    {
        using var sut = new TailingFixture(new TailerOptions { HeldBytes = 1 });
        Append(sut.Log, 1);
        File.AppendAllText(sut.Log, $"2026-11-23T01:21:27Z stdout P line {_number++}\n");
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
    public void Open_FailsForAWhile_KeepsThePosition()
    {
        // Without a permission root may open it all the same; through a path that ends in a file nobody may.
        using var sut = new TailingFixture();
        Append(sut.Log, 20);
        sut.Find();
        string rotated = sut.Log + ".20261123-012803";
        File.Move(sut.Log, rotated);
        Append(sut.Log, 2);
        sut.Turn();
        sut.Time.Advance(TimeSpan.FromSeconds(10));
        sut.Turn();

        Compress(rotated);
        File.Move(rotated + ".gz", sut["aside"]);
        File.CreateSymbolicLink(rotated + ".gz", rotated + ".gz");
        sut.Turn();
        File.Delete(rotated + ".gz");
        File.Move(sut["aside"], rotated + ".gz");
        sut.Turn();

        Assert.Equal(0, sut.Metrics.LostBytes.Get("deleted"));
        AssertComplete(sut);
    }

    [Theory]
    [InlineData("this is no gzip file, whatever it is called")]
    [InlineData("\u001f")]
    public void Gzip_IsNone_IsCountedAndTheOthersGoOn(string content)
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log + ".20261123-012803.gz", content);
        Append(sut.Log, 5);

        sut.Find();

        AssertComplete(sut);
        Assert.Equal(1, sut.Metrics.FileErrors.Get("damaged_gzip"));
    }

    [Fact]
    public void Start_InTheMiddleOfALine_TakesNoLaterLineForOld()
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, "lf of a line\n2020-01-01T00:00:01Z stdout F one\n2020-01-01T00:00:02Z stdout F two\n");

        sut.Find();

        Assert.Equal(["lf of a line", "one", "two"], sut.Lines);
        Assert.All(sut.Entries, entry => Assert.Equal(2020, entry.Timestamp.ToDateTime().Year));
    }

    [Fact]
    public void Gzip_WithOtherThingsAtItsEnd_IsCompleteAndCountsNothing()
    {
        using var sut = new TailingFixture();
        string rotated = sut.Log + ".20261123-012803";
        Append(rotated, 3000);
        Compress(rotated);
        File.AppendAllText(rotated + ".gz", "garbage garbage");
        Append(sut.Log, 5);

        sut.Find();

        AssertComplete(sut);
        Assert.Equal(0, sut.Metrics.LostBytes.Get("damaged_gzip"));
    }

    [Fact]
    public void Line_LongerThanCanBeKept_ItsPiecesHaveItsTime()
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, "2026-11-23T01:21:20Z stdout F first\n2026-11-23T01:21:26Z stdout F " + new string('x', 17 * 1024 * 1024) + "\n");

        sut.Find();

        Assert.Equal(3, sut.Entries.Count);
        Assert.Equal(sut.Entries[1].Timestamp.Seconds, sut.Entries[2].Timestamp.Seconds);
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
    public void Recreate_SameInode_IsAnotherFile()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 300);
        sut.Find();
        ulong inode = InodeOf(sut.Log);
        sut.Turn();

        // Emptied and written anew: the surest way to the same inode.
        Truncate(sut.Log);
        Append(sut.Log, 400);
        sut.Turn();

        Assert.Equal(inode, InodeOf(sut.Log));
        AssertComplete(sut);
    }

    [Fact]
    public void Gzip_Damaged_CountsTheRestAndGoesOn()
    {
        using var sut = new TailingFixture();
        string rotated = sut.Log + ".20261123-012803";
        Append(rotated, 5_000);
        Compress(rotated);
        byte[] compressed = File.ReadAllBytes(rotated + ".gz");
        for (int i = compressed.Length / 2; i < compressed.Length - 8; i++)
        {
            compressed[i] ^= 0x5A;
        }

        File.WriteAllBytes(rotated + ".gz", compressed);
        Append(sut.Log, 3);

        sut.Find();

        Assert.Equal(["line 5000", "line 5001", "line 5002"], sut.Lines.TakeLast(3));
        Assert.InRange(sut.Metrics.LostBytes.Get("damaged_gzip"), 1, long.MaxValue);
        Assert.Contains(sut.Messages.Messages, message => message.Contains("no valid gzip file", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, 20)]
    [InlineData(true, 0)]
    public void FirstStart_StartAt_DecidesWhatIsRead(bool atTheEnd, int expected)
    {
        var startAt = new StartAt(atTheEnd ? StartMode.End : StartMode.Beginning);
        using var sut = new TailingFixture(new TailerOptions { StartAt = startAt }, isInitial: true);
        Append(sut.Log + ".20261123-012803", 10);
        Compress(sut.Log + ".20261123-012803");
        Append(sut.Log, 10);
        sut.Find();
        Assert.Equal(expected, sut.Entries.Count);

        Append(sut.Log, 3);
        sut.Turn();
        Assert.Equal(expected + 3, sut.Entries.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void FirstStart_StartAtAnAge_ReadsTheYoungerRecords(bool isCompressed)
    {
        using var sut = new TailingFixture(new TailerOptions { StartAt = new StartAt(StartMode.Age, TimeSpan.FromHours(1)) }, isInitial: true);
        var text = new StringBuilder();
        DateTimeOffset now = sut.Time.GetUtcNow();
        for (int i = 0; i < 40_000; i++)
        {
            DateTimeOffset time = now - TimeSpan.FromHours(2) + TimeSpan.FromSeconds(i * 7200.0 / 40_000);
            text.Append(time.UtcDateTime.ToString("O")).Append(" stdout F ").Append(i).Append('\n');
        }

        string path = isCompressed ? sut.Log + ".20261123-012803" : sut.Log;
        File.WriteAllText(path, text.ToString());
        if (isCompressed)
        {
            Compress(path);
        }

        sut.Find();

        Assert.Equal("20000", sut.Lines.First());
        Assert.Equal("39999", sut.Lines.Last());
        Assert.Equal(20_000, sut.Entries.Count);
    }

    private static ulong InodeOf(string path)
    {
        Assert.Equal(0, FileStatus.OfPath(path, out FileStatus status));
        return status.Inode;
    }

    private static void Truncate(string path)
    {
        using FileStream file = File.OpenWrite(path);
        file.SetLength(0);
    }

    private static void Compress(string path)
    {
        using (FileStream file = File.Create(path + ".tmp"))
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest))
        {
            gzip.Write(File.ReadAllBytes(path));
        }

        File.Move(path + ".tmp", path + ".gz");
        File.Delete(path);
    }

    private void Append(string path, int lines)
    {
        var text = new StringBuilder();
        for (int i = 0; i < lines; i++)
        {
            text.Append("2026-11-23T01:21:26.").Append(_number.ToString("D9", System.Globalization.CultureInfo.InvariantCulture)).Append("Z stdout F line ").Append(_number++).Append('\n');
        }

        File.AppendAllText(path, text.ToString());
    }

    private void AssertComplete(TailingFixture sut) =>
        Assert.Equal(Enumerable.Range(0, _number).Select(number => $"line {number}"), sut.Lines);
}
