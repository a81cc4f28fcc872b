using Shipper.Delivery;
using Shipper.Discovery;
using Shipper.Status;

namespace Shipper.Core.Tests.Status;

public class VerdictRulesTests
{
    private static readonly Uri PushUrl = new("http://loki:3100/loki/api/v1/push");
    private static readonly DateTimeOffset Since = new(2026, 12, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly Lag NoLag = new(0, 0, null);

    [Fact]
    public void Judge_NotListed_IsStarting() => Assert.Equal(("starting", "notice"), Judge(isListed: false));

    [Fact]
    public void Judge_EverythingSent_IsShipping()
    {
        Verdict verdict = Make(lag: NoLag);

        Assert.Equal(("shipping", "ok", "Everything that was written is in Loki.", ""), (verdict.State, verdict.Severity, verdict.Text, verdict.Remedy));
        Assert.Equal(Since, verdict.Since);
    }

    [Fact]
    public void Judge_SecondsBehind_IsShipping() => Assert.Equal("Everything up to 1.2 s ago is in Loki.", Make(lag: new Lag(100, 1.23, null)).Text);

    [Fact]
    public void Judge_MinutesBehind_IsCatchingUp()
    {
        Verdict verdict = Make(lag: new Lag(5 * 1024 * 1024, 200, null));

        Assert.Equal(("catching up", "notice"), (verdict.State, verdict.Severity));
        Assert.Equal("The oldest record that Loki has not acknowledged is 3 min 20 s old; 5 MiB wait.", verdict.Text);
    }

    [Fact]
    public void Judge_LossAhead_IsAProblem()
    {
        Verdict verdict = Make(lag: new Lag(5 * 1024 * 1024, 200, 300));

        Assert.Equal(("catching up", "problem"), (verdict.State, verdict.Severity));
        Assert.Contains("lines will be lost in 5 min 0 s", verdict.Text, StringComparison.Ordinal);
        Assert.NotEmpty(verdict.Remedy);
    }

    [Theory]
    [InlineData(true, "Loki unavailable")]
    [InlineData(false, "Loki refuses")]
    public void Judge_Outage_SaysLokisWordsAndWhatWaits(bool isUnavailable, string state)
    {
        Verdict verdict = Make(lag: new Lag(2048, 60, null), failure: new LokiFailure(Since, isUnavailable, "the words of Loki", null, null, 150));

        Assert.Equal((state, "problem"), (verdict.State, verdict.Severity));
        Assert.Contains("the words of Loki. 150 records wait in memory, 2 KiB in the files. Nothing is lost.", verdict.Text, StringComparison.Ordinal);
        Assert.NotEmpty(verdict.Remedy);
    }

    [Theory]
    [InlineData("permission", "can't read")]
    [InlineData("not_mounted", "can't read")]
    [InlineData("broken_link", "shipping")]
    public void Judge_SourceUnreadable_IsAProblemIfThatIsNotNormal(string reason, string state) =>
        Assert.Equal(state, Make(lag: NoLag, unreadable: new UnreadableSource("/var/log/x", reason, "it can't be read", "Do something")).State);

    [Fact]
    public void Judge_NotReadyWhileLokiIsAway_CannotReadComesFirst() =>
        Assert.Equal("can't read", Make(lag: NoLag, notReady: "no directory", failure: new LokiFailure(Since, true, "words", null, null, 0)).State);

    private static (string State, string Severity) Judge(bool isListed)
    {
        Verdict verdict = VerdictRules.Judge(isListed, null, [], null, NoLag, 1, PushUrl, _ => Since);
        return (verdict.State, verdict.Severity);
    }

    private static Verdict Make(Lag lag, LokiFailure? failure = null, UnreadableSource? unreadable = null, string? notReady = null) =>
        VerdictRules.Judge(isListed: true, notReady, unreadable is null ? [] : [unreadable], failure, lag, streams: 1, PushUrl, _ => Since);
}
