using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Core.Tests.Support;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Checkpoints;

public class CheckpointStoreTests
{
    private readonly RecordedLog _log = new();
    private readonly AgentMetrics _metrics = new();

    [Fact]
    public void IsFirstStart_AfterEndFirstStart_IsFalseForAllLaterStarts()
    {
        using var directory = new TemporaryDirectory();
        using (CheckpointStore killed = Open(directory))
        {
            Assert.True(killed.IsFirstStart);
            Acknowledge(killed, "ns/a/c", "/pods/a/0.log", 1, 1);
        }

        using (CheckpointStore first = Open(directory))
        {
            Assert.True(first.IsFirstStart);
            first.EndFirstStart();
        }

        using (CheckpointStore second = Open(directory))
        {
            Assert.False(second.IsFirstStart);
        }

        using CheckpointStore third = Open(directory);
        Assert.False(third.IsFirstStart);
    }

    [Theory]
    [InlineData("1", false, false)]
    [InlineData("2", false, true)]
    [InlineData("2", true, false)]
    public void HasUnconfirmed_AfterRestart_IsTrueOnlyIfMachineCrashed(string nextBoot, bool isEnded, bool expected)
    {
        using var directory = new TemporaryDirectory();
        using (CheckpointStore sut = Open(directory, "1"))
        {
            Assert.False(sut.HasUnconfirmed);
            if (isEnded)
            {
                Assert.True(sut.RecordShutdown());
            }
        }

        using CheckpointStore next = Open(directory, nextBoot);
        Assert.Equal(expected, next.HasUnconfirmed);
        Assert.Equal(expected, next.HasCrashed);
    }

    [Fact]
    public void HasUnconfirmed_LogDamaged_IsTrueUntilAllIsConfirmed()
    {
        using var directory = new TemporaryDirectory();
        using (Open(directory, "1"))
        {
        }

        File.AppendAllText(directory["checkpoint-000001.log"], "?");
        using (CheckpointStore damaged = Open(directory, "1"))
        {
            Assert.True(damaged.HasUnconfirmed);
            Assert.False(damaged.HasCrashed);
            damaged.RecordShutdown();
        }

        using (CheckpointStore unconfirmed = Open(directory, "1"))
        {
            Assert.True(unconfirmed.HasUnconfirmed);
            Assert.False(unconfirmed.HasCrashed);
            unconfirmed.MarkConfirmed();
            Assert.False(unconfirmed.HasUnconfirmed);
        }

        using CheckpointStore confirmed = Open(directory, "1");
        Assert.False(confirmed.HasUnconfirmed);
    }

    [Fact]
    public void Commit_PositionsAndClocks_RestoresThemAfterRestart()
    {
        using var directory = new TemporaryDirectory();
        using (CheckpointStore sut = Open(directory))
        {
            Acknowledge(sut, "ns/a/c", "/pods/a/0.log", 100, 50);
            Acknowledge(sut, "ns/a/c", "/pods/a/0.log", 200, 180);
            Acknowledge(sut, "ns/b/c", "/pods/b/0.log", 7, 7);
        }

        using CheckpointStore read = Open(directory);
        StreamCheckpoint a = read.GetOrAddStream("ns/a/c");
        Assert.Equal(new StreamClock(200, 201, 202), a.Clock);
        GenerationCheckpoint generation = Assert.Single(a.Generations);
        Assert.Equal("/pods/a/0.log", generation.LogPath);
        Assert.Equal(new FilePosition(200, 180), generation.Acknowledged);
        Assert.Equal(new FileIdentity(0xABCDEF, 256), generation.Identity);
        Assert.Equal(ulong.MaxValue - 1, generation.Inode);
        Assert.Equal(1000, generation.Size);
        Assert.Equal(new FilePosition(7, 7), Assert.Single(read.GetOrAddStream("ns/b/c").Generations).Acknowledged);
    }

