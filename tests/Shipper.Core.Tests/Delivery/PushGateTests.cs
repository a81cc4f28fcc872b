using Microsoft.Extensions.Time.Testing;
using Shipper.Delivery;
using Shipper.Loki;

namespace Shipper.Core.Tests.Delivery;

public class PushGateTests
{
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(50);

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Never => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Leave_AnswersAsFastAsBefore_RaisesTheLimit()
    {
        var sut = new PushGate(_time);
        int before = sut.Limit;

        await PassAsync(sut, 100, PushVerdict.Stored, Usual);

        Assert.True(sut.Limit > before);
        Assert.Equal(PushGate.MaxConcurrency, sut.Limit);
    }

    [Theory]
    [InlineData(nameof(PushVerdict.NotStored), 50)]
    [InlineData(nameof(PushVerdict.Unconfirmed), 50)]
    [InlineData(nameof(PushVerdict.StreamRefused), 50)]
    [InlineData(nameof(PushVerdict.Stored), 2000)]
    public async Task Leave_LokiRefusesFailsOrSlowsDown_HalvesTheLimitDownToOne(string verdict, int milliseconds)
    {
        var sut = new PushGate(_time);
        await PassAsync(sut, 100, PushVerdict.Stored, Usual);

        await PassAsync(sut, 1, Enum.Parse<PushVerdict>(verdict), TimeSpan.FromMilliseconds(milliseconds));
        Assert.Equal(PushGate.MaxConcurrency / 2, sut.Limit);

        await PassAsync(sut, 20, PushVerdict.NotStored, Usual);
        Assert.Equal(1, sut.Limit);
    }

    /// <summary>Concurrent requests fail together: they are one signal.</summary>
    [Fact]
    public async Task Leave_ConcurrentRequestsFail_DecreasesTheLimitOnce()
    {
        var sut = new PushGate(_time);
        await PassAsync(sut, 100, PushVerdict.Stored, Usual);
        for (int i = 0; i < 4; i++)
        {
            await sut.EnterAsync(Never);
        }

        _time.Advance(Usual);
        for (int i = 0; i < 4; i++)
        {
            sut.Leave(PushVerdict.NotStored, Usual);
        }

        Assert.Equal(PushGate.MaxConcurrency / 2, sut.Limit);
    }

    [Fact]
    public async Task Enter_AtTheLimit_WaitsAndSkipsCanceledWaiters()
    {
        var sut = new PushGate(_time);
        using var canceling = new CancellationTokenSource();
        while (sut.Limit > 1)
        {
            await PassAsync(sut, 1, PushVerdict.NotStored, Usual);
        }

        await sut.EnterAsync(Never);
        Task canceled = sut.EnterAsync(canceling.Token);
        Task next = sut.EnterAsync(Never);
        await canceling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled);
        Assert.False(next.IsCompleted);

        sut.Leave(PushVerdict.NotStored, Usual);
        await next;

        // This request has the only slot.
        Assert.False(sut.EnterAsync(Never).IsCompleted);
    }

    private async Task PassAsync(PushGate sut, int requests, PushVerdict verdict, TimeSpan duration)
    {
        for (int i = 0; i < requests; i++)
        {
            await sut.EnterAsync(Never);
            _time.Advance(duration);
            sut.Leave(verdict, duration);
        }
    }
}
