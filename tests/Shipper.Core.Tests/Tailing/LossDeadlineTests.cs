using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Telemetry;
using Shipper.Testing;

namespace Shipper.Tailing;

/// <summary>Logs that nobody reads, so that none of their bytes is acknowledged.</summary>
public sealed class LossDeadlineTests : IDisposable
{
    private const long MiB = 1024 * 1024;

    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly AgentMetrics _metrics = new();
    private readonly CheckpointStore _checkpoints;
    private readonly Tailer _sut;

    public LossDeadlineTests()
    {
        Directory.CreateDirectory(_directory["state"]);
        _checkpoints = CheckpointStore.Open(_directory["state"], NullLogger.Instance, _metrics);
        _sut = new Tailer(new HeldBudget(20 * MiB), _checkpoints, _time, NullLogger.Instance, _metrics, TimeSpan.FromSeconds(1));
    }

    private double Deadline => _sut.Status.LossDeadlineSeconds;

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

        Assert.Equal(LossDeadline.Never, Deadline);
    }

    [Fact]
    public void Maintain_KubeletsRotation_CountsTheRotationsThatAreLeft()
    {
        string log = Find("pod", ("0.log", 0));

        PassSeconds(2, log, MiB);

        // 8 s until the first rotation, and four more of 10 s.
        Assert.Equal(48, Deadline, 1.0);
    }

    [Fact]
    public void Maintain_OldestOfFiveFiles_GoesWithTheNextRotation()
    {
        string log = Find(
            "pod", ("0.log.20261123-012801", 10 * MiB), ("0.log.20261123-012802", 10 * MiB), ("0.log.20261123-012803", 10 * MiB), ("0.log.20261123-012804", 10 * MiB), ("0.log", 0));

        PassSeconds(2, log, 2 * MiB);

        Assert.Equal(3, Deadline, 0.1);
    }

    [Fact]
    public void Maintain_RotatedAtAnotherSizeAndMoreFilesKept_TakesWhatIsSeen()
    {
        (string, long)[] rotated = [.. Enumerable.Range(1, 6).Select(number => ($"0.log.20261123-01280{number}", 40 * MiB))];
        string log = Find("pod", [.. rotated, ("0.log", 0)]);

        // Seven files are there, so the oldest goes with the next rotation.
        PassSeconds(5, log, MiB);
        Assert.Equal(35, Deadline, 1.0);

        // When it is gone, the next one goes with the rotation after that.
        string oldest = Path.Combine(Path.GetDirectoryName(log)!, rotated[0].Item1);
        TailedStream stream = _sut.FindReady(out _)!;
        stream.Generations[0].Close();
        stream.Remove(stream.Generations[0]);
        File.Delete(oldest);
        PassSeconds(1, log, MiB);
        Assert.Equal(34 + 40, Deadline, 1.0);
    }

    [Fact]
    public void Maintain_LargeFileThatWasNeverRotated_IsNoAlarm()
    {
        string log = Find("pod", ("0.log", 500 * MiB));

        PassSeconds(2, log, MiB);

        Assert.Equal(4 * 502, Deadline, 20.0);
    }

    [Fact]
    public void Maintain_DeletedAndHeld_IsNow()
    {
        string log = Find("pod", ("0.log", MiB));
        PassSeconds(1);

        File.Delete(log);
        PassSeconds(2);

        Assert.Equal(0, Deadline);
        Assert.InRange(_sut.Status.HeldBytes, 1, MiB);
    }

    [Fact]
    public void Maintain_Growth_IsSmoothed()
    {
        string log = Find("pod", ("0.log", 0));
        PassSeconds(60, log, MiB / 64);
        double before = Deadline;

        PassSeconds(1, log, MiB);
        Assert.InRange(Deadline, before / 5, before);

        PassSeconds(600);
        Assert.Equal(LossDeadline.Never, Deadline);
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
        _sut.Add(new SeriesFound($"ns/{pod}/main", Attributes.Source, Attributes.Fixed(StreamLabels.Create([])), LogSeries.Of(log, 0)));
        _sut.TakeNews(TestContext.Current.CancellationToken);
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
            _sut.TakeNews(TestContext.Current.CancellationToken);
            _sut.Maintain();
        }
    }
}
