using Microsoft.Extensions.Time.Testing;
using Shipper.Delivery;
using Shipper.Loki;
using Shipper.Net;

namespace Shipper.Core.Tests.Net;

public class JitterTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Draw_ManyTimes_GivesEachMillisecondUpToTheBound(int bound) =>
        Assert.Equal(
            Enumerable.Range(1, bound).Select(wait => TimeSpan.FromMilliseconds(wait)),
            Enumerable.Range(0, 10_000).Select(_ => Jitter.Draw(TimeSpan.FromMilliseconds(bound))).Distinct().Order());

    [Fact]
    public async Task WaitAsync_ShortBound_IsNotNoWaitAtAll()
    {
        var time = new FakeTimeProvider();
        using var sut = new BackOff(new RetryOptions(), time);

        Task waiting = sut.WaitAsync(TimeSpan.FromMilliseconds(1), TestContext.Current.CancellationToken);

        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await waiting;
    }
}
