using Microsoft.Extensions.Logging.Abstractions;
using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Core.Tests.Support;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Checkpoints.Behaviour;

/// <summary>The bytes of each operation never change: an older agent must read them after a rollback, and a newer one after an upgrade.</summary>
public sealed class CheckpointBytesTests
{
    private static readonly StreamAttributes First = new(
        StreamLabels.Create([KeyValuePair.Create("app", "wäb\"1")]), EntryMetadata.Encode("uid"u8, "1"u8), hasOutput: true, StreamRules.Excluding(LogOutput.Stderr));

    private static readonly StreamAttributes Second = new(StreamLabels.Create([KeyValuePair.Create("app", "2")]), [], hasOutput: false, StreamRules.Excluding(LogOutput.Stdout));

    private static readonly StreamAttributes Third = new(StreamLabels.Create([KeyValuePair.Create("app", "3")]), [], hasOutput: false);

    /// <summary>The recording was made before each operation had a file of its own.</summary>
    [Fact]
    public void Commit_EveryOperation_WritesRecordedBytes()
    {
        using var directory = new TemporaryDirectory();
        Write(directory);

        string recording = Path.Combine(Recordings.State, "operations");
        Assert.Equal(NamesIn(recording), NamesIn(directory));
        foreach (string name in NamesIn(directory))
        {
            Assert.True(File.ReadAllBytes(Path.Combine(recording, name)).AsSpan().SequenceEqual(File.ReadAllBytes(directory[name])), name);
        }
    }

    private static void Write(TemporaryDirectory directory)
    {
        using (CheckpointStore store = Open(directory, "1"))
        {
            for (int i = 0; i < 3; i++)
            {
                Fill(store, i);
            }
        }

        using (CheckpointStore store = Open(directory, "2"))
        {
            Fill(store, 1);
            Finish(store);
            store.MarkConfirmed();
        }

        using (CheckpointStore store = Open(directory, "2"))
        {
            Fill(store, 2);
            store.RecordShutdown();
        }
    }

    private static void Fill(CheckpointStore store, int i)
    {
        StreamCheckpoint stream = store.GetOrAddStream($"ns/pod-{i}/main");
        StreamCheckpoint journal = store.GetOrAddStream($"journal:/j{i}");
        GenerationCheckpoint live = stream.Generations.Count > 0 ? stream.Generations[0] : store.AddGeneration(stream, $"/pods/{i}/0.log");
        GenerationCheckpoint late = store.AddGeneration(stream, $"/pods/{i}/1.log", FilePosition.Both(5));

        // No position of this generation is written yet: its ledger entries follow with the position.
        var changes = new CheckpointChanges();
        changes.LedgerUpdates.Add(new(late, new LedgerEntry(IsLost: true, "deleted", 7)));
        changes.Clocks.Add(new(stream, new StreamClock(1, 2, 3)));
        store.Commit(changes);

        changes.Clear();
        changes.Updates.Add((stream, new GenerationUpdate(live, new FileIdentity(0xABCDEF, 256), ulong.MaxValue - 1, Acknowledged: null, 100)));
        changes.Updates.Add((stream, new GenerationUpdate(late, new FileIdentity(0xFEDCBA, 12), 77, new FilePosition(8, 9), 12, new FileProof(8, 0x123456))));
        changes.SentPositions.Add(new(live, new SentRange(First, new FilePosition(300, 200 + i), 0)));
        changes.SentPositions.Add(new(late, new SentRange(Second, new FilePosition(9, 9), 1_700_000_000_000_000_000)));
        changes.NewestSentNs = 1_700_000_000_000_000_000 + i;
        changes.Windows[stream] = new TimeWindow(1, 2, 3, 4, 5, 6 + i);
        changes.Windows[journal] = TimeWindow.Unbounded;
        changes.SentCursors.Add(new(journal, "s=1;i=3"));
        store.Commit(changes);

        changes.Clear();
        changes.Moves.Add(new(late, store.GetOrAddStream($"ns/pod-{i}/other"), $"/pods/{i}/other.log"));
        changes.Updates.Add((stream, new GenerationUpdate(live, new FileIdentity(0xABCDEF, 256), 5, new FilePosition(150 + i, 200), 500, new FileProof(150, 0x654321))));
        changes.LedgerUpdates.Add(new(live, new LedgerEntry(IsLost: false, "excluded", 20)));
        changes.LedgerUpdates.Add(new(live, new LedgerEntry(IsLost: true, "excluded", 3)));
        changes.LedgerUpdates.Add(new(live, new LedgerEntry(IsLost: false, "excluded", 1)));
        changes.Cursors.Add(new(journal, i == 0 ? "" : "s=1;i=2"));
        changes.AddLoss(stream, new Loss(20, 0, 5, "truncated", $"/pods/{i}/0.log"));
        changes.AddLoss(store.GetOrAddStream("ns/gone/main"), new Loss(10, 1, 2, "deleted", "/pods/gone/0.log") { Attributes = Third, SentNs = 3 });
        changes.Clocks.Add(new(stream, new StreamClock(10, 20, 30 + i)));
        changes.Clocks.Add(new(journal, new StreamClock(11, 21, 31)));
        store.Commit(changes);

        store.SetExcludedOutputs($"/pods/{i}", (ExcludedOutputs)i);
        store.SetExcludedOutputs("/pods/gone", i == 0 ? ExcludedOutputs.Both : null);
        store.SetRotationDirectory($"/pods/{i}/0.log", "/old");
        store.SetRotationDirectory("/pods/none/0.log", "/old");
        store.EndFirstStart();
    }

    private static void Finish(CheckpointStore store)
    {
        var changes = new CheckpointChanges();
        changes.Removals.Add(new(store.GetOrAddStream("ns/pod-0/other").Generations[0]));
        changes.Removals.Add(new(store.AddGeneration(store.GetOrAddStream("ns/pod-9/main"), "/never/stored.log")));
        changes.Windows[store.GetOrAddStream("ns/pod-0/main")] = null;
        changes.Losses[store.GetOrAddStream("ns/gone/main")] = [];
        store.Commit(changes);
    }

    private static IEnumerable<string> NamesIn(string directory) =>
        Directory.GetFiles(directory, "checkpoint-*").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private static CheckpointStore Open(string directory, string boot) => CheckpointStore.Open(directory, NullLogger.Instance, new AgentMetrics(), boot);
}
