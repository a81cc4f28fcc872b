using Shipper.Delivery;
using Shipper.Loki;
using Shipper.Protocol;
using Shipper.Testing;

namespace Shipper.Core.Tests.Delivery;

/// <summary>What is sent again, and when, while Loki stands still, is away, or answers strangely.</summary>
public sealed class ConfirmationTests : IDisposable
{
    private static readonly PushAnswer TimedOut = new(PushVerdict.LeftOpen, "timeout", "no answer within 10 s");

    private readonly SenderFixture _sut = new();
    private readonly DateTimeOffset _start;
    private readonly List<(DateTimeOffset From, DateTimeOffset To)> _freezes = [];

    // Requests that lie in the sockets of a Loki that stands still.
    private readonly List<PushRequest> _lying = [];

    public ConfirmationTests()
    {
        _start = _sut.Time.GetUtcNow();
        _sut.Append("a", 3);
        _sut.Loki.Answer = request =>
        {
            if (!IsFrozen())
            {
                return null;
            }

            _lying.Add(request);
            return TimedOut;
        };
        _sut.Loki.Probed = () => IsFrozen() ? TimedOut : Support.StoredEntries.Probed;
        _sut.Loki.Asked = () => IsFrozen() ? new QueryAnswer(QueryOutcome.Failed, "no answer within 10 s") : null;
    }

    public void Dispose() => _sut.Dispose();

    /// <summary>It answers the question at once when it goes on, and works on what lies in its sockets after that.</summary>
    [Theory]
    [InlineData(12)]
    [InlineData(30)]
    [InlineData(60)]
    [InlineData(150)]
    [InlineData(1200)]
    public async Task Deliver_LokiStoodStill_WaitsForWhatLiesInItsSockets(int seconds)
    {
        Freeze(0, seconds);

        await DeliverAsync(workedOffAfter: TimeSpan.FromSeconds(seconds + 3.5));

        AssertOnce();
        Assert.Single(_sut.Loki.Requests);
    }

    /// <summary>It goes on for a moment only, and a question is answered in it.</summary>
    [Fact]
    public async Task Deliver_LokiStandsStillAgainAndAgain_CountsOnlyTheTimeThatItWorks()
    {
        Freeze(0, 20);
        Freeze(21, 40);
        Freeze(41, 60);
        Freeze(62, 80);

        await DeliverAsync(workedOffAfter: TimeSpan.FromSeconds(80.5));

        AssertOnce();
        Assert.Single(_sut.Loki.Requests);
    }

    [Fact]
    public async Task Deliver_LokiStandsStillWhileItIsAsked_StartsToWaitAnew()
    {
        _sut.Loki.Script.Enqueue(request =>
        {
            _lying.Add(request);
            return TimedOut;
        });
        Freeze(2, 30);

        await DeliverAsync(workedOffAfter: TimeSpan.FromSeconds(32));

        AssertOnce();
        Assert.Single(_sut.Loki.Requests);
    }

    /// <summary>The agent was killed while Loki stood still: what the life before sent lies in its sockets.</summary>
    [Fact]
    public async Task Deliver_LeftOpenByALifeBefore_WaitsUntilLokiHasWorked()
    {
        _sut.Batch.Clear();
        _sut.Append("b", 3, isLeftOpen: true);
        _lying.Add(PushBody.Read(Snappier.Snappy.CompressToArray(_sut.Batch.Bytes)));
        Freeze(0, 40);

        await DeliverAsync(workedOffAfter: TimeSpan.FromSeconds(43));

        Assert.Equal(_sut.Appended("b"), _sut.Stored("b"));
        Assert.Empty(_sut.Loki.Requests);
    }

    /// <summary>Its read path is down, its write path works.</summary>
    [Fact]
    public async Task Deliver_OnlyPushesAreAnswered_SendsAgainAfterTwoMinutesAndCounts()
    {
        _sut.Loki.Script.Enqueue(_ => TimedOut);
        _sut.Loki.Asked = static () => new QueryAnswer(QueryOutcome.Failed, "500 no querier");

        await DeliverAsync();

        AssertOnce(possibleDuplicates: 3);
        Assert.InRange(_sut.Time.GetUtcNow() - _start, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(4));
        Assert.Contains(_sut.Log.Messages, message => message.Contains("Can't ask Loki which records it already has: 500 no querier", StringComparison.Ordinal));
    }