    [Fact]
    public void Commit_LastGenerationRemoved_ForgetsStream()
    {
        using var directory = new TemporaryDirectory();
        using (CheckpointStore sut = Open(directory))
        {
            GenerationCheckpoint generation = Acknowledge(sut, "ns/a/c", "/pods/a/0.log", 1, 1);
            var changes = new CheckpointChanges();
            changes.Removals.Add(new(generation));
            sut.Commit(changes);
        }

        using CheckpointStore read = Open(directory);
        Assert.Empty(read.GetStreams());
    }

    [Fact]
    public void Commit_StreamReturnsWithUnwrittenGeneration_RestoresIt()
    {
        using var directory = new TemporaryDirectory();
        using (CheckpointStore sut = Open(directory))
        {
            GenerationCheckpoint old = Acknowledge(sut, "ns/a/c", "/pods/a/0.log", 1, 1);
            sut.AddGeneration(sut.GetOrAddStream("ns/a/c"), "/pods/a/1.log");
            var changes = new CheckpointChanges();
            changes.Removals.Add(new(old));
            sut.Commit(changes);
            Acknowledge(sut, "ns/a/c", "/pods/a/1.log", 5, 5);
        }

        using CheckpointStore read = Open(directory);
        Assert.Equal(new FilePosition(5, 5), Assert.Single(read.GetOrAddStream("ns/a/c").Generations).Acknowledged);
        Assert.Equal(0, _metrics.CheckpointErrors.Get("read"));
    }

    [Fact]
    public void Forget_StreamOfSameNameFollows_RestoresNewStream()
    {
        using var directory = new TemporaryDirectory();
        using (CheckpointStore sut = Open(directory))
        {
            GenerationCheckpoint old = Acknowledge(sut, "ns/web-0/c", "/pods/1/0.log", 9, 9);
            StreamCheckpoint stream = sut.GetOrAddStream("ns/web-0/c");
            var changes = new CheckpointChanges();
            changes.Removals.Add(new(old));
            sut.Commit(changes);
            sut.Forget(stream);
            Acknowledge(sut, "ns/web-0/c", "/pods/2/0.log", 5, 5);
        }

        using CheckpointStore read = Open(directory);
        Assert.Equal(new FilePosition(5, 5), Assert.Single(read.GetOrAddStream("ns/web-0/c").Generations).Acknowledged);
    }

    [Fact]
    public void Flush_SnapshotFailsRepeatedly_BeginsOnlyOneNewLog()
    {
        using var directory = new TemporaryDirectory();
        using CheckpointStore sut = Open(directory);
        Directory.CreateDirectory(directory["checkpoint-000002.snapshot.tmp"]);
        var changes = new CheckpointChanges();
        StreamCheckpoint stream = sut.GetOrAddStream("ns/a/c");
        GenerationCheckpoint generation = sut.AddGeneration(stream, "/pods/a/0.log");
        while (new FileInfo(directory["checkpoint-000001.log"]).Length <= 4 * 1024 * 1024)
        {
            for (int i = 0; i < 10_000; i++)
            {
                changes.Updates.Add((stream, new GenerationUpdate(generation, new FileIdentity(1, 256), 1, FilePosition.Both(77), 1000)));
            }

            sut.Commit(changes);
            changes.Clear();
        }

        for (int i = 0; i < 5; i++)
        {
            sut.Flush();
        }

        Acknowledge(sut, "ns/b/c", "/pods/b/0.log", 5, 5);
        Assert.Equal(2, Directory.GetFiles(directory, "*.log").Length);
        Assert.Equal(5, _metrics.CheckpointErrors.Get("snapshot"));

        Directory.Delete(directory["checkpoint-000002.snapshot.tmp"]);
        sut.Flush();
        Acknowledge(sut, "ns/b/c", "/pods/b/0.log", 6, 6);
        using var copy = new TemporaryDirectory();
        File.Copy(directory["checkpoint-000002.snapshot"], copy["checkpoint-000002.snapshot"]);
        File.Copy(directory["checkpoint-000002.log"], copy["checkpoint-000002.log"]);
        using CheckpointStore read = Open(copy);
        Assert.Equal(FilePosition.Both(77), Assert.Single(read.GetOrAddStream("ns/a/c").Generations).Acknowledged);
        Assert.Equal(FilePosition.Both(6), Assert.Single(read.GetOrAddStream("ns/b/c").Generations).Acknowledged);
    }

