namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Rotation moves files out of their log's directory, as logrotate does with <c>olddir</c>.</summary>
public class OldDirectoryTests : LogFileFixture
{
    [Theory]
    [InlineData("logs/old", false)]
    [InlineData("old", false)]
    [InlineData("logs/old", true)]
    [InlineData("old", true)]
    public void Restart_MovedToOldDirectoryWhileDown_FindsFileByContent(string directory, bool isCompressed)
    {
        using var sut = new TailingFixture();
        string log = Create(sut);
        Append(log, 50);
        sut.FindFile(log);
        Append(log, 20);
        sut.Restart();
        Append(log, 10);
        Move(log, sut[directory] + "/app.log.1", isCompressed);
        Append(log, 10);
        sut.FindFile(log);

        AssertComplete(sut);
        Assert.Equal(0, sut.Metrics.LostBytes.Get("deleted"));
    }

    /// <summary>The agent could not guess the directory, but has seen a file move there.</summary>
    [Fact]
    public void Restart_MovedToDirectorySeenBefore_FindsFilesThere()
    {
        using var sut = new TailingFixture();
        string log = Create(sut);
        string old = Directory.CreateDirectory(sut["far/away/from/here"]).FullName;
        Append(log, 50);
        sut.FindFile(log);
        File.Move(log, old + "/app.log.1");
        Append(log, 10);
        sut.Turn();
        sut.Restart();
        Append(log, 20);
        File.Move(old + "/app.log.1", old + "/app.log.2");
        Move(log, old + "/app.log.1", isCompressed: true);
        Append(log, 10);
        sut.FindFile(log);

        AssertComplete(sut);
    }

    /// <summary>Two rotations between two scans: the agent has never seen the second file.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Scan_RotatedTwiceIntoOldDirectory_ReadsBothInOrder(bool isAgentDown)
    {
        using var sut = new TailingFixture();
        string log = Create(sut);
        string old = Directory.CreateDirectory(sut["logs/old"]).FullName;
        Append(old + "/app.log.1", 7);
        File.SetLastWriteTimeUtc(old + "/app.log.1", TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1));
        int before = 7;
        Append(log, 50);
        sut.FindFile(log);
        if (isAgentDown)
        {
            sut.Restart();
        }

        Append(log, 5);
        File.Move(old + "/app.log.1", old + "/app.log.2");
        File.Move(log, old + "/app.log.1");
        File.SetLastWriteTimeUtc(old + "/app.log.1", TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(-2));
        Append(log, 5);
        File.Move(old + "/app.log.2", old + "/app.log.3");
        File.Move(old + "/app.log.1", old + "/app.log.2");
        File.Move(log, old + "/app.log.1");
        Append(log, 5);
        if (isAgentDown)
        {
            sut.FindFile(log);
        }
        else
        {
            sut.Turn();
        }

