using Microsoft.Extensions.Time.Testing;
using Shipper.Net;

namespace Shipper.Core.Tests.Net;

public sealed class BackOffTests : IDisposable
{
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly BackOff _sut;

    public BackOffTests() => _sut = new BackOff(TimeSpan.FromMilliseconds(500), Max, _time);

    public void Dispose() => _sut.Dispose();

    [Theory]
    [InlineData(0, 500)]
    [InlineData(1, 500)]
    [InlineData(2, 1_000)]
    [InlineData(6, 16_000)]
    [InlineData(7, 30_000)]
    [InlineData(int.MaxValue, 30_000)]
    public void BoundAfter_MoreFailures_DoublesUpToTheMaximum(int failures, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), _sut.BoundAfter(failures));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void DrawWait_ManyTimes_GivesEachMillisecondUpToTheBound(int bound) =>
        Assert.Equal(
            Enumerable.Range(1, bound).Select(wait => TimeSpan.FromMilliseconds(wait)),
            Enumerable.Range(0, 10_000).Select(_ => _sut.DrawWait(TimeSpan.FromMilliseconds(bound))).Distinct().Order());

    [Theory]
    [InlineData(5, 5)]
    [InlineData(3_600, 30)]
    public void DrawWait_ServerSetsRetryAfter_AddsItUpToTheMaximum(int retryAfter, int expected)
    {
        TimeSpan wait = _sut.DrawWait(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(retryAfter));

        Assert.Equal(TimeSpan.FromSeconds(expected) + TimeSpan.FromMilliseconds(1), wait);
    }

    [Fact]
    public async Task WaitAsync_ShortBound_StillWaits()
    {
        Task waiting = _sut.WaitAsync(TimeSpan.FromMilliseconds(1), TestContext.Current.CancellationToken);

        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await waiting;
    }

    [Fact]
    public async Task StopWaiting_DuringAWait_EndsIt()
    {
        // Any wait on this clock: the subject ends it early.
        Task waiting = Task.Delay(Max, _sut.Clock, TestContext.Current.CancellationToken);

        _sut.StopWaiting();

        await waiting;
        Assert.True(_sut.IsStopping);
    }

    [Fact]
    public async Task StopWaiting_LaterWaits_AreShort()
    {
        _sut.StopWaiting();

        // Any wait on this clock: the subject shortens it.
        Task waiting = Task.Delay(Max, _sut.Clock, TestContext.Current.CancellationToken);

        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await waiting;
    }

    [Fact]
    public async Task WaitAsync_Canceled_Throws()
    {
        using var canceling = new CancellationTokenSource();
        Task waiting = _sut.WaitAsync(Max, canceling.Token);

        await canceling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
