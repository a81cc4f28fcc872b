using Microsoft.Extensions.Time.Testing;
using Shipper.Core.Tests.Support;
using Shipper.Delivery;
using Shipper.Loki;

namespace Shipper.Core.Tests.Delivery;

public class LokiHealthTests
{
    private static readonly PushAnswer Away = new(PushVerdict.NotStored, "error", "Connection refused");
    private static readonly PushAnswer TooMany = new(PushVerdict.NotStored, "429", "Ingestion rate limit exceeded");
    private static readonly PushAnswer NoTenant = new(PushVerdict.Misconfigured, "401", "no org id");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly RecordedLog _log = new();
    private long _lostBytes;

    private string[] Lines => [.. _log.Messages.Where(message => !message.StartsWith("Debug", StringComparison.Ordinal))];

    [Fact]
    public void OnFailed_SeveralLanes_LogsOneLineAMinute()
    {
        LokiHealth sut = Create();
        sut.SetWaiting(static () => 150);

        for (int i = 0; i < 36; i++)
        {
            Fail(sut, Away, 30);
            Fail(sut, Away, 30);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(3, Lines.Length);
        Assert.All(Lines, line => Assert.Equal(
            "Warning: Loki can't be reached since 2026-01-02 03:04:05Z: 150 records wait, nothing is lost, next retry within 30 s: error Connection refused", line));
    }

    [Fact]
    public void OnAccepted_OutageWasLogged_LogsTheDurationOnce()
    {
        LokiHealth sut = Create();
        sut.OnAccepted(1, 1);
        Fail(sut, Away, 30);
        _time.Advance(TimeSpan.FromSeconds(200));

        sut.OnAccepted(1, 1);
        sut.OnAccepted(1, 1);

        Assert.Equal("Information: Loki accepts pushes again after 3 min 20 s", Lines[^1]);
        Assert.Equal(3, Lines.Length);
        Assert.Null(sut.Failure);
    }

    /// <summary>A quiet node sends no push after the outage: without this, the status would show the outage for hours.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void OnQueryAnswered_OutageAtTheStart_EndsItIfNothingWaits(int waiting, bool isOver)
    {
        LokiHealth sut = Create();
        sut.SetWaiting(() => waiting);
        Fail(sut, Away, 30);
        _time.Advance(TimeSpan.FromSeconds(20));

        sut.OnQueryAnswered();

        Assert.Equal(isOver, sut.Failure is null);
        Assert.Equal(isOver, Lines[^1] == "Information: Loki accepts pushes again after 20 s");
    }

    [Fact]
    public void OnFailed_OverAfterTheFirstRetry_IsDebugOnly()
    {
        LokiHealth sut = Create();
        Fail(sut, Away, 0.5);
        _time.Advance(TimeSpan.FromSeconds(0.5));

        sut.OnConfirmed();

        Assert.Empty(Lines);
        Assert.Single(_log.Messages);
    }

    [Fact]
    public void OnFailed_FewSecondsOfRetries_IsLogged()
    {
        LokiHealth sut = Create();
        Fail(sut, TooMany, 0.5);
        _time.Advance(TimeSpan.FromSeconds(2));
        Fail(sut, TooMany, 1);
        Assert.Empty(Lines);
        _time.Advance(TimeSpan.FromSeconds(1));

        Fail(sut, TooMany, 2);

        Assert.StartsWith("Warning: Loki refuses pushes since 2026-01-02 03:04:05Z: 7 records wait", Assert.Single(Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void OnFailed_Misconfigured_IsAnErrorAtOnceEvenDuringAnOutage()
    {
        LokiHealth sut = Create();
        Fail(sut, Away, 30);
        _time.Advance(TimeSpan.FromSeconds(5));

        sut.OnFailed(NoTenant, 7, isMisconfigured: true, TimeSpan.FromSeconds(30), maxRetries: 0);
        sut.OnFailed(NoTenant, 7, isMisconfigured: true, TimeSpan.FromSeconds(30), maxRetries: 0);

        Assert.Equal(2, Lines.Length);
        Assert.Equal(
            "Error: Pushes can't succeed with this configuration: 401 no org id. Check loki.tenant and the credentials. Since 2026-01-02 03:04:05Z: 7 records wait, nothing is lost, next retry within 30 s",
            Lines[1]);
        Assert.Equal((false, "401 no org id", "Check loki.tenant and the credentials"), (sut.Failure!.IsUnavailable, sut.Failure.Response, sut.Failure.Remedy));
    }

    [Fact]
    public void OnFailed_RetryLimit_SaysThatBatchesAreDropped()
    {
        LokiHealth sut = Create();

        sut.OnFailed(Away, 7, isMisconfigured: false, TimeSpan.FromSeconds(30), maxRetries: 3);

        Assert.Contains("each batch is dropped after 3 retries (loki.retry.limit)", Assert.Single(Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void OnFailed_FilesWereDeletedMeanwhile_SaysHowMuchIsLost()
    {
        LokiHealth sut = Create();
        _lostBytes = 1;
        Fail(sut, Away, 0.5);
        _lostBytes = 43;

        Fail(sut, Away, 30);

        Assert.Contains("42 unread bytes are lost (shipper_lost_bytes_total)", Assert.Single(Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void OnFailed_OtherPushesAreAccepted_WarnsOnceAMinute()
    {
        LokiHealth sut = Create();
        sut.OnAccepted(1, 1);

        for (int i = 0; i < 12; i++)
        {
            Fail(sut, TooMany, 0.5);
            sut.OnAccepted(1, 1);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(2, Lines.Length);
        Assert.Equal("Warning: Some pushes fail and are retried: 3 of the last 6. The last response: 429 Ingestion rate limit exceeded", Lines[1]);
    }

    [Fact]
    public void Continue_ReloadDuringAnOutage_NeitherRepeatsNorForgetsIt()
    {
        LokiHealth before = Create();
        before.OnAccepted(1, 1);
        Fail(before, Away, 30);
        LokiHealth sut = Create();
        sut.Continue(before);

        Fail(sut, Away, 30);
        _time.Advance(TimeSpan.FromSeconds(20));
        sut.OnAccepted(1, 1);

        Assert.Equal(3, Lines.Length);
        Assert.Equal("Information: Loki accepts pushes again after 20 s", Lines[^1]);
    }

    [Fact]
    public void OnQueryFailed_PushesAreAccepted_WarnsOnceAMinute()
    {
        LokiHealth sut = Create();

        for (int i = 0; i < 24; i++)
        {
            sut.OnQueryFailed("504 timeout", TimeSpan.FromSeconds(2));
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(2, Lines.Length);
        Assert.StartsWith("Warning: Loki did not answer which records it already has: 504 timeout", Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Failure_PushFails_NamesTheNextRetry()
    {
        LokiHealth sut = Create();
        sut.SetWaiting(static () => 150);

        Fail(sut, Away, 30);

        Assert.Equal(new LokiFailure(_time.GetUtcNow(), IsUnavailable: true, "error Connection refused", null, _time.GetUtcNow() + TimeSpan.FromSeconds(30), 150), sut.Failure);
    }

    [Fact]
    public void LatencySeconds_LastPushes_ReturnsPercentiles()
    {
        LokiHealth sut = Create();
        Assert.Null(sut.LatencySeconds);

        for (int i = 1; i <= 100; i++)
        {
            sut.OnResponse(new PushAnswer(PushVerdict.Stored, "204"), TimeSpan.FromSeconds(i));
        }

        Assert.Equal((50, 99), sut.LatencySeconds);
    }

    private static void Fail(LokiHealth sut, PushAnswer answer, double seconds) => sut.OnFailed(answer, 7, isMisconfigured: false, TimeSpan.FromSeconds(seconds), maxRetries: 0);

    private LokiHealth Create() => new(new LokiOptions(), _time, _log, () => _lostBytes);
}
