using Shipper.Tailing;

namespace Shipper.Lanes;

public class LaneTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    [Fact]
    public void Turn_FirstRecords_GoAtOnce()
    {
        using var sut = new TailingFixture(batchWait: Wait);
        Print(sut, "a");

        sut.Find();

        Assert.Equal(["a"], sut.Lines);
    }

    [Fact]
    public void Turn_RecordsBehindAPush_WaitForTheBatchToFill()
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
    public void Turn_RecordsAfterAQuietTime_GoAtOnce()
    {
        using var sut = new TailingFixture(batchWait: Wait);
        Print(sut, "a");
        sut.Find();
        sut.Time.Advance(Wait);

        Print(sut, "b");
        sut.Turn();

        Assert.Equal(["a", "b"], sut.Lines);
    }

    private static void Print(TailingFixture sut, string text) =>
        File.AppendAllText(sut.Log, $"2026-11-23T01:28:03.{sut.Entries.Count:D9}Z stdout F {text}\n");
}
