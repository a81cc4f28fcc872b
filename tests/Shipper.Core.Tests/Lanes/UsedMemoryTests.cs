using Microsoft.Extensions.Time.Testing;
using Shipper.Lanes;

namespace Shipper.Core.Tests.Lanes;

public class UsedMemoryTests
{
    private const int Large = 1024 * 1024;

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void IsToBeReleased_SmallBatchesForTenSeconds_Once()
    {
        var sut = new UsedMemory(_time);
        sut.Count(Large);
        Assert.False(AfterTenSeconds(sut));

        sut.Count(Large / 10);
        Assert.True(AfterTenSeconds(sut));

        sut.Count(Large / 10);
        Assert.False(AfterTenSeconds(sut));
    }

    [Fact]
    public void IsToBeReleased_BatchesStayLarge_Never()
    {
        var sut = new UsedMemory(_time);
        for (int period = 0; period < 3; period++)
        {
            sut.Count(Large);
            Assert.False(AfterTenSeconds(sut));
        }
    }

    [Fact]
    public void IsToBeReleased_NeverMuch_Never()
    {
        var sut = new UsedMemory(_time);
        sut.Count(1_000);

        Assert.False(AfterTenSeconds(sut));
        Assert.False(AfterTenSeconds(sut));
    }

    private bool AfterTenSeconds(UsedMemory sut)
    {
        Assert.False(sut.IsToBeReleased());
        _time.Advance(TimeSpan.FromSeconds(10));
        return sut.IsToBeReleased();
    }
}
