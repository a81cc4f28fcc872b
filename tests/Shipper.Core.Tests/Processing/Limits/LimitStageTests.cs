using System.Text;
using Shipper.Core.Tests.Processing.Rules;
using Shipper.Processing;
using Shipper.Processing.Levels;
using Shipper.Processing.Limits;
using Shipper.Processing.Rules;

namespace Shipper.Core.Tests.Processing.Limits;

public class LimitStageTests
{
    private const long Second = TestLimit.Second;
    private const long Start = TestLimit.Start;

    private readonly StageContext _context = new(64 * 1024);

    public LimitStageTests() => _context.Memory.Bind(["noisy"]);

    [Fact]
    public void Apply_LinesOverTheLimit_DropsThemUntilThereIsRoom()
    {
        LimitStage sut = TestLimit.Stage(OverLimit.Drop, lines: 10, burst: 1);

        Assert.Equal(10, CountKept(sut, Enumerable.Repeat(Start, 50)));
        Assert.Equal(1, CountKept(sut, Enumerable.Repeat(Start + (Second / 10), 50)));
        Assert.Equal(10, CountKept(sut, Enumerable.Repeat(Start + (Second / 10) + Second, 50)));
        Assert.Equal(10, CountKept(sut, Enumerable.Repeat(Start + (60 * Second), 50)));
    }

    [Fact]
    public void Apply_BytesOverTheLimit_CountsAndNamesThem()
    {
        LimitStage sut = TestLimit.Stage(OverLimit.Drop, bytes: 10, burst: 1);

        Assert.Equal(StageVerdict.Keep, new TestRecord(new string('x', 100), Start).Apply(sut, _context));
        Assert.Equal(StageVerdict.Drop, new TestRecord("abc", Start + (8 * Second)).Apply(sut, _context, out string? reason));
        Assert.Equal(StageVerdict.Keep, new TestRecord("abc", Start + (9 * Second)).Apply(sut, _context));

        Assert.Equal("noisy", reason);
        Assert.Equal([new StageCount("limit", "noisy", 1, 3)], _context.Counts);
        var expected = new LimitMemory
        {
            Name = "noisy",
            TimeNs = Start + (9 * Second),
            BytesDueNs = Start + (10 * Second) + (3 * Second / 10),
            LinesDueNs = Start + (9 * Second),
            Records = 1,
            Bytes = 3,
            SinceNs = Start + (8 * Second),
        };
        Assert.Equal(expected, _context.Memory.Limits[0]);
        Assert.Equal(0, _context.HeldBackUntilNs);
    }

    [Fact]
    public void Apply_OldBacklog_IsNotLimitedByTheSpeedOfReading()
    {
        LimitStage sut = TestLimit.Stage(OverLimit.Slow, lines: 100, burst: 1);

        // Ten hours of records, within the limit by their own times.
        Assert.Equal(36_000, CountKept(sut, Enumerable.Range(0, 36_000).Select(i => Start + (i * Second))));

        Assert.Equal(0, _context.HeldBackUntilNs);
        Assert.Empty(_context.Counts);
    }

    [Fact]
    public void Apply_Slow_DropsNothingAndSaysUntilWhenToWait()
    {
        LimitStage sut = TestLimit.Stage(OverLimit.Slow, lines: 10, burst: 1);

        Assert.Equal(111, CountKept(sut, Enumerable.Repeat(Start, 111)));

        // With one more, the records take 11.2 s at this rate, of which the burst covers the last second.
        Assert.Equal(Start + (10 * Second) + (Second / 5), _context.HeldBackUntilNs);
        Assert.Equal([new StageCount("limit", "noisy", 101, 101)], _context.Counts);
        Assert.Equal(101, _context.Memory.Limits[0].Records);
    }

    [Fact]
    public void Apply_Slow_NeverLowersTheTime()
    {
        LimitStage sut = TestLimit.Stage(OverLimit.Slow, lines: 10, burst: 1);
        _context.HeldBackUntilNs = Start + (1_000 * Second);

        CountKept(sut, Enumerable.Repeat(Start, 111));

        Assert.Equal(Start + (1_000 * Second), _context.HeldBackUntilNs);
    }

