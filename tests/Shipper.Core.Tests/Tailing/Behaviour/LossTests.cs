using System.Globalization;
using Shipper.Protocol;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>A loss is reported by an entry in the stream, the notice.</summary>
public class LossTests : LogFileFixture
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Restart_DeletedWhileDown_SendsOneNoticeAfterLastRecord(int restarts)
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 3);
        long acknowledged = new FileInfo(sut.Log).Length;
        sut.Find();
        sut.Withhold();
        Append(sut.Log, 100);
        sut.Turn();
        long lost = new FileInfo(sut.Log).Length - acknowledged;
        EntryAdapter last = sut.Entries[^1];
        File.Delete(sut.Log);
        DateTimeOffset before = sut.Time.GetUtcNow();
        Append(sut.Log, 2);

        for (int i = 0; i < restarts; i++)
        {
            sut.Restart();
            sut.Find();
        }

        AssertComplete(sut, Enumerable.Range(3, 100));
        Assert.Equal(lost, sut.Metrics.LostBytes.Get("deleted"));
        EntryAdapter notice = Assert.Single(sut.Notices);
        Assert.StartsWith($"shipper: {lost} bytes of this log between 2026-11-23T01:21:26Z and {before:yyyy-MM-ddTHH:mm}", notice.Line, StringComparison.Ordinal);
        Assert.EndsWith("were lost: the file was deleted before it could be read", notice.Line, StringComparison.Ordinal);
        Assert.Equal([("lost_bytes", lost.ToString(CultureInfo.InvariantCulture)), ("lost_reason", "deleted")], notice.StructuredMetadata.Select(pair => (pair.Name, pair.Value)));
        Assert.Equal((last.Timestamp.Seconds, last.Timestamp.Nanos + 1), (notice.Timestamp.Seconds, notice.Timestamp.Nanos));
        Assert.Equal([.. sut.Entries.Take(3), notice, .. sut.Entries.Skip(3)], sut.AllEntries);
    }

    [Fact]
    public void Restart_NoticeUnanswered_ResendsItUnchanged()
    {
        using var sut = new TailingFixture();
        LoseLines(sut);
        sut.Withhold();
        sut.Find();
        PushRequest first = sut.Requests[^1];
        sut.Turn();

        for (int i = 0; i < 2; i++)
        {
            sut.Restart();
            sut.Time.Advance(TimeSpan.FromMinutes(1));
            sut.Withhold();
            sut.Find();
            Assert.Equal(first, sut.Requests[^1]);
        }

        sut.Answer();
        sut.Turn();
        sut.Restart();
        sut.Find();
        Assert.Single(sut.Notices);
    }

    [Fact]
    public void Restart_TruncatedThenDeleted_ReportsAllLostBytes()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 3);
        sut.Find();
        sut.Withhold();
        AppendPartialLine(sut.Log);
        sut.Turn();
        Truncate(sut.Log);
        Append(sut.Log, 2);
        sut.Turn();
        Assert.InRange(sut.Metrics.LostBytes.Get("truncated"), 1, long.MaxValue);
        File.Delete(sut.Log);
        sut.Restart();

        sut.Find();

        long lost = sut.Metrics.LostBytes.Get("truncated") + sut.Metrics.LostBytes.Get("deleted");
        Assert.Equal(lost, sut.Notices.Sum(LostBytesOf));
        Assert.InRange(sut.Notices.Count, 1, 2);
    }

    [Fact]
    public void Restart_LogDeletedWithPod_SendsNoticeAndForgetsLog()
    {
        using var sut = new TailingFixture();
        LoseLines(sut);
        File.Delete(sut.Log);

        sut.Restart();
        sut.FindDeleted();
        sut.Time.Advance(TimeSpan.FromSeconds(10));
        sut.Turn();

        Assert.Single(sut.Notices);
        Assert.Equal(0, sut.Status.Streams);
    }

    [Fact]
    public void Restart_NothingWasEverSent_SendsNoticeBeforeFirstRecord()
    {
        using var sut = new TailingFixture();
        sut.Withhold();
        Append(sut.Log, 10);
        sut.Find();
        File.Delete(sut.Log);
        sut.Turn();
        sut.Restart();
        Append(sut.Log, 10);

        sut.Find();

        EntryAdapter notice = Assert.Single(sut.Notices);
        Assert.Contains("bytes of this log before 20", notice.Line, StringComparison.Ordinal);
        Assert.Equal(notice, sut.AllEntries[0]);
        Assert.InRange(notice.Timestamp.ToDateTimeOffset(), DateTimeOffset.UnixEpoch, sut.Entries[0].Timestamp.ToDateTimeOffset());
    }

    [Fact]
    public void Restart_DamagedGzipReported_SendsNoSecondNotice()
    {
        using var sut = new TailingFixture();
        Append(sut.Log, 1000);
        string rotated = sut.Log + ".20261123-012803";
        File.Move(sut.Log, rotated);
        Append(sut.Log, 2);
        Compress(rotated);
        using (FileStream file = File.OpenWrite(rotated + ".gz"))
        {
            file.Position = file.Length / 2;
            file.Write(new byte[100]);
        }

        sut.Find();
        sut.Time.Advance(TimeSpan.FromSeconds(5));
        sut.Turn();
        long lost = sut.Metrics.LostBytes.Get("damaged_gzip");
        Assert.Equal(lost, LostBytesOf(Assert.Single(sut.Notices)));

        sut.Restart();
        sut.Find();

        Assert.Single(sut.Notices);
        Assert.Equal(lost, sut.Metrics.LostBytes.Get("damaged_gzip"));
    }

    private static long LostBytesOf(EntryAdapter notice) => long.Parse(notice.StructuredMetadata.First(pair => pair.Name == "lost_bytes").Value, CultureInfo.InvariantCulture);

    private void LoseLines(TailingFixture sut)
    {
        Append(sut.Log, 3);
        sut.Find();
        sut.Withhold();
        Append(sut.Log, 100);
        sut.Turn();
        File.Delete(sut.Log);
        sut.Turn();
        sut.Restart();
        Append(sut.Log, 2);
    }
}
