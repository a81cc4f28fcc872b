using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Tailing.Behaviour;

/// <summary>Labels and metadata change while a push is pending.</summary>
public sealed class AttributeTests : LogFileFixture
{
    private readonly SettableAttributes _attributes = new();

    [Fact]
    public void ChangeAttributes_NothingPending_AppliesToNextRecord()
    {
        using TailingFixture sut = Create();
        Append(sut.Log, 2);
        sut.Find();
        _attributes.Value = Attributes.Of(("app", "web"), ("pod", "pod"));
        Append(sut.Log, 3);
        sut.Turn();

        Assert.Equal(["{pod=\"pod\"} 2", "{app=\"web\", pod=\"pod\"} 3"], Summary(sut));
    }

    [Fact]
    public void ChangeAttributes_PushPending_AppliesAfterResponse()
    {
        using TailingFixture sut = Create();
        Append(sut.Log, 2);
        sut.Withhold();
        sut.Find();
        _attributes.Value = Attributes.Of(("app", "web"), ("pod", "pod"));
        Append(sut.Log, 3);
        sut.Turn();
        Assert.Single(sut.Requests);

        sut.Answer();
        sut.Turn();

        Assert.Equal(["{pod=\"pod\"} 2", "{app=\"web\", pod=\"pod\"} 3"], Summary(sut));
    }

    [Fact]
    public void Restart_PushUnanswered_ResendsWithOldAttributes()
    {
        using TailingFixture sut = Create();
        _attributes.Value = new StreamAttributes(StreamLabels.Create([KeyValuePair.Create("app", "old")]), EntryMetadata.Encode("uid"u8, "1"u8), hasOutput: true);
        Append(sut.Log, 2);
        sut.Withhold();
        sut.Find();
        Append(sut.Log, 3);

        sut.Restart();
        _attributes.Value = Attributes.Of(("app", "new"));
        sut.Find();

        // Lines written since then get the new attributes.
        Append(sut.Log, 4);
        sut.Turn();
        Assert.Equal(["{app=\"old\"} 2", "{app=\"old\"} 2", "{app=\"new\"} 3", "{app=\"new\"} 4"], Summary(sut));
        Assert.Equal(sut.Requests[0].Streams[0].Entries, sut.Requests[1].Streams[0].Entries);
    }

    [Fact]
    public void Restart_SecondRunResentOnlyPart_ResendsRestWithOldAttributes()
    {
        using TailingFixture sut = Create();
        _attributes.Value = Attributes.Of(("app", "old"));
        Append(sut.Log, 4);
        sut.Withhold();
        sut.Find();

        sut.BatchBytes = 100;
        sut.Restart();
        sut.Withhold();
        sut.Find();
        Assert.InRange(CountRecords(sut.Requests[1]), 1, 3);

        sut.Restart();
        _attributes.Value = Attributes.Of(("app", "new"));
        sut.Find();

        Assert.Equal(4, sut.Requests.Skip(2).Sum(CountRecords));
        Assert.All(sut.Requests.SelectMany(request => request.Streams), stream => Assert.Equal("{app=\"old\"}", stream.Labels));
    }

    [Fact]
    public void Find_ExcludedWhilePushPending_ReadsNoRecordTwice()
    {
        using TailingFixture sut = Create();
        Append(sut.Log, 2);
        sut.Withhold();
        sut.Find();
        sut.Exclude();
        Append(sut.Log, 3);
        sut.Find();
        Assert.Equal(2, sut.Requests.Sum(CountRecords));

        sut.Answer();
        sut.Turn();

        Assert.Equal(5, sut.Requests.Sum(CountRecords));
        Assert.Equal(5, sut.Requests.SelectMany(request => request.Streams).SelectMany(stream => stream.Entries).Select(entry => entry.Line).Distinct().Count());
    }

    [Fact]
    public void Exclude_WhileWaitingToResume_ReadsNothing()
    {
        using TailingFixture sut = Create();
        Append(sut.Log, 2);
        sut.Withhold();
        sut.Find();
        sut.Exclude();
        Append(sut.Log, 3);
        sut.Find();
        sut.Exclude();

        sut.Answer();
        sut.Turn();

        Assert.Equal(2, sut.Requests.Sum(CountRecords));
        Assert.Equal(0, sut.Status.OpenFiles);
    }

    [Fact]
    public void ChangeAttributes_LineContinuesInNextFile_AppliesAfterResponse()
    {
        using TailingFixture sut = Create();
        File.WriteAllText(sut.Log, "2026-11-25T00:00:00.000000001Z stdout P be\n");
        sut.Find();
        File.Move(sut.Log, sut.Log + ".20261125-000000");
        File.WriteAllText(sut.Log, "2026-11-25T00:00:00.000000002Z stdout F gin\n");
        sut.Withhold();
        sut.Turn();
        _attributes.Value = Attributes.Of(("app", "web"));
        File.AppendAllText(sut.Log, "2026-11-25T00:00:00.000000003Z stdout F next\n");
        sut.Turn();

        // What the checkpoint says about the new file belongs to the pending push.
        sut.Restart();
        sut.Find();

        Assert.Equal(["{pod=\"pod\"}"], sut.Requests.SelectMany(request => request.Streams).Where(stream => stream.Entries[0].Line == "begin").Select(stream => stream.Labels).Distinct());
    }

    [Fact]
    public void Restart_EverythingAcknowledged_UsesNewAttributes()
    {
        using TailingFixture sut = Create();
        Append(sut.Log, 2);
        sut.Find();
        sut.Restart();
        _attributes.Value = Attributes.Of(("app", "new"));
        sut.Find();
        Append(sut.Log, 1);
        sut.Turn();

        Assert.Equal(["{pod=\"pod\"} 2", "{app=\"new\"} 1"], Summary(sut));
    }

    [Fact]
    public void Read_LogNotReadableYet_WaitsAndLosesNothing()
    {
        using TailingFixture sut = Create();
        _attributes.CanRead = false;
        Append(sut.Log, 2);
        sut.Find();
        File.Delete(sut.Log);
        sut.Turn();
        Assert.Empty(sut.Requests);

        _attributes.CanRead = true;
        sut.Turn();

        Assert.Equal(["{pod=\"pod\"} 2"], Summary(sut));
    }

    [Fact]
    public void Exclude_WhileReading_ClosesFilesAndResumesAfterRestart()
    {
        using TailingFixture sut = Create();
        Append(sut.Log, 2);
        sut.Find();
        sut.Exclude();
        Append(sut.Log, 3);
        sut.Turn();
        Assert.Equal(0, sut.Status.OpenFiles);
        Assert.Equal(2, sut.Requests.Sum(CountRecords));

        sut.Restart();
        sut.Find();

        Assert.Equal(5, sut.Requests.Sum(CountRecords));
        Assert.Equal(0, sut.Metrics.LostBytes.Get(LossReasons.Deleted));
    }

    private static int CountRecords(PushRequest request) => request.Streams.Sum(stream => stream.Entries.Count);

    private static IEnumerable<string> Summary(TailingFixture sut) =>
        sut.Requests.SelectMany(request => request.Streams).Select(stream => $"{stream.Labels} {stream.Entries.Count}");

    private TailingFixture Create() => new() { CustomAttributes = _attributes };
}
