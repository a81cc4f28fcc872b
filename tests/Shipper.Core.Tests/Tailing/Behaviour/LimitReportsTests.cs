using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Processing.Limits;
using Shipper.Protocol;
using Shipper.Tailing;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>A container exceeds its limit and then falls silent, so that no record brings the report.</summary>
public class LimitReportsTests : LogFileFixture
{
    private const string Report = "shipper: 8 lines (64 B) dropped in 60 s: limit noisy (1 lines/s)";

    [Fact]
    public void Turn_QuietForAMinute_SendsOneReportAfterLastRecord()
    {
        using var sut = Create();
        Flood(sut, minute: 21);
        sut.Find();
        sut.Time.Advance(TimeSpan.FromSeconds(50));
        sut.Turn();
        Assert.Empty(ReportsOf(sut));

        sut.Time.Advance(TimeSpan.FromSeconds(10));
        sut.Turn();
        sut.Time.Advance(TimeSpan.FromMinutes(5));
        sut.Turn();

        EntryAdapter report = Assert.Single(ReportsOf(sut));
        Assert.Equal(Report, report.Line);
        EntryAdapter last = sut.AllEntries[^2];
        Assert.Equal((last.Timestamp.Seconds, last.Timestamp.Nanos + 1), (report.Timestamp.Seconds, report.Timestamp.Nanos));
        Assert.Equal(report, sut.AllEntries[^1]);
    }

    [Fact]
    public void Turn_RecordAfterTheReport_BringsNoOther()
    {
        using var sut = Create();
        Flood(sut, minute: 21);
        sut.Find();
        Wait(sut);
        File.AppendAllText(sut.Log, "2026-11-23T01:31:00Z stdout F later\n");
        sut.Turn();
        sut.Restart();
        sut.Find();
        Flood(sut, minute: 41);
        sut.Turn();
        Wait(sut);

        Assert.Equal([Report, Report], ReportsOf(sut).Select(report => report.Line));
        Assert.Equal("later", sut.AllEntries[3].Line);
    }

    [Fact]
    public void Restart_BeforeTheReport_ReportsAll()
    {
        using var sut = Create();
        Flood(sut, minute: 21);
        sut.Find();
        sut.Restart();
        sut.Find();
        Wait(sut);
        sut.Restart();
        sut.Find();
        Wait(sut);

        Assert.Equal(Report, Assert.Single(ReportsOf(sut)).Line);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Restart_ReportUnanswered_ResendsItUnchanged(bool isReloaded)
    {
        using var sut = Create();
        Flood(sut, minute: 21);
        sut.Find();
        sut.Withhold();
        Wait(sut);
        PushRequest first = sut.Requests[^1];
        Assert.Contains(Report, first.ToString(), StringComparison.Ordinal);
        File.AppendAllText(sut.Log, "2026-11-23T01:31:00Z stdout F later\n");

        (isReloaded ? sut.Reload : (Action)sut.Restart)();
        sut.Withhold();
        sut.Find();
        Assert.Equal(first.Streams[0], sut.Requests[^1].Streams[0]);
        sut.Answer();
        sut.Turn();
        Wait(sut);

        Assert.Single(ReportsOf(sut));
        Assert.Equal("later", sut.AllEntries[^1].Line);
    }

    [Fact]
    public void Turn_RecordsUnanswered_SendsNoReport()
    {
        using var sut = Create();
        sut.Withhold();
        Flood(sut, minute: 21);
        sut.Find();
        Wait(sut);
        Assert.DoesNotContain("shipper: ", sut.Requests[^1].ToString(), StringComparison.Ordinal);

        sut.Answer();
        sut.Turn();
        Wait(sut);

        Assert.Single(ReportsOf(sut));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Turn_FileDeleted_SendsReportBeforeTheStreamIsForgotten(bool isUnlinkedFirst)
    {
        using var sut = Create();
        Flood(sut, minute: 21);
        sut.Find();
        File.Delete(sut.Log);
        if (isUnlinkedFirst)
        {
            sut.Unlink(turns: false);
        }

        sut.Turn();
        sut.Time.Advance(TimeSpan.FromSeconds(10));
        sut.Turn();
        sut.Unlink();
        sut.Turn();

        Assert.Equal(Report, Assert.Single(ReportsOf(sut)).Line);
        Assert.Equal(0, sut.Status.OpenFiles);
        Assert.Empty(sut.Describe().Streams);
    }

    [Fact]
    public void Restart_FileDeletedWhileDown_SendsReport()
    {
        using var sut = Create();
        Flood(sut, minute: 21);
        sut.Find();
        File.Delete(sut.Log);
        sut.Restart();
        sut.FindDeleted();
        sut.Time.Advance(TimeSpan.FromSeconds(10));
        sut.Turn();
        sut.Turn();

        Assert.Equal(Report, Assert.Single(ReportsOf(sut)).Line);
        Assert.Empty(sut.Describe().Streams);
    }

    [Fact]
    public void Turn_LimitRemovedFromTheRules_SendsNoReportAndForgetsTheStream()
    {
        using var sut = Create();
        Flood(sut, minute: 21);
        sut.Find();
        sut.Restart();
        sut.CustomAttributes = null;
        sut.Find();
        Wait(sut);
        File.Delete(sut.Log);
        sut.Unlink();
        sut.Turn();
        sut.Time.Advance(TimeSpan.FromSeconds(10));
        sut.Turn();

        Assert.Empty(ReportsOf(sut));
        Assert.Empty(sut.Describe().Streams);
    }

    private static TailingFixture Create()
    {
        var options = new ProcessingOptions
        {
            Limits = { new LimitOptions { Name = "noisy", Lines = 1, Burst = TimeSpan.FromSeconds(2), Over = OverLimit.Drop } },
        };
        StreamRules rules = StreamRulesFactory.Create(options, new RecordOrigin { Source = RecordOrigin.Containers, Namespace = "ns", Pod = TailingFixture.Pod, Container = "main" });
        return new TailingFixture { CustomAttributes = new FixedAttributes(new StreamAttributes(Attributes.Of(("pod", TailingFixture.Pod)).Labels, [], hasOutput: true, rules)) };
    }

    /// <summary>Ten lines within a second, of which two are within the limit.</summary>
    private static void Flood(TailingFixture sut, int minute) =>
        File.AppendAllLines(sut.Log, Enumerable.Range(0, 10).Select(line => $"2026-11-23T01:{minute}:00.{line}Z stdout F flood {line}{line}"));

    private static void Wait(TailingFixture sut)
    {
        sut.Time.Advance(LimitReports.QuietTime);
        sut.Turn();
        sut.Turn();
    }

    private static List<EntryAdapter> ReportsOf(TailingFixture sut) => [.. sut.AllEntries.Where(entry => entry.Line.StartsWith("shipper: ", StringComparison.Ordinal))];
}
