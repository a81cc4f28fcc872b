using Shipper.Checkpoints;
using Shipper.Core.Tests.Support;
using Shipper.Delivery;
using Shipper.Loki;
using Shipper.Records;

namespace Shipper.Core.Tests.Delivery;

/// <summary>What the agent asks Loki when it starts, and what it makes of the answer.</summary>
public sealed class StartQuestionTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SenderFixture _fixture = new();
    private CheckpointStore _checkpoints;

    public StartQuestionTests() => _checkpoints = Open();

    public void Dispose()
    {
        _checkpoints.Dispose();
        _fixture.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Settle_FreshNode_IsOneQuestionAndNoDoubt()
    {
        await SettleAsync();

        Assert.False(_checkpoints.IsInDoubt);
        Assert.Equal(["{cluster=\"c\", node=\"n\"}"], _fixture.Loki.Selectors);
        Assert.Equal(0, _fixture.Loki.Probes);
    }

    [Fact]
    public async Task Settle_NoStateAndLokiHasEntries_IsInDoubt()
    {
        await StoreAsync();

        await SettleAsync();

        Assert.True(_checkpoints.IsInDoubt);
        Assert.False(_checkpoints.IsUnaskable);
        Assert.Contains(_fixture.Log.Messages, message => message.Contains("knows of nothing that was sent", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(-1, true)]
    public async Task Settle_StateKnowsATime_IsInDoubtIfLokiHasANewerOne(int aheadNs, bool expected)
    {
        await StoreAsync();
        Note(_fixture.Time.GetUnixNanoseconds() + aheadNs);

        await SettleAsync();

        Assert.Equal(expected, _checkpoints.IsInDoubt);
    }

    /// <summary>Loki is away: nothing is decided, and nothing read, before it is back.</summary>
    [Fact]
    public async Task Settle_LokiIsAway_WaitsForIt()
    {
        await StoreAsync();
        DateTimeOffset end = _fixture.Time.GetUtcNow() + TimeSpan.FromHours(1);
        _fixture.Loki.Asked = () => _fixture.Time.GetUtcNow() < end ? new QueryAnswer(QueryOutcome.Failed, "Connection refused") : null;
        _fixture.Loki.Probed = () => _fixture.Time.GetUtcNow() < end ? new PushAnswer(PushVerdict.NotStored, "error", "Connection refused") : StoredEntries.Probed;

        await SettleAsync();

        Assert.True(_fixture.Time.GetUtcNow() >= end);
        Assert.True(_checkpoints.IsInDoubt);
        Assert.Contains(_fixture.Log.Messages, message => message.Contains("Push of 0 records failed: error Connection refused", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Settle_OnlyPushesAreAnswered_GoesOnSoon(bool isForEver)
    {
        DateTimeOffset start = _fixture.Time.GetUtcNow();
        _fixture.Loki.Asked = () => new QueryAnswer(isForEver ? QueryOutcome.Impossible : QueryOutcome.Failed, "403 no");

        await SettleAsync();

        Assert.True(_checkpoints.IsInDoubt);
        Assert.True(_checkpoints.IsUnaskable);

        // The last question is the first one behind that time, so one delay more.
        TimeSpan longest = isForEver ? TimeSpan.FromSeconds(1) : Confirmation.ArrivalTime + _fixture.Services.BackOff.Max + TimeSpan.FromSeconds(1);
        Assert.InRange(_fixture.Time.GetUtcNow() - start, TimeSpan.Zero, longest);
    }

    /// <summary>A state that is there is believed where Loki can't be asked.</summary>
    [Fact]
    public async Task Settle_CannotBeAskedAndThereIsAState_IsNoDoubt()
    {
        _checkpoints.EndFirstStart();
        _checkpoints.Dispose();
        _checkpoints = Open();
        _fixture.Loki.Asked = static () => new QueryAnswer(QueryOutcome.Impossible, "403 no");

        await SettleAsync();

        Assert.False(_checkpoints.IsInDoubt);
        Assert.False(_checkpoints.IsUnaskable);
    }

    /// <summary>The node's clock was ahead, and is set back: Loki refuses a question that ends before it begins.</summary>
    [Fact]
    public async Task Settle_StateKnowsATimeOfTheFuture_AsksAboutATimeBehindIt()
    {
        Note(UnixTime.ToNanoseconds(_fixture.Time.GetUtcNow() + TimeSpan.FromDays(2)));

        await SettleAsync();

        (long fromNs, long toNs) = Assert.Single(_fixture.Loki.Ranges);
        Assert.True(fromNs < toNs);
        Assert.False(_checkpoints.IsInDoubt);
    }

    /// <summary>max_query_length is shorter than a week.</summary>
    [Fact]
    public async Task Settle_QuestionIsAboutTooLongATime_IsAskedAboutAShorterOne()
    {
        await StoreAsync();
        int asked = 0;
        _fixture.Loki.Asked = () => asked++ < 2 ? new QueryAnswer(QueryOutcome.Impossible, "400 the query time range exceeds the limit (query length: 168h10m0s, limit: 12h)") : null;

        await SettleAsync();

        Assert.True(_checkpoints.IsInDoubt);
        Assert.False(_checkpoints.IsUnaskable);
    }

    [Fact]
    public async Task Settle_AgentStops_NextStartAsksAgain()
    {
        _fixture.Loki.Asked = static () => new QueryAnswer(QueryOutcome.Failed, "Connection refused");
        _fixture.Loki.Probed = static () => new PushAnswer(PushVerdict.NotStored, "error", "Connection refused");
        using var stopping = new CancellationTokenSource();
        Task settling = new StartQuestion(_fixture.Sut, _fixture.Services, _checkpoints, "{}", "state", _fixture.Log).SettleAsync(() => { }, stopping.Token);
        await stopping.CancelAsync();
        await settling;
        Assert.False(_checkpoints.IsSettled);
        Assert.True(_checkpoints.End());

        _checkpoints.Dispose();
        _checkpoints = Open("another boot");

        Assert.False(_checkpoints.IsSettled);
        Assert.False(_checkpoints.HasCrashed);
    }

    /// <summary>What the state was damaged for is asked for in any case.</summary>
    [Fact]
    public async Task Settle_IsInDoubtAlready_AsksNothing()
    {
        _checkpoints.Dispose();
        await File.AppendAllTextAsync(_directory["checkpoint-000001.log"], "?", TestContext.Current.CancellationToken);
        _checkpoints = Open();

        await SettleAsync();

        Assert.True(_checkpoints.IsInDoubt);
        Assert.Empty(_fixture.Loki.Selectors);
    }

    private CheckpointStore Open(string boot = "boot") => CheckpointStore.Open(_directory, _fixture.Log, _fixture.Metrics, boot, isUnsettled: true);

    private async Task StoreAsync()
    {
        _fixture.Append("a");
        await _fixture.DeliverAsync();
        _fixture.Loki.Selectors.Clear();
    }

    /// <summary>A push with this time was noted, and the agent started again.</summary>
    private void Note(long newestNs)
    {
        _checkpoints.EndFirstStart();
        _checkpoints.Commit(new CheckpointChanges { NewestSentNs = newestNs });
        _checkpoints.Dispose();
        _checkpoints = Open();
    }

    private async Task SettleAsync()
    {
        bool isSettled = false;
        Task settling = new StartQuestion(_fixture.Sut, _fixture.Services, _checkpoints, "{cluster=\"c\", node=\"n\"}", "state", _fixture.Log)
            .SettleAsync(() => isSettled = true, TestContext.Current.CancellationToken);
        Assert.True(await _fixture.Time.PassAsync(settling, within: TimeSpan.FromHours(7)), "It does not end.");
        await settling;
        Assert.True(_checkpoints.IsSettled);
        Assert.True(isSettled || _fixture.Loki.Selectors.Count == 0);
    }
}
