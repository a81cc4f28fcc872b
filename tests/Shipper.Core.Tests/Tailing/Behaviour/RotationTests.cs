namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>A fixed set of things that happen to log files. The model tests cover their combinations.</summary>
public class RotationTests : LogFileFixture
{
    [Fact]
    public void Rename_UnreadRest_ReadsItBeforeNewFile()
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
    public void Start_SeveralGenerations_ReadsOldestFirst()
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
    public void Compress_UnreadGeneration_ReadsCompressedFileInstead()
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Find_LiveFileHasFewBytes_DoesNotTakeRotatedFileForItsCopy(bool isCompressed)
    {
        using var sut = new TailingFixture();
        string rotated = sut.Log + ".20261123-012803";
        Append(rotated, 5);
        if (isCompressed)
        {
            Compress(rotated);
        }

        // All lines begin like this: the beginning does not distinguish one file from another.
        File.WriteAllText(sut.Log, "2026-1");

        sut.Find();

        AssertComplete(sut);
    }

    [Fact]
    public void Open_FailsForAWhile_KeepsPosition()
    {
        // Root can open a file without permission, but nobody can open a link that leads to itself.
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

    [Fact]
    public void Read_GzipWithTrailingGarbage_ReadsAllAndCountsNoLoss()
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
    public void Read_LineLongerThanCanBeKept_GivesAllPiecesItsTime()
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, "2026-11-23T01:21:20Z stdout F first\n2026-11-23T01:21:26Z stdout F " + new string('x', 17 * 1024 * 1024) + "\n");

        sut.Find();

        Assert.Equal(3, sut.Entries.Count);
        Assert.Equal(sut.Entries[1].Timestamp.Seconds, sut.Entries[2].Timestamp.Seconds);
    }

    [Fact]
    public void Read_GzipDamaged_CountsRestAndReadsNextFile()
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
        Assert.Contains(sut.Messages.Messages, message => message.Contains("not a valid gzip file", StringComparison.Ordinal));
    }

    /// <summary>kubelet's suffix is the local time: at the end of daylight saving time the later rotation has the older name.</summary>
    [Fact]
    public void Scan_LaterRotationHasOlderName_KeepsOrder()
    {
        using var sut = new TailingFixture(batchBytes: 1000);
        sut.Withhold();
        Append(sut.Log, 100);
        sut.Find();
        File.Move(sut.Log, sut.Log + ".20261025-025950");
        Append(sut.Log, 100);
        sut.Turn();
        File.Move(sut.Log, sut.Log + ".20261025-020001");
        Append(sut.Log, 100);
        sut.Turn();

        sut.Answer();
        sut.Turn();

        AssertComplete(sut);
    }

    [Fact]
    public void Scan_FileRenamedTwiceBetweenScans_KeepsOrder()
    {
        using var sut = new TailingFixture(batchBytes: 1000);
        sut.Withhold();
        Append(sut.Log, 100);
        sut.Find();
        foreach (string[] stamps in (string[][])[["025950"], ["020001"], ["020011", "020021"]])
        {
            foreach (string stamp in stamps)
            {
                File.Move(sut.Log, $"{sut.Log}.20261025-{stamp}");
                Append(sut.Log, 100);
            }

            sut.Turn();
        }

        sut.Answer();
        sut.Turn();

        AssertComplete(sut);
    }

    [Fact]
    public void Compress_WriterKeepsWriting_ReadsRestFromOpenFile()
    {
        using var sut = new TailingFixture(batchBytes: 1000);
        sut.Withhold();
        Append(sut.Log, 100);
        sut.Find();
        File.Move(sut.Log, sut.Log + ".2");
        Append(sut.Log, 50);
        sut.Turn();
        File.Move(sut.Log, sut.Log + ".1");
        using (FileStream writer = OpenAsWriter(sut.Log + ".1"))
        {
            Append(sut.Log, 0);
            Compress(sut.Log + ".1");
            Append(writer, 2);
        }

        sut.Turn();
        Append(sut.Log, 2);
        sut.Answer();
        sut.Turn();

        AssertComplete(sut);
    }

    [Fact]
    public void Open_FailsAtFirst_RetriesEachSecondWithoutEvent()
    {
        // This stands for a file without permission, which root could open.
        using var sut = new TailingFixture();
        File.CreateSymbolicLink(sut.Log, sut.Log);
        sut.Find();
        Assert.Equal(2, sut.Metrics.FileErrors.Get("unreadable"));
        sut.TurnWithoutEvent();
        Assert.Equal(3, sut.Metrics.FileErrors.Get("unreadable"));

        File.Delete(sut.Log);
        Append(sut.Log, 5);
        sut.TurnWithoutEvent();
        sut.TurnWithoutEvent();

        AssertComplete(sut);
        Assert.Equal(3, sut.Metrics.FileErrors.Get("unreadable"));
    }
}