    [Fact]
    public void Apply_SlowFarOverTheLimit_DelaysNoRecordByMoreThanAnHour()
    {
        LimitStage sut = TestLimit.Stage(OverLimit.Slow, lines: 1, burst: 1);

        CountKept(sut, Enumerable.Repeat(Start, 20_000));

        Assert.Equal(Start + (3_600 * Second), _context.HeldBackUntilNs);
    }

    [Fact]
    public void Apply_SeveralLimits_OnlyTheFirstThatHoldsApplies()
    {
        _context.Memory.Bind(["other", "all", "debug"]);
        LimitOptions debug = TestLimit.Options("debug", OverLimit.Drop, lines: 1, burst: 1);
        debug.When = new WhenOptions { Level = [RecordLevel.Debug] };
        var sut = new LimitStage([(debug, 2), (TestLimit.Options("all", OverLimit.Drop, lines: 1, burst: 1), 1)]);

        Assert.Equal(1, Enumerable.Range(0, 10).Count(_ => new TestRecord("x", Start, RecordLevel.Debug).Apply(sut, _context) == StageVerdict.Keep));
        Assert.Equal(1, Enumerable.Range(0, 10).Count(_ => new TestRecord("x", Start, RecordLevel.Info).Apply(sut, _context) == StageVerdict.Keep));

        Assert.Equal([0L, 9L, 9L], _context.Memory.Limits.Select(limit => limit.Records));
    }

