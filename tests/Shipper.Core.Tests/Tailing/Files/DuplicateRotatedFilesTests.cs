using Microsoft.Extensions.Logging.Abstractions;
using Shipper.Checkpoints;
using Shipper.Content;
using Shipper.Core.Tests.Support;
using Shipper.Native;
using Shipper.Tailing.Files;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Tailing.Files;

/// <summary>Checkpoints of older versions, in which a rotated file is both a log of its own and a generation of its log.</summary>
public sealed class DuplicateRotatedFilesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly CheckpointStore _checkpoints;

    public DuplicateRotatedFilesTests() => _checkpoints = CheckpointStore.Open(_directory, NullLogger.Instance, new AgentMetrics());

    public void Dispose()
    {
        _checkpoints.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(100, 300)]
    [InlineData(300, 100)]
    public void Merge_BothLogsKnowFile_KeepsFurthestPosition(long ofLive, long ofRotated)
    {
        Add("/logs/app.log", 7, ofLive);
        Add("/logs/app.log", 8, 50);
        Add("/logs/app-1.log", 7, ofRotated);

        DuplicateRotatedFiles.Merge(_checkpoints);

        StreamCheckpoint stream = Assert.Single(_checkpoints.GetStreams());
        Assert.Equal("file:/logs/app.log", stream.Key);
        Assert.Equal([(7UL, 300L), (8UL, 50L)], stream.Generations.Select(generation => (generation.Inode, generation.Acknowledged.Min)));
    }

    [Fact]
    public void Merge_SeparateLogs_LeavesThemUnchanged()
    {
        Add("/logs/app.log", 7, 100);
        Add("/logs/app-1.log", 8, 200);
        Add("/logs/other.log", 7, 300);
        Add("/elsewhere/app-1.log", 7, 400);

        DuplicateRotatedFiles.Merge(_checkpoints);

        Assert.Equal([100L, 200, 300, 400], _checkpoints.GetStreams().Select(stream => Assert.Single(stream.Generations).Acknowledged.Min));
    }

    /// <summary>Older versions read only the live file if its exact path was configured, and stored nothing about rotated files.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Start_OlderVersionKnewOnlyLiveFile_SkipsFilesRotatedBefore(bool isRotatedSince)
    {
        using var sut = new TailingFixture(hasHeaders: false);
        string log = Path.Combine(Directory.CreateDirectory(sut["logs"]).FullName, "audit.log");
        File.WriteAllLines(sut["logs/audit-2026-11-27T08-21-21.345.log"], ["sent before"]);
        File.WriteAllLines(log, Enumerable.Range(0, 100).Select(i => $"event {i}"));
        Assert.Equal(0, FileStatus.OfPath(log, out FileStatus status));
        StreamCheckpoint stream = _checkpoints.GetOrAddStream($"ns/{TailingFixture.Pod}/main");
        var changes = new CheckpointChanges();
        changes.Updates.Add((stream, new GenerationUpdate(
            _checkpoints.AddGeneration(stream, log), FileIdentity.Of(File.ReadAllBytes(log).AsSpan(0, FileIdentity.MaxLength)), status.Inode, FilePosition.Both(status.Size), status.Size)));
        _checkpoints.Commit(changes);

        File.AppendAllLines(log, ["new 0", "new 1"]);
        if (isRotatedSince)
        {
            File.Move(log, sut["logs/audit-2026-11-28T08-21-21.345.log"]);
            File.AppendAllLines(log, ["new 2", "new 3"]);
        }

        sut.Crash(Directory.GetFiles(_directory).ToDictionary(path => Path.Combine(sut["state"], Path.GetFileName(path)), File.ReadAllBytes));
        sut.FindFile(log);

        Assert.Equal(isRotatedSince ? ["new 0", "new 1", "new 2", "new 3"] : ["new 0", "new 1"], sut.Lines);
        Assert.Empty(sut.Notices);
    }

    private void Add(string path, ulong inode, long position)
    {
        StreamCheckpoint stream = _checkpoints.GetOrAddStream("file:" + path);
        var changes = new CheckpointChanges();
        changes.Updates.Add((stream, new GenerationUpdate(_checkpoints.AddGeneration(stream, path), new FileIdentity(inode, 256), inode, FilePosition.Both(position), 1000)));
        _checkpoints.Commit(changes);
    }
}
