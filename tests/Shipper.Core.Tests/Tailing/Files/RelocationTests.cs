using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Tailing.Files;

/// <summary>The directory of a log changes: a link in its path was changed, the files were copied, or something was mounted over it.</summary>
public class RelocationTests : LogFileFixture
{
    /// <summary>Lines appended to the copy are sent; the copied lines are not sent again.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Copy_ToOtherDirectory_ResumesInCopy(bool isAgentDown, bool isOldDeleted)
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 50);
        File.Move(sut.Log, sut.Log + ".20261123-012803");
        Append(sut.Log, 50);
        Compress(sut.Log + ".20261123-012803");
        sut.Find();
        if (isAgentDown)
        {
            sut.Restart();
        }

        string copy = CopyTo(sut, "elsewhere");
        if (isOldDeleted)
        {
            Directory.Delete(Path.GetDirectoryName(sut.Log)!, recursive: true);
        }

        Append(copy, 50);
        FindAt(sut, copy, isAgentDown);
        Append(copy, 10);
        sut.Turn();

        AssertComplete(sut);
        Assert.Equal(0, Lost(sut));
    }

    /// <summary>The agent remembers the files of a directory that is deleted before the link changes.</summary>
    [Fact]
    public void Copy_OldDirectoryDeletedBeforeLinkChanges_ResumesInCopy()
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
        sut.TurnWithoutEvent();

        Append(copy, 20);
        sut.FindMoved(copy);

        AssertComplete(sut);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Move_Directory_ResumesInSameFiles(bool isAgentDown)
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 50);
        sut.Find();
        if (isAgentDown)
        {
            sut.Restart();
        }

        string moved = sut["moved/main/0.log"];
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetDirectoryName(moved))!);
        Directory.Move(Path.GetDirectoryName(sut.Log)!, Path.GetDirectoryName(moved)!);
        Append(moved, 20);
        FindAt(sut, moved, isAgentDown);
        Append(moved, 20);
        sut.Turn();

        AssertComplete(sut);
        Assert.Equal(1, sut.Status.OpenFiles);
    }

    /// <summary>The runtime has the old file open and does not notice that the link changed.</summary>
    [Fact]
    public void Copy_OldFileStillWritten_ReadsBoth()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 50);
        sut.Find();
        string copy = CopyTo(sut, "elsewhere");
        Append(sut.Log, 10);
        FindAt(sut, copy, isAgentDown: false);
        Append(sut.Log, 10);
        sut.Turn();
        sut.Time.Advance(TimeSpan.FromMinutes(2));
        sut.TurnWithoutEvent();
        Append(sut.Log, 10);
        sut.TurnWithoutEvent();
        Append(copy, 10);
        sut.Turn();

        AssertComplete(sut);
    }

    /// <summary>Both files are written to after the copy was made, and the old one is not read to its end.</summary>
    [Fact]
    public void Copy_OldFileHasUnreadRest_ReadsItBeforeCopy()
    {
        using var sut = new TailingFixture(batchBytes: 1000);
        sut.Withhold();
        Append(sut.Log, 100);
        sut.Find();
        string copy = CopyTo(sut, "elsewhere");
        Append(sut.Log, 50);
        Append(copy, 50);
        FindAt(sut, copy, isAgentDown: false);

        sut.Answer();
        sut.Turn();

        AssertComplete(sut);
    }

    /// <summary>Discovery finds the copy shortly after the old file is gone. The line ends in the copy.</summary>
    [Theory]
    [InlineData("F")]
    [InlineData("P")]
    public void Copy_InMiddleOfLine_SendsOneRecord(string tag)
    {
        using var sut = new TailingFixture();
        string line = $"2026-11-23T01:21:26.1Z stdout {tag} half";
        File.WriteAllText(sut.Log, tag == "P" ? line + "\n" : line);
        sut.Find();
        string copy = CopyTo(sut, "elsewhere");
        Directory.Delete(Path.GetDirectoryName(sut.Log)!, recursive: true);
        sut.TurnWithoutEvent();
        Assert.Empty(sut.Lines);

        FindAt(sut, copy, isAgentDown: false);
        sut.FindMoved(copy);
        File.AppendAllText(copy, (tag == "P" ? "2026-11-23T01:21:26.2Z stdout F " : "") + " a line\n");
        sut.Turn();

        Assert.Equal(["half a line"], sut.Lines);
        Assert.Equal(0, Lost(sut));
    }

    /// <summary>Many files begin with the same half line. None of them may be taken for the rest of the old file.</summary>
    [Fact]
    public void Copy_HalfLine_ReadsOtherFilesFromBeginning()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 1);
        byte[] line = File.ReadAllBytes(sut.Log);
        File.WriteAllBytes(sut.Log, line[..13]);
        sut.Find();
        string copy = CopyTo(sut, "elsewhere");
        Directory.Delete(Path.GetDirectoryName(sut.Log)!, recursive: true);
        FindAt(sut, copy, isAgentDown: false);
        sut.Reload();
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

    /// <summary>The rotated file was read and closed. The live file has only the bytes that the rotated one begins with.</summary>
    [Fact]
    public void Copy_RotatedFileAndHalfLine_RecognizesBoth()
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
        FindAt(sut, copy, isAgentDown: false);
        File.AppendAllBytes(copy, line[13..]);
        Append(copy, 5);
        sut.Turn();
        sut.Restart();
        sut.FindMoved(copy);

        AssertComplete(sut);
    }

    /// <summary>A line begins in a deleted file and ends in the new directory.</summary>
    [Fact]
    public void Copy_LineBeganInDeletedFile_SendsOneRecord()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 2);
        AppendPartialLine(sut.Log);
        sut.Find();
        File.Delete(sut.Log);
        File.WriteAllText(sut.Log, "");
        sut.Turn();
        string copy = CopyTo(sut, "elsewhere");
        Directory.Delete(Path.GetDirectoryName(sut.Log)!, recursive: true);
        Append(copy, 2);
        FindAt(sut, copy, isAgentDown: false);

        Assert.Equal(["line 0", "line 1", "line 2line 3", "line 4"], sut.Lines);
    }

    /// <summary>The live file starts empty in the new directory. The old one is read after the rotated files, by the next agent, too.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Copy_LiveFileLeftInOldDirectory_ReadsItInOrder(bool isRestarted)
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
        FindAt(sut, copy, isAgentDown: false);
        if (isRestarted)
        {
            sut.Stop();
            sut.FindMoved(copy, turns: false);
            sut.FindDeleted();
        }

        sut.AcceptAll();
        sut.Time.Advance(TimeSpan.FromMinutes(1));
        sut.Turn();

        AssertComplete(sut);
    }

    /// <summary>The files are not open when they move, because there are too few descriptors. They must be found again, not counted as lost.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Copy_WhileParkedAndUnread_CountsNoLoss(bool isOldPlaceSeenFirst)
    {
        using TailingFixture sut = CreateParked();
        string copy = CopyTo(sut, "elsewhere");
        Directory.Delete(Path.GetDirectoryName(sut.Log)!, recursive: true);
        if (isOldPlaceSeenFirst)
        {
            sut.Turn();
        }

        FindAt(sut, copy, isAgentDown: false);
        sut.AcceptAll();
        sut.Time.Advance(TimeSpan.FromMinutes(1));
        sut.Turn();
        sut.Turn();

        AssertComplete(sut);
        Assert.Equal(0, Lost(sut));
    }

    /// <summary>Discovery does not report that the log is gone, and the agent finds it nowhere.</summary>
    [Fact]
    public void Delete_DirectoryWhileParkedAndUnread_CountsLossAfterHalfAMinute()
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

    /// <summary>Unacknowledged files of two container runs in two directories: the successor in this process reads them in the same order.</summary>
    [Fact]
    public void Reload_FilesInTwoDirectories_KeepsOrder()
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
        FindAt(sut, copy, isAgentDown: false);
        Append(Path.Combine(Path.GetDirectoryName(copy)!, "1.log"), 5);
        sut.Turn();
        sut.Reload();
        sut.FindDeleted();
        sut.FindMoved(copy);
        sut.AcceptAll();
        sut.Time.Advance(TimeSpan.FromMinutes(1));
        sut.Turn();
        sut.Turn();

        AssertComplete(sut);
    }

    [Fact]
    public void Replace_DirectoryAtSamePath_ReadsItsFilesEvenWithSameInodes()
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

    /// <summary>No name leads to the parked file any more. Its lines are lost, and those of the new directory are read.</summary>
    [Fact]
    public void Replace_DirectoryWhileParkedAndUnread_CountsLoss()
    {
        using TailingFixture sut = CreateParked();
        long unread = new FileInfo(sut.Log).Length;

        string directory = Path.GetDirectoryName(sut.Log)!;
        Directory.Move(directory, directory + "-old");
        Directory.CreateDirectory(directory);
        Append(sut.Log, 20);
        sut.AcceptAll();
        sut.Time.Advance(TimeSpan.FromMinutes(1));
        sut.Turn();
        sut.Turn();

        AssertComplete(sut, Enumerable.Range(0, 50));
        Assert.Equal(unread, Lost(sut));
    }

    /// <summary>A recreated pod has a new directory with other lines.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Find_OtherContentInNewDirectory_ReadsFromBeginning(bool isAgentDown)
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 50);
        sut.Find();
        if (isAgentDown)
        {
            sut.Restart();
        }

        string log = sut["pods/ns_pod_uid-2/main/0.log"];
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        Append(log, 70);
        FindAt(sut, log, isAgentDown);

        AssertComplete(sut);
    }

    /// <summary>Plain lines: the log in the new directory only begins with the same heading.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Find_SameHeadingInNewDirectory_ReadsFromBeginning(bool isAgentDown)
    {
        using TailingFixture sut = CreatePlain();
        string heading = new string('#', 400) + "\n";
        File.WriteAllText(sut.Log, heading + "a\nb\n");
        sut.Find();
        if (isAgentDown)
        {
            sut.Restart();
        }

        string log = sut["pods/ns_pod_uid-2/main/0.log"];
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        File.WriteAllText(log, heading + "c\nd\ne\n");
        FindAt(sut, log, isAgentDown);

        Assert.Equal([heading.Trim(), "a", "b", heading.Trim(), "c", "d", "e"], sut.Lines);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Copy_PlainLines_ResumesInCopy(bool isAgentDown)
    {
        using TailingFixture sut = CreatePlain();
        File.WriteAllLines(sut.Log, Enumerable.Range(0, 200).Select(i => $"event {i}"));
        sut.Find();
        if (isAgentDown)
        {
            sut.Restart();
        }

        string copy = CopyTo(sut, "elsewhere");
        File.AppendAllLines(copy, Enumerable.Range(200, 20).Select(i => $"event {i}"));
        FindAt(sut, copy, isAgentDown);

        Assert.Equal(Enumerable.Range(0, 220).Select(i => $"event {i}"), sut.Lines);
    }

    /// <summary>The agent is killed with unacknowledged lines, which are in both directories.</summary>
    [Fact]
    public void Restart_KilledBeforeResponseAndCopied_ReadsRestOnce()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 50);
        sut.Find();
        sut.Withhold();
        Append(sut.Log, 20);
        sut.Turn();
        string copy = CopyTo(sut, "elsewhere");
        FindAt(sut, copy, isAgentDown: false);
        sut.Restart();
        Append(copy, 10);
        sut.FindMoved(copy);

        AssertComplete(sut);
    }

    /// <summary>A log of 50 unread lines that is not open: the only descriptor is taken by a deleted file whose lines Loki does not accept.</summary>
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

    private static void FindAt(TailingFixture sut, string log, bool isAgentDown)
    {
        if (!isAgentDown)
        {
            sut.Unlink(turns: false);
        }

        sut.FindMoved(log);
    }

    private static TailingFixture CreatePlain() =>
        new(hasHeaders: false) { CustomAttributes = new FixedAttributes(new StreamAttributes(Attributes.Of(("pod", "pod")).Labels, [], hasOutput: false)) };
}
