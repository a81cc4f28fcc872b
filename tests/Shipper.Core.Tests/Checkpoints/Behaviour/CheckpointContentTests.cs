using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Checkpoints.Behaviour;

/// <summary>What a checkpoint stores in addition to positions: pushes about to be sent, cursors, decisions and losses.</summary>
public sealed class CheckpointContentTests : IDisposable
{
    private static readonly StreamAttributes Attributes = new(
        StreamLabels.Create([KeyValuePair.Create("app", "wäb\"1")]), EntryMetadata.Encode("uid"u8, "1"u8), hasOutput: true, StreamRules.Excluding(LogOutput.Stderr));

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Open_SentRangeNotAcknowledged_RestoresIt(int restarts)
    {
        using (CheckpointStore sut = Open())
        {
            Save(sut, acknowledged: 10, sent: 50, baseNs: 7);
        }

        for (int i = 0; i < restarts; i++)
        {
            using CheckpointStore store = Open();
            SentRange sent = Assert.Single(store.GetOrAddStream("ns/a/c").Generations).LastSentRange!.Value;
            Assert.Equal(Attributes, sent.Attributes);
            Assert.Equal((50L, 7L), (sent.End.Stdout, sent.BaseNs));
        }
    }

    [Fact]
    public void Open_SentRangeAcknowledged_ForgetsIt()
    {
        using (CheckpointStore sut = Open())
        {
            Save(sut, acknowledged: 10, sent: 50, baseNs: 7);
            Save(sut, acknowledged: 50, sent: 50, baseNs: 7);
        }

        using (CheckpointStore second = Open())
        {
            Assert.False(Assert.Single(second.GetOrAddStream("ns/a/c").Generations).LastSentRange is { } sent && sent.IsBeyond(FilePosition.Both(50)));
        }

        using CheckpointStore third = Open();
        Assert.Null(Assert.Single(third.GetOrAddStream("ns/a/c").Generations).LastSentRange);
    }

    [Fact]
    public void Open_SentRangeAfterCompaction_RestoresIt()
    {
        using (CheckpointStore sut = Open())
        {
            for (int i = 0; i < 100_000; i++)
            {
                Save(sut, acknowledged: i, sent: i + 1, baseNs: i);
                if (i % 10_000 == 0)
                {
                    sut.Flush();
                }
            }
        }

        using CheckpointStore read = Open();
        SentRange sent = Assert.Single(read.GetOrAddStream("ns/a/c").Generations).LastSentRange!.Value;
        Assert.Equal((Attributes, 100_000L, 99_999L), (sent.Attributes, sent.End.Stdout, sent.BaseNs));
    }

    [Fact]
    public void Open_Decisions_RestoresAllThatWereNotRemoved()
    {
        using (CheckpointStore sut = Open())
        {
            sut.SetExcludedOutputs("/pods/a", ExcludedOutputs.Both);
            sut.SetExcludedOutputs("/pods/b", ExcludedOutputs.None);
            sut.SetExcludedOutputs("/pods/c", ExcludedOutputs.Stderr);
            sut.SetExcludedOutputs("/pods/c", null);
        }

        for (int i = 0; i < 2; i++)
        {
            using CheckpointStore read = Open();
            Assert.Equal((ExcludedOutputs.Both, ExcludedOutputs.None, null), (read.GetExcludedOutputs("/pods/a"), read.GetExcludedOutputs("/pods/b"), read.GetExcludedOutputs("/pods/c")));
            Assert.Equal(["/pods/a", "/pods/b"], read.GetPathsWithExcludedOutputs().Order());
        }
    }

    [Fact]
    public void Open_Cursors_RestoresThemWithTheirClocks()
    {
        using (CheckpointStore sut = Open())
        {
            var changes = new CheckpointChanges();
            changes.Cursors.Add(new(sut.GetOrAddStream("journal:/j"), "s=1;i=2"));
            changes.Cursors.Add(new(sut.GetOrAddStream("journal:/j:kubelet.service"), ""));
            changes.Clocks.Add(new(sut.GetOrAddStream("journal:/j:kubelet.service"), new StreamClock(1, 2, 3)));
            sut.Commit(changes);
        }

        for (int i = 0; i < 2; i++)
        {
            using CheckpointStore read = Open();
            Assert.Equal("s=1;i=2", read.GetOrAddStream("journal:/j").Cursor);
            Assert.Equal("", read.GetOrAddStream("journal:/j:kubelet.service").Cursor);
            Assert.Equal(new StreamClock(1, 2, 3), read.GetOrAddStream("journal:/j:kubelet.service").Clock);
        }
    }

    [Fact]
    public void Open_Losses_RestoresThemUntilTheyAreReported()
    {
        var inFlight = new Loss(10, 1, 2, "deleted", "/pods/a/0.log") { Attributes = Attributes, SentNs = 3 };
        var pending = new Loss(20, 0, 5, "truncated", "/pods/a/1.log");
        using (CheckpointStore sut = Open())
        {
            var changes = new CheckpointChanges();
            changes.AddLoss(sut.GetOrAddStream("ns/a/c"), inFlight);
            changes.AddLoss(sut.GetOrAddStream("ns/a/c"), pending);
            changes.AddLoss(sut.GetOrAddStream("ns/a/c"), new Loss(5, 4, 6, "deleted", "/pods/a/2.log"));
            sut.Commit(changes);
        }

        for (int i = 0; i < 3; i++)
        {
            using CheckpointStore read = Open();
            Assert.Equal([inFlight, new Loss(25, 0, 6, "truncated,deleted", "/pods/a/2.log")], read.GetOrAddStream("ns/a/c").Losses);
        }

        using (CheckpointStore sut = Open())
        {
            var changes = new CheckpointChanges();
            changes.Losses[sut.GetOrAddStream("ns/a/c")] = [];
            sut.Commit(changes);
        }

        using CheckpointStore last = Open();
        Assert.Empty(last.GetStreams());
    }

    private static void Save(CheckpointStore store, long acknowledged, long sent, long baseNs)
    {
        StreamCheckpoint stream = store.GetOrAddStream("ns/a/c");
        GenerationCheckpoint generation = stream.Generations.Count > 0 ? stream.Generations[0] : store.AddGeneration(stream, "/pods/a/0.log");
        var changes = new CheckpointChanges();
        changes.Updates.Add((stream, new GenerationUpdate(generation, new FileIdentity(1, 256), 2, FilePosition.Both(acknowledged), 1_000_000)));
        changes.SentPositions.Add(new(generation, new SentRange(Attributes, FilePosition.Both(sent), baseNs)));
        store.Commit(changes);
    }

    private CheckpointStore Open() => CheckpointStore.Open(_directory, new RecordedLog(), new AgentMetrics());
}
