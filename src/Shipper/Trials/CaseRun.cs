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

    /// <summary>Runs all tests.</summary>
    /// <returns>True if none failed.</returns>
    public bool Run()
    {
        List<RecordTest> tests = config.Options.Tests;
        if (tests.Count == 0)
        {
            output.WriteLine($"{path}: there are no tests; add some under the key tests");
            return true;
        }

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

    private static string Describe(RecordOutcome record)
    {
        string line = QuotedText.Of(record.Line);
        string metadata = string.Join(", ", record.Metadata.Select(pair => $"{pair.Key}: {QuotedText.Of(pair.Value)}"));
        return record.DropReason is { } reason
            ? $"dropped by {reason}: {line}"
            : $"{{line: {line}, level: {RecordComparison.NameOf(record.Level)}, metadata: {{{metadata}}}}}";
    }

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
        foreach (RecordOutcome record in all)
        {
            string number = record.DropReason is null ? string.Create(CultureInfo.InvariantCulture, $"record {Array.IndexOf(sent, record) + 1}: ") : "";
            output.WriteLine($"{Indent}{number}{Describe(record)}");
        }

        return false;
    }
}
