using Shipper.Core.Tests.Tailing;
using Shipper.Loki;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Lanes.Behaviour;

/// <summary>One record makes each request that contains it fail, and Loki does not say which record it is.</summary>
public class PoisonTests
{
    private const string Poison = "poison";
    private const int Lines = 200;

    [Trait("Speed", "Slow")]
    [Theory]
    [InlineData(500, "context deadline exceeded")]
    [InlineData(400, "something that a later version says")]
    [InlineData(422, "something that a gateway says")]
    [InlineData(413, "<html>413 Request Entity Too Large</html>")]
    public void Turn_OneRecordAlwaysFails_SendsTheOthersAndDropsItInTheEnd(int status, string body)
    {
        using var sut = new TailingFixture();
        sut.AnswerTo = request => request.Streams.Any(stream => stream.Entries.Any(entry => entry.Line == Poison)) ? LokiAnswers.Read(status, body) : null;
        WriteBad(sut);
        File.Create(sut.LogOf("good")).Dispose();
        sut.Find("bad");
        sut.Find("good");
        DateTimeOffset start = sut.Time.GetUtcNow();
        TimeSpan longest = TimeSpan.Zero;
        int written = 0;
        while (sut.Time.GetUtcNow() - start < TimeSpan.FromMinutes(90) && sut.LinesOf("bad").Count() < Lines)
        {
            DateTimeOffset writtenAt = sut.Time.GetUtcNow();
            File.AppendAllText(sut.LogOf("good"), $"2026-11-23T01:21:26.{written:D9}Z stdout F line {written++}\n");
            do
            {
                sut.TurnOnce();
            }
            while (sut.LinesOf("good").Count() < written && sut.Time.GetUtcNow() - writtenAt < TimeSpan.FromMinutes(1));

            longest = longest < sut.Time.GetUtcNow() - writtenAt ? sut.Time.GetUtcNow() - writtenAt : longest;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"delayed {longest}, dropped after {sut.Time.GetUtcNow() - start}, {written} lines, {sut.Pushes} pushes");
        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(status == 500, sut.Time.GetUtcNow() - start > TimeSpan.FromHours(1));
        Assert.Equal(Enumerable.Range(0, Lines).Select(i => $"line {i}"), sut.LinesOf("bad"));
        Assert.Equal(Enumerable.Range(0, written).Select(i => $"line {i}"), sut.LinesOf("good"));
        Assert.Equal(1, sut.Metrics.DroppedRecords.Get(DropReasons.Refused));
        Assert.InRange(sut.Metrics.SentRecords.Get(), Lines + written - 1, Lines + written);
        Assert.Contains(sut.Messages.Messages, message => message.Contains("Loki refuses a single record", StringComparison.Ordinal));

        // Only at the start, before anything else was accepted.
        Assert.InRange(sut.Messages.Messages.Count(message => message.Contains("with this configuration", StringComparison.Ordinal)), 0, 3);
    }

    private static void WriteBad(TailingFixture sut) => File.WriteAllLines(
        sut.LogOf("bad"),
        Enumerable.Range(0, Lines + 1).Select(i => $"2026-11-23T01:21:26.{i:D9}Z stdout F {(i == 70 ? Poison : $"line {(i < 70 ? i : i - 1)}")}"));
}
