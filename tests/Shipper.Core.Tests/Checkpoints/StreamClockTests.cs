using Shipper.Checkpoints;

namespace Shipper.Core.Tests.Checkpoints;

public class StreamClockTests
{
    private const long T = 1_795_396_886_000_000_000;
    private const long Minute = 60L * 1_000_000_000;

    [Fact]
    public void Next_SameNanosecond_KeepsOrder() =>
        Assert.Equal([T, T + 1, T + 2, T + 5], Send(T, T, T, T + 5));

    [Fact]
    public void Next_EqualTimesRunIntoNextTime_KeepsAllDistinct() =>
        Assert.Equal([T, T + 1, T + 2, T + 3], Send(T, T, T, T + 1));

    [Fact]
    public void Next_TimeSlightlyOlderThanPrevious_KeepsIt() =>
        Assert.Equal([T, T + 10, T + 5, T + 11], Send(T, T + 10, T + 5, T + 11));

    [Fact]
    public void Next_ClockMovedFarBack_MovesTimeAfterNewest()
    {
        StreamClock clock = StreamClock.Start.Next(T, TimeWindow.At(T), out _);

        clock = clock.Next(T - (51 * Minute), TimeWindow.At(T), out bool moved);
        Assert.True(moved);
        Assert.Equal(T + 1, clock.LastSentNs);

        clock = clock.Next(T - (51 * Minute), TimeWindow.At(T), out moved);
        Assert.True(moved);
        Assert.Equal(T + 2, clock.LastSentNs);
    }

    [Fact]
    public void Next_ClockBrieflyAhead_DoesNotMoveLaterTimes()
    {
        StreamClock clock = StreamClock.Start.Next(T + (480 * Minute), TimeWindow.At(T), out _).Next(T, TimeWindow.At(T), out bool moved);

        Assert.False(moved);
        Assert.Equal(T, clock.LastSentNs);
    }

    [Fact]
    public void Next_ClockMovedSlightlyBack_KeepsTime()
    {
        StreamClock clock = StreamClock.Start.Next(T, TimeWindow.At(T), out _).Next(T - (49 * Minute), TimeWindow.At(T), out bool moved);

        Assert.False(moved);
        Assert.Equal(T - (49 * Minute), clock.LastSentNs);
        Assert.Equal(T, clock.NewestNs);
    }

    [Fact]
    public void Next_RandomTimes_StaysNearNewestAndDiffersFromPrevious()
    {
        var random = new Random(4);
        long raw = T;
        StreamClock clock = StreamClock.Start;
        for (int i = 0; i < 100_000; i++)
        {
            raw += random.Next(20) switch
            {
                0 => -random.NextInt64(3 * 60 * Minute),
                1 => random.NextInt64(3 * 60 * Minute),
                < 10 => 0,
                _ => random.Next(3),
            };
            StreamClock before = clock;
            clock = clock.Next(raw, TimeWindow.Unbounded, out bool moved);

            Assert.NotEqual(before.LastSentNs, clock.LastSentNs);
            Assert.True(clock.LastSentNs >= clock.NewestNs - StreamClock.MaxBehindNs);
            Assert.True(moved || clock.LastSentNs - raw is >= 0 and < 1_000_000_000);
        }
    }

    private static List<long> Send(params long[] times)
    {
        StreamClock clock = StreamClock.Start;
        return [.. times.Select(time => (clock = clock.Next(time, TimeWindow.At(T), out _)).LastSentNs)];
    }
}
