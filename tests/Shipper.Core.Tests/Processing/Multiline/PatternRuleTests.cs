using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Processing;
using Shipper.Processing.Multiline;

namespace Shipper.Core.Tests.Processing.Multiline;

public class PatternRuleTests
{
    [Fact]
    public void Classify_Start_JoinsWhatDoesNotMatch()
    {
        var sut = new PatternRule("^BEGIN ", isStart: true);

        List<string> records = GroupDriver.Join(sut, "before\nalso before\nBEGIN 1\na\n b\nBEGIN 2\nBEGIN 3\nc");

        Assert.Equal(["before", "also before", "BEGIN 1\na\n b", "BEGIN 2", "BEGIN 3\nc"], records);
    }

    [Fact]
    public void Classify_Continue_JoinsWhatMatches()
    {
        var sut = new PatternRule(@"^\s", isStart: false);

        List<string> records = GroupDriver.Join(sut, "  first\n second\na\nb\n c\n\td");

        Assert.Equal(["  first\n second", "a", "b\n c\n\td"], records);
    }

    [Fact]
    public void Classify_CauseOfAnException_IsMarked()
    {
        var driver = new GroupDriver(new PatternRule("^BEGIN ", isStart: true));

        driver.Add("BEGIN failed\n\tat Shop.run(Shop.java:7)\nCaused by: java.io.IOException: disk full\n\t... 23 more");

        Assert.Equal([LineRole.Begin, LineRole.Join, LineRole.JoinCause, LineRole.Join], driver.Roles);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Classify_LongLine_IsMatchedByItsBeginning(int cut)
    {
        var sut = new PatternRule("^x+(é|€|😀)?$", isStart: true);
        GroupState state = default;
        byte[] line = Encoding.UTF8.GetBytes(new string('x', 1024 - cut) + "😀 and more text");

        LineRole role = sut.Classify(line, ref state, new OutputMemory());

        Assert.Equal(LineRole.Begin, role);
    }

    [Fact]
    public void Classify_InvalidUtf8_IsReplaced()
    {
        var sut = new PatternRule("^a\uFFFDb", isStart: true);
        GroupState state = default;

        LineRole role = sut.Classify("a"u8.ToArray().Append((byte)0xFF).Append((byte)'b').ToArray(), ref state, new OutputMemory());

        Assert.Equal(LineRole.Begin, role);
    }

    [Fact]
    public void Classify_ManyLines_AllocatesNothing()
    {
        byte[][] lines = [.. TraceCase.All.SelectMany(item => item.Text.Split('\n')).Select(Encoding.UTF8.GetBytes)];
        var sut = new PatternRule(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}|^\S+Exception", isStart: true);
        TraceRuleTests.ClassifyAll(sut, lines);
        TraceRuleTests.ClassifyAll(sut, lines);

        Assert.Equal(0, Allocation.Least(() => TraceRuleTests.ClassifyAll(sut, lines)));
    }
}
