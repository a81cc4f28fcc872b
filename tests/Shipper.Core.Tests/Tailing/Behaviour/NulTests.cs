using System.Globalization;
using System.Text;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>NUL bytes where a line should be: a power loss leaves them, and a truncation under a writer that does not append.</summary>
public class NulTests : LogFileFixture
{
    private const string T = "2026-11-23T01:21:26.";

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(300_000)]
    public void Nuls_BeforeACriRecord_AreCountedAndTheRecordIsParsed(int nuls)
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
    public void Nuls_BeforeADockerRecord_AreCountedAndTheRecordIsParsed(int nuls)
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
    public void Nuls_AsAHoleOfGigabytes_AreSkippedWithoutReadingThem(long nuls)
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, $"{T}1Z stdout F before\n");
        WriteBehindHole(sut.Log, nuls, $"{T}2Z stdout F behind\n");

        sut.Find();

        Assert.Equal(["before", "behind"], sut.Lines);
        AssertLost(sut, nuls);
        Assert.InRange(sut.Metrics.ReadBytes.Get("container"), 0, 1024 * 1024);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4096)]
    [InlineData(600_000)]
    public void Nuls_BehindATornRecord_EndIt(int nuls)
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, $"{T}1Z stdout F to", nuls, $"{T}2Z stdout F behind\n");

        sut.Find();

        Assert.Equal(["to", "behind"], sut.Lines);
        Assert.Equal(200_000_000, sut.Entries[1].Timestamp.Nanos);
        AssertLost(sut, nuls);
    }

    [Fact]
    public void Nuls_BehindATornDockerRecord_AreCountedAndItsTextIsKept()
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, RecordOf("before", 1) + "{\"log\":\"torn", 600_000, RecordOf("behind", 2));

        sut.Find();

        Assert.Equal(["before", "{\"log\":\"torn", "behind"], sut.Lines);
        AssertLost(sut, 600_000);
    }

    [Fact]
    public void Nuls_BeforeParts_LeaveThemJoined()
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, $"{T}1Z stdout F before\n", 5000, $"{T}2Z stdout P one,\n{T}3Z stdout F two\n");

        sut.Find();

        Assert.Equal(["before", "one,two"], sut.Lines);
        AssertLost(sut, 5000);
    }

    [Fact]
    public void Nuls_WhileALineIsOpen_CountOnce()
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
    public void Nuls_OnALineOfTheirOwn_AreNoRecord()
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, $"{T}1Z stdout F before\n", 5000, $"\n{T}2Z stdout F behind\n");

        sut.Find();

        Assert.Equal(["before", "behind"], sut.Lines);
        AssertLost(sut, 5001);
    }

    /// <summary>What the container printed is its own affair: only where a record follows that is no older, two were made one.</summary>
    [Theory]
    [InlineData("a\0\0b")]
    [InlineData("a\0\0")]
    [InlineData("\0\0a")]
    [InlineData("a\0 2026-11-23T01:21:27Z stdout F b")]
    [InlineData("a\0\02026-11-23T01:21:25Z stdout F older")]
    public void Nuls_InTheTextOfARecord_Stay(string text)
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, $"{T}1Z stdout F {text}\n{T}2Z stdout F behind\n");

        sut.Find();

        Assert.Equal([text, "behind"], sut.Lines);
        AssertNothingLost(sut);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NulsBehind_FileOfAContainerThatGoesOn_WaitForWhatFollows(bool isKilled)
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

    /// <summary>Space that was reserved, and is written to from its beginning: nothing of it may be skipped.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(40)]
    public void NulsBehind_FilledPieceByPiece_LoseNothing(int linesAtOnce)
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
                // As a mapped file has it.
                File.SetLastWriteTimeUtc(sut.Log, written);
                sut.TurnUnseen();
            }

            writer.Write(Encoding.UTF8.GetBytes(line[2..] + "\n"));
            if (i == 60)
            {
                sut.TurnUnseen();
                sut.Restart();
                sut.Find();
            }
        }

        sut.TurnUnseen();
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
    public void NulsBehind_UnfinishedLine_IsSentWithoutThemAfterHalfAMinute()
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
    public void NulsBehind_RotatedFile_AreCountedOnce(bool isGzip)
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
    public void Nuls_PushIsNotAnswered_CountOnceAndAreToldOfOnce(bool isKilled)
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
    public void Nuls_AreToldOfWithTheTimesAroundThem()
    {
        using var sut = new TailingFixture();
        WriteWithNuls(sut.Log, $"{T}1Z stdout F before\n", 5000, "2026-11-23T01:41:26Z stdout F behind\n");

        sut.Find();

        string notice = Assert.Single(sut.Notices).Line;
        Assert.StartsWith("shipper: 5000 bytes of this log between 2026-11-23T01:21:26Z and 20", notice, StringComparison.Ordinal);
        Assert.EndsWith("were lost: the file has NUL bytes in their place, as after a power loss", notice, StringComparison.Ordinal);
    }

    [Fact]
    public void Nuls_InAPlainFile_AreSkippedBeforeLinesAndStayInside()
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

    /// <summary>The container was started again: nothing is written behind them any more, though the file stays where it is.</summary>
    [Fact]
    public void Nuls_AtTheEndOfAFileOfAnEarlierRun_AreCounted()
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
