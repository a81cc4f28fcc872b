using Shipper.Core.Tests.Processing.Multiline;
using Shipper.Loki;
using Shipper.Processing;
using Shipper.Processing.Cases;
using Shipper.Processing.Levels;
using Shipper.Processing.Limits;
using Shipper.Processing.Rules;
using Shipper.Records;
using Shipper.Telemetry;

namespace Shipper.Core.Tests.Processing.Cases;

public class TextRunTests
{
    private const int MaxLineBytes = 1024;

    private static readonly LineLimit Limit = new(MaxLineBytes, LongLineAction.Truncate);

    private static readonly RecordOrigin Shop = new() { Source = RecordOrigin.Containers, Namespace = "shop", Pod = "web-1", Container = "nginx" };

    [Theory]
    [InlineData("one", "one")]
    [InlineData("one\n", "one")]
    [InlineData("one\ntwo", "one|two")]
    [InlineData("one\n\ntwo\n", "one||two")]
    [InlineData("", "")]
    public void Run_Lines_MakesARecordOfEach(string text, string lines) =>
        Assert.Equal(lines.Split('|'), Run(text, new ProcessingOptions()).Select(record => record.Line));

    [Fact]
    public void Run_StackTrace_MakesOneRecord()
    {
        const string Trace = "java.lang.IllegalStateException: no stock\n\tat shop.Orders.place(Orders.java:17)\n\tat shop.Main.main(Main.java:5)";

        IReadOnlyList<RecordOutcome> records = Run($"2026-11-30 08:00:00 INFO start\n{Trace}\n2026-11-30 08:00:01 INFO next", new ProcessingOptions());

        Assert.Equal(["2026-11-30 08:00:00 INFO start", Trace, "2026-11-30 08:00:01 INFO next"], records.Select(record => record.Line));
    }

    /// <summary>The agent's own assembler, which holds lines until it is decided whether they belong to a trace.</summary>
    [Theory]
    [MemberData(nameof(TraceRuleTests.Cases), MemberType = typeof(TraceRuleTests))]
    public void Run_LinesOfACase_MakesItsRecords(string language, string name)
    {
        TraceCase expected = TraceCase.All.Single(item => (item.Language, item.Name) == (language, name));

        IReadOnlyList<RecordOutcome> records = Run(expected.Text, new ProcessingOptions(), maxLineBytes: 64 * 1024);

        Assert.Equal(expected.Records, records.Select(record => record.Line));
    }

    [Fact]
    public void Run_Record_HasLevelAndMetadata()
    {
        RecordOutcome record = Assert.Single(Run("ts=2026-11-30T08:00:00Z level=warn msg=\"disk is nearly full\"", new ProcessingOptions()));

        Assert.Equal(RecordLevel.Warn, record.Level);
        Assert.Equal(["stream=stderr", "detected_level=warn"], record.Metadata.Select(pair => $"{pair.Key}={pair.Value}"));
    }

    [Fact]
    public void Run_LineOfDropRule_IsDroppedByName()
    {
        ProcessingOptions options = WithRule(new WhenOptions { Namespace = ["shop"], Text = new TextOptions { Contains = ["heartbeat"] } });

        Assert.Equal(["chatter", null], Run("heartbeat 17\norder 4711 placed", options).Select(record => record.DropReason));
    }

    [Fact]
    public void Run_LinesOverLimit_AreDroppedByName()
    {
        var limit = new LimitOptions { Name = "noisy", Lines = 1, Burst = TimeSpan.FromSeconds(2), Over = OverLimit.Drop };
        var options = new ProcessingOptions { Limits = [limit] };

        IReadOnlyList<RecordOutcome> records = Run(string.Join('\n', Enumerable.Range(0, 10).Select(i => $"line {i}")), options);

        Assert.Equal(10, records.Count);
        Assert.Null(records[0].DropReason);
        Assert.Equal("noisy", records[^1].DropReason);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, DropReasons.LineTooLong)]
    public void Run_LongLine_IsTruncatedOrSkipped(bool isSkipped, string? reason)
    {
        LongLineAction action = isSkipped ? LongLineAction.Skip : LongLineAction.Truncate;
        RecordOutcome record = Assert.Single(Run(new string('x', 5 * MaxLineBytes), new ProcessingOptions(), action));

        Assert.Equal(reason, record.DropReason);
        Assert.Equal(reason is null, record.Metadata.Any(pair => pair.Key == "truncated_bytes"));
        Assert.True(reason is not null || record.Line.Length <= MaxLineBytes);
    }

    [Fact]
    public void Counts_RulesAndLimits_AreThoseOfAllRecords()
    {
        ProcessingOptions options = WithRule(new WhenOptions { Text = new TextOptions { Contains = ["heartbeat"] } });
        var runner = new RecordRunner(StreamRulesFactory.Create(options, Shop), Limit, _ => default, new OutcomeList());
        for (int i = 0; i < 3; i++)
        {
            runner.Add(new LogLine(TextRun.FirstLineNs, LogOutput.Stdout, isPartial: false, "heartbeat"u8), new(i, i + 1));
        }

        runner.Flush();

        Assert.Equal([new StageCount("drop", "chatter", 3, 27)], runner.Counts);
    }

    [Fact]
    public void OnProcessed_RuleThatKeeps_IsNamed()
    {
        var options = new ProcessingOptions { Rules = [new RuleOptions { Name = "errors", Do = new RuleAction(RuleActionKind.Keep) }] };
        var names = new RuleNames();
        var runner = new RecordRunner(StreamRulesFactory.Create(options, Shop), Limit, _ => default, names);

        runner.Add(new LogLine(TextRun.FirstLineNs, LogOutput.Stdout, isPartial: false, "order placed"u8), new(0, 13));
        runner.Flush();

        Assert.Equal(["errors"], names.Names);
    }

    private static ProcessingOptions WithRule(WhenOptions when) => new() { Rules = [new RuleOptions { Name = "chatter", When = when }] };

    private static IReadOnlyList<RecordOutcome> Run(
        string text, ProcessingOptions options, LongLineAction longLines = LongLineAction.Truncate, int maxLineBytes = MaxLineBytes) =>
        TextRun.Run(
            text, LogOutput.Stderr, StreamRulesFactory.Create(options, Shop), new LineLimit(maxLineBytes, longLines), _ => PushRequestWriter.StderrMetadata);

    private sealed class RuleNames : IRecordSink
    {
        public List<string?> Names { get; } = [];

        public void OnAssembled(scoped in RecordDraft draft) => Assert.Null(draft.DropReason);

        public void OnProcessed(scoped in ProcessedRecord record) => Names.Add(record.Rule);
    }
}
