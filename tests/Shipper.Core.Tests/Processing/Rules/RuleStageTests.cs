using Shipper.Processing;
using Shipper.Processing.Levels;
using Shipper.Processing.Rules;
using Shipper.Records;

namespace Shipper.Core.Tests.Processing.Rules;

public class RuleStageTests
{
    private readonly StageContext _context = new(64 * 1024);

    [Theory]
    [InlineData("heartbeat from 10.0.0.7", true)]
    [InlineData("Heartbeat from 10.0.0.7", false)]
    [InlineData("keepalive, heartbeat", true)]
    [InlineData("", false)]
    public void Apply_Contains_DropsIt(string line, bool isDropped) =>
        Assert.Equal(isDropped, Drops(line, new WhenOptions { Text = new TextOptions { Contains = ["heartbeat", "keep-alive"] } }));

    [Theory]
    [InlineData("DEBUG poll", true)]
    [InlineData("TRACE poll", true)]
    [InlineData(" DEBUG poll", false)]
    [InlineData("DEB", false)]
    public void Apply_StartsWith_DropsIt(string line, bool isDropped) =>
        Assert.Equal(isDropped, Drops(line, new WhenOptions { Text = new TextOptions { StartsWith = ["DEBUG", "TRACE"] } }));

    [Theory]
    [InlineData("order 17 created", true)]
    [InlineData("order x created", false)]
    [InlineData("ordér 17 created", false)]
    public void Apply_Regex_DropsIt(string line, bool isDropped) =>
        Assert.Equal(isDropped, Drops(line, new WhenOptions { Text = new TextOptions { Regex = "order [0-9]+ created$" } }));

    [Theory]
    [InlineData("""{"msg":"heartbeat","user":{"id":17}}""", true)]
    [InlineData("""{"user":{"id":"17"},"msg":"heart\u0062eat"}""", true)]
    [InlineData("""{"msg":"heartbeat","user":{"id":18}}""", false)]
    [InlineData("""{"msg":"heartbeat"}""", false)]
    [InlineData("level=info msg=heartbeat user.id=17", true)]
    [InlineData("heartbeat 17", false)]
    public void Apply_Fields_DropsWhatHasAllOfThem(string line, bool isDropped) =>
        Assert.Equal(isDropped, Drops(line, new WhenOptions { Field = new() { ["msg"] = "heart*", ["user.id"] = "17" } }));

    [Theory]
    [InlineData(RecordLevel.Debug, true)]
    [InlineData(RecordLevel.None, true)]
    [InlineData(RecordLevel.Info, false)]
    [InlineData(RecordLevel.Critical, false)]
    internal void Apply_Level_DropsTheLevelsNamed(RecordLevel level, bool isDropped)
    {
        var sut = new RuleStage([Rule("chatter", new WhenOptions { Level = [RecordLevel.Debug, RecordLevel.None] })]);

        Assert.Equal(isDropped, new TestRecord("poll", Level: level).Apply(sut, _context) == StageVerdict.Drop);
    }

    [Fact]
    public void Apply_Stream_DropsOnlyThatOutput()
    {
        var sut = new RuleStage([Rule("chatter", new WhenOptions { Stream = ["stderr"] })]);

        Assert.Equal(StageVerdict.Drop, new TestRecord("poll", Output: LogOutput.Stderr).Apply(sut, _context));
        Assert.Equal(StageVerdict.Keep, new TestRecord("poll", Output: LogOutput.Stdout).Apply(sut, _context));
    }