    [Fact]
    public void Open_StreamDefinitionMissing_LosesOnlyThatStream()
    {
        using var directory = new TemporaryDirectory();
        string log = directory["checkpoint-000001.log"];
        int before;
        int after;
        using (CheckpointStore sut = Open(directory))
        {
            before = (int)new FileInfo(log).Length;
            GenerationCheckpoint a = Acknowledge(sut, "ns/a/c", "/pods/a/0.log", 1, 1);
            after = (int)new FileInfo(log).Length;
            var changes = new CheckpointChanges();
            changes.Updates.Add((sut.GetOrAddStream("ns/a/c"), new GenerationUpdate(a, new FileIdentity(1, 256), 1, FilePosition.Both(2), 1000)));
            sut.Commit(changes);
            Acknowledge(sut, "ns/b/c", "/pods/b/0.log", 5, 5);
        }

        byte[] whole = File.ReadAllBytes(log);
        File.WriteAllBytes(log, [.. whole[..before], .. whole[after..]]);

        using CheckpointStore read = Open(directory);
        Assert.Equal(FilePosition.Both(5), Assert.Single(read.GetOrAddStream("ns/b/c").Generations).Acknowledged);
    }

    /// <summary>A crash may cut off the log at any byte: every complete commit before the cut must be read.</summary>
    [Trait("Speed", "Slow")]
    [Fact]
    public void Open_LogCutAtAnyByte_ReadsAllCompleteCommits()
    {
        using var directory = new TemporaryDirectory();
        const int Commits = 20;
        var ends = new List<long>();
        string log = directory["checkpoint-000001.log"];
        using (CheckpointStore sut = Open(directory))
        {
            for (int i = 1; i <= Commits; i++)
            {
                Acknowledge(sut, $"ns/{i % 3}/c", $"/pods/{i % 3}/0.log", i, i);
                ends.Add(new FileInfo(log).Length);
            }
        }

        byte[] whole = File.ReadAllBytes(log);
        for (int length = 0; length <= whole.Length; length++)
        {
            using var copy = new TemporaryDirectory();
            File.Copy(directory["checkpoint-000001.snapshot"], copy["checkpoint-000001.snapshot"]);
            File.WriteAllBytes(copy["checkpoint-000001.log"], whole[..length]);

            using CheckpointStore read = Open(copy);

            int complete = ends.Count(end => end <= length);
            long newest = read.GetStreams().SelectMany(stream => stream.Generations).Select(generation => generation.Acknowledged.Stdout).DefaultIfEmpty().Max();
            Assert.Equal(complete, newest);
        }
    }

    [Fact]
    public void Open_AnyByteOfLogCorrupt_CountsErrorWithoutThrowing()
    {
        using var directory = new TemporaryDirectory();
        using (CheckpointStore sut = Open(directory))
        {
            Acknowledge(sut, "ns/a/c", "/pods/a/0.log", 1, 1);
            Acknowledge(sut, "ns/a/c", "/pods/a/0.log", 2, 2);
        }

        byte[] whole = File.ReadAllBytes(directory["checkpoint-000001.log"]);
        for (int position = 0; position < whole.Length; position++)
        {
            using var copy = new TemporaryDirectory();
            byte[] broken = [.. whole];
            broken[position] ^= 0x55;
            File.WriteAllBytes(copy["checkpoint-000001.log"], broken);
            long errors = _metrics.CheckpointErrors.Get("read");

            using CheckpointStore read = Open(copy);

            Assert.Equal(errors + 1, _metrics.CheckpointErrors.Get("read"));
            Assert.False(read.IsFirstStart);
        }
    }