    /// <summary>A gateway answers 503 to everything, for however long.</summary>
    [Fact]
    public async Task Deliver_NothingIsAnswered_SendsNothingUnasked()
    {
        _sut.Loki.Script.Enqueue(request => Store(request));
        DateTimeOffset end = _start + TimeSpan.FromMinutes(20);
        _sut.Loki.Asked = () => _sut.Time.GetUtcNow() < end ? new QueryAnswer(QueryOutcome.Failed, "503 away") : null;
        _sut.Loki.Probed = () => _sut.Time.GetUtcNow() < end ? LokiAnswers.Read(503, "away") : Support.StoredEntries.Probed;

        await DeliverAsync();

        AssertOnce();
        Assert.Single(_sut.Loki.Requests);
    }

    /// <summary>Into a Loki that stands still one copy after the other would go.</summary>
    [Fact]
    public async Task Deliver_CannotBeAskedAndStandsStill_SendsOneCopyAndCountsIt()
    {
        Freeze(0, 60);
        _sut.Loki.Asked = static () => new QueryAnswer(QueryOutcome.Impossible, "403 no");

        await DeliverAsync(workedOffAfter: TimeSpan.FromSeconds(61));

        Assert.Equal(2, _sut.Loki.Requests.Count);
        Assert.Equal(3, _sut.Metrics.PossibleDuplicates.Get());
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(int.MaxValue, 3)]
    public async Task Deliver_AnswersThatAreNotLokis_AreAskedAgainAndBelievedInTheEnd(int times, int possibleDuplicates)
    {
        _sut.Loki.Script.Enqueue(request => Store(request));
        int asked = 0;
        _sut.Loki.Asked = () => asked++ < times ? new QueryAnswer(QueryOutcome.Unreadable, "'<' is an invalid start of a value") : null;

        await DeliverAsync();

        Assert.Equal(possibleDuplicates, _sut.Metrics.PossibleDuplicates.Get());
        Assert.Equal(possibleDuplicates == 0 ? 1 : 2, _sut.Loki.Requests.Count);
        Assert.InRange(_sut.Time.GetUtcNow() - _start, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    /// <summary>What answers each question slowly is not taken for one that stands still for ever.</summary>
    [Fact]
    public async Task Deliver_QuestionsTakeLong_EndsAllTheSame()
    {
        _sut.Loki.Script.Enqueue(_ => TimedOut);
        _sut.Loki.QuestionTime = TimeSpan.FromSeconds(8);

        await DeliverAsync(within: TimeSpan.FromMinutes(10));

        AssertOnce();
        Assert.Equal(2, _sut.Loki.Requests.Count);
    }

    /// <summary>Loki shards a fast stream: its entries come back with one label more.</summary>
    [Fact]
    public async Task Deliver_StreamIsSharded_IsFound()
    {
        _sut.Limits.Shards = 3;
        _sut.Loki.Script.Enqueue(request => Store(request));

        await DeliverAsync();

        Assert.Single(_sut.Loki.Requests);
        Assert.Equal(0, _sut.Metrics.PossibleDuplicates.Get());
    }

    /// <summary>One of its shards is over its rate, and the others were stored.</summary>
    [Fact]
    public async Task Deliver_OneShardIsRefused_StreamGoesBackAsOneThatMayBeThere()
    {
        _sut.Limits.Shards = 3;
        _sut.Limits.IsOverRate = labels => labels.Contains("__stream_shard__=\"2\"", StringComparison.Ordinal);

        DeliveryOutcome outcome = await _sut.DeliverAsync();

        Assert.True(Assert.Single(outcome.Refusals).IsInPart);
    }

    [Fact]
    public async Task Deliver_AnswerLostOnce_IsSentAgainSoon()
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

    private async Task DeliverAsync(TimeSpan? workedOffAfter = null, TimeSpan? within = null)
    {
        await using ITimer? timer = workedOffAfter is { } after
            ? _sut.Time.CreateTimer(_ => _lying.ForEach(request => _sut.Loki.Store(request)), null, after, Timeout.InfiniteTimeSpan)
            : null;
        await _sut.DeliverAsync(within);
    }

    private void AssertOnce(int possibleDuplicates = 0)
    {
        Assert.Equal(_sut.Appended("a"), _sut.Stored("a"));
        Assert.Equal(possibleDuplicates, _sut.Metrics.PossibleDuplicates.Get());
    }
}
