using Microsoft.Extensions.Time.Testing;
using Polly;
using Shipper.Net;

namespace Shipper.Core.Tests.Net;

public sealed class RetriesTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly BackOff _backOff;
    private readonly List<string> _reported = [];
    private readonly ResiliencePipeline<string> _sut;
    private int _attempts;

    public RetriesTests()
    {
        _backOff = new BackOff(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), _time);
        _sut = Retries.Create<string>(_backOff.Clock, (result, _) => ValueTask.FromResult(result != "3rd"), _ => TimeSpan.FromSeconds(10), _reported.Add);
    }

    public void Dispose() => _backOff.Dispose();

    [Fact]
    public async Task Execute_ResultNeedsRetry_WaitsAndRetries()
    {
        Task<string> executing = ExecuteAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["1st"], _reported);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["1st", "2nd"], _reported);
        Assert.False(executing.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal("3rd", await executing);
        Assert.Equal(["1st", "2nd"], _reported);
    }

    [Fact]
    public async Task Execute_AgentStops_RetriesAtOnceAndThenSoon()
    {
        Task<string> executing = ExecuteAsync(TestContext.Current.CancellationToken);

        _backOff.StopWaiting();
        Assert.Equal(["1st", "2nd"], _reported);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("3rd", await executing);
    }

    [Fact]
    public async Task Execute_CanceledDuringAWait_Throws()
    {
        using var canceling = new CancellationTokenSource();
        Task<string> executing = ExecuteAsync(canceling.Token);

        await canceling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => executing);
        Assert.Equal(1, _attempts);
    }

    [Fact]
    public async Task Execute_CanceledDuringAnAttempt_DoesNotReturnAResultThatNeedsRetry()
    {
        using var canceling = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _sut.ExecuteAsync(
            async _ =>
            {
                await canceling.CancelAsync();
                return Attempt();
            },
            canceling.Token));

        Assert.Equal(1, _attempts);
    }

    [Fact]
    public async Task Execute_ActionThrows_DoesNotRetry() =>
        await Assert.ThrowsAsync<FormatException>(async () => await _sut.ExecuteAsync<string>(static _ => throw new FormatException(), TestContext.Current.CancellationToken));

    private Task<string> ExecuteAsync(CancellationToken canceling) => _sut.ExecuteAsync(_ => ValueTask.FromResult(Attempt()), canceling).AsTask();

    private string Attempt() => ++_attempts switch
    {
        1 => "1st",
        2 => "2nd",
        _ => "3rd",
    };
}