        // The agent does not read files that were rotated before it knew the log.
        AssertComplete(sut, Enumerable.Range(0, before));
    }

    /// <summary>Everything that the agent knew of the file had arrived. The notice says that there may have been more.</summary>
    [Fact]
    public void Restart_FullySentFileVanished_ReportsUncountedLossOnce()
    {
        using var sut = new TailingFixture();
        string log = Create(sut);
        Append(log, 50);
        sut.FindFile(log);
        sut.Restart();
        File.Delete(log);
        File.WriteAllText(log, "");
        sut.FindFile(log);

        AssertComplete(sut);
        Assert.Equal(1, sut.Metrics.FileErrors.Get("gone"));
        Assert.Contains("their number is unknown", Assert.Single(sut.Notices).Line, StringComparison.Ordinal);
        Assert.Contains(sut.Messages.Messages, message => message.Contains("can't be counted", StringComparison.Ordinal));

        // The loss is reported once.
        sut.Restart();
        sut.FindFile(log);
        Assert.Equal(1, sut.Metrics.FileErrors.Get("gone"));
    }

    /// <param name="hasEmptyCandidate">True if there is also an empty file whose log is not known yet. It is not the missing file, which has content.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Restart_UnreadFileVanished_CountsLostBytes(bool hasEmptyCandidate)
    {
        using var sut = new TailingFixture();
        string log = Create(sut);
        Append(log, 5);
        sut.FindFile(log);
        sut.Withhold();
        long size = new FileInfo(log).Length;
        Append(log, 5);
        long unread = new FileInfo(log).Length - size;
        sut.Turn();
        sut.Restart();
        File.Delete(log);
        if (hasEmptyCandidate)
        {
            File.WriteAllText(sut["logs/app-1.log"], "");
        }

        Append(log, 5);
        sut.FindFile(log);

        AssertComplete(sut, Enumerable.Range(5, 5));
        Assert.Equal(unread, sut.Metrics.LostBytes.Get("deleted"));
        Assert.Equal(0, sut.Metrics.FileErrors.Get("gone"));
    }

    /// <summary>The rotated file is compressed at once, under a name that does not show which log it belongs to.</summary>
    [Fact]
    public void Restart_CompressedUnderUnrelatedName_FindsFileByContent()
    {
        using var sut = new TailingFixture();
        string log = Create(sut);
        Append(log, 50);
        sut.FindFile(log);
        sut.Restart();
        Append(log, 20);
        Move(log, Path.GetDirectoryName(log) + "/yesterday", isCompressed: true);
        Append(log, 10);
        sut.FindFile(log);

        AssertComplete(sut);
    }

    /// <summary>The last lines of the file were written while it was parked, so the agent has not seen them.</summary>
    [Fact]
    public void Move_WhileParked_FindsFileByContent()
    {
        using var sut = new TailingFixture(maxFiles: 1);
        string log = Create(sut);
        Append(log, 50);
        sut.FindFile(log);
        File.WriteAllText(sut.LogOf("other"), "2026-11-23T01:21:26Z stdout F other\n");
        sut.Find("other");
        Assert.Equal(["other"], sut.LinesOf("other"));

        Append(log, 10);
        Move(log, sut["logs/old"] + "/app.log.1", isCompressed: false);
        Append(log, 10);
        sut.Turn();

        // The moved file returns its descriptor.
        sut.Time.Advance(TimeSpan.FromSeconds(10));
        sut.TurnWithoutEvent();

        AssertComplete(sut);
    }

    /// <summary>Many files begin with the same half line, and inodes are reused: a rotated file of another log must not be taken for the deleted one.</summary>
    [Theory]
    [InlineData("logs/web.log.1.gz")]
    [InlineData("logs/web-2026-11-29T10-00-00.000.log.gz")]
    [InlineData("logs/old/web.log.1")]
    [InlineData("old/web.log.1.gz")]
    public void Restart_OtherLogsFileHasInodeAndBeginningOfDeletedFile_ReadsOnlyOwnFiles(string other)
    {
        using var sut = new TailingFixture();
        string log = Create(sut);
        string target = sut[other];
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        Append(log, 1);
        byte[] line = File.ReadAllBytes(log);
        File.WriteAllBytes(log, line[..13]);
        sut.FindFile(log);
        sut.Restart();

        File.WriteAllText(sut["logs/web.log"], "new\n");
        ReuseInode(log, target, line);
        File.WriteAllBytes(log, line);
        sut.FindFile(log);

        AssertComplete(sut);
    }

    /// <summary>Deletes a file and writes another one with its inode.</summary>
    private static void ReuseInode(string deleted, string created, byte[] content)
    {
        File.Move(deleted, created);
        byte[] text = [.. content, .. "2026-11-23T01:21:26.0000001Z stdout F of another log\n"u8];
        using FileStream file = File.Open(created, FileMode.Truncate);
        using Stream writer = created.EndsWith(".gz", StringComparison.Ordinal) ? new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionMode.Compress) : file;
        writer.Write(text);
    }

    private static string Create(TailingFixture sut)
    {
        Directory.CreateDirectory(sut["logs"]);
        return sut["logs/app.log"];
    }

    private static void Move(string log, string target, bool isCompressed)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Move(log, target);
        if (isCompressed)
        {
            Compress(target);
        }
    }
}