    [Fact]
    public void Apply_SeveralParts_DropsWhatMeetsAllOfThem()
    {
        var text = new TextOptions { StartsWith = ["poll"], Contains = ["orders"], Regex = "took [0-9]+ ms" };
        var when = new WhenOptions { Level = [RecordLevel.Debug], Text = text };
        var sut = new RuleStage([Rule("polls", when)]);

        Assert.Equal(StageVerdict.Drop, new TestRecord("poll of orders took 12 ms", Level: RecordLevel.Debug).Apply(sut, _context));
        Assert.Equal(StageVerdict.Keep, new TestRecord("poll of orders took 12 ms", Level: RecordLevel.Info).Apply(sut, _context));
        Assert.Equal(StageVerdict.Keep, new TestRecord("a poll of orders took 12 ms", Level: RecordLevel.Debug).Apply(sut, _context));
        Assert.Equal(StageVerdict.Keep, new TestRecord("poll of items took 12 ms", Level: RecordLevel.Debug).Apply(sut, _context));
        Assert.Equal(StageVerdict.Keep, new TestRecord("poll of orders took long", Level: RecordLevel.Debug).Apply(sut, _context));
    }

    [Theory]
    [InlineData("poll failed", null)]
    [InlineData("poll", "polls")]
    [InlineData("cache miss", "cache")]
    [InlineData("timer at 10:15", "timers")]
    [InlineData("other", null)]
    public void Apply_SeveralRules_TheFirstDecides(string line, string? expected)
    {
        var sut = new RuleStage(
        [
            Rule("failures", new WhenOptions { Text = new TextOptions { Contains = ["failed"] } }, RuleActionKind.Keep),
            Rule("polls", new WhenOptions { Text = new TextOptions { Contains = ["poll"] } }),
            Rule("timers", new WhenOptions { Text = new TextOptions { StartsWith = ["timer"] } }),
            Rule("cache", new WhenOptions { Text = new TextOptions { Regex = "cache (hit|miss)" } }),
        ]);

        StageVerdict verdict = new TestRecord(line).Apply(sut, _context, out string? reason);

        Assert.Equal(expected, reason);
        Assert.Equal(expected is null ? StageVerdict.Keep : StageVerdict.Drop, verdict);
    }

    [Fact]
    public void Apply_Preset_DropsHealthChecksThatMeetTheConditionToo()
    {
        RuleOptions rule = Rule("probes", new WhenOptions { Text = new TextOptions { StartsWith = ["GET"] } });
        rule.Preset = RuleOptions.HealthChecksPreset;
        var sut = new RuleStage([rule]);

        Assert.Equal(StageVerdict.Drop, new TestRecord("GET /healthz 200 1 ms - 2").Apply(sut, _context));
        Assert.Equal(StageVerdict.Keep, new TestRecord("HEAD /healthz 200 1 ms - 2").Apply(sut, _context));
        Assert.Equal(StageVerdict.Keep, new TestRecord("GET /orders 200 1 ms - 2").Apply(sut, _context));
    }

    [Fact]
    public void Apply_DroppedRecords_AreCounted()
    {
        RuleOptions sampling = Rule("noise", new WhenOptions { Text = new TextOptions { Contains = ["noise"] } }, RuleActionKind.Sample, 1_000_000);
        var sut = new RuleStage([Rule("polls", new WhenOptions { Text = new TextOptions { Contains = ["poll"] } }), sampling]);

        new TestRecord("poll").Apply(sut, _context);
        new TestRecord("poll 2").Apply(sut, _context);
        new TestRecord("noise").Apply(sut, _context);

        Assert.Equal([new StageCount("drop", "polls", 2, 10), new StageCount("sample", "noise", 1, 5)], _context.Counts);
    }

    [Fact]
    public void Apply_OnlyTheBeginningOfTheLineIsHeld_CountsWhatIsHeld()
    {
        var sut = new RuleStage([Rule("all", new WhenOptions())]);
        var draft = new RecordDraft { Line = "0123456789"u8, Length = 1_000_000 };

        sut.Apply(ref draft, _context);

        Assert.Equal([new StageCount("drop", "all", 1, 10)], _context.Counts);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(100)]
    public void Apply_Sample_KeepsOneOfN(int n)
    {
        const int Records = 100_000;
        var sut = new RuleStage([Rule("all", new WhenOptions(), RuleActionKind.Sample, n)]);

        int different = CountKept(sut, Enumerable.Range(0, Records).Select(i => new TestRecord($"request {i} done")));
        int equal = CountKept(sut, Enumerable.Range(0, Records).Select(i => new TestRecord("request done", 1_773_310_532_113_000_000 + (i * 1_000_000L))));

        double deviation = 3 * Math.Sqrt(Records * (1.0 / n) * (1 - (1.0 / n)));
        Assert.InRange(different, (Records / n) - deviation, (Records / n) + deviation);
        Assert.InRange(equal, (Records / n) - deviation, (Records / n) + deviation);
    }

