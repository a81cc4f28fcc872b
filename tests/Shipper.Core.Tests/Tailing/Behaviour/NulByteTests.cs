using System.Globalization;
using System.Text;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>NUL bytes in place of lines, left by a power loss, or by a truncation under a writer that does not append.</summary>
public class NulByteTests : LogFileFixture
{
    private const string T = "2026-11-23T01:21:26.";

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(300_000)]
    public void Read_NulsBeforeCriRecord_CountsNulsAndParsesRecord(int nuls)
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, $"{T}1Z stdout F before\n", nuls, $"{T}2Z stderr F behind\n");

        sut.Find();

        Assert.Equal(["before", "behind"], sut.Lines);
        Assert.Equal([100_000_000, 200_000_000], sut.Entries.Select(entry => entry.Timestamp.Nanos));
        AssertLost(sut, nuls);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(300_000)]
    public void Read_NulsBeforeDockerRecord_CountsNulsAndParsesRecord(int nuls)
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, RecordOf("before", 1), nuls, RecordOf("behind", 2));

        sut.Find();

        Assert.Equal(["before", "behind"], sut.Lines);
        Assert.Equal(200_000_000, sut.Entries[1].Timestamp.Nanos);
        AssertLost(sut, nuls);
    }

    [Theory]
    [InlineData(3L * 1024 * 1024 * 1024)]
    [InlineData(50L * 1024 * 1024 * 1024)]
    public void Read_HoleOfGigabytes_SkipsItWithoutReading(long nuls)
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, $"{T}1Z stdout F before\n");
        WriteAfterHole(sut.Log, nuls, $"{T}2Z stdout F behind\n");

        sut.Find();

        Assert.Equal(["before", "behind"], sut.Lines);
        AssertLost(sut, nuls);
        Assert.InRange(sut.Metrics.ReadBytes.Get("container"), 0, 1024 * 1024);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4096)]
    [InlineData(600_000)]
    public void Read_NulsAfterTornCriRecord_EndsRecordAtNuls(int nuls)
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, $"{T}1Z stdout F to", nuls, $"{T}2Z stdout F behind\n");

        sut.Find();

        Assert.Equal(["to", "behind"], sut.Lines);
        Assert.Equal(200_000_000, sut.Entries[1].Timestamp.Nanos);
        AssertLost(sut, nuls);
    }

    [Fact]
    public void Read_NulsAfterTornDockerRecord_CountsNulsAndKeepsText()
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, RecordOf("before", 1) + "{\"log\":\"torn", 600_000, RecordOf("behind", 2));

        sut.Find();

        Assert.Equal(["before", "{\"log\":\"torn", "behind"], sut.Lines);
        AssertLost(sut, 600_000);
    }

    /// <summary>The runtime was replaced. The length of the line makes no difference.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(4096)]
    [InlineData(600_000)]
    public void Read_NulsBetweenTornDockerRecordAndCriRecord_EndsRecordAtNuls(int nuls)
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, RecordOf("before", 1) + "{\"log\":\"torn", nuls, $"{T}2Z stdout F behind\n");

        sut.Find();

        Assert.Equal(["before", "{\"log\":\"torn", "behind"], sut.Lines);
        AssertLost(sut, nuls);
    }

    [Fact]
    public void Read_NulsBeforePartialLine_JoinsItsParts()
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, $"{T}1Z stdout F before\n", 5000, $"{T}2Z stdout P one,\n{T}3Z stdout F two\n");

        sut.Find();

        Assert.Equal(["before", "one,two"], sut.Lines);
        AssertLost(sut, 5000);
    }

    [Fact]
    public void Read_NulsWithinPartialLine_CountsThemOnce()
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, $"{T}1Z stdout P one,\n", 5000, $"{T}2Z stderr F other\n");
        sut.Find();
        for (int i = 3; i < 6; i++)
        {
            File.AppendAllText(sut.Log, $"{T}{i}Z stderr F other\n");
            sut.Turn();
        }

        File.AppendAllText(sut.Log, $"{T}6Z stdout F two\n");
        sut.Turn();

        Assert.Equal(["other", "other", "other", "other", "one,two"], sut.Lines);
        AssertLost(sut, 5000);
    }

    [Fact]
    public void Read_LineOfNulsOnly_SendsNoRecord()
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, $"{T}1Z stdout F before\n", 5000, $"\n{T}2Z stdout F behind\n");

        sut.Find();

        Assert.Equal(["before", "behind"], sut.Lines);
        AssertLost(sut, 5001);
    }

    /// <summary>NUL bytes that the container printed stay. Two records were merged into one line only if a record that is no older follows them.</summary>
    [Theory]
    [InlineData("a\0\0b")]
    [InlineData("a\0\0")]
    [InlineData("\0\0a")]
    [InlineData("a\0 2026-11-23T01:21:27Z stdout F b")]
    [InlineData("a\0\02026-11-23T01:21:25Z stdout F older")]
    public void Read_NulsInRecordText_KeepsThem(string text)
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, $"{T}1Z stdout F {text}\n{T}2Z stdout F behind\n");

        sut.Find();

        Assert.Equal([text, "behind"], sut.Lines);
        AssertNothingLost(sut);
    }

    /// <summary>A header that NULs follow directly is not valid, however long the line is, and whether or not it ends at other NULs.</summary>
    [Theory]
    [InlineData(10, 0, 3)]
    [InlineData(300_000, 0, 3)]
    [InlineData(10, 4096, 3)]
    [InlineData(10, 200_000, 3)]
    [InlineData(10, 600_000, 4)]
    [InlineData(200_000, 200_000, 4)]
    public void Read_HeaderFollowedByNuls_IsPartOfText(int letters, int nuls, int expectedLines)
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, $"{T}1Z stdout F before\n{T}2Z stdout F\0\0{new string('a', letters)}", nuls, $"rest\n{T}3Z stdout F behind\n");

        sut.Find();

        string[] lines = [.. sut.Lines];
        Assert.Equal("before", lines[0]);
        Assert.StartsWith($"{T}2Z stdout F\0\0aaaaaaaaaa", lines[1], StringComparison.Ordinal);
        Assert.Equal("behind", lines[^1]);
        Assert.Equal(expectedLines, lines.Length);
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData(600_000)]
    public void Read_RecordWithoutTextBeforeManyNuls_ParsesItsHeader(int nuls)
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, $"{T}1Z stdout F before\n{T}2Z stdout F", nuls, "rest\n");

        sut.Find();

        Assert.Equal(["before", "", "rest"], sut.Lines);
        Assert.Equal(200_000_000, sut.Entries[1].Timestamp.Nanos);
        AssertLost(sut, nuls);
    }

    /// <summary>The NULs fill the rest of the buffer, and may be reserved space.</summary>
    [Fact]
    public void Read_ManyNulsAtEndOfLiveFile_WaitsForRestOfLine()
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, $"{T}1Z stdout F before\n{T}2Z stdout F to", 600_000, "");
        sut.Find();
        Assert.Equal(["before"], sut.Lines);

        File.AppendAllText(sut.Log, $"{T}3Z stdout F behind\n");
        sut.Turn();

        Assert.Equal(["before", "to", "behind"], sut.Lines);
        AssertLost(sut, 600_000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_NulsAtEndOfLiveFile_WaitsForMoreBytes(bool isKilled)
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, $"{T}1Z stdout F before\n", 100_000, "");
        sut.Find();
        sut.Time.Advance(TimeSpan.FromMinutes(2));
        sut.Turn();
        Assert.Equal(["before"], sut.Lines);
        Assert.Equal(0, sut.Metrics.NulBytes.Get("container"));
        Assert.Equal(0, sut.Status.LagBytes);
        Assert.Equal(long.MaxValue, sut.Status.OldestNs);

        if (isKilled)
        {
            sut.Restart();
            sut.Find();
        }

        File.AppendAllText(sut.Log, $"{T}2Z stdout F behind\n");
        sut.Turn();

        Assert.Equal(["before", "behind"], sut.Lines);
        AssertLost(sut, 100_000);
    }

    /// <summary>The writer reserved space and fills it from the beginning: none of it may be skipped.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(40)]
    public void Read_ReservedSpaceFilledGradually_LosesNothing(int linesAtOnce)
    {
        using var sut = new TailingFixture(hasHeaders: false);
        using var writer = new FileStream(sut.Log, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        writer.SetLength(2_000_000);
        sut.Find();
        Assert.Empty(sut.Entries);
        Assert.Equal(0, sut.Status.LagBytes);
        DateTime written = sut.Time.GetUtcNow().UtcDateTime.AddHours(1);
        var expected = new List<string>();
        for (int i = 0; i < 120; i++)
        {
            string line = $"line {i}";
            expected.Add(line);
            writer.Write(Encoding.UTF8.GetBytes(line[..2]));
            if (i % linesAtOnce == 0)
            {
                // Writing to a mapped file does not change its modification time.
                File.SetLastWriteTimeUtc(sut.Log, written);
                sut.TurnWithoutEvent();
            }

            writer.Write(Encoding.UTF8.GetBytes(line[2..] + "\n"));
            if (i == 60)
            {
                sut.TurnWithoutEvent();
                sut.Restart();
                sut.Find();
            }
        }

        sut.TurnWithoutEvent();
        Assert.Equal(expected, sut.Lines);
        Assert.Equal(0, sut.Metrics.NulBytes.Get("file"));
        Assert.Equal(0, sut.Status.LagBytes);

        File.Delete(sut.Log);
        sut.Turn();
        sut.Time.Advance(TimeSpan.FromSeconds(10));
        sut.Turn();

        Assert.Equal(2_000_000 - writer.Position, sut.Metrics.NulBytes.Get("file"));
        Assert.Equal(0, sut.Status.OpenFiles);
        AssertNothingLost(sut);
    }

    [Fact]
    public void Read_NulsAfterUnfinishedLine_SendsLineWithoutThemAfterHalfAMinute()
    {
        using var sut = new TailingFixture(hasHeaders: false);
        WriteWithNuls(sut.Log, "one\ntw", 700_000, "");
        sut.Find();
        Assert.Equal(["one"], sut.Lines);

        sut.Time.Advance(TimeSpan.FromSeconds(31));
        sut.Turn();

        Assert.Equal(["one", "tw"], sut.Lines);
        Assert.Equal(0, sut.Status.LagBytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_NulsAtEndOfRotatedFile_CountsThemOnce(bool isGzip)
    {
        using var sut = new TailingFixture();
        string rotated = sut.Log + ".20261123-012803";
        WriteWithNuls(rotated, $"{T}1Z stdout F before\n{T}2Z stdout P open\n", 70_000, "");
        if (isGzip)
        {
            Compress(rotated);
        }

        File.WriteAllText(sut.Log, $"{T}3Z stdout F behind\n");
        sut.Find();
        for (int i = 0; i < 2; i++)
        {
            sut.Time.Advance(TimeSpan.FromSeconds(10));
            sut.Turn();
            sut.Restart();
            sut.Find();
        }

        Assert.Equal(["before", "openbehind"], sut.Lines);
        AssertLost(sut, 70_000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_NulsInUnansweredPush_CountsAndReportsThemOnce(bool isKilled)
    {
        using var sut = new TailingFixture(batchBytes: 100);
        WriteWithNuls(sut.Log, $"{T}1Z stdout F before\n", 5000, $"{T}2Z stdout F behind\n");
        sut.Withhold();
        sut.Find();
        Assert.Equal(0, sut.Metrics.NulBytes.Get("container"));
        if (isKilled)
        {
            sut.Restart();
            sut.Find();
        }
        else
        {
            sut.Answer();
            sut.Turn();
        }

        sut.Restart();
        sut.Find();

        Assert.Equal(["before", "behind"], sut.Lines);
        AssertLost(sut, 5000);
        Assert.Single(sut.Messages.Messages, message => message.Contains("NUL bytes", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_NulsBetweenRecords_SendsNoticeWithTimesAroundThem()
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, $"{T}1Z stdout F before\n", 5000, "2026-11-23T01:41:26Z stdout F behind\n");

        sut.Find();

        string notice = Assert.Single(sut.Notices).Line;
        Assert.StartsWith("shipper: 5000 bytes of this log between 2026-11-23T01:21:26Z and 20", notice, StringComparison.Ordinal);
        Assert.EndsWith("were lost: the file has NUL bytes in their place, as after a power loss", notice, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NulsInPlainFile_SkipsThemBeforeLinesAndKeepsThemInside()
    {
        using var sut = new TailingFixture(hasHeaders: false);
        WriteWithNuls(sut.Log, "one\n", 300_000, "two\nth\0\0ree\n\0four\n\0\0\n");

        sut.Find();

        Assert.Equal(["one", "two", "th\0\0ree", "four"], sut.Lines);
        Assert.Equal(300_004, sut.Metrics.NulBytes.Get("file"));
        Assert.Equal(300_004, sut.Ledger.Dropped[DropReasons.NulBytes]);
        Assert.Equal(new FileInfo(sut.Log).Length, sut.Ledger.Written);
        AssertNothingLost(sut);
    }

    private static string RecordOf(string text, int tenth) => $"{{\"log\":\"{text}\\n\",\"stream\":\"stdout\",\"time\":\"{T}{tenth}Z\"}}\n";

    private static void WriteWithNuls(string path, string before, int nuls, string behind) =>
        File.WriteAllBytes(path, [.. Encoding.UTF8.GetBytes(before), .. new byte[nuls], .. Encoding.UTF8.GetBytes(behind)]);

    /// <summary>The container was restarted: nothing more is written after the NUL bytes, although the file keeps its name.</summary>
    [Fact]
    public void Read_NulsAtEndOfFileOfEarlierRun_CountsThem()
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, $"{T}1Z stdout F before\n", 163, "");
        sut.Find();
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(sut.Log)!, "1.log"), $"{T}2Z stdout F behind\n");
        sut.Turn();
        sut.Time.Advance(TimeSpan.FromSeconds(10));
        sut.Turn();
        sut.Turn();

        Assert.Equal(["before", "behind"], sut.Lines);
        AssertLost(sut, 163);
    }

    private static void AssertLost(TailingFixture sut, long bytes)
    {
        Assert.Equal(bytes, sut.Metrics.LostBytes.Get(LossReasons.NulBytes));
        Assert.Equal(bytes, sut.Metrics.NulBytes.Get("container"));
        Assert.Equal(bytes, sut.Notices.Sum(notice => long.Parse(notice.StructuredMetadata.First(pair => pair.Name == "lost_bytes").Value, CultureInfo.InvariantCulture)));
        Assert.Equal(bytes, sut.Ledger.Lost[LossReasons.NulBytes]);
        Assert.Equal(0, sut.Ledger.Pending);
        Assert.Equal(0, sut.Status.LagBytes);
    }

    private static void AssertNothingLost(TailingFixture sut)
    {
        Assert.Empty(sut.Notices);
        Assert.All(LossReasons.All, reason => Assert.Equal(0, sut.Metrics.LostBytes.Get(reason)));
    }
}
