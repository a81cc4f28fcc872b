using System.Globalization;
using Shipper.Processing.Levels;

namespace Shipper.Processing.Cases;

/// <summary>Compares the records that a test expects with those that are sent.</summary>
internal static class RecordComparison
{
    /// <summary>Describes how records differ from the expected ones.</summary>
    /// <param name="expected">The expected records. What is not set in one is not compared.</param>
    /// <param name="sent">The records that are sent.</param>
    /// <returns>Phrases such as <c>record 1: expected level info, got error</c>; none if there is no difference.</returns>
    public static IEnumerable<string> FindDifferences(IReadOnlyList<ExpectedRecord> expected, IReadOnlyList<RecordOutcome> sent)
    {
        if (expected.Count != sent.Count)
        {
            return [string.Create(CultureInfo.InvariantCulture, $"expected {Count(expected.Count)}, got {sent.Count}")];
        }

        return expected.SelectMany((record, i) =>
            FindDifferences(record, sent[i]).Select(difference => string.Create(CultureInfo.InvariantCulture, $"record {i + 1}: {difference}")));
    }

    private static IEnumerable<string> FindDifferences(ExpectedRecord expected, RecordOutcome sent)
    {
        // YAML ends a block of text with a newline; the text of a record never ends with one.
        if (expected.Line is { } line && line != sent.Line && !(line.EndsWith('\n') && line[..^1] == sent.Line))
        {
            yield return $"expected line {QuotedText.Of(line)}, got {QuotedText.Of(sent.Line)}";
        }

        if (expected.Level is { } level && level != sent.Level)
        {
            yield return $"expected level {NameOf(level)}, got {NameOf(sent.Level)}";
        }

        foreach ((string name, string value) in expected.Metadata)
        {
            string[] values = [.. sent.Metadata.Where(pair => pair.Key == name).Select(pair => pair.Value)];
            if (!values.Contains(value))
            {
                string actual = values.Length == 0 ? "none" : string.Join(", ", values.Select(QuotedText.Of));
                yield return $"expected metadata {name}: {QuotedText.Of(value)}, got {actual}";
            }
        }
    }

    /// <summary>Returns the name of a level as the configuration has it.</summary>
    public static string NameOf(RecordLevel level) => level.ToString().ToLowerInvariant();

    private static string Count(int records) => string.Create(CultureInfo.InvariantCulture, $"{records} {(records == 1 ? "record" : "records")}");
}
