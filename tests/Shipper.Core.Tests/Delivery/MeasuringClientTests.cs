using Microsoft.Extensions.Time.Testing;
using Shipper.Delivery;
using Shipper.Loki;

namespace Shipper.Core.Tests.Delivery;

public class MeasuringClientTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SlowClient _client;
    private readonly MeasuringClient _sut;

    public MeasuringClientTests()
    {
        _client = new SlowClient(_time);
        _sut = new MeasuringClient(_client, _time);
    }

    [Fact]
    public async Task WorkingTime_SuccessiveAnswers_IsTheTimeBetweenThem()
    {
        await QueryAsync(after: 0, takes: 0.1);
        await QueryAsync(after: 0.5, takes: 0.1);
        await QueryAsync(after: 0.3, takes: 0);

        Assert.Equal(0.9, _sut.WorkingTime.TotalSeconds, 3);
    }

    [Fact]
    public async Task WorkingTime_LongTimeWithoutRequests_CountsOneGap()
    {
        await QueryAsync(after: 0, takes: 0.1);
        await QueryAsync(after: 600, takes: 0.1);

        Assert.Equal(MeasuringClient.MaxGap, _sut.WorkingTime);
    }

    /// <summary>A request lost right after the last answer has not been waited for yet.</summary>
    [Fact]
    public async Task GetMaxWorkingTime_TimeHasPassedSinceTheLastAnswer_ExcludesIt()
    {
        await QueryAsync(after: 0, takes: 0.1);
        _time.Advance(TimeSpan.FromSeconds(10));
        TimeSpan mark = _sut.GetMaxWorkingTime();

        await QueryAsync(after: 30, takes: 30);
        TimeSpan first = _sut.WorkingTime - mark;
        await QueryAsync(after: 0.5, takes: 0.1);

        Assert.True(first <= TimeSpan.Zero);
        Assert.True(_sut.WorkingTime - mark <= TimeSpan.FromSeconds(0.6));
    }

    /// <summary>Loki may be frozen, or slow: long requests count less, but they do count.</summary>
    [Fact]
    public async Task WorkingTime_AnswersTakeLong_GrowsSlowly()
    {
        await QueryAsync(after: 0, takes: 5);
        for (int i = 0; i < 16; i++)
        {
            await QueryAsync(after: 1, takes: 5);
        }

        Assert.InRange(_sut.WorkingTime, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(9));
    }

    [Theory]
    [InlineData(502, false)]
    [InlineData(503, false)]
    [InlineData(401, false)]
    [InlineData(204, true)]
    public async Task WorkingTime_AnswersToPushes_CountsThemIfTheyAreLokis(int status, bool counts)
    {
        for (int i = 0; i < 3; i++)
        {
            _client.Answer = LokiAnswers.Read(status, "");
            _time.Advance(TimeSpan.FromSeconds(0.5));
            await _sut.PushAsync(default, TestContext.Current.CancellationToken);
        }

        Assert.Equal(counts ? TimeSpan.FromSeconds(1) : TimeSpan.Zero, _sut.WorkingTime);
    }

    private async Task QueryAsync(double after, double takes)
    {
        _time.Advance(TimeSpan.FromSeconds(after));
        _client.Duration = TimeSpan.FromSeconds(takes);
        Task<QueryAnswer> asked = _sut.AskNewestAsync("{}", 0, 0, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(takes));
        await asked;
    }

    private sealed class SlowClient(TimeProvider time) : IPushClient
    {
        public TimeSpan Duration { get; set; }

        public PushAnswer Answer { get; set; }

        public Task<PushAnswer> PushAsync(ReadOnlyMemory<byte> body, CancellationToken stopping) => Task.FromResult(Answer);

        public Task<PushAnswer> ProbeAsync(CancellationToken stopping) => Task.FromResult(Answer);

        public Task<QueryAnswer> AskAsync(string selector, long fromNs, long toNs, IEntryVisitor found, CancellationToken stopping) => AskNewestAsync(selector, fromNs, toNs, stopping);

        public async Task<QueryAnswer> AskNewestAsync(string selector, long fromNs, long toNs, CancellationToken stopping)
        {
            if (Duration > TimeSpan.Zero)
            {
                // The query takes this long on the fake clock.
                await Task.Delay(Duration, time, stopping);
            }

            return new QueryAnswer(QueryOutcome.Answered);
        }
    }
}
