using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Support;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Loki;
using Shipper.Tailing;
using Shipper.Tailing.Files;
using Shipper.Tailing.Held;
using Shipper.Tailing.Streams;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Tailing.Streams;

/// <summary>Nothing reads these logs: their bytes are acknowledged only if a test acknowledges them.</summary>
public sealed class LossDeadlineTests : IDisposable
{
    private const long MiB = 1024 * 1024;

    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly AgentMetrics _metrics = new();
    private readonly CheckpointStore _checkpoints;
    private readonly TailedLogs _sut;

    public LossDeadlineTests()
    {
        Directory.CreateDirectory(_directory["state"]);
        _checkpoints = CheckpointStore.Open(_directory["state"], NullLogger.Instance, _metrics);
        _sut = new TailedLogs(new HeldBudget(20 * MiB), new FileBudget(), Services.ForTailing(_directory["state"], _checkpoints, _time, _metrics), TimeSpan.FromSeconds(1));
    }

    /// <summary>Seconds until bytes are lost.</summary>
    private double SecondsUntilLoss => _sut.Status.LossDeadlineSeconds;

    /// <summary>Seconds until rotation deletes a file of the only stream.</summary>
    private double SecondsUntilDeletion => _sut.FindReady(out _)!.LossDeadline.Seconds;

