using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Tailing.Files;

/// <summary>The directory of a log is another one: a link on the way was turned, the files were copied, something was mounted over it.</summary>
public class RelocationTests : LogFileFixture
{
    /// <summary>What is written behind the copy's end arrives, and the copy itself does not.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Copy_ToAnotherDirectory_GoesOnInTheCopy(bool isAway, bool isOldDeleted)
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 50);
        File.Move(sut.Log, sut.Log + ".20261123-012803");
        Append(sut.Log, 50);
        Compress(sut.Log + ".20261123-012803");
        sut.Find();
        if (isAway)
        {
            sut.Restart();
        }

        string copy = CopyTo(sut, "elsewhere");
        if (isOldDeleted)
        {
            Directory.Delete(Path.GetDirectoryName(sut.Log)!, recursive: true);
        }

        Append(copy, 50);
        TurnTo(sut, copy, isAway);
        Append(copy, 10);
        sut.Turn();

        AssertComplete(sut);
        Assert.Equal(0, Lost(sut));
    }

    /// <summary>A directory that is deleted before the link is turned is remembered.</summary>
    [Fact]
    public void Copy_OldDirectoryIsGoneForAWhile_IsRemembered()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 50);
        File.Move(sut.Log, sut.Log + ".20261123-012803");
        Append(sut.Log, 50);
        sut.Find();
        string copy = CopyTo(sut, "elsewhere");
        Directory.Delete(Path.GetDirectoryName(sut.Log)!, recursive: true);
        sut.Unlink();
        sut.Time.Advance(TimeSpan.FromMinutes(1));
        sut.TurnUnseen();

        Append(copy, 20);
        sut.FindMoved(copy);

        AssertComplete(sut);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Move_OfTheDirectory_GoesOnInTheSameFiles(bool isAway)
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 50);
        sut.Find();
        if (isAway)
        {
            sut.Restart();
        }

        string moved = sut["moved/main/0.log"];
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetDirectoryName(moved))!);
        Directory.Move(Path.GetDirectoryName(sut.Log)!, Path.GetDirectoryName(moved)!);
        Append(moved, 20);
        TurnTo(sut, moved, isAway);
        Append(moved, 20);
        sut.Turn();

        AssertComplete(sut);
        Assert.Equal(1, sut.Status.OpenFiles);
    }

    /// <summary>The runtime has the old file open, and does not hear of the link.</summary>
    [Fact]
    public void Copy_OldFileIsWrittenOn_BothAreRead()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 50);
        sut.Find();
        string copy = CopyTo(sut, "elsewhere");
        Append(sut.Log, 10);
        TurnTo(sut, copy, isAway: false);
        Append(sut.Log, 10);
        sut.Turn();
        sut.Time.Advance(TimeSpan.FromMinutes(2));
        sut.TurnUnseen();
        Append(sut.Log, 10);
        sut.TurnUnseen();
        Append(copy, 10);
        sut.Turn();

        AssertComplete(sut);
    }

    /// <summary>Both were written to since the copy was made, and not all was read of the old one.</summary>
    [Fact]
    public void Copy_UnreadRestOfTheOldOne_IsReadBeforeTheNew()
    {
        using var sut = new TailingFixture(batchBytes: 1000);
        sut.Withhold();
        Append(sut.Log, 100);
        sut.Find();
        string copy = CopyTo(sut, "elsewhere");
        Append(sut.Log, 50);
        Append(copy, 50);
        TurnTo(sut, copy, isAway: false);

        sut.Answer();
        sut.Turn();

        AssertComplete(sut);
    }

    /// <summary>Discovery finds the copy a moment after the old file is gone: the end of the line is in the copy.</summary>
    [Theory]
    [InlineData("F")]
    [InlineData("P")]
    public void Copy_InTheMiddleOfALine_TheLineIsOne(string tag)
    {
        using var sut = new TailingFixture();
        string line = $"2026-11-23T01:21:26.1Z stdout {tag} half";
        File.WriteAllText(sut.Log, tag == "P" ? line + "\n" : line);
        sut.Find();
        string copy = CopyTo(sut, "elsewhere");
        Directory.Delete(Path.GetDirectoryName(sut.Log)!, recursive: true);
        sut.TurnUnseen();
        Assert.Empty(sut.Lines);

        TurnTo(sut, copy, isAway: false);
        sut.FindMoved(copy);
        File.AppendAllText(copy, (tag == "P" ? "2026-11-23T01:21:26.2Z stdout F " : "") + " a line\n");
        sut.Turn();

        Assert.Equal(["half a line"], sut.Lines);
        Assert.Equal(0, Lost(sut));
    }

    /// <summary>Half a line is the beginning of many files. None of them may be taken for what is left of the old one.</summary>
    [Fact]
    public void Copy_OfHalfALine_OtherFilesThatBeginAlikeAreReadFromTheirBeginning()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 1);
        byte[] line = File.ReadAllBytes(sut.Log);
        File.WriteAllBytes(sut.Log, line[..13]);
        sut.Find();
        string copy = CopyTo(sut, "elsewhere");
        Directory.Delete(Path.GetDirectoryName(sut.Log)!, recursive: true);
        TurnTo(sut, copy, isAway: false);
        sut.TakeOver();
        sut.FindMoved(copy);
        sut.Restart();

        File.AppendAllBytes(copy, line[13..]);
        File.Move(copy, copy + ".20261123-012803");
        Compress(copy + ".20261123-012803");
        Append(copy, 5);
        File.Move(copy, copy + ".20261123-012804");
        Append(copy, 5);
        sut.FindMoved(copy);

        AssertComplete(sut);
        Assert.Equal(0, Lost(sut));
    }

    /// <summary>The rotated file was read and closed. Its beginning is also all that the live one has.</summary>
    [Fact]
    public void Copy_OfRotatedFilesAndHalfALine_EachIsRecognised()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 2);
        File.Move(sut.Log, sut.Log + ".20261123-012803");
        Append(sut.Log, 1);
        byte[] line = File.ReadAllBytes(sut.Log);
        File.WriteAllBytes(sut.Log, line[..13]);
        sut.Find();
        sut.Time.Advance(TimeSpan.FromSeconds(6));
        sut.Turn();
        string copy = CopyTo(sut, "elsewhere");
        Directory.Delete(Path.GetDirectoryName(sut.Log)!, recursive: true);
        TurnTo(sut, copy, isAway: false);
        File.AppendAllBytes(copy, line[13..]);
        Append(copy, 5);
        sut.Turn();
        sut.Restart();
        sut.FindMoved(copy);

        AssertComplete(sut);
    }

    /// <summary>A line begins in a file that is deleted, and ends behind the move.</summary>
    [Fact]
    public void Copy_LineBeganInADeletedFile_IsOneRecord()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 2);
        AppendOpen(sut.Log);
        sut.Find();
        File.Delete(sut.Log);
        File.WriteAllText(sut.Log, "");
        sut.Turn();
        string copy = CopyTo(sut, "elsewhere");
        Directory.Delete(Path.GetDirectoryName(sut.Log)!, recursive: true);
        Append(copy, 2);
        TurnTo(sut, copy, isAway: false);

        Assert.Equal(["line 0", "line 1", "line 2line 3", "line 4"], sut.Lines);
    }

    /// <summary>The old live file was emptied in the new directory. It is read behind the rotated ones, by the next agent, too.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Copy_LiveFileIsLeftInTheOldDirectory_IsReadInItsPlace(bool isRestarted)
    {
        using var sut = new TailingFixture();
        sut.RefuseAll(new PushAnswer(PushVerdict.NotStored, "error", "Connection refused"));
        Append(sut.Log, 5);
        File.Move(sut.Log, sut.Log + ".20261123-012803");
        Append(sut.Log, 5);
        sut.Find();
        string copy = CopyTo(sut, "elsewhere");
        Directory.Delete(Path.GetDirectoryName(sut.Log)!, recursive: true);
        File.WriteAllText(copy, "");
        Append(copy, 5);
        TurnTo(sut, copy, isAway: false);
        if (isRestarted)
        {
            sut.Stop();
            sut.FindMoved(copy, turns: false);
            sut.FindGone();
        }

        sut.TakeAll();
        sut.Time.Advance(TimeSpan.FromMinutes(1));
        sut.Turn();

        AssertComplete(sut);
    }

    /// <summary>The files are not open for want of descriptors when they move. They are found again, and not counted as lost.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Copy_WhileParkedAndUnread_IsNotCountedAsLost(bool isOldPlaceSeenFirst)
    {
        using TailingFixture sut = CreateParked();
        string copy = CopyTo(sut, "elsewhere");
        Directory.Delete(Path.GetDirectoryName(sut.Log)!, recursive: true);
        if (isOldPlaceSeenFirst)
        {
            sut.Turn();
        }

        TurnTo(sut, copy, isAway: false);
        sut.TakeAll();
        sut.Time.Advance(TimeSpan.FromMinutes(1));
        sut.Turn();
        sut.Turn();

        AssertComplete(sut);
        Assert.Equal(0, Lost(sut));
    }

    /// <summary>Nobody says that the log is gone, and it is found nowhere.</summary>
    [Fact]
    public void Delete_OfTheDirectoryWhileParkedAndUnread_IsCountedAfterHalfAMinute()
    {
        using TailingFixture sut = CreateParked();
        long unread = new FileInfo(sut.Log).Length;
        Directory.Delete(Path.GetDirectoryName(sut.Log)!, recursive: true);
        sut.Turn();
        Assert.Equal(0, Lost(sut));

        sut.Time.Advance(TimeSpan.FromSeconds(31));
        sut.Turn();

        Assert.Equal(unread, Lost(sut));
    }

    /// <summary>Files of two runs in two directories, none of them acknowledged: the next agent in this process reads them in the same order.</summary>
    [Fact]
    public void Copy_AnotherAgentTakesOver_KeepsTheOrderOfBothDirectories()
    {
        using var sut = new TailingFixture();
        sut.RefuseAll(new PushAnswer(PushVerdict.NotStored, "error", "Connection refused"));
        string directory = Path.GetDirectoryName(sut.Log)!;
        Append(sut.Log, 5);
        foreach (string time in (string[])["012803", "012804", "012805"])
        {
            Append(Path.Combine(directory, "1.log.20261123-" + time), 5);
        }

        Append(Path.Combine(directory, "1.log"), 5);
        sut.Find();
        string copy = CopyTo(sut, "elsewhere");
        Directory.Delete(directory, recursive: true);
        TurnTo(sut, copy, isAway: false);
        Append(Path.Combine(Path.GetDirectoryName(copy)!, "1.log"), 5);
        sut.Turn();
        sut.TakeOver();
        sut.FindGone();
        sut.FindMoved(copy);
        sut.TakeAll();
        sut.Time.Advance(TimeSpan.FromMinutes(1));
        sut.Turn();
        sut.Turn();

        AssertComplete(sut);
    }

    [Fact]
    public void Exchange_OfTheDirectoryAtItsPath_IsNoticedThoughInodesMayBeTheSame()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 50);
        sut.Find();
        string directory = Path.GetDirectoryName(sut.Log)!;
        string copy = CopyTo(sut, "elsewhere");
        Directory.Move(directory, directory + "-old");
        Directory.Move(Path.GetDirectoryName(copy)!, directory);
        Append(sut.Log, 20);
        sut.Turn();
        File.Move(sut.Log, sut.Log + ".20261123-012803");
        Append(sut.Log, 20);
        sut.Turn();

        AssertComplete(sut);
    }

    /// <summary>No name leads to a parked file any more. Its lines are lost, and those of the new directory are read.</summary>
    [Fact]
    public void Exchange_OfTheDirectoryWhileParkedAndUnread_IsCounted()
    {
        using TailingFixture sut = CreateParked();
        long unread = new FileInfo(sut.Log).Length;

        string directory = Path.GetDirectoryName(sut.Log)!;
        Directory.Move(directory, directory + "-old");
        Directory.CreateDirectory(directory);
        Append(sut.Log, 20);
        sut.TakeAll();
        sut.Time.Advance(TimeSpan.FromMinutes(1));
        sut.Turn();
        sut.Turn();

        AssertComplete(sut, Enumerable.Range(0, 50));
        Assert.Equal(unread, Lost(sut));
    }

    /// <summary>A pod that is created anew has a new directory, and its lines are not those of the one before.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Find_OtherContentInANewDirectory_IsReadFromItsBeginning(bool isAway)
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 50);
        sut.Find();
        if (isAway)
        {
            sut.Restart();
        }

        string log = sut["pods/ns_pod_uid-2/main/0.log"];
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        Append(log, 70);
        TurnTo(sut, log, isAway);

        AssertComplete(sut);
    }

    /// <summary>Plain lines, and in the new directory a log that only begins with the same heading.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Find_SameHeadingInANewDirectory_IsNoCopy(bool isAway)
    {
        using TailingFixture sut = CreatePlain();
        string heading = new string('#', 400) + "\n";
        File.WriteAllText(sut.Log, heading + "a\nb\n");
        sut.Find();
        if (isAway)
        {
            sut.Restart();
        }

        string log = sut["pods/ns_pod_uid-2/main/0.log"];
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        File.WriteAllText(log, heading + "c\nd\ne\n");
        TurnTo(sut, log, isAway);

        Assert.Equal([heading.Trim(), "a", "b", heading.Trim(), "c", "d", "e"], sut.Lines);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Copy_OfPlainLines_GoesOnInTheCopy(bool isAway)
    {
        using TailingFixture sut = CreatePlain();
        File.WriteAllLines(sut.Log, Enumerable.Range(0, 200).Select(i => $"event {i}"));
        sut.Find();
        if (isAway)
        {
            sut.Restart();
        }

        string copy = CopyTo(sut, "elsewhere");
        File.AppendAllLines(copy, Enumerable.Range(200, 20).Select(i => $"event {i}"));
        TurnTo(sut, copy, isAway);

        Assert.Equal(Enumerable.Range(0, 220).Select(i => $"event {i}"), sut.Lines);
    }

    /// <summary>Killed with lines read and not acknowledged, which stand in both places.</summary>
    [Fact]
    public void Copy_KilledBeforeTheAnswer_ReadsTheRestOnce()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 50);
        sut.Find();
        sut.Withhold();
        Append(sut.Log, 20);
        sut.Turn();
        string copy = CopyTo(sut, "elsewhere");
        TurnTo(sut, copy, isAway: false);
        sut.Restart();
        Append(copy, 10);
        sut.FindMoved(copy);

        AssertComplete(sut);
    }

    /// <summary>A log of 50 unread lines that is not open: the only descriptor belongs to a deleted file that Loki does not take.</summary>
    private TailingFixture CreateParked()
    {
        var sut = new TailingFixture(maxFiles: 1);
        sut.RefuseAll(new PushAnswer(PushVerdict.NotStored, "error", "Connection refused"));
        File.WriteAllText(sut.LogOf("other"), "2026-11-23T01:21:26Z stdout F other\n");
        sut.Find("other");
        File.Delete(sut.LogOf("other"));
        sut.Turn("other");
        Append(sut.Log, 50);
        sut.Find();
        return sut;
    }

    private static long Lost(TailingFixture sut) => LossReasons.All.Sum(sut.Metrics.LostBytes.Get);

    private static string CopyTo(TailingFixture sut, string name)
    {
        string directory = Directory.CreateDirectory(sut[$"{name}/ns_pod_uid/main"]).FullName;
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(sut.Log)!))
        {
            File.Copy(file, Path.Combine(directory, Path.GetFileName(file)));
        }

        return Path.Combine(directory, Path.GetFileName(sut.Log));
    }

    private static void TurnTo(TailingFixture sut, string log, bool isAway)
    {
        if (!isAway)
        {
            sut.Unlink(turns: false);
        }

        sut.FindMoved(log);
    }

    private static TailingFixture CreatePlain() =>
        new(hasHeaders: false) { AttributesOf = new FixedAttributes(new StreamAttributes(Attributes.Of(("pod", "pod")).Labels, [], hasOutput: false)) };
}