    [Fact]
    public void Apply_LimitThatDoesNotHold_LeavesRecordsAlone()
    {
        LimitOptions options = TestLimit.Options("noisy", OverLimit.Drop, lines: 1, burst: 1);
        options.When = new WhenOptions { Text = new TextOptions { Contains = ["noise"] } };
        var sut = new LimitStage([(options, 0)]);

        Assert.Equal(10, CountKept(sut, Enumerable.Repeat(Start, 10)));
        Assert.Equal(0, _context.Memory.Limits[0].TimeNs);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Apply_RandomRecords_KeepsAtMostTheLimitInAnyWindow(int seed)
    {
        const int BytesPerSecond = 1_000;
        const int LinesPerSecond = 7;
        const int BurstSeconds = 3;
        foreach (OverLimit over in (OverLimit[])[OverLimit.Drop, OverLimit.Sample])
        {
            LimitStage sut = TestLimit.Stage(over, BytesPerSecond, LinesPerSecond, BurstSeconds);
            List<(long Time, int Bytes)> kept = [];
            long time = 0;
            foreach (TestRecord record in RandomRecords(seed, 3_000))
            {
                // Late records count as if they came together with the latest one before them.
                time = Math.Max(time, record.TimestampNs);
                if (record.Apply(sut, _context) == StageVerdict.Keep)
                {
                    kept.Add((time, record.Line.Length));
                }
            }

            int largest = kept.Max(record => record.Bytes);
            for (int first = 0; first < kept.Count; first++)
            {
                long bytes = 0;
                for (int last = first; last < kept.Count; last++)
                {
                    bytes += kept[last].Bytes;
                    double seconds = ((double)kept[last].Time - kept[first].Time) / Second;
                    Assert.True(bytes <= ((seconds + BurstSeconds) * BytesPerSecond) + largest + 0.001, $"{bytes} bytes in {seconds} s");
                    Assert.True(last - first + 1 <= ((seconds + BurstSeconds) * LinesPerSecond) + 1.001, $"{last - first + 1} lines in {seconds} s");
                }
            }

            _context.Memory.Limits[0] = new LimitMemory { Name = "noisy" };
        }
    }

    [Theory]
    [InlineData(OverLimit.Slow)]
    [InlineData(OverLimit.Sample)]
    [InlineData(OverLimit.Drop)]
    internal void Apply_FromAnyPointAgain_DecidesTheSame(OverLimit over)
    {
        LimitStage sut = TestLimit.Stage(over, bytes: 1_000, lines: 7, burst: 3);
        List<TestRecord> records = [.. RandomRecords(seed: 7, count: 400)];
        List<StageMemory> memories = [];
        List<(StageVerdict Verdict, string Report, long HeldBackUntil)> decisions = [];
        foreach (TestRecord record in records)
        {
            var memory = new StageMemory();
            memory.CopyFrom(_context.Memory);
            memories.Add(memory);
            decisions.Add(Decide(record, _context));
        }

        for (int point = 0; point < records.Count; point += 23)
        {
            var again = new StageContext(1024) { Memory = memories[point] };
            Assert.Equal(decisions[point..], records[point..].Select(record => Decide(record, again)));
        }

        Assert.Contains(decisions, decision => decision.Report.Length > 0);

        (StageVerdict Verdict, string Report, long HeldBackUntil) Decide(TestRecord record, StageContext context)
        {
            var text = new byte[256];
            string report = sut.TryTakeReport(context.Memory, record.TimestampNs, text, out int length) ? Encoding.UTF8.GetString(text, 0, length) : "";
            context.HeldBackUntilNs = 0;
            return (record.Apply(sut, context), report, context.HeldBackUntilNs);
        }
    }

    [Fact]
    public void Apply_SampleWithinHalfTheBurst_KeepsAll()
    {
        LimitStage sut = TestLimit.Stage(OverLimit.Sample, lines: 10, burst: 10);

        Assert.Equal(51, CountKept(sut, Enumerable.Repeat(Start, 51)));
        Assert.Equal(100, CountKept(sut, Enumerable.Range(1, 100).Select(i => Start + (i * Second / 10))));
    }

    [Fact]
    public void Apply_SampleFarOverTheLimit_KeepsErrorsAndAnEvenRest()
    {
        LimitStage sut = TestLimit.Stage(OverLimit.Sample, lines: 100, burst: 10);
        int keptErrors = 0;
        var kept = new int[100];

        // 1000 records a second for 100 s, of which 20 are errors.
        for (int i = 0; i < 100_000; i++)
        {
            bool isError = i % 50 == 0;
            var record = new TestRecord($"request {i}", Start + (i * Second / 1_000), isError ? RecordLevel.Error : RecordLevel.Info);
            bool isKept = record.Apply(sut, _context) == StageVerdict.Keep;
            keptErrors += isError && isKept ? 1 : 0;
            kept[i / 1_000] += !isError && isKept ? 1 : 0;
        }

        Assert.Equal(2_000, keptErrors);
        Assert.All(kept[20..], count => Assert.InRange(count, 50, 110));
        Assert.InRange(kept[20..].Average(), 78, 82);
    }

    [Fact]
    public void Apply_OnlyErrors_LimitsThemToo()
    {
        LimitStage sut = TestLimit.Stage(OverLimit.Sample, lines: 10, burst: 1);

        Assert.Equal(10, Enumerable.Range(0, 100).Count(_ => new TestRecord("x", Start, RecordLevel.Error).Apply(sut, _context) == StageVerdict.Keep));
    }

    private static IEnumerable<TestRecord> RandomRecords(int seed, int count)
    {
        var random = new Random(seed);
        long time = Start;
        for (int i = 0; i < count; i++)
        {
            // Bursts and pauses, and now and then a record that is a little late.
            time += random.Next(10) == 0 ? random.NextInt64(5 * Second) : random.NextInt64(Second / 20);
            long late = random.Next(5) == 0 ? random.NextInt64(Second / 2) : 0;
            yield return new TestRecord(new string('x', random.Next(400)), time - late, random.Next(10) == 0 ? RecordLevel.Error : RecordLevel.Info);
        }
    }

    private int CountKept(LimitStage stage, IEnumerable<long> times) => TestLimit.CountKept(stage, _context, times);
}