    [Fact]
    public void Apply_SampleInAnotherOrder_KeepsTheSameRecords()
    {
        var sut = new RuleStage([Rule("all", new WhenOptions(), RuleActionKind.Sample, 10)]);
        TestRecord[] records = [.. Enumerable.Range(0, 5_000).Select(i => new TestRecord($"request {i} done", i * 1_000_000_000L))];
        HashSet<TestRecord> kept = [.. records.Where(record => record.Apply(sut, _context) == StageVerdict.Keep)];
        new Random(1).Shuffle(records);

        Assert.Equal(kept, records.Where(record => record.Apply(sut, new StageContext(1024)) == StageVerdict.Keep).ToHashSet());
    }

    [Fact]
    public void Apply_SampleAfterAnotherSample_IsIndependentOfIt()
    {
        const int Records = 100_000;
        var first = new RuleStage([Rule("first", new WhenOptions(), RuleActionKind.Sample, 10)]);
        var second = new RuleStage([Rule("annotation", new WhenOptions(), RuleActionKind.Sample, 10)]);

        int kept = Enumerable.Range(0, Records).Select(i => new TestRecord($"request {i} done"))
            .Count(record => record.Apply(first, _context) == StageVerdict.Keep && record.Apply(second, _context) == StageVerdict.Keep);

        Assert.InRange(kept, (Records / 100) - 95, (Records / 100) + 95);
    }

    [Theory]
    [InlineData(RecordLevel.Error)]
    [InlineData(RecordLevel.Fatal)]
    [InlineData(RecordLevel.Critical)]
    internal void Apply_SampleOfErrors_KeepsThemUnlessTheRuleNamesTheLevel(RecordLevel level)
    {
        var all = new RuleStage([Rule("all", new WhenOptions(), RuleActionKind.Sample, 1_000_000)]);
        var named = new RuleStage([Rule("errors", new WhenOptions { Level = [level] }, RuleActionKind.Sample, 1_000_000)]);

        Assert.Equal(StageVerdict.Keep, new TestRecord("boom", Level: level).Apply(all, _context));
        Assert.Equal(StageVerdict.Drop, new TestRecord("boom", Level: RecordLevel.Warn).Apply(all, _context));
        Assert.Equal(StageVerdict.Drop, new TestRecord("boom", Level: level).Apply(named, _context));
    }

    private static RuleOptions Rule(string name, WhenOptions when, RuleActionKind kind = RuleActionKind.Drop, int sampleOf = 0) =>
        new() { Name = name, When = when, Do = new RuleAction(kind, sampleOf) };

    private int CountKept(RuleStage stage, IEnumerable<TestRecord> records) => records.Count(record => record.Apply(stage, _context) == StageVerdict.Keep);

    /// <summary>Applies the condition alone, and behind others that need other literals: the result must be the same.</summary>
    private bool Drops(string line, WhenOptions when)
    {
        RuleOptions[] others =
        [
            .. Enumerable.Range(0, 5).Select(i => Rule($"other{i}", new WhenOptions { Text = new TextOptions { Contains = [$"never {i}"] } })),
        ];
        bool isDropped = new TestRecord(line).Apply(new RuleStage([Rule("sut", when)]), _context) == StageVerdict.Drop;
        Assert.Equal(isDropped, new TestRecord(line).Apply(new RuleStage([.. others, Rule("sut", when), .. others]), _context) == StageVerdict.Drop);
        return isDropped;
    }
}
