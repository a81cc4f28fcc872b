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

namespace Shipper.Core.Tests.Tailing;

public sealed class TailedLogsTests : IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly AgentMetrics _metrics = new();
    private readonly CheckpointStore _checkpoints;
    private readonly TailedLogs _sut;

    public TailedLogsTests()
    {
        Directory.CreateDirectory(_directory["state"]);
        _checkpoints = CheckpointStore.Open(_directory["state"], NullLogger.Instance, _metrics);
        _sut = new TailedLogs(new HeldBudget(long.MaxValue), new FileBudget(), Services.ForTailing(_directory["state"], _checkpoints, _time, _metrics), TimeSpan.FromSeconds(1));
    }

    public void Dispose()
    {
        _sut.Dispose();
        _checkpoints.Dispose();
        _directory.Dispose();
    }

    /// <summary>Bad blocks in a rotated file must not hold back the files after it.</summary>
    [Fact]
    public void Suspend_DiskErrorsInRotatedFile_SkipsFileAfterAMinute()
    {
        TailedStream stream = Find(("0.log.20261123-012803", "2026-11-23T01:28:03Z stdout F unreadable\n"), ("0.log", "2026-11-23T01:28:04Z stdout F fine\n"));
        Generation bad = stream.Generations[0];

        for (TimeSpan passed = TimeSpan.Zero; passed <= TimeSpan.FromMinutes(1); passed += Retry)
        {
            Assert.Same(bad, stream.Queue.FindUnread());
            _sut.Suspend(stream, bad, new IOException("Input/output error"));
            _time.Advance(Retry);
        }

        Assert.Same(stream.Generations[1], stream.Queue.FindUnread());
        Assert.Equal(bad.Status.Size, _metrics.LostBytes.Get(LossReasons.Unreadable));
        Assert.Equal(0, _sut.Status.HeldBytes);

        // The agent must not start the file again under another name.
        File.Move(bad.Path, Path.Combine(bad.Log.Directory, "0.log.20261123-012804"));
        _sut.Publish(new DirectoryChanged(bad.Log.Directory));
        _sut.DrainInbox(TestContext.Current.CancellationToken);
        Assert.Same(stream.Generations[^1], stream.Queue.FindUnread());
        Assert.Equal(bad.Status.Size, _metrics.LostBytes.Get(LossReasons.Unreadable));
    }

    [Fact]
    public void Suspend_DiskErrorsInLiveFile_RetriesForever()
    {
        TailedStream stream = Find(("0.log", "2026-11-23T01:28:04Z stdout F fine\n"));

        for (int hour = 0; hour < 3; hour++)
        {
            _sut.Suspend(stream, stream.Generations[0], new IOException("Input/output error"));
            _time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Same(stream.Generations[0], stream.Queue.FindUnread());
        Assert.Equal(0, _metrics.LostBytes.Get(LossReasons.Unreadable));
    }

    private TailedStream Find(params (string Name, string Content)[] files)
    {
        string directory = Directory.CreateDirectory(_directory["pods/ns_pod_uid/main"]).FullName;
        foreach ((string name, string content) in files)
        {
            File.WriteAllText(Path.Combine(directory, name), content);
        }

        _sut.Publish(new LogFound("ns/pod/main", Attributes.Kind, Attributes.Fixed(StreamLabels.Create([])), RotatedLog.FromFile(Path.Combine(directory, "0.log"), 0)));
        _sut.DrainInbox(TestContext.Current.CancellationToken);
        return _sut.FindReady(out _)!;
    }
}
