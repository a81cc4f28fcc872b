namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Rotation moves files out of the directory of their log: logrotate's olddir.</summary>
public class OldDirectoryTests : LogFileFixture
{
    [Theory]
    [InlineData("logs/old", false)]
    [InlineData("old", false)]
    [InlineData("logs/old", true)]
    [InlineData("old", true)]
    public void Move_WhileAway_IsFoundByItsContent(string directory, bool isCompressed)
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

    /// <summary>Nobody could guess the place, but the agent has seen it.</summary>
    [Fact]
    public void Move_ToAPlaceThatWasSeen_IsFoundThereAfterARestart()
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

    /// <summary>Twice between two looks, and nothing is known of the second file.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Move_TwiceUnseen_ReadsBothInOrder(bool isAway)
    {
        using var sut = new TailingFixture();
        string log = Create(sut);
        string old = Directory.CreateDirectory(sut["logs/old"]).FullName;
        Append(old + "/app.log.1", 7);
        File.SetLastWriteTimeUtc(old + "/app.log.1", TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1));
        int before = 7;
        Append(log, 50);
        sut.FindFile(log);
        if (isAway)
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
        if (isAway)
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

    /// <summary>All that was known of it had arrived. That there may have been more is told.</summary>
    [Fact]
    public void Move_ToNowhere_IsToldThoughNothingCanBeCounted()
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
        Assert.Contains("how many is not known", Assert.Single(sut.Notices).Line, StringComparison.Ordinal);
        Assert.Contains(sut.Messages.Messages, message => message.Contains("can't be counted", StringComparison.Ordinal));

        // Once.
        sut.Restart();
        sut.FindFile(log);
        Assert.Equal(1, sut.Metrics.FileErrors.Get("gone"));
    }

    /// <param name="isBesideAnEmptyFile">True if there is an empty file of which nobody can tell yet whose it is. The missing file has content.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Move_ToNowhereWithUnreadLines_CountsThem(bool isBesideAnEmptyFile)
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
        if (isBesideAnEmptyFile)
        {
            File.WriteAllText(sut["logs/app-1.log"], "");
        }

        Append(log, 5);
        sut.FindFile(log);

        AssertComplete(sut, Enumerable.Range(5, 5));
        Assert.Equal(unread, sut.Metrics.LostBytes.Get("deleted"));
        Assert.Equal(0, sut.Metrics.FileErrors.Get("gone"));
    }

    /// <summary>Compressed at once, under a name that tells nothing.</summary>
    [Fact]
    public void Compress_UnderAnyNameWhileAway_IsFoundByItsContent()
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

    /// <summary>Its last lines were written while it was parked, and nobody has seen them.</summary>
    [Fact]
    public void Move_WhileParked_IsFoundByItsContent()
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

        // The moved file gives its descriptor back.
        sut.Time.Advance(TimeSpan.FromSeconds(10));
        sut.TurnUnseen();

        AssertComplete(sut);
    }

    /// <summary>Half a line is the beginning of many files, and the inode of a deleted file is used again: another log's rotated file is still the other log's.</summary>
    [Theory]
    [InlineData("logs/web.log.1.gz")]
    [InlineData("logs/web-2026-11-29T10-00-00.000.log.gz")]
    [InlineData("logs/old/web.log.1")]
    [InlineData("old/web.log.1.gz")]
    public void Find_OtherLogsFileWithTheInodeOfADeletedOneWithHalfALine_IsNotTakenForIt(string other)
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
        Reuse(log, target, line);
        File.WriteAllBytes(log, line);
        sut.FindFile(log);

        AssertComplete(sut);
    }

    /// <summary>Deletes a file, and writes another one with its inode.</summary>
    private static void Reuse(string deleted, string created, byte[] content)
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
