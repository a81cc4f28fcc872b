using Shipper.Core.Tests.Processing.Rules;
using Shipper.Processing;
using Shipper.Processing.Limits;

namespace Shipper.Core.Tests.Processing.Limits;

public class LimitClockTests
{
    private const long Second = TestLimit.Second;
    private const long Start = TestLimit.Start;

    private readonly StageContext _context = new(64 * 1024);

    public LimitClockTests() => _context.Memory.Bind(["noisy"]);

    [Fact]
    public void Apply_TimesBackAndForth_GrantsNoTimeTwice()
    {
        LimitStage sut = TestLimit.Stage(OverLimit.Drop, lines: 10, burst: 1);

        int kept = CountKept(sut, Enumerable.Range(0, 1_000).Select(i => Start + (i % 2 * 30 * Second)));

        // The first record, and the burst that had become free after 30 s.
        Assert.Equal(11, kept);
    }

    [Fact]
    public void Apply_RecordFromTheFuture_DoesNotLockTheLimit()
    {
        foreach (OverLimit over in Enum.GetValues<OverLimit>())
        {
            LimitStage sut = TestLimit.Stage(over, lines: 10, burst: 1);
            CountKept(sut, [Start, Start + (50L * 365 * 86_400 * Second)]);
            _context.HeldBackUntilNs = 0;

            // The clock is set back: what was used stays used, and the rest of the burst is there.
            Assert.InRange(CountKept(sut, Enumerable.Repeat(Start + Second, 5)), 3, 5);
            Assert.Equal(10, CountKept(sut, Enumerable.Range(1, 10).Select(i => Start + Second + (i * Second))));
            Assert.Equal(0, _context.HeldBackUntilNs);
            _context.Memory.Limits[0] = new LimitMemory { Name = "noisy" };
        }
    }

    [Theory]
    [InlineData(OverLimit.Slow)]
    [InlineData(OverLimit.Sample)]
    [InlineData(OverLimit.Drop)]
    internal void Apply_ExtremeTimes_NeverOverflows(OverLimit over)
    {
        LimitOptions options = TestLimit.Options("noisy", over, lines: 1, bytes: 1, burst: 0);
        options.Burst = TimeSpan.MaxValue;
        LimitStage[] stages = [new([(options, 0)]), TestLimit.Stage(over, lines: long.MaxValue, bytes: long.MaxValue, burst: 1), TestLimit.Stage(over, bytes: 1, burst: 0)];
        foreach (LimitStage sut in stages)
        {
            var random = new Random(3);
            long[] times = [long.MinValue, long.MinValue + 1, -1, 0, 1, Start, long.MaxValue - 1, long.MaxValue];
            for (int i = 0; i < 20_000; i++)
            {
                long time = times[random.Next(times.Length)];
                sut.TryTakeReport(_context.Memory, time, new byte[256], out _);
                new TestRecord("a line of some bytes", time).Apply(sut, _context);

                LimitMemory memory = _context.Memory.Limits[0];
                Assert.True(Math.Max(memory.BytesDueNs, memory.LinesDueNs) >= memory.TimeNs);
            }
        }
    }

    private int CountKept(LimitStage stage, IEnumerable<long> times) => TestLimit.CountKept(stage, _context, times);
}
