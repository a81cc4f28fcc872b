using Microsoft.Extensions.Time.Testing;
using Shipper.Checkpoints;
using Shipper.Core.Tests.Support;
using Shipper.Tailing.Streams;

namespace Shipper.Core.Tests.Tailing.Streams;

public class StreamScheduleTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TailedStream _stream = new(new StreamCheckpoint(1, "ns/pod/main"), Attributes.Kind, Attributes.Of(("pod", "pod")));

    private long Now => _time.GetTimestamp();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SetNextPoll_PushScheduled_PollsAtThatTime(bool hasRead)
    {
        StreamSchedule sut = Create(TimeSpan.FromSeconds(1));
        Grow(TimeSpan.FromMilliseconds(100));
        sut.NextPush = Now + Ticks(600);

        sut.SetNextPoll(_stream, Now, hasRead);

        Assert.Equal(sut.NextPush, _stream.NextPoll);
    }

    [Fact]
    public void SetNextPoll_PushDueNow_PollsWhenNextPushMayStart()
    {
        StreamSchedule sut = Create(TimeSpan.FromMilliseconds(700));
        Grow(TimeSpan.Zero);
        sut.NextPush = Now;

        sut.SetNextPoll(_stream, Now, hasRead: true);

        Assert.Equal(Now + Ticks(700), _stream.NextPoll);
    }

    [Fact]
    public void SetNextPoll_LongBatchWait_PollsEachSecond()
    {
        StreamSchedule sut = Create(TimeSpan.FromSeconds(20));
        Grow(TimeSpan.Zero);
        sut.NextPush = Now + Ticks(15_000);

        sut.SetNextPoll(_stream, Now, hasRead: true);

        Assert.Equal(Now + Ticks(1_000), _stream.NextPoll);
    }

    /// <summary>No push is scheduled. Even a quiet stream is polled within a second.</summary>
    [Theory]
    [InlineData(0, 1, 200)]
    [InlineData(2_000, 300, 500)]
    [InlineData(3_600_000, 1, 900)]
    public void SetNextPoll_QuietLane_PollsLessOftenTheLongerTheStreamIsQuiet(int quietMs, int minimumMs, int maximumMs)
    {
        StreamSchedule sut = Create(TimeSpan.FromSeconds(1));
        Grow(TimeSpan.FromMilliseconds(quietMs));

        for (int start = 0; start < 2_000; start += 37)
        {
            _time.Advance(TimeSpan.FromMilliseconds(37));
            _stream.LastGrowth += Ticks(37);
            sut.NextPush = Now;

            sut.SetNextPoll(_stream, Now, hasRead: false);

            Assert.InRange(_stream.NextPoll - Now, Ticks(minimumMs), Ticks(maximumMs));
        }
    }

    private StreamSchedule Create(TimeSpan batchWait) => new([_stream], _time, (_, _) => { }) { BatchWait = batchWait };

    private void Grow(TimeSpan ago)
    {
        _time.Advance(TimeSpan.FromHours(2));
        _stream.LastGrowth = Now - (long)(ago.TotalSeconds * _time.TimestampFrequency);
    }

    private long Ticks(int milliseconds) => milliseconds * _time.TimestampFrequency / 1_000;
}
