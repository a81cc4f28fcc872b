using Microsoft.Extensions.Time.Testing;
using Shipper.Lanes;

namespace Shipper.Core.Tests.Lanes;

public class UsedMemoryTests
{
    private const int Large = 1024 * 1024;

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void ShouldRelease_SmallBatchesForTenSeconds_IsTrueOnce()
    {
        var sut = new UsedMemory(_time);
        sut.OnSent(Large);
        Assert.False(ShouldReleaseAfterTenSeconds(sut));

        sut.OnSent(Large / 10);
        Assert.True(ShouldReleaseAfterTenSeconds(sut));

        sut.OnSent(Large / 10);
        Assert.False(ShouldReleaseAfterTenSeconds(sut));
    }

    [Fact]
    public void ShouldRelease_BatchesStayLarge_IsFalse()
    {
        var sut = new UsedMemory(_time);
        for (int period = 0; period < 3; period++)
        {
            sut.OnSent(Large);
            Assert.False(ShouldReleaseAfterTenSeconds(sut));
        }
    }

    [Fact]
    public void ShouldRelease_BatchesWereNeverLarge_IsFalse()
    {
        var sut = new UsedMemory(_time);
        sut.OnSent(1_000);

        Assert.False(ShouldReleaseAfterTenSeconds(sut));
        Assert.False(ShouldReleaseAfterTenSeconds(sut));
    }

    private bool ShouldReleaseAfterTenSeconds(UsedMemory sut)
    {
        Assert.False(sut.ShouldRelease());
        _time.Advance(TimeSpan.FromSeconds(10));
        return sut.ShouldRelease();
    }
}