    public void Dispose()
    {
        _sut.Dispose();
        _checkpoints.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Maintain_NothingGrows_ReportsNoDeadline()
    {
        Find("pod", ("0.log", 9 * MiB));

        PassSeconds(10);

        Assert.Equal(LossDeadline.Never, SecondsUntilDeletion);
    }

    [Fact]
    public void Maintain_KubeletRotation_CountsRemainingRotations()
    {
        string log = Find("pod", ("0.log", 0));

        PassSeconds(2, log, MiB);

        // 8 s until the first rotation, and four more of 10 s.
        Assert.Equal(48, SecondsUntilDeletion, 1.0);
    }

    [Fact]
    public void Maintain_FiveFilesExist_ExpectsDeletionAtNextRotation()
    {
        string log = Find(
            "pod", ("0.log.20261123-012801", 10 * MiB), ("0.log.20261123-012802", 10 * MiB), ("0.log.20261123-012803", 10 * MiB), ("0.log.20261123-012804", 10 * MiB), ("0.log", 0));

        PassSeconds(2, log, 2 * MiB);

        Assert.Equal(3, SecondsUntilDeletion, 0.1);
    }

    [Fact]
    public void Maintain_OtherRotationSizeAndMoreFiles_UsesObservedValues()
    {
        (string, long)[] rotated = [.. Enumerable.Range(1, 6).Select(number => ($"0.log.20261123-01280{number}", 40 * MiB))];
        string log = Find("pod", [.. rotated, ("0.log", 0)]);

        // There are seven files, so the next rotation deletes the oldest.
        PassSeconds(5, log, MiB);
        Assert.Equal(35, SecondsUntilDeletion, 1.0);

        // Once it is deleted, the next file is deleted one rotation later.
        string oldest = Path.Combine(Path.GetDirectoryName(log)!, rotated[0].Item1);
        TailedStream stream = _sut.FindReady(out _)!;
        stream.Generations[0].Close();
        stream.Queue.Remove(stream.Generations[0]);
        File.Delete(oldest);
        PassSeconds(1, log, MiB);
        Assert.Equal(34 + 40, SecondsUntilDeletion, 1.0);
    }

    [Fact]
    public void Maintain_LargeFileNeverRotated_ReportsDistantDeadline()
    {
        string log = Find("pod", ("0.log", 500 * MiB));

        PassSeconds(2, log, MiB);

        Assert.Equal(4 * 502, SecondsUntilDeletion, 20.0);
    }

    [Fact]
    public void Maintain_FileDeletedAndHeld_ReportsDeletionNow()
    {
        string log = Find("pod", ("0.log", MiB));
        PassSeconds(1);

        File.Delete(log);
        PassSeconds(2);

        Assert.Equal(0, SecondsUntilDeletion);
        Assert.InRange(_sut.Status.HeldBytes, 1, MiB);
    }

    [Fact]
    public void Maintain_BurstOfGrowth_SmoothsDeadline()
    {
        string log = Find("pod", ("0.log", 0));
        PassSeconds(60, log, MiB / 64);
        double before = SecondsUntilDeletion;

        PassSeconds(1, log, MiB);
        Assert.InRange(SecondsUntilDeletion, before / 5, before);

        PassSeconds(600);
        Assert.Equal(LossDeadline.Never, SecondsUntilDeletion);
    }

    /// <summary>The stream whose files are deleted next gets every second turn. The others share the rest.</summary>
    [Fact]
    public void FindReady_FilesOfOneStreamDeletedSoon_GivesItEverySecondTurn()
    {
        string[] pods = ["a", "b", "c", "d"];
        string log = "";
        Array.ForEach(pods, pod => log = Find(pod, ("0.log", 64)));
        PassSeconds(3, log, MiB);

        string[] turns = [.. Enumerable.Range(0, 12).Select(_ => _sut.FindReady(out TimeSpan _)!.Checkpoint.Key)];

        Assert.Equal(6, turns.Where((_, turn) => turn % 2 == 0).Count(key => key == "ns/d/main"));
        Assert.Equal(["ns/a/main", "ns/b/main", "ns/c/main", "ns/d/main"], turns.Where((_, turn) => turn % 2 == 1).Distinct().Order());
    }

    /// <summary>A held file is safe until the budget is used up.</summary>
    [Theory]
    [InlineData(8, false)]
    [InlineData(12, true)]
    public void FindReady_HeldFile_ComesFirstIfMuchIsHeld(int heldMegabytes, bool isFirst)
    {
        string[] pods = ["a", "b", "c"];
        Array.ForEach(pods, pod => Find(pod, ("0.log", 64)));
        string log = Find("d", ("0.log", 64));
        File.WriteAllBytes(log, [.. File.ReadAllBytes(log), .. new byte[heldMegabytes * MiB]]);
        PassSeconds(1);
        File.Delete(log);
        PassSeconds(2);

        string[] turns = [.. Enumerable.Range(0, 8).Select(_ => _sut.FindReady(out TimeSpan _)!.Checkpoint.Key)];

        Assert.Equal(isFirst ? 5 : 2, turns.Count(key => key == "ns/d/main"));
    }

    /// <summary>The last second is always in flight: rotation would delete the files within minutes, but none of their bytes will be lost.</summary>
    [Fact]
    public void Maintain_FastWriterAcknowledgedInTime_ReportsNoLossAhead()
    {
        string log = Find("pod", ("0.log", 0));
        TailedStream stream = _sut.FindReady(out _)!;

        for (int i = 0; i < 120; i++)
        {
            PassSeconds(1, log, 9 * MiB / 10);
            Assert.Equal(LossDeadline.Never, SecondsUntilLoss);
            Assert.InRange(stream.LossDeadline.Seconds, 1, 600);
            Acknowledge(stream, stream.Generations[0].Size - (4 * MiB / 10));
        }
    }

    /// <summary>A stream that is far behind and catches up loses nothing, even if its oldest file is about to be deleted.</summary>
    [Fact]
    public void Maintain_StreamCatchesUp_ReportsNoLossAhead()
    {
        string log = Find("pod", ("0.log", 400 * MiB));
        TailedStream stream = _sut.FindReady(out _)!;
        PassSeconds(60, log, MiB);
        Assert.InRange(SecondsUntilLoss, 1, 10_000);

        for (int i = 1; i < 60; i++)
        {
            PassSeconds(1, log, MiB);
            Acknowledge(stream, i * 6 * MiB);
        }

        Assert.Equal(LossDeadline.Never, SecondsUntilLoss);
    }

    /// <summary>The stream falls behind slowly: held bytes grow with the unacknowledged bytes, not with the written ones.</summary>
    [Fact]
    public void Maintain_NearlyKeepsUp_ReportsLaterLossThanWithoutAcknowledgements()
    {
        string log = Find("pod", ("0.log", 0));
        TailedStream stream = _sut.FindReady(out _)!;
        PassSeconds(60, log, MiB);
        double untilFull = SecondsUntilLoss - stream.LossDeadline.Seconds;
        Assert.InRange(untilFull, 15, 30);

        for (int i = 1; i < 90; i++)
        {
            PassSeconds(1, log, MiB);
            Acknowledge(stream, i * 9 * MiB / 10);
        }

        Assert.InRange(SecondsUntilLoss - stream.LossDeadline.Seconds, 5 * untilFull, 20 * untilFull);
    }

    /// <summary>Covers the time from the moment the outage is noticed to the first lost byte.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Maintain_LokiUnavailable_PredictsFirstLoss(int quietPods)
    {
        const int BytesPerSecond = 64 * 1024;
        string log = Find("pod", ("0.log", 0));
        for (int i = 0; i < quietPods; i++)
        {
            // A quiet pod delays nothing, and its bytes are never lost.
            Find($"quiet-{i}", ("0.log", 64));
        }

        var predicted = new List<double>();
        while (_metrics.LostBytes.Get("held_bytes") == 0)
        {
            File.AppendAllText(log, new string('x', BytesPerSecond - 1) + "\n");
            RotateAt(log, 1024 * 1024, files: 5);
            PassSeconds(1);
            predicted.Add(SecondsUntilLoss);
            Assert.InRange(predicted.Count, 0, 1000);
        }

        // 5 files of 1 MiB, and up to 20 MiB held.
        Assert.InRange(predicted.Count, 350, 450);
        Assert.All(predicted.Take(15), seconds => Assert.Equal(LossDeadline.Never, seconds));
        Assert.All(predicted.Select((seconds, second) => (Seconds: seconds, Left: predicted.Count - second)).Skip(100), at => Assert.InRange(at.Seconds, (at.Left * 0.7) - 30, (at.Left * 1.3) + 30));
        Assert.InRange(predicted[^1], 0, 30);

        // Bytes keep getting lost: a smaller backlog is no progress.
        for (int i = 0; i < 60; i++)
        {
            File.AppendAllText(log, new string('x', BytesPerSecond - 1) + "\n");
            RotateAt(log, 1024 * 1024, files: 5);
            PassSeconds(1);
            Assert.InRange(SecondsUntilLoss, 0, 60);
        }
    }

    /// <summary>A few MB of a much larger budget are held.</summary>
    [Fact]
    public void Maintain_LittleOfHeldBudgetUsed_ReportsDistantLoss()
    {
        string log = Find("pod", ("0.log", 0));
        for (int i = 0; i < 120; i++)
        {
            File.AppendAllText(log, new string('x', 16 * 1024) + "\n");
            RotateAt(log, 64 * 1024, files: 2);
            PassSeconds(1);
        }

        Assert.InRange(_sut.Status.HeldBytes, MiB, 4 * MiB);
        Assert.InRange(SecondsUntilLoss, 900, 1500);

        // Nothing is written any more, and nothing more is deleted.
        PassSeconds(300);
        Assert.Equal(LossDeadline.Never, SecondsUntilLoss);
    }

    private void Acknowledge(TailedStream stream, long offset)
    {
        Generation generation = stream.Generations[0];
        generation.Progress.SkipTo(offset);
        var changes = new CheckpointChanges();
        changes.Updates.Add((stream.Checkpoint, new GenerationUpdate(generation.Checkpoint, generation.Identity, generation.Status.Inode, FilePosition.Both(offset), generation.Size)));
        _checkpoints.Commit(changes);
    }

    /// <summary>Renames the log when it is large enough, and deletes the oldest of its files when there are too many.</summary>
    private void RotateAt(string log, long bytes, int files)
    {
        if (new FileInfo(log).Length < bytes)
        {
            return;
        }

        string directory = Path.GetDirectoryName(log)!;
        File.Move(log, $"{log}.{_time.GetUtcNow():yyyyMMdd-HHmmss}");
        Create(log, 0);
        string[] all = [.. Directory.GetFiles(directory).Order(StringComparer.Ordinal)];
        foreach (string oldest in all.Skip(1).Take(Math.Max(0, all.Length - files)))
        {
            File.Delete(oldest);
        }

        _sut.Publish(new DirectoryChanged(directory));
    }

    private static void Create(string path, long bytes)
    {
        File.WriteAllText(path, $"2026-11-23T01:28:04Z stdout F {Path.GetFileName(path)}\n");
        Grow(path, bytes);
    }

    /// <summary>Extends the file by a hole, without writing its bytes.</summary>
    private static void Grow(string path, long bytes)
    {
        using FileStream file = File.OpenWrite(path);
        file.SetLength(file.Length + bytes);
    }

    private string Find(string pod, params (string Name, long Bytes)[] files)
    {
        string directory = Directory.CreateDirectory(_directory[$"pods/ns_{pod}_uid/main"]).FullName;
        foreach ((string name, long bytes) in files)
        {
            Create(Path.Combine(directory, name), bytes);
        }

        string log = Path.Combine(directory, "0.log");
        _sut.Publish(new LogFound($"ns/{pod}/main", Attributes.Kind, Attributes.Fixed(StreamLabels.Create([])), RotatedLog.FromFile(log, 0)));
        _sut.DrainInbox(TestContext.Current.CancellationToken);
        _sut.Maintain();
        return log;
    }

    private void PassSeconds(int seconds, string? log = null, long bytesPerSecond = 0)
    {
        for (int i = 0; i < seconds; i++)
        {
            if (log is not null)
            {
                Grow(log, bytesPerSecond);
            }

            _time.Advance(TimeSpan.FromSeconds(1));
            _sut.DrainInbox(TestContext.Current.CancellationToken);
            _sut.Maintain();
        }
    }
}
