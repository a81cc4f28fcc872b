using Microsoft.Extensions.Time.Testing;
using Shipper.Status;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Status;

public class StatusHistoryTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly AgentMetrics _metrics = new();

    [Fact]
    public void Rates_SteadyFlow_AreThoseOfTheLastTenSeconds()
    {
        StatusHistory sut = Run(seconds: 30, bytes: 1000, records: 10);

        Assert.Equal(1000, sut.Rates.ReadBytesPerSecond, tolerance: 1e-6);
        Assert.Equal(10, sut.Rates.ReadRecordsPerSecond, tolerance: 1e-6);
        Assert.Equal(10, sut.Rates.SentRecordsPerSecond, tolerance: 1e-6);
    }

    [Fact]
    public void Rates_FlowHasEnded_FallToZero()
    {
        StatusHistory sut = Run(seconds: 30, bytes: 1000, records: 10);
        for (int i = 0; i < 11; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            sut.Sample(0);
        }

        Assert.Equal(0, sut.Rates.ReadBytesPerSecond);
    }

    [Fact]
    public void Describe_LongRun_KeepsFifteenMinutes()
    {
        StatusHistory sut = Run(seconds: 1000, bytes: 500, records: 5);

        RateHistory history = sut.Describe();
        Assert.Equal(90, history.SentRecordsPerSecond.Count);
        Assert.All(history.ReadBytesPerSecond, rate => Assert.Equal(500, rate, tolerance: 1e-6));
        Assert.All(history.LagBytes, lag => Assert.Equal(7, lag));
    }

    [Fact]
    public void Note_SameState_KeepsTheTime()
    {
        var sut = new StatusHistory(_time, _metrics);
        DateTimeOffset first = sut.Note("shipping");
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(first, sut.Note("shipping"));
        Assert.Equal(_time.GetUtcNow(), sut.Note("catching up"));
    }

    private StatusHistory Run(int seconds, long bytes, long records)
    {
        var sut = new StatusHistory(_time, _metrics);
        sut.Sample(7);
        for (int i = 0; i < seconds; i++)
        {
            _metrics.ReadBytes.Add("container", bytes);
            _metrics.CountRead("container", records);
            _metrics.SentRecords.Add(records);
            _time.Advance(TimeSpan.FromSeconds(1));
            sut.Sample(7);
        }

        return sut;
    }
}
