using Shipper.Core.Tests.Tailing;
using Shipper.Discovery;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Processing.Assembling;
using Shipper.Protocol;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Lanes;

public class LaneTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    [Fact]
    public void Turn_FirstRecords_SendsThemAtOnce()
    {
        using var sut = new TailingFixture(batchWait: Wait);
        Print(sut, "a");

        sut.Find();

        Assert.Equal(["a"], sut.Lines);
    }

    [Fact]
    public void Turn_RecordsSoonAfterAPush_WaitsForTheBatchToFill()
    {
        using var sut = new TailingFixture(batchWait: Wait);
        Print(sut, "a");
        sut.Find();

        Print(sut, "b");
        sut.Turn();
        Print(sut, "c");
        sut.Turn();

        Assert.Equal(["a"], sut.Lines);
        sut.Time.Advance(Wait);
        sut.Turn();
        Assert.Equal(["a", "b", "c"], sut.Lines);
        Assert.Equal(2, sut.Pushes);
    }

    [Fact]
    public void Turn_RecordsAfterAQuietTime_SendsThemAtOnce()
    {
        using var sut = new TailingFixture(batchWait: Wait);
        Print(sut, "a");
        sut.Find();
        sut.Time.Advance(Wait);

        Print(sut, "b");
        sut.Turn();

        Assert.Equal(["a", "b"], sut.Lines);
    }

    [Fact]
    public void Settle_RecordRefused_NamesTheStream()
    {
        using var sut = new TailingFixture();
        Print(sut, "a");
        sut.RefuseNext(LokiAnswers.Read(400, "Max entry size '0' bytes exceeded for stream '{pod=\"pod\"}' while adding an entry with length '1' bytes"));

        sut.Find();

        Assert.Contains(sut.Messages.Messages, message => message.Contains("Dropped 1 records (refused)", StringComparison.Ordinal) && message.Contains("{pod=\"pod\"}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Turn_LineOfManyParts_IsSkippedAsAWhole(bool isCut)
    {
        using var sut = new TailingFixture(new TailerOptions { LongLines = LongLineAction.Skip });
        Print(sut, "first");
        Print(sut, new string('x', (int)PartialLine.MaxLength + 100_000), end: isCut ? "" : "\n");
        if (!isCut)
        {
            Print(sut, "last");
        }

        sut.Find();
        sut.Time.Advance(TimeSpan.FromSeconds(40));
        sut.Turn();

        Assert.Equal(isCut ? ["first"] : ["first", "last"], sut.Lines);
        Assert.Equal(1, sut.Metrics.DroppedRecords.Get(DropReasons.LineTooLong));
        Assert.Contains(sut.Messages.Messages, message => message.Contains("Skipped 1 lines of {pod=\"pod\"}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Describe_LaneDoesNotTurn_ReturnsBlocked()
    {
        using var sut = new TailingFixture();
        Task<LaneStatus> first = sut.AskAsync();
        Task<LaneStatus> second = sut.AskAsync();

        sut.Time.Advance(TimeSpan.FromSeconds(3));

        Assert.True((await first).Blocked);
        Assert.True((await second).Blocked);
        Assert.False(sut.Describe().Blocked);
    }

    [Fact]
    public void Describe_PushInFlight_ReturnsIt()
    {
        using var sut = new TailingFixture();
        Print(sut, "a");
        sut.Withhold();
        sut.Find();
        Assert.Equal(1, sut.Describe().Push!.Records);
        StreamStatus stream = Assert.Single(sut.Describe().Streams);
        Assert.Null(stream.LastAcknowledged);
        Assert.Equal(stream.LagBytes, Assert.Single(stream.Generations).Size);

        sut.Answer();
        sut.Turn();

        Assert.Null(sut.Describe().Push);
        Assert.NotNull(sut.Describe().Streams[0].LastAcknowledged);
        Assert.Equal(0, sut.Describe().Streams[0].LagBytes);
    }

    /// <summary>Loki shards a fast stream and may refuse it: the stream gets its own requests, and they are full.</summary>
    [Fact]
    public void Fill_FastStreams_GetTheirOwnFullRequests()
    {
        const int BatchBytes = 1024 * 1024;
        const int Lines = 40_000;
        using var sut = new TailingFixture(batchBytes: BatchBytes);
        foreach (string pod in (string[])["pod", "other"])
        {
            File.WriteAllLines(sut.LogOf(pod), Enumerable.Range(0, Lines).Select(i => $"2026-11-23T01:21:26.{i:D7}Z stdout F {i} {new string('x', 200)}"));
        }

        sut.Find("other");
        sut.Find();

        Assert.Equal(2 * Lines, sut.Requests.Sum(request => request.Streams.Sum(stream => stream.Entries.Count)));
        Assert.Equal(Enumerable.Range(0, Lines).Select(i => $"{i}"), sut.Lines.Select(line => line.Split(' ')[0]));
        PushRequest[] later = [.. sut.Requests.Skip(6)];
        Assert.All(later, request => Assert.Single(request.Streams));
        Assert.InRange(later.Count(request => request.CalculateSize() < BatchBytes), 0, 3);
    }

    private static void Print(TailingFixture sut, string text, DateTimeOffset? time = null, string end = "\n")
    {
        DateTimeOffset printed = time ?? DateTimeOffset.UnixEpoch.AddSeconds(sut.Entries.Count);
        File.AppendAllText(sut.Log, $"{printed.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffffff}Z stdout F {text}{end}");
    }
}
