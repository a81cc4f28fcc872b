using Shipper.Checkpoints;
using Shipper.Core.Tests.Support;
using Shipper.Delivery;
using Shipper.Loki;
using Shipper.Records;

namespace Shipper.Core.Tests.Delivery;

/// <summary>What the agent asks Loki at its start, and what it concludes from the answer.</summary>
public sealed class StartQueryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SenderFixture _fixture = new();
    private CheckpointStore _checkpoints;

    public StartQueryTests() => _checkpoints = Open();

    public void Dispose()
    {
        _checkpoints.Dispose();
        _fixture.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Settle_FreshNode_QueriesOnceAndLeavesNothingUnconfirmed()
    {
        await SettleAsync();

        Assert.False(_checkpoints.HasUnconfirmed);
        Assert.Equal(["{cluster=\"c\", node=\"n\"}"], _fixture.Loki.QueriedSelectors);
        Assert.Equal(0, _fixture.Loki.ProbeCount);
    }

    [Fact]
    public async Task Settle_NoStateAndLokiHasEntries_IsUnconfirmed()
    {
        await StoreAsync();

        await SettleAsync();

        Assert.True(_checkpoints.HasUnconfirmed);
        Assert.False(_checkpoints.CannotAskLoki);
        Assert.Contains(_fixture.Log.Messages, message => message.Contains("knows of nothing that was sent", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(-1, true)]
    public async Task Settle_StateHasATime_IsUnconfirmedIfLokiHasANewerOne(int aheadNs, bool expected)
    {
        await StoreAsync();
        SaveNewestTime(_fixture.Time.GetUnixNanoseconds() + aheadNs);

        await SettleAsync();

        Assert.Equal(expected, _checkpoints.HasUnconfirmed);
    }

    /// <summary>While Loki is unavailable, nothing is decided and nothing is read.</summary>
    [Fact]
    public async Task Settle_LokiIsUnavailable_Waits()
    {
        await StoreAsync();
        DateTimeOffset end = _fixture.Time.GetUtcNow() + TimeSpan.FromHours(1);
        _fixture.Loki.OnQuery = () => _fixture.Time.GetUtcNow() < end ? new QueryAnswer(QueryOutcome.Failed, "Connection refused") : null;
        _fixture.Loki.OnProbe = () => _fixture.Time.GetUtcNow() < end ? new PushAnswer(PushVerdict.NotStored, "error", "Connection refused") : StoredEntries.ProbeAnswer;

        await SettleAsync();

        Assert.True(_fixture.Time.GetUtcNow() >= end);
        Assert.True(_checkpoints.HasUnconfirmed);
        Assert.Contains(_fixture.Log.Messages, message => message.StartsWith("Warning: Loki can't be reached since", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Settle_OnlyPushesAreAnswered_ContinuesSoon(bool isPermanent)
    {
        DateTimeOffset start = _fixture.Time.GetUtcNow();
        _fixture.Loki.OnQuery = () => new QueryAnswer(isPermanent ? QueryOutcome.Impossible : QueryOutcome.Failed, "403 no");

        await SettleAsync();

        Assert.True(_checkpoints.HasUnconfirmed);
        Assert.True(_checkpoints.CannotAskLoki);

        // The last query is the first one after that time, so allow one more delay.
        TimeSpan longest = isPermanent ? TimeSpan.FromSeconds(1) : Confirmation.ArrivalTime + _fixture.Services.BackOff.Max + TimeSpan.FromSeconds(1);
        Assert.InRange(_fixture.Time.GetUtcNow() - start, TimeSpan.Zero, longest);
    }

    /// <summary>If Loki can't be asked, an existing state is trusted.</summary>
    [Fact]
    public async Task Settle_LokiCannotBeAskedButStateExists_TrustsTheState()
    {
        _checkpoints.EndFirstStart();
        _checkpoints.Dispose();
        _checkpoints = Open();
        _fixture.Loki.OnQuery = static () => new QueryAnswer(QueryOutcome.Impossible, "403 no");

        await SettleAsync();

        Assert.False(_checkpoints.HasUnconfirmed);
        Assert.False(_checkpoints.CannotAskLoki);
    }

    /// <summary>The node's clock was ahead and was set back: Loki refuses a query that ends before it begins.</summary>
    [Fact]
    public async Task Settle_StateHasAFutureTime_QueriesUpToALaterTime()
    {
        SaveNewestTime(UnixTime.ToNanoseconds(_fixture.Time.GetUtcNow() + TimeSpan.FromDays(2)));

        await SettleAsync();

        (long fromNs, long toNs) = Assert.Single(_fixture.Loki.QueriedRanges);
        Assert.True(fromNs < toNs);
        Assert.False(_checkpoints.HasUnconfirmed);
    }

    /// <summary><c>max_query_length</c> is shorter than a week.</summary>
    [Fact]
    public async Task Settle_QueryRangeTooLong_QueriesAShorterRange()
    {
        await StoreAsync();
        int asked = 0;
        _fixture.Loki.OnQuery = () => asked++ < 2 ? new QueryAnswer(QueryOutcome.Impossible, "400 the query time range exceeds the limit (query length: 168h10m0s, limit: 12h)") : null;

        await SettleAsync();

        Assert.True(_checkpoints.HasUnconfirmed);
        Assert.False(_checkpoints.CannotAskLoki);
    }

    [Fact]
    public async Task Settle_AgentStopsMeanwhile_NextStartQueriesAgain()
    {
        _fixture.Loki.OnQuery = static () => new QueryAnswer(QueryOutcome.Failed, "Connection refused");
        _fixture.Loki.OnProbe = static () => new PushAnswer(PushVerdict.NotStored, "error", "Connection refused");
        using var stopping = new CancellationTokenSource();
        Task settling = new StartQuery(_fixture.Sut, _fixture.Services, _checkpoints, "{}", "state", _fixture.Log).SettleAsync(() => { }, stopping.Token);
        await stopping.CancelAsync();
        await settling;
        Assert.False(_checkpoints.IsSettled);
        Assert.True(_checkpoints.RecordShutdown());

        _checkpoints.Dispose();
        _checkpoints = Open("another boot");

        Assert.False(_checkpoints.IsSettled);
        Assert.False(_checkpoints.HasCrashed);
    }

    /// <summary>A damaged state is unconfirmed, regardless of the data in Loki.</summary>
    [Fact]
    public async Task Settle_StateIsDamaged_SendsNoQuery()
    {
        _checkpoints.Dispose();
        await File.AppendAllTextAsync(_directory["checkpoint-000001.log"], "?", TestContext.Current.CancellationToken);
        _checkpoints = Open();

        await SettleAsync();

        Assert.True(_checkpoints.HasUnconfirmed);
        Assert.Empty(_fixture.Loki.QueriedSelectors);
    }

    private CheckpointStore Open(string boot = "boot") => CheckpointStore.Open(_directory, _fixture.Log, _fixture.Metrics, boot, isUnsettled: true);

    private async Task StoreAsync()
    {
        _fixture.Append("a");
        await _fixture.DeliverAsync();
        _fixture.Loki.QueriedSelectors.Clear();
    }

    /// <summary>Saves a push with this time, and restarts the agent.</summary>
    private void SaveNewestTime(long newestNs)
    {
        _checkpoints.EndFirstStart();
        _checkpoints.Commit(new CheckpointChanges { NewestSentNs = newestNs });
        _checkpoints.Dispose();
        _checkpoints = Open();
    }

    private async Task SettleAsync()
    {
        bool isSettled = false;
        Task settling = new StartQuery(_fixture.Sut, _fixture.Services, _checkpoints, "{cluster=\"c\", node=\"n\"}", "state", _fixture.Log)
            .SettleAsync(() => isSettled = true, TestContext.Current.CancellationToken);
        Assert.True(await _fixture.Time.PassAsync(settling, within: TimeSpan.FromHours(7)), "SettleAsync does not end.");
        await settling;
        Assert.True(_checkpoints.IsSettled);
        Assert.True(isSettled || _fixture.Loki.QueriedSelectors.Count == 0);
    }
}
