using Shipper.Agents;
using Shipper.Processing.Cases;
using Shipper.Processing.Levels;
using Shipper.Records;

namespace Shipper.Configuration;

/// <summary>The keys of the section <c>tests</c>, in display order.</summary>
internal static class TestSchema
{
    private const int MaxTests = 1_000;

    private static readonly ConfigSection<TestOrigin> From = new(
        new ValueKey<TestOrigin, string>(
            "source",
            "The source of the log; if it is not set, journal if unit is set, file if filename is set, and otherwise container.",
            new WordKind([.. RecordSources.All]),
            o => o.Source,
            (o, v) => o.Source = v),
        Text("namespace", "Namespace of the pod.", o => o.Namespace, (o, v) => o.Namespace = v),
        Text("pod", "Name of the pod.", o => o.Pod, (o, v) => o.Pod = v),
        Text("container", "Name of the container.", o => o.Container, (o, v) => o.Container = v),
        Text("unit", "Value of the label unit.", o => o.Unit, (o, v) => o.Unit = v),
        Text("filename", "Value of the label filename.", o => o.Filename, (o, v) => o.Filename = v),
        new ValueKey<TestOrigin, LogOutput>(
            "stream", "The output of the container to which the input is written.", new ChoiceKind<LogOutput>(), o => o.Stream, (o, v) => o.Stream = v)
        {
            HasValue = o => o.Source == RecordSources.Container,
        });

    private static readonly ConfigSection<ExpectedRecord> Expected = new(
        new ValueKey<ExpectedRecord, string>(
            "line", "The text of the record; it is compared only if it is set.", new LinesKind(), o => o.Line ?? "", (o, v) => o.Line = v)
        {
            HasValue = o => o.Line is not null,
        },
        new ValueKey<ExpectedRecord, RecordLevel>(
            "level",
            "The level of the record, or none; it is compared only if it is set.",
            new ChoiceKind<RecordLevel>(),
            o => o.Level ?? RecordLevel.None,
            (o, v) => o.Level = v)
        {
            HasValue = o => o.Level is not null,
        },
        new TextMapKey<ExpectedRecord>(
            "metadata", "Structured metadata that the record must have; it may have more.", o => o.Metadata, RecordChecks.ExpectedMetadata)
        {
            HasValue = o => o.Metadata.Count > 0,
        });

    private static readonly ConfigSection<RecordTest> Test = new(
        new ValueKey<RecordTest, string>("name", "Name of the test.", new TextKind("a name", RecordChecks.TestName), o => o.Name, (o, v) => o.Name = v)
        {
            Required = "write name: NAME; shipper test prints it if the test fails",
        },
        new SectionKey<RecordTest, TestOrigin>("from", "Where the input comes from.", o => o.From, From),
        new ValueKey<RecordTest, string>(
            "input", "The text that is written to the log, of one or several lines.", new LinesKind(), o => o.Input, (o, v) => o.Input = v)
        {
            Required = "write input: TEXT, the text that is written to the log",
        },
        new SectionListKey<RecordTest, ExpectedRecord>(
            "expect", "The records that must be sent, in their order; [] if nothing must be sent.", o => o.Expect, Expected)
        {
            Required = "list the records that must be sent, or write expect: [] if nothing must be sent",
        });

    /// <summary>The key <c>tests</c>.</summary>
    public static ConfigKey<AgentOptions> Key { get; } = new SectionListKey<AgentOptions, RecordTest>(
        "tests", "Tests of the processing, for shipper test; the agent ignores them.", o => o.Tests, Test, MaxTests);

    private static ValueKey<TestOrigin, string> Text(string name, string description, Func<TestOrigin, string> get, Action<TestOrigin, string> set) =>
        new(name, description, new TextKind(), get, set) { HasValue = o => get(o).Length > 0 };
}
