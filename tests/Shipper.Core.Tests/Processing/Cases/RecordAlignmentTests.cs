using Shipper.Processing.Cases;
using Shipper.Processing.Levels;

namespace Shipper.Core.Tests.Processing.Cases;

public class RecordAlignmentTests
{
    [Theory]
    [InlineData("a b c", "a b c", "=a =b =c")]
    [InlineData("a b c", "a c", "=a -b =c")]
    [InlineData("a c", "a b c", "=a +b =c")]
    [InlineData("a b c", "a d c e", "=a -b +d =c +e")]
    [InlineData("a b c d", "b d a", "-a =b -c =d +a")]
    [InlineData("a", "", "-a")]
    [InlineData("", "a b", "+a +b")]
    [InlineData("a a a", "a", "=a -a -a")]
    [InlineData("", "", "")]
    public void Align_Records_MarksMissingAndTooMany(string expected, string sent, string aligned) =>
        Assert.Equal(aligned, Align(Words(expected), Words(sent)));

    [Fact]
    public void Align_AnyRecordExpected_ComparesOnlyWhatIsSet() =>
        Assert.Equal([(0, 0), (null, 1)], RecordAlignment.Align([new ExpectedRecord()], [Outcome("a"), Outcome("b")]));

    [Fact]
    public void Align_TooManyToCompare_ShowsTheFirstDifferenceAndTheLast()
    {
        string[] expected = [.. Enumerable.Range(0, 2_000).Select(i => $"a{i}")];
        string[] sent = [.. expected.Select((line, i) => i is > 0 and < 1_998 ? $"{line}b" : line), "end"];

        string[] aligned = Align([.. expected, "end"], sent).Split(' ');

        Assert.Equal(["=a0", "-a1"], aligned.Take(2));
        Assert.Equal(["+a1997b", "=a1998", "=a1999", "=end"], aligned.TakeLast(4));
    }

    [Fact]
    public void Align_RandomRecords_KeepsOrderAndPairsAsManyAsPossible()
    {
        var random = new Random(20261201);
        for (int i = 0; i < 500; i++)
        {
            string[] expected = Letters(random);
            string[] sent = Letters(random);

            string[] aligned = Align(expected, sent).Split(' ', StringSplitOptions.RemoveEmptyEntries);

            Assert.Equal(expected, aligned.Where(line => line[0] != '+').Select(line => line[1..]));
            Assert.Equal(sent, aligned.Where(line => line[0] != '-').Select(line => line[1..]));
            Assert.Equal(CountCommon(expected, sent), aligned.Count(line => line[0] == '='));
        }
    }

    private static string Align(string[] expected, string[] sent) => string.Join(
        ' ',
        RecordAlignment.Align([.. expected.Select(line => new ExpectedRecord { Line = line })], [.. sent.Select(Outcome)])
            .Select(pair => pair.Sent is null ? $"-{expected[pair.Expected!.Value]}" : $"{(pair.Expected is null ? '+' : '=')}{sent[pair.Sent.Value]}"));

    private static int CountCommon(ReadOnlySpan<string> a, ReadOnlySpan<string> b) => a.IsEmpty || b.IsEmpty ? 0
        : a[0] == b[0] ? CountCommon(a[1..], b[1..]) + 1
        : Math.Max(CountCommon(a[1..], b), CountCommon(a, b[1..]));

    private static string[] Letters(Random random) => [.. Enumerable.Range(0, random.Next(7)).Select(_ => $"{(char)('a' + random.Next(3))}")];

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static RecordOutcome Outcome(string line) => new(line, RecordLevel.None, [], DropReason: null);
}
