using Shipper.Core.Tests.Tailing;
using Shipper.Loki;

namespace Shipper.Core.Tests.Lanes.Behaviour;

public class StallTests
{
    [Fact]
    public void Check_NoAcknowledgementForFiveMinutes_IsStalledAndWarnsEveryHour()
    {
        using var sut = new TailingFixture();
        Print(sut);
        sut.Withhold();
        sut.Find();
        Pass(sut, TimeSpan.FromMinutes(4));
        Assert.False(sut.IsStalled);

        Pass(sut, TimeSpan.FromMinutes(2));

        Assert.True(sut.IsStalled);
        Assert.True(sut.Describe().Stalled);
        Assert.Equal(1, CountWarnings(sut));
        Pass(sut, TimeSpan.FromMinutes(50));
        Assert.Equal(1, CountWarnings(sut));
        Pass(sut, TimeSpan.FromMinutes(20));
        Assert.Equal(2, CountWarnings(sut));

        sut.Answer();
        sut.Turn();
        Assert.False(sut.IsStalled);
        Assert.Contains(sut.Messages.Messages, message => message.Contains("acknowledges again", StringComparison.Ordinal));
    }

    [Fact]
    public void Check_NothingToSend_IsNotStalled()
    {
        using var sut = new TailingFixture();
        Print(sut);
        sut.Find();

        Pass(sut, TimeSpan.FromHours(2));
        Assert.False(sut.IsStalled);

        // The five minutes start when there is something to send.
        sut.Withhold();
        Print(sut);
        Pass(sut, TimeSpan.FromMinutes(4));
        Assert.False(sut.IsStalled);
        Assert.Equal(0, CountWarnings(sut));
    }

    /// <summary>If every stream of a batch is refused, nothing is acknowledged.</summary>
    [Fact]
    public void Check_OnlyStreamIsAlwaysRefused_IsStalled()
    {
        using var sut = new TailingFixture();
        Print(sut);
        sut.RefuseAll(LokiAnswers.Read(429, "Per stream rate limit exceeded (limit: 3MB/sec) while attempting to ingest for stream '{pod=\"pod\"}' totaling 1MB"));
        sut.Find();

        for (int i = 0; i < 30; i++)
        {
            Pass(sut, TimeSpan.FromSeconds(20));
        }

        Assert.Empty(sut.Entries);
        Assert.True(sut.IsStalled);
    }

    private static int CountWarnings(TailingFixture sut) => sut.Messages.Messages.Count(message => message.Contains("is stalled", StringComparison.Ordinal));

    private static void Print(TailingFixture sut) => File.AppendAllText(sut.Log, "2026-11-23T01:21:26.1Z stdout F line\n");

    private static void Pass(TailingFixture sut, TimeSpan time)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(20))
        {
            sut.Time.Advance(TimeSpan.FromSeconds(20));
            sut.TurnOnce();
        }
    }
}
