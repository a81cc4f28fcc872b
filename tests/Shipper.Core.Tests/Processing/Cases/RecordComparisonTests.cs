using Shipper.Processing.Cases;
using Shipper.Processing.Levels;

namespace Shipper.Core.Tests.Processing.Cases;

public class RecordComparisonTests
{
    private static readonly RecordOutcome Sent =
        new("GET /cart 500", RecordLevel.Error, [new("stream", "stdout"), new("detected_level", "error")], DropReason: null);

    [Fact]
    public void FindDifferences_OnlyKeysThatAreSet_AreCompared() => Assert.Empty(RecordComparison.FindDifferences([new ExpectedRecord()], [Sent]));

    [Fact]
    public void FindDifferences_SameRecord_FindsNone() => Assert.Empty(RecordComparison.FindDifferences(
        [new ExpectedRecord { Line = "GET /cart 500\n", Level = RecordLevel.Error, Metadata = { ["stream"] = "stdout" } }], [Sent]));

    [Fact]
    public void FindDifferences_OtherRecord_DescribesEachDifference()
    {
        var expected = new ExpectedRecord { Line = "GET /cart 200", Level = RecordLevel.None, Metadata = { ["stream"] = "stderr", ["user"] = "u17" } };

        Assert.Equal(
            [
                "record 2: expected line \"GET /cart 200\", got \"GET /cart 500\"",
                "record 2: expected level none, got error",
                "record 2: expected metadata stream: \"stderr\", got \"stdout\"",
                "record 2: expected metadata user: \"u17\", got none",
            ],
            RecordComparison.FindDifferences([new ExpectedRecord(), expected], [Sent, Sent]));
    }

    [Theory]
    [InlineData(0, 1, "expected 0 records, got 1")]
    [InlineData(1, 0, "expected 1 record, got 0")]
    [InlineData(2, 3, "expected 2 records, got 3")]
    public void FindDifferences_OtherNumber_NamesBoth(int expected, int sent, string difference) => Assert.Equal(
        [difference], RecordComparison.FindDifferences([.. Enumerable.Repeat(new ExpectedRecord(), expected)], [.. Enumerable.Repeat(Sent, sent)]));

    [Fact]
    public void FindDifferences_ControlCharacters_AreEscaped() => Assert.Equal(
        ["record 1: expected line \"a\", got \"\\u001B[31mb\\n\""],
        RecordComparison.FindDifferences([new ExpectedRecord { Line = "a" }], [Sent with { Line = "\e[31mb\n" }]));
}
