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

/// <summary>Logs that nobody reads, so that none of their bytes is acknowledged.</summary>
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

    /// <summary>Until bytes are lost.</summary>
    private double Deadline => _sut.Status.LossDeadlineSeconds;

    /// <summary>Until rotation deletes a file of the only stream.</summary>
    private double Rotation => _sut.FindReady(out _)!.LossDeadline.Seconds;

    public void Dispose()
    {
        _sut.Dispose();
        _checkpoints.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Maintain_UnreadBytesAndNothingGrows_NeverComesToIt()
    {
        Find("pod", ("0.log", 9 * MiB));

        PassSeconds(10);

        Assert.Equal(LossDeadline.Never, Rotation);
    }

    [Fact]
    public void Maintain_KubeletsRotation_CountsTheRotationsThatAreLeft()
    {
        string log = Find("pod", ("0.log", 0));

        PassSeconds(2, log, MiB);

        // 8 s until the first rotation, and four more of 10 s.
        Assert.Equal(48, Rotation, 1.0);
    }

    [Fact]
    public void Maintain_OldestOfFiveFiles_GoesWithTheNextRotation()
    {
        string log = Find(
            "pod", ("0.log.20261123-012801", 10 * MiB), ("0.log.20261123-012802", 10 * MiB), ("0.log.20261123-012803", 10 * MiB), ("0.log.20261123-012804", 10 * MiB), ("0.log", 0));

        PassSeconds(2, log, 2 * MiB);

        Assert.Equal(3, Rotation, 0.1);
    }

    [Fact]
    public void Maintain_RotatedAtAnotherSizeAndMoreFilesKept_TakesWhatIsSeen()
    {
        (string, long)[] rotated = [.. Enumerable.Range(1, 6).Select(number => ($"0.log.20261123-01280{number}", 40 * MiB))];
        string log = Find("pod", [.. rotated, ("0.log", 0)]);

        // Seven files are there, so the oldest goes with the next rotation.
        PassSeconds(5, log, MiB);
        Assert.Equal(35, Rotation, 1.0);

        // When it is gone, the next one goes with the rotation after that.
        string oldest = Path.Combine(Path.GetDirectoryName(log)!, rotated[0].Item1);
        TailedStream stream = _sut.FindReady(out _)!;
        stream.Generations[0].Close();
        stream.Queue.Remove(stream.Generations[0]);
        File.Delete(oldest);
        PassSeconds(1, log, MiB);
        Assert.Equal(34 + 40, Rotation, 1.0);
    }

    [Fact]
    public void Maintain_LargeFileThatWasNeverRotated_IsNoAlarm()
    {
        string log = Find("pod", ("0.log", 500 * MiB));

        PassSeconds(2, log, MiB);

        Assert.Equal(4 * 502, Rotation, 20.0);
    }

    [Fact]
    public void Maintain_DeletedAndHeld_RotationHasDoneIt()
    {
        string log = Find("pod", ("0.log", MiB));
        PassSeconds(1);

        File.Delete(log);
        PassSeconds(2);

        Assert.Equal(0, Rotation);
        Assert.InRange(_sut.Status.HeldBytes, 1, MiB);
    }

    [Fact]
    public void Maintain_Growth_IsSmoothed()
    {
        string log = Find("pod", ("0.log", 0));
        PassSeconds(60, log, MiB / 64);
        double before = Rotation;

        PassSeconds(1, log, MiB);
        Assert.InRange(Rotation, before / 5, before);

        PassSeconds(600);
        Assert.Equal(LossDeadline.Never, Rotation);
    }

    /// <summary>The one whose files go next comes before the others, and these have every second turn.</summary>
    [Fact]
    public void FindReady_FilesOfOneGoSoon_HasEverySecondTurn()
    {
        string[] pods = ["a", "b", "c", "d"];
        string log = "";
        Array.ForEach(pods, pod => log = Find(pod, ("0.log", 64)));
        PassSeconds(3, log, MiB);

        string[] turns = [.. Enumerable.Range(0, 12).Select(_ => _sut.FindReady(out TimeSpan _)!.Checkpoint.Key)];

        Assert.Equal(6, turns.Where((_, turn) => turn % 2 == 0).Count(key => key == "ns/d/main"));
        Assert.Equal(["ns/a/main", "ns/b/main", "ns/c/main", "ns/d/main"], turns.Where((_, turn) => turn % 2 == 1).Distinct().Order());
    }

    /// <summary>What is held open is safe until the budget is used up.</summary>
    [Theory]
    [InlineData(8, false)]
    [InlineData(12, true)]
    public void FindReady_HeldFile_ComesFirstWhereMuchIsHeld(int heldMegabytes, bool isFirst)
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

    /// <summary>The last second is always under way: the files would go within minutes, but nothing of them is going to be lost.</summary>
    [Fact]
    public void Maintain_WritesFastAndIsAcknowledgedInTime_NothingIsAhead()
    {
        string log = Find("pod", ("0.log", 0));
        TailedStream stream = _sut.FindReady(out _)!;

        for (int i = 0; i < 120; i++)
        {
            PassSeconds(1, log, 9 * MiB / 10);
            Assert.Equal(LossDeadline.Never, Deadline);
            Assert.InRange(stream.LossDeadline.Seconds, 1, 600);
            Acknowledge(stream, stream.Generations[0].Size - (4 * MiB / 10));
        }
    }

    /// <summary>A stream that is far behind and comes nearer loses nothing, though its oldest file is about to go.</summary>
    [Fact]
    public void Maintain_CatchesUp_NothingIsAhead()
    {
        string log = Find("pod", ("0.log", 400 * MiB));
        TailedStream stream = _sut.FindReady(out _)!;
        PassSeconds(60, log, MiB);
        Assert.InRange(Deadline, 1, 10_000);

        for (int i = 1; i < 60; i++)
        {
            PassSeconds(1, log, MiB);
            Acknowledge(stream, i * 6 * MiB);
        }

        Assert.Equal(LossDeadline.Never, Deadline);
    }

    /// <summary>The stream falls behind slowly: held bytes grow with the unacknowledged bytes, not with the written ones.</summary>
    [Fact]
    public void Maintain_NearlyKeepsUp_HeldBytesLastLongerThanWithoutAnyAnswer()
    {
        string log = Find("pod", ("0.log", 0));
        TailedStream stream = _sut.FindReady(out _)!;
        PassSeconds(60, log, MiB);
        double untilFull = Deadline - stream.LossDeadline.Seconds;
        Assert.InRange(untilFull, 15, 30);

        for (int i = 1; i < 90; i++)
        {
            PassSeconds(1, log, MiB);
            Acknowledge(stream, i * 9 * MiB / 10);
        }

        Assert.InRange(Deadline - stream.LossDeadline.Seconds, 5 * untilFull, 20 * untilFull);
    }

    /// <summary>From the moment at which the outage is noticed to the first lost byte.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Maintain_LokiStaysAway_TellsWhenTheFirstBytesAreLost(int quietPods)
    {
        const int BytesPerSecond = 64 * 1024;
        string log = Find("pod", ("0.log", 0));
        for (int i = 0; i < quietPods; i++)
        {
            // It holds nothing up, and is never lost.
            Find($"quiet-{i}", ("0.log", 64));
        }

        var told = new List<double>();
        while (_metrics.LostBytes.Get("held_bytes") == 0)
        {
            File.AppendAllText(log, new string('x', BytesPerSecond - 1) + "\n");
            RotateAt(log, 1024 * 1024, files: 5);
            PassSeconds(1);
            told.Add(Deadline);
            Assert.InRange(told.Count, 0, 1000);
        }

        // 5 files of 1 MiB, and 20 MiB are held.
        Assert.InRange(told.Count, 350, 450);
        Assert.All(told.Take(15), seconds => Assert.Equal(LossDeadline.Never, seconds));
        Assert.All(told.Select((seconds, second) => (Seconds: seconds, Left: told.Count - second)).Skip(100), at => Assert.InRange(at.Seconds, (at.Left * 0.7) - 30, (at.Left * 1.3) + 30));
        Assert.InRange(told[^1], 0, 30);

        // It goes on to be lost: that fewer bytes are left is no progress.
        for (int i = 0; i < 60; i++)
        {
            File.AppendAllText(log, new string('x', BytesPerSecond - 1) + "\n");
            RotateAt(log, 1024 * 1024, files: 5);
            PassSeconds(1);
            Assert.InRange(Deadline, 0, 60);
        }
    }

    /// <summary>A few MB are held, of many that may be.</summary>
    [Fact]
    public void Maintain_FilesAreHeldAndMuchMoreMayBe_IsNoAlarm()
    {
        string log = Find("pod", ("0.log", 0));
        for (int i = 0; i < 120; i++)
        {
            File.AppendAllText(log, new string('x', 16 * 1024) + "\n");
            RotateAt(log, 64 * 1024, files: 2);
            PassSeconds(1);
        }

        Assert.InRange(_sut.Status.HeldBytes, MiB, 4 * MiB);
        Assert.InRange(Deadline, 900, 1500);

        // Nothing is written any more, and nothing more is deleted.
        PassSeconds(300);
        Assert.Equal(LossDeadline.Never, Deadline);
    }

    private void Acknowledge(TailedStream stream, long offset)
    {
        Generation generation = stream.Generations[0];
        generation.Progress.Pass(offset);
        var changes = new CheckpointChanges();
        changes.Updates.Add((stream.Checkpoint, new CheckpointUpdate(generation.Checkpoint, generation.Identity, generation.Status.Inode, Offsets.Both(offset), generation.Size)));
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

    /// <summary>Without writing all that.</summary>
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
        _sut.Publish(new LogFound($"ns/{pod}/main", Attributes.Source, Attributes.Fixed(StreamLabels.Create([])), LogSeries.Of(log, 0)));
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
