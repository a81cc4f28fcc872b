using System.Globalization;
using Shipper.Configuration;
using Shipper.Processing;
using Shipper.Processing.Cases;

namespace Shipper.Trials;

/// <summary>Runs the cases under <c>tests</c> of a configuration, and prints those that fail.</summary>
/// <param name="config">The configuration.</param>
/// <param name="path">Its file, for messages.</param>
/// <param name="output">Receives the failures, and then the number of tests.</param>
internal sealed class CaseRun(ConfigFile config, string path, TextWriter output)
{
    private const string Indent = "    ";
    private const string Missing = "  - ";
    private const string TooMany = "  + ";

    /// <summary>Runs all tests.</summary>
    /// <returns>True if none failed.</returns>
    public bool Run()
    {
        List<RecordTest> tests = config.Options.Tests;
        int failed = Enumerable.Range(0, tests.Count).Count(i => !Run(tests[i], config.Locate($"tests[{i}]")));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{tests.Count} {(tests.Count == 1 ? "test" : "tests")}, {failed} failed"));
        return failed == 0;
    }

    private static RecordOrigin ToOrigin(TestOrigin from) => new()
    {
        Source = from.Source,
        Namespace = from.Namespace,
        Pod = from.Pod,
        Container = from.Container,
        Unit = from.Unit,
        Filename = from.Filename,
    };

    private static string Describe(RecordOutcome record) => record.DropReason is { } reason
        ? $"dropped by {reason}: {QuotedText.Of(record.Line)}"
        : $"{{line: {QuotedText.Of(record.Line)}, level: {RecordComparison.NameOf(record.Level)}, metadata: {Describe(record.Metadata)}}}";

    /// <summary>Describes what is compared of an expected record.</summary>
    private static string Describe(ExpectedRecord record)
    {
        string?[] parts =
        [
            record.Line is { } line ? $"line: {QuotedText.Of(line)}" : null,
            record.Level is { } level ? $"level: {RecordComparison.NameOf(level)}" : null,
            record.Metadata.Count > 0 ? $"metadata: {Describe(record.Metadata)}" : null,
        ];
        return $"{{{string.Join(", ", parts.OfType<string>())}}}";
    }

    private static string Describe(IEnumerable<KeyValuePair<string, string>> metadata) =>
        $"{{{string.Join(", ", metadata.Select(pair => $"{pair.Key}: {QuotedText.Of(pair.Value)}"))}}}";

    private bool Run(RecordTest test, SourceLocation at)
    {
        IReadOnlyList<RecordOutcome> all = TrialLog.Create(config.Options, ToOrigin(test.From)).Run(test.Input, test.From.Stream);
        RecordOutcome[] sent = [.. all.Where(record => record.DropReason is null)];
        string[] differences = [.. RecordComparison.FindDifferences(test.Expect, sent)];
        if (differences.Length == 0)
        {
            return true;
        }

        output.WriteLine($"{path}:{at.Line}:{at.Column}: test {QuotedText.Of(test.Name)}: {string.Join("; ", differences)}");
        using IEnumerator<RecordOutcome> outcomes = all.GetEnumerator();
        IEnumerable<(int? Expected, int? Sent)> aligned =
            test.Expect.Count == sent.Length ? sent.Select((_, i) => ((int?)i, (int?)i)) : RecordAlignment.Align(test.Expect, sent);
        foreach ((int? expected, int? actual) in aligned)
        {
            if (actual is null)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Missing}expected {expected + 1}: {Describe(test.Expect[expected!.Value])}"));
                continue;
            }

            WriteDropped(outcomes);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{(expected is null ? TooMany : Indent)}record {actual + 1}: {Describe(outcomes.Current)}"));
        }

        WriteDropped(outcomes);
        return false;
    }

    /// <summary>Writes the dropped records before the next record that is sent, and moves to this record.</summary>
    private void WriteDropped(IEnumerator<RecordOutcome> outcomes)
    {
        while (outcomes.MoveNext() && outcomes.Current.DropReason is not null)
        {
            output.WriteLine($"{Indent}{Describe(outcomes.Current)}");
        }
    }
}
