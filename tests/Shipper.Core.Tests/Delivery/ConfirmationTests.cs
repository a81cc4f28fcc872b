using Shipper.Delivery;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Testing;

namespace Shipper.Core.Tests.Delivery;

/// <summary>What the agent resends, and when, while Loki hangs, is unavailable or gives odd answers.</summary>
public sealed class ConfirmationTests : IDisposable
{
    private static readonly PushAnswer TimedOut = new(PushVerdict.Unconfirmed, "timeout", "no answer within 10 s");

    private readonly SenderFixture _sut = new();
    private readonly DateTimeOffset _start;
    private readonly List<(DateTimeOffset From, DateTimeOffset To)> _freezes = [];

    // Requests in the socket buffers of a frozen Loki.
    private readonly List<PushRequest> _queued = [];

    public ConfirmationTests()
    {
        _start = _sut.Time.GetUtcNow();
        _sut.Append("a", 3);
        _sut.Loki.OnPush = request =>
        {
            if (!IsFrozen())
            {
                return null;
            }

            _queued.Add(request);
            return TimedOut;
        };
        _sut.Loki.OnProbe = () => IsFrozen() ? TimedOut : Support.StoredEntries.ProbeAnswer;
        _sut.Loki.OnQuery = () => IsFrozen() ? new QueryAnswer(QueryOutcome.Failed, "no answer within 10 s") : null;
    }

    public void Dispose() => _sut.Dispose();

    /// <summary>When Loki continues, it answers the query at once and only then processes the requests in its socket buffers.</summary>
    [Theory]
    [InlineData(12)]
    [InlineData(30)]
    [InlineData(60)]
    [InlineData(150)]
    [InlineData(1200)]
    public async Task Deliver_LokiWasFrozen_WaitsForRequestsInItsSocketBuffers(int seconds)
    {
        Freeze(0, seconds);

        await DeliverAsync(processedAfter: TimeSpan.FromSeconds(seconds + 3.5));

        AssertOnce();
        Assert.Single(_sut.Loki.Requests);
    }

    /// <summary>Loki continues only for a moment, but answers a query in it.</summary>
    [Fact]
    public async Task Deliver_LokiFreezesRepeatedly_CountsOnlyItsWorkingTime()
    {
        Freeze(0, 20);
        Freeze(21, 40);
        Freeze(41, 60);
        Freeze(62, 80);

        await DeliverAsync(processedAfter: TimeSpan.FromSeconds(80.5));

        AssertOnce();
        Assert.Single(_sut.Loki.Requests);
    }

    [Fact]
    public async Task Deliver_LokiFreezesDuringQuery_StartsTheWaitAgain()
    {
        _sut.Loki.Script.Enqueue(request =>
        {
            _queued.Add(request);
            return TimedOut;
        });
        Freeze(2, 30);

        await DeliverAsync(processedAfter: TimeSpan.FromSeconds(32));

        AssertOnce();
        Assert.Single(_sut.Loki.Requests);
    }

    /// <summary>The agent was killed while Loki was frozen: the previous agent's requests are in its socket buffers.</summary>
    [Fact]
    public async Task Deliver_UnconfirmedFromThePreviousRun_WaitsUntilLokiHasWorked()
    {
        _sut.Batch.Clear();
        _sut.Append("b", 3, isUnconfirmed: true);
        _queued.Add(PushBody.Read(Snappier.Snappy.CompressToArray(_sut.Batch.Bytes)));
        Freeze(0, 40);

        await DeliverAsync(processedAfter: TimeSpan.FromSeconds(43));

        Assert.Equal(_sut.Appended("b"), _sut.Stored("b"));
        Assert.Empty(_sut.Loki.Requests);
    }

    /// <summary>Loki's read path is down, its write path works.</summary>
    [Fact]
    public async Task Deliver_OnlyPushesAreAnswered_ResendsAfterTwoMinutesAndCountsDuplicates()
    {
        _sut.Loki.Script.Enqueue(_ => TimedOut);
        _sut.Loki.OnQuery = static () => new QueryAnswer(QueryOutcome.Failed, "500 no querier");

        await DeliverAsync();

        AssertOnce(possibleDuplicates: 3);
        Assert.InRange(_sut.Time.GetUtcNow() - _start, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(4));
        Assert.Contains(_sut.Log.Messages, message => message.Contains("Can't ask Loki which records it already has: 500 no querier", StringComparison.Ordinal));
    }

