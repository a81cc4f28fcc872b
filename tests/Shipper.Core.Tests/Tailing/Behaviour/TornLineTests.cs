using System.Text;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Records that were cut off, followed by the next record on the same line.</summary>
public class TornLineTests : LogFileFixture
{
    private const string T = "2026-11-23T01:21:26.";

    [Fact]
    public void Read_TornDockerRecord_KeepsItsTextAndParsesNextRecord()
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, "{\"log\":\"torn rec" + RecordOf("behind", 2) + RecordOf("next", 3));

        sut.Find();

        Assert.Equal(["{\"log\":\"torn rec", "behind", "next"], sut.Lines);
        Assert.Equal([200_000_000, 300_000_000], sut.Entries.Skip(1).Select(entry => entry.Timestamp.Nanos));
        Assert.Equal("stdout", sut.Entries[1].StructuredMetadata.First(pair => pair.Name == "stream").Value);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("cri")]
    public void Read_RecordTornAtAnyByte_ParsesWholeRecordsAndSendsRestOnce(string format)
    {
        string first = format == "docker" ? RecordOf("first \"{log\": text", 1) : $"{T}123456789Z stdout F first text\n";
        string behind = format == "docker" ? RecordOf("behind", 2) + RecordOf("next", 3) : $"{T}2Z stdout F behind\n{T}3Z stdout F next\n";

        // A record of the Container Runtime Interface is valid if its header is valid, regardless of its text.
        int cuts = format == "docker" ? first.Length : first.IndexOf(" F ", StringComparison.Ordinal) + 2;
        for (int cut = 1; cut < cuts; cut++)
        {
            using var sut = new TailingFixture();
            File.WriteAllText(sut.Log, first[..cut] + behind);

            sut.Find();

            string torn = cut == first.Length - 1 ? "first \"{log\": text" : first[..cut];
            Assert.Equal([torn, "behind", "next"], sut.Lines);
            Assert.Equal([200_000_000, 300_000_000], sut.Entries.Skip(1).Select(entry => entry.Timestamp.Nanos));
            Assert.Equal(new FileInfo(sut.Log).Length, sut.Ledger.Acknowledged);
        }
    }

    /// <summary>
    /// Before the first timestamp of a log, a line gets the time at which it is read. It must be resent with that time, regardless of the lines after it.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Restart_FirstLineIsTorn_ResendsItWithSameTime(bool isStored)
    {
        using var sut = new TailingFixture();
        sut.Withhold();
        File.WriteAllText(sut.Log, "torn\n");
        DateTimeOffset before = sut.Time.GetUtcNow();
        sut.Find();
        DateTimeOffset after = sut.Time.GetUtcNow();
        if (isStored)
        {
            sut.StorePending();
        }

        File.AppendAllText(sut.Log, $"{T}2Z stdout F behind\n");
        sut.Time.Advance(TimeSpan.FromMinutes(1));
        sut.Restart();
        sut.Find();

        Assert.Equal(["torn", "behind"], sut.Lines);
        Assert.InRange(sut.Entries[0].Timestamp.ToDateTimeOffset(), before, after);
    }

    [Fact]
    public void Read_SeveralTornDockerRecordsInARow_SendsThemAsOneText()
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, "{\"log\":\"a{\"log\":\"b{\"log\":\"" + RecordOf("behind", 2)[..^1] + RecordOf("next", 3)[..^1] + "{\"log\":\"c\n");

        sut.Find();

        Assert.Equal(["{\"log\":\"a{\"log\":\"b{\"log\":\"", "behind", "next", "{\"log\":\"c"], sut.Lines);
    }

    /// <summary>A batch may end between the torn record and the next one, and the agent may be killed there.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(5000)]
    public void Restart_KilledAfterTornDockerRecord_ResumesAtNextRecord(int nuls)
    {
        using var sut = new TailingFixture(batchBytes: 1);
        string text = RecordOf("before", 1) + "{\"log\":\"torn rec";
        File.WriteAllBytes(sut.Log, [.. Encoding.UTF8.GetBytes(text), .. new byte[nuls], .. Encoding.UTF8.GetBytes(RecordOf("behind", 2))]);
        sut.Withhold();
        sut.Find();
        sut.Answer();
        sut.Withhold();
        sut.TurnWithoutEvent();
        sut.Answer();
        sut.Withhold();
        sut.TurnWithoutEvent();
        Assert.Equal(["before", "{\"log\":\"torn rec"], sut.Lines);

        sut.Restart();
        sut.Find();

        Assert.Equal(["before", "{\"log\":\"torn rec", "behind"], sut.Lines);
        Assert.Equal(nuls, sut.Metrics.NulBytes.Get("container"));
    }

    /// <summary>A line that a container prints is one record, even if it looks like several.</summary>
    [Theory]
    [InlineData("half2026-11-23T01:21:27Z stdout F whole")]
    [InlineData("{\"log\":\"x\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-23T01:21:27Z\"}")]
    public void Read_CriTextLooksLikeRecord_SendsOneRecord(string text)
    {
        using var sut = new TailingFixture();
        File.WriteAllText(sut.Log, $"{T}1Z stdout F {text}\n");

        sut.Find();

        Assert.Equal([text], sut.Lines);
    }

    [Fact]
    public void Read_DockerTextLooksLikeRecord_SendsOneRecord()
    {
        using var sut = new TailingFixture();
        File.WriteAllText(
            sut.Log, RecordOf("a{\\\"log\\\":\\\"b\\\\n\\\",\\\"stream\\\":\\\"stdout\\\",\\\"time\\\":\\\"2026-11-23T01:21:27Z\\\"}", 1)
            + RecordOf("2026-11-23T01:21:27Z stdout F b", 2) + "{\"log\":\"2026-11-23T01:21:28Z stdout F b\n");

        sut.Find();

        Assert.Equal(["a{\"log\":\"b\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-23T01:21:27Z\"}", "2026-11-23T01:21:27Z stdout F b", "{\"log\":\"2026-11-23T01:21:28Z stdout F b"], sut.Lines);
    }

    /// <summary>Hostile lines as long as the read buffer: the time to read them must not grow with the square of their length.</summary>
    [Theory]
    [InlineData("{\"log\":\"")]
    [InlineData("{\"log\":\"\"}")]
    [InlineData(" stdout F")]
    [InlineData("2026-11-23T01:21:26Z std")]
    [InlineData("\0 ")]
    public void Read_LinesOfRepeatedHeaderFragments_ReadsToEnd(string piece)
    {
        using var sut = new TailingFixture();
        string line = new StringBuilder().Insert(0, piece, 250_000 / piece.Length).ToString();
        File.WriteAllText(sut.Log, $"{T}1Z stdout F before\n{line}\n{line}\n{line}\n{T}2Z stdout F behind\n");

        sut.Find();

        Assert.Equal(5, sut.Entries.Count);
        Assert.Equal("behind", sut.Lines.Last());
    }

    private static string RecordOf(string text, int tenth) =>
        $"{{\"log\":\"{(text.Contains('\\', StringComparison.Ordinal) ? text : text.Replace("\"", "\\\"", StringComparison.Ordinal))}\\n\",\"stream\":\"stdout\",\"time\":\"{T}{tenth}Z\"}}\n";
}
