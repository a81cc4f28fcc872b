using System.Globalization;
using System.Text;
using Shipper.Core.Tests.Processing.Rules;
using Shipper.Processing;
using Shipper.Processing.Limits;

namespace Shipper.Core.Tests.Processing.Limits;

public class LimitReportTests
{
    private const long Second = TestLimit.Second;
    private const long Start = TestLimit.Start;

    private readonly byte[] _text = new byte[256];

    [Theory]
    [InlineData(1_048_576, 5_000, OverLimit.Drop, 1_234, 5_452_595, "shipper: 1234 lines (5.2 MiB) dropped in 60 s: limit noisy (1 MiB/s, 5000 lines/s)")]
    [InlineData(512_000, 0, OverLimit.Slow, 1, 17, "shipper: 1 line (17 B) read later in 60 s: limit noisy (500 KiB/s)")]
    [InlineData(0, 20, OverLimit.Sample, 3_000_000_000, 900_000_000_000, "shipper: 3000000000 lines (838.2 GiB) dropped in 60 s: limit noisy (20 lines/s)")]
    internal void TryTake_AMinuteLater_SaysWhatTheLimitDid(long bytesPerSecond, long linesPerSecond, OverLimit over, long records, long bytes, string expected)
    {
        var sut = new LimitReport(new LimitOptions { Name = "noisy", Bytes = bytesPerSecond, Lines = linesPerSecond, Over = over });
        var memory = new LimitMemory { Name = "noisy", TimeNs = 5, BytesDueNs = 6, LinesDueNs = 7, Records = records, Bytes = bytes, SinceNs = Start };

        Assert.False(sut.TryTake(ref memory, Start + (60 * Second) - 1, _text, out _));
        Assert.True(sut.TryTake(ref memory, Start + (60 * Second), _text, out int length));

        Assert.Equal(expected, Encoding.UTF8.GetString(_text, 0, length));
        Assert.Equal(new LimitMemory { Name = "noisy", TimeNs = 5, BytesDueNs = 6, LinesDueNs = 7 }, memory);
    }

    [Fact]
    public void TryTake_NothingOverTheLimit_IsFalse()
    {
        var memory = new LimitMemory { Name = "noisy" };

        Assert.False(new LimitReport(new LimitOptions { Name = "noisy", Lines = 1 }).TryTake(ref memory, Start, _text, out int length));
        Assert.Equal(0, length);
    }

    [Fact]
    public void TryTake_LittleRoom_CutsTheText()
    {
        var sut = new LimitReport(new LimitOptions { Name = "noisy", Lines = 1 });
        var memory = new LimitMemory { Records = 5, SinceNs = Start };

        Assert.True(sut.TryTake(ref memory, Start + (60 * Second), _text.AsSpan(0, 12), out int length));

        Assert.Equal("shipper: 5 l", Encoding.UTF8.GetString(_text, 0, length));
    }

    [Fact]
    public void TryTakeReport_RecordsOverTheLimitForMinutes_ReportsOnceAMinuteAndCountsEachRecordOnce()
    {
        var context = new StageContext(1024);
        context.Memory.Bind(["noisy"]);
        var sut = new LimitStage([(new LimitOptions { Name = "noisy", Lines = 1, Burst = TimeSpan.FromSeconds(1), Over = OverLimit.Drop }, 0)]);
        List<string> reports = [];
        int dropped = 0;

        // Two records a second for five minutes, then one that comes later.
        foreach (int i in Enumerable.Range(0, 600).Append(100_000))
        {
            long time = Start + (i * Second / 2);
            while (sut.TryTakeReport(context.Memory, time, _text, out int length))
            {
                reports.Add(Encoding.UTF8.GetString(_text, 0, length));
            }

            dropped += new TestRecord("x", time).Apply(sut, context) == StageVerdict.Drop ? 1 : 0;
        }

        Assert.Equal(5, reports.Count);
        Assert.All(reports, report => Assert.StartsWith("shipper: ", report, StringComparison.Ordinal));
        Assert.Equal(dropped, reports.Sum(report => int.Parse(report.Split(' ')[1], CultureInfo.InvariantCulture)));
    }
}