    [Fact]
    public void Open_NewestSnapshotUnreadable_ReadsPreviousAndItsLogs()
    {
        using var directory = new TemporaryDirectory();
        using (CheckpointStore first = Open(directory))
        {
            Acknowledge(first, "ns/a/c", "/pods/a/0.log", 1, 1);
        }

        using (CheckpointStore second = Open(directory))
        {
            Acknowledge(second, "ns/a/c", "/pods/a/0.log", 2, 2);
            Acknowledge(second, "ns/b/c", "/pods/b/0.log", 3, 3);
        }

        Damage(directory["checkpoint-000002.snapshot"]);

        using CheckpointStore read = Open(directory);

        Assert.Equal(new FilePosition(2, 2), Assert.Single(read.GetOrAddStream("ns/a/c").Generations).Acknowledged);
        Assert.Equal(new FilePosition(3, 3), Assert.Single(read.GetOrAddStream("ns/b/c").Generations).Acknowledged);
        Assert.Equal(1, _metrics.CheckpointErrors.Get("read"));
        Assert.Contains(_log.Messages, message => message.Contains("checkpoint-000002.snapshot is damaged", StringComparison.Ordinal));
    }

    [Fact]
    public void Open_SnapshotsDamagedInTwoRuns_ReadsLastGoodOne()
    {
        using var directory = new TemporaryDirectory();
        using (CheckpointStore first = Open(directory))
        {
            Acknowledge(first, "ns/a/c", "/pods/a/0.log", 1, 1);
        }

        // The third start meets the first damage, the fourth start the second.
        Open(directory).Dispose();
        Damage(directory["checkpoint-000002.snapshot"]);
        Open(directory).Dispose();
        Damage(directory["checkpoint-000003.snapshot"]);

        using CheckpointStore read = Open(directory);

        Assert.Equal(new FilePosition(1, 1), Assert.Single(read.GetOrAddStream("ns/a/c").Generations).Acknowledged);
    }

    [Fact]
    public void Flush_OldFilesCannotBeDeleted_BeginsNoNewPair()
    {
        using var directory = new TemporaryDirectory();
        Open(directory).Dispose();

        // Not even root can delete a directory as a file, so this stands for a missing permission.
        File.Delete(directory["checkpoint-000001.log"]);
        Directory.CreateDirectory(directory["checkpoint-000000.snapshot.tmp"]);
        using CheckpointStore sut = Open(directory);
        Assert.True(sut.Flush());
        Acknowledge(sut, "ns/a/c", "/pods/a/0.log", 1, 1);
        Assert.True(sut.Flush());

        Assert.False(File.Exists(directory["checkpoint-000003.snapshot"]));
    }

