using Microsoft.Extensions.Time.Testing;

namespace Shipper.Lanes;

public class UsedMemoryTests
{
    private const int Large = 1024 * 1024;

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void IsToBeReleased_SmallBatchesForAMinute_Once()
    {
        var sut = new UsedMemory(_time);
        sut.Count(Large);
        Assert.False(AfterAMinute(sut));

        sut.Count(Large / 10);
        Assert.True(AfterAMinute(sut));

        sut.Count(Large / 10);
        Assert.False(AfterAMinute(sut));
    }

    [Fact]
    public void IsToBeReleased_BatchesStayLarge_Never()
    {
        var sut = new UsedMemory(_time);
        for (int minute = 0; minute < 3; minute++)
        {
            sut.Count(Large);
            Assert.False(AfterAMinute(sut));
        }
    }

    [Fact]
    public void IsToBeReleased_NeverMuch_Never()
    {
        var sut = new UsedMemory(_time);
        sut.Count(1_000);

        Assert.False(AfterAMinute(sut));
        Assert.False(AfterAMinute(sut));
    }

    private bool AfterAMinute(UsedMemory sut)
    {
        Assert.False(sut.IsToBeReleased());
        _time.Advance(TimeSpan.FromMinutes(1));
        return sut.IsToBeReleased();
    }
}
