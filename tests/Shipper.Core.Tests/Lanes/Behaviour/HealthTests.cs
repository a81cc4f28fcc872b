using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shipper.Batching;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Support;
using Shipper.Discovery;
using Shipper.Discovery.Rotation;
using Shipper.Lanes;
using Shipper.Loki;
using Shipper.Tailing;
using Shipper.Tailing.Files;
using Shipper.Tailing.Held;
using Shipper.Telemetry;
using Shipper.Testing.Loki;

namespace Shipper.Core.Tests.Lanes.Behaviour;

/// <summary>The heartbeat of a lane's loop, on which <c>/healthz</c> is based.</summary>
[Trait("Speed", "Slow")]
public sealed class HealthTests : IDisposable
{
    private const int Unreachable = 0;

    private static readonly TimeSpan Outage = TimeSpan.FromHours(2);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(10);

    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly AgentMetrics _metrics = new();
    private readonly Heartbeat _heartbeat;
    private readonly CheckpointStore _checkpoints;
    private readonly LaneOptions _options = new(new BatchOptions(), new TailerOptions().MaxLineBytes);
    private readonly CancellationTokenSource _stopping = new();

    public HealthTests()
    {
        _heartbeat = new Heartbeat(_time);
        Directory.CreateDirectory(_directory["state"]);
        _checkpoints = CheckpointStore.Open(_directory["state"], NullLogger.Instance, _metrics);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _checkpoints.Dispose();
        _directory.Dispose();
    }

    /// <summary>Restarting the agent would fix none of these, and would lose what only its open files hold.</summary>
    [Theory]
    [InlineData(Unreachable)]
    [InlineData(401)]
    [InlineData(429)]
    public async Task Run_LokiAcceptsNothingForHours_IsNeverStuck(int status)
    {
        using LokiDouble loki = await LokiDouble.StartAsync();
        for (int i = 0; status != Unreachable && i < 10_000; i++)
        {
            loki.Script.Enqueue(LokiDouble.Answer(status, "no\n"));
        }

        using var client = new PushClient(
            new LokiOptions { Url = status == Unreachable ? new Uri("http://127.0.0.1:1") : loki.Address }, 4096, _time, NullLogger.Instance, _metrics);
        var source = new FileSource(_options, new HeldBudget(long.MaxValue), new FileBudget(), Services.ForTailing(_directory["state"], _checkpoints, _time, _metrics), NullLogger.Instance);
        using var observed = new ObservedSource(source);
        string log = _directory["0.log"];
        await File.WriteAllTextAsync(log, "2026-11-23T01:21:26.1Z stdout F line\n", TestContext.Current.CancellationToken);
        source.Publish(new LogFound("ns/pod/main", Attributes.Kind, Attributes.Fixed(StreamLabels.Create([])), RotatedLog.FromFile(log, 0)));
        using Lane sut = Create(observed, client);
        Task run = Task.Run(() => sut.RunAsync(_stopping.Token, _stopping.Token, _stopping.Token), TestContext.Current.CancellationToken);
        await UntilAsync(() => sut.LastAnswer?.StartsWith(status == Unreachable ? "error" : $"{status}", StringComparison.Ordinal) == true);

        for (TimeSpan passed = TimeSpan.Zero; passed < Outage; passed += Step)
        {
            int turns = observed.Turns;
            _time.Advance(Step);
            await UntilAsync(() => observed.Turns > turns);
            Assert.Empty(_heartbeat.FindStuck());
        }

        Assert.True(sut.IsStalled);
        await _stopping.CancelAsync();
        await run;
    }

    [Fact]
    public async Task Run_LoopHangs_IsReportedAsStuckInTime()
    {
        using var observed = new ObservedSource(null);
        using Lane sut = Create(observed, new NoLoki());
        Task run = Task.Run(() => sut.RunAsync(_stopping.Token, _stopping.Token, _stopping.Token), TestContext.Current.CancellationToken);
        await UntilAsync(() => observed.Turns > 0);
        Assert.Empty(_heartbeat.FindStuck());

        observed.Gate.Reset();
        int turns = observed.Turns;
        await UntilAsync(() => observed.Turns > turns);
        _time.Advance(Heartbeat.MaxSilence + TimeSpan.FromSeconds(1));
        Assert.Equal(["lane"], _heartbeat.FindStuck());

        observed.Gate.Set();
        await UntilAsync(() => _heartbeat.FindStuck().Count == 0);
        await _stopping.CancelAsync();
        await run;
    }

    /// <summary>The status may be requested during a reload, and a timer or a delivery may come late.</summary>
    [Fact]
    public async Task Describe_AfterTheEnd_ReturnsTheFinalStatus()
    {
        using var observed = new ObservedSource(null);
        Lane sut = Create(observed, new NoLoki());
        await _stopping.CancelAsync();
        await sut.RunAsync(_stopping.Token, _stopping.Token, _stopping.Token);
        sut.Dispose();

        sut.Wake();
        LaneStatus status = await sut.DescribeAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        Assert.False(status.Blocked);
    }

    private Lane Create(ILaneSource source, IPushClient client) =>
        new("lane", _options, source, Senders.Create(client, _time, NullLoggerFactory.Instance, _metrics), _checkpoints, new StageServices(_time, NullLoggerFactory.Instance, _metrics, _heartbeat));

    /// <summary>The loop waits on the fake clock, which is advanced a little until the condition is true.</summary>
    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));

            // Gives the loop, on another thread, time to reach its next wait. No event reports that.
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private sealed class NoLoki : IPushClient
    {
        public Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> body, CancellationToken stopping) =>
            Task.FromResult(new PushAnswer(PushVerdict.Stored, "204"));

        public Task<PushAnswer> ProbeAsync(CancellationToken stopping) => Task.FromResult(StoredEntries.ProbeAnswer);

        public Task<QueryAnswer> AskNewestAsync(string selector, long fromNs, long toNs, CancellationToken stopping) =>
            Task.FromResult(new QueryAnswer(QueryOutcome.Answered));

        public Task<QueryAnswer> AskAsync(string selector, long fromNs, long toNs, IEntryVisitor found, CancellationToken stopping) =>
            Task.FromResult(new QueryAnswer(QueryOutcome.Answered));
    }

    /// <summary>Counts the lane's turns, and blocks one on request.</summary>
    private sealed class ObservedSource(ILaneSource? inner) : ILaneSource
    {
        private int _turns;

        public ManualResetEventSlim Gate { get; } = new(initialState: true);

        public int Turns => Volatile.Read(ref _turns);

        public SourceStatus Status => inner?.Status ?? new SourceStatus(0, long.MaxValue, 0, 0, 0);

        public bool DrainInbox()
        {
            Interlocked.Increment(ref _turns);
            Gate.Wait();
            return inner?.DrainInbox() ?? false;
        }

        public bool Fill(Batch batch, long nextPush, out TimeSpan wait)
        {
            wait = TimeSpan.FromSeconds(1);
            return inner?.Fill(batch, nextPush, out wait) ?? false;
        }

        public void Rewind(LogStream stream, bool isUnconfirmed, CheckpointChanges changes) => inner?.Rewind(stream, isUnconfirmed, changes);

        public void Describe(LaneStatus status) => inner?.Describe(status);

        public void Maintain() => inner?.Maintain();

        public bool TrySaveNext() => false;

        public void Dispose()
        {
            inner?.Dispose();
            Gate.Dispose();
        }
    }
}
