using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Processing.Levels;

namespace Shipper.Core.Tests.Processing.Levels;

public class LevelDetectorTests
{
    public static TheoryData<string, string> LinesWithKeys => ToData([.. KeyLevelLines.Json, .. KeyLevelLines.Logfmt]);

    public static TheoryData<string, string> LinesOfText => ToData(TextLevelLines.Lines);

    public static TheoryData<string, string> JoinedLines => ToData(TextLevelLines.Joined);

    public static TheoryData<string> LinesWithoutLevel => [.. NoLevelLines.Lines];

    [Theory]
    [MemberData(nameof(LinesWithKeys))]
    public void Detect_LevelAsValueOfAKey_ReturnsIt(string level, string line) => Assert.Equal(level, Detect(line));

    [Theory]
    [MemberData(nameof(LinesOfText))]
    public void Detect_LevelBeforeTheMessage_ReturnsIt(string level, string line) => Assert.Equal(level, Detect(line));

    [Theory]
    [MemberData(nameof(JoinedLines))]
    public void Detect_JoinedLines_ReturnsTheirLevelOrThatOfTheTrace(string level, string record) =>
        Assert.Equal(level, Detect(record, record.Count(c => c == '\n') + 1));

    [Theory]
    [MemberData(nameof(LinesWithoutLevel))]
    public void Detect_WordOfALevelElsewhere_ReturnsNone(string line) => Assert.Equal("", Detect(line));

    [Fact]
    public void Detect_LinesWithoutLevelJoined_ReturnsNone() => Assert.Equal("", Detect("a list of errors\n- error: one\n- ERROR two", 3));

    [Fact]
    public void Detect_LevelBehindManyTokens_ReturnsNone()
    {
        string line = $"{string.Concat(Enumerable.Repeat("12 ", 60))}[ERROR] x";

        Assert.Equal("", Detect(line));
    }

    [Fact]
    public void Detect_LevelInAKeyFarBehind_ReturnsIt()
    {
        string padding = new('x', 10_000);

        Assert.Equal("warn", Detect($"msg=\"{padding}\" level=warn"));
        Assert.Equal("warn", Detect($"{{\"msg\":\"{padding}\",\"level\":\"warn\"}}"));
    }

    [Fact]
    public void Detect_AnyLine_AllocatesNothing()
    {
        byte[][] lines = [.. KeyLevelLines.Json.Concat(KeyLevelLines.Logfmt).Concat(TextLevelLines.Lines).Select(line => line.Line).Concat(NoLevelLines.Lines).Select(Encoding.UTF8.GetBytes)];
        int found = DetectAll(lines);

        Assert.Equal(0, Allocation.Least(() => Assert.True(found == DetectAll(lines))));

        static int DetectAll(byte[][] lines)
        {
            int found = 0;
            for (int i = 0; i < 20; i++)
            {
                foreach (byte[] line in lines)
                {
                    found += LevelDetector.Detect(line, 2) == RecordLevel.None ? 0 : 1;
                }
            }

            return found;
        }
    }

    private static string Detect(string line, int lines = 1) => Encoding.ASCII.GetString(RecordLevels.NameOf(LevelDetector.Detect(Encoding.UTF8.GetBytes(line), lines)));

    private static TheoryData<string, string> ToData(IEnumerable<(string Level, string Line)> lines)
    {
        var data = new TheoryData<string, string>();
        foreach ((string level, string line) in lines)
        {
            data.Add(level, line);
        }

        return data;
    }
}