    [Fact]
    public void Flush_AfterFailure_LogsRecovery()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["checkpoint-000001.snapshot.tmp"]);
        using CheckpointStore sut = Open(directory);
        Assert.False(sut.Flush());

        Directory.Delete(directory["checkpoint-000001.snapshot.tmp"]);

        Assert.True(sut.Flush());
        Assert.Contains(_log.Messages, message => message.Contains("can be written to", StringComparison.Ordinal));
    }

    /// <summary>One run could write nothing, so the next run can't know what it sent.</summary>
    [Fact]
    public void Open_PreviousRunCouldNotWrite_HasUnconfirmed()
    {
        using var directory = new TemporaryDirectory();
        using (CheckpointStore first = Open(directory))
        {
            Acknowledge(first, "ns/a/c", "/pods/a/0.log", 1, 1);
            Assert.True(first.RecordShutdown());
        }

        Directory.CreateDirectory(directory["checkpoint-000002.log"]);
        using (CheckpointStore broken = Open(directory))
        {
            Acknowledge(broken, "ns/a/c", "/pods/a/0.log", 2, 2);
            Assert.False(broken.RecordShutdown());
        }

        Directory.Delete(directory["checkpoint-000002.log"]);
        using CheckpointStore last = Open(directory);
        Assert.True(last.HasUnconfirmed);
        Assert.Equal(1, Assert.Single(last.GetOrAddStream("ns/a/c").Generations).Acknowledged.Stdout);
    }

    [Fact]
    public void Flush_LongLog_CompactsItAndKeepsPreviousPair()
    {
        using var directory = new TemporaryDirectory();
        using (CheckpointStore sut = Open(directory))
        {
            for (int i = 0; new FileInfo(directory["checkpoint-000001.log"]).Length < 4 * 1024 * 1024; i++)
            {
                Acknowledge(sut, $"ns/{i % 100}/c", $"/pods/{i % 100}/0.log", i, i);
            }

            sut.Flush();
            Assert.True(new FileInfo(directory["checkpoint-000002.log"]).Length < 100);
            Assert.True(File.Exists(directory["checkpoint-000001.log"]));
            Acknowledge(sut, "ns/0/c", "/pods/0/0.log", 1_000_000, 1_000_000);
        }

        using CheckpointStore read = Open(directory);
        Assert.Equal(100, read.GetStreams().Count);
        Assert.Equal(1_000_000, Assert.Single(read.GetOrAddStream("ns/0/c").Generations).Acknowledged.Stdout);
        Assert.False(File.Exists(directory["checkpoint-000001.log"]));
    }

    /// <summary>The first opening reads the log, the second one the snapshot.</summary>
    [Fact]
    public void Open_ProofMoveAndDirectory_RestoresThem()
    {
        using var directory = new TemporaryDirectory();
        using (CheckpointStore sut = Open(directory))
        {
            GenerationCheckpoint moved = Acknowledge(sut, "file:/logs/app-1.log", "/logs/app-1.log", 5, 5);
            Acknowledge(sut, "file:/logs/app.log", "/logs/app.log", 7, 7);
            var changes = new CheckpointChanges();
            StreamCheckpoint stream = sut.GetOrAddStream("file:/logs/app.log");
            changes.Moves.Add(new(moved, stream, "/disk/app.log"));
            changes.Updates.Add((stream, new GenerationUpdate(moved, moved.Identity, 3, FilePosition.Both(6), 1000, new FileProof(6, 77))));
            sut.Commit(changes);
            sut.SetRotationDirectory("/logs/app.log", "/old");
            sut.SetRotationDirectory("/gone.log", "/old");
        }

        for (int i = 0; i < 2; i++)
        {
            using CheckpointStore read = Open(directory);
            StreamCheckpoint stream = read.GetOrAddStream("file:/logs/app.log");
            Assert.Equal([("/logs/app.log", 7L, default(FileProof)), ("/disk/app.log", 6, new FileProof(6, 77))],
                stream.Generations.OrderByDescending(known => known.LogPath, StringComparer.Ordinal).Select(known => (known.LogPath, known.Acknowledged.Min, known.Proof)));
            Assert.Empty(read.GetOrAddStream("file:/logs/app-1.log").Generations);
            Assert.Equal("/old", read.GetRotationDirectory("/logs/app.log"));
            Assert.Equal(i == 0 ? "/old" : null, read.GetRotationDirectory("/gone.log"));
        }
    }

    [Fact]
    public void Open_FilesOfOtherFormat_StartsEmptyAndCountsError()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory["checkpoint-000009.snapshot"], "SHIPCKP9 something newer");

        using CheckpointStore read = Open(directory);

        Assert.Empty(read.GetStreams());
        Assert.False(read.IsFirstStart);
        Assert.Equal(1, _metrics.CheckpointErrors.Get("read"));
    }

    private static void Damage(string path) => File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1]);

    /// <summary>Acknowledges a position; the clock is derived from it.</summary>
    private static GenerationCheckpoint Acknowledge(CheckpointStore store, string key, string logPath, long stdout, long stderr)
    {
        StreamCheckpoint stream = store.GetOrAddStream(key);
        GenerationCheckpoint generation = stream.Generations.Find(known => known.LogPath == logPath) ?? store.AddGeneration(stream, logPath);
        var changes = new CheckpointChanges();
        changes.Clocks.Add(new(stream, new StreamClock(stdout, stdout + 1, stdout + 2)));
        changes.Updates.Add((stream, new GenerationUpdate(generation, new FileIdentity(0xABCDEF, 256), ulong.MaxValue - 1, new FilePosition(stdout, stderr), 1000)));
        store.Commit(changes);
        return generation;
    }

    private CheckpointStore Open(TemporaryDirectory directory, string? boot = null) => CheckpointStore.Open(directory, _log, _metrics, boot);
}