    /// <summary>A gateway answers everything with 503, indefinitely.</summary>
    [Fact]
    public async Task Deliver_NothingIsAnswered_ResendsNothingUnconfirmed()
    {
        _sut.Loki.Script.Enqueue(request => Store(request));
        DateTimeOffset end = _start + TimeSpan.FromMinutes(20);
        _sut.Loki.OnQuery = () => _sut.Time.GetUtcNow() < end ? new QueryAnswer(QueryOutcome.Failed, "503 away") : null;
        _sut.Loki.OnProbe = () => _sut.Time.GetUtcNow() < end ? LokiAnswers.Read(503, "away") : Support.StoredEntries.ProbeAnswer;

        await DeliverAsync();

        AssertOnce();
        Assert.Single(_sut.Loki.Requests);
    }

    /// <summary>Otherwise the agent would send one copy after another to a frozen Loki.</summary>
    [Fact]
    public async Task Deliver_QueriesImpossibleAndLokiFrozen_SendsOneCopyAndCountsIt()
    {
        Freeze(0, 60);
        _sut.Loki.OnQuery = static () => new QueryAnswer(QueryOutcome.Impossible, "403 no");

        await DeliverAsync(processedAfter: TimeSpan.FromSeconds(61));

        Assert.Equal(2, _sut.Loki.Requests.Count);
        Assert.Equal(3, _sut.Metrics.PossibleDuplicates.Get());
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(int.MaxValue, 3)]
    public async Task Deliver_QueryAnswersNotFromLoki_RetriesAndResendsInTheEnd(int times, int possibleDuplicates)
    {
        _sut.Loki.Script.Enqueue(request => Store(request));
        int asked = 0;
        _sut.Loki.OnQuery = () => asked++ < times ? new QueryAnswer(QueryOutcome.Unreadable, "'<' is an invalid start of a value") : null;

        await DeliverAsync();

        Assert.Equal(possibleDuplicates, _sut.Metrics.PossibleDuplicates.Get());
        Assert.Equal(possibleDuplicates == 0 ? 1 : 2, _sut.Loki.Requests.Count);
        Assert.InRange(_sut.Time.GetUtcNow() - _start, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    /// <summary>A Loki that answers each query slowly is not mistaken for one that is frozen forever.</summary>
    [Fact]
    public async Task Deliver_QueriesTakeLong_Ends()
    {
        _sut.Loki.Script.Enqueue(_ => TimedOut);
        _sut.Loki.QueryDuration = TimeSpan.FromSeconds(8);

        await DeliverAsync(within: TimeSpan.FromMinutes(10));

        AssertOnce();
        Assert.Equal(2, _sut.Loki.Requests.Count);
    }

    /// <summary>Loki shards a fast stream: its entries come back with an additional label.</summary>
    [Fact]
    public async Task Deliver_StreamIsSharded_FindsTheRecords()
    {
        _sut.Limits.Shards = 3;
        _sut.Loki.Script.Enqueue(request => Store(request));

        await DeliverAsync();

        Assert.Single(_sut.Loki.Requests);
        Assert.Equal(0, _sut.Metrics.PossibleDuplicates.Get());
    }

    /// <summary>One shard exceeds its rate limit, and the others were stored.</summary>
    [Fact]
    public async Task Deliver_OneShardIsRefused_RefusesTheStreamAsUnconfirmed()
    {
        _sut.Limits.Shards = 3;
        _sut.Limits.IsOverRate = labels => labels.Contains("__stream_shard__=\"2\"", StringComparison.Ordinal);

        DeliveryOutcome outcome = await _sut.DeliverAsync();

        Assert.True(Assert.Single(outcome.Refusals).IsUnconfirmed);
    }

    [Fact]
    public async Task Deliver_ResponseLostOnce_ResendsSoon()
    {
        _sut.Loki.Script.Enqueue(_ => TimedOut);

        await DeliverAsync();

        AssertOnce();
        Assert.InRange(_sut.Time.GetUtcNow() - _start, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(9));
    }

    private bool IsFrozen() => _freezes.Exists(freeze => freeze.From <= _sut.Time.GetUtcNow() && _sut.Time.GetUtcNow() < freeze.To);

    private void Freeze(double from, double to) => _freezes.Add((_start + TimeSpan.FromSeconds(from), _start + TimeSpan.FromSeconds(to)));

    private PushAnswer Store(PushRequest request)
    {
        _sut.Loki.Store(request);
        return TimedOut;
    }

    private async Task DeliverAsync(TimeSpan? processedAfter = null, TimeSpan? within = null)
    {
        await using ITimer? timer = processedAfter is { } after
            ? _sut.Time.CreateTimer(_ => _queued.ForEach(request => _sut.Loki.Store(request)), null, after, Timeout.InfiniteTimeSpan)
            : null;
        await _sut.DeliverAsync(within);
    }

    private void AssertOnce(int possibleDuplicates = 0)
    {
        Assert.Equal(_sut.Appended("a"), _sut.Stored("a"));
        Assert.Equal(possibleDuplicates, _sut.Metrics.PossibleDuplicates.Get());
    }
}
