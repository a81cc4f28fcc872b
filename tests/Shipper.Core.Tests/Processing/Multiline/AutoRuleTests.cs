using System.Globalization;
using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Processing.Multiline;

namespace Shipper.Core.Tests.Processing.Multiline;

public class AutoRuleTests
{
    private const string Json = """{"level":"info","msg":"order closed"}""";

    /// <summary>Records enough to learn from.</summary>
    private const int Learned = 8;

    private readonly GroupDriver _sut = new(GroupRules.Create(new MultilineOptions(MultilineMode.Auto))!);

    [Fact]
    public void Classify_ExceptionBelowTheLineOfALogger_BelongsToIt()
    {
        Learn("2026-01-02 15:04:05.123  INFO 1 --- [main] c.e.Shop : order {0} closed");
        string[] expected =
        [
            """
            2026-01-02 15:04:06.123 ERROR 1 --- [main] c.e.Shop : failed
            java.lang.IllegalStateException: order is closed
            and a second line of the message
            	at com.example.shop.Order.close(Order.java:21)
            Caused by: java.io.IOException: disk full
            	... 23 more
            """,
            "2026-01-02 15:04:07.123  INFO 1 --- [main] c.e.Shop : next",
        ];

        List<string> records = _sut.Add(string.Join('\n', expected));

        Assert.Equal(expected, records);
        Assert.Contains(LineRole.JoinCause, _sut.Roles);
    }

    [Fact]
    public void Classify_TextBelowTheLineOfALogger_BelongsToIt()
    {
        Learn("[2026-01-02 15:04:05] INFO order {0} closed");
        string[] expected = ["[2026-01-02 15:04:06] DEBUG query\nSELECT *\nFROM orders\nWHERE id = 17\n", "[2026-01-02 15:04:07] INFO next"];

        List<string> records = _sut.Add(string.Join('\n', expected));

        Assert.Equal(expected, records);
    }

    [Theory]
    [InlineData("2026-01-02T15:04:05Z INFO order {0}")]
    [InlineData("Jan  2 15:04:05 host app[1]: order {0}")]
    [InlineData("I0102 15:04:05.123456       1 shop.go:12] order {0}")]
    [InlineData("INFO:shop:order {0}")]
    [InlineData("[main] order {0}")]
    [InlineData("\e[90m15:04:05\e[0m \e[32mINF\e[0m order {0}")]
    [InlineData("ts=2026-01-02T15:04:05Z level=info msg=\"order {0}\"")]
    public void Classify_FirstRecords_AreNotJoinedWithTheirText(string format)
    {
        string line = string.Format(CultureInfo.InvariantCulture, format, 17);

        List<string> before = _sut.Add($"{line}\ntext");
        Learn(format);
        List<string> after = _sut.Add($"{line}\ntext");

        Assert.Equal([line, "text"], before);
        Assert.Equal([$"{line}\ntext"], after);
    }

    [Fact]
    public void Classify_FreeText_IsNeverJoined()
    {
        string[] lines = [.. Enumerable.Range(0, 500).Select(i => (i % 5) switch
        {
            0 => "Starting worker",
            1 => "done, took 12 ms",
            2 => "Error while closing the order",
            3 => "2026-01-02 15:04:05 is the time of this line",
            _ => "https://shop.example.com/",
        })];

        List<string> records = _sut.Add(string.Join('\n', lines));

        Assert.Equal(lines, records);
    }

    [Fact]
    public void Classify_JsonOnOneLine_NeverJoins()
    {
        Learn("2026-01-02T15:04:05Z INFO order {0} closed");
        const string Time = "2026-01-02T15:04:06Z INFO next";

        List<string> records = _sut.Add($"{Time}\n{Json}\n{Json}\nfree text\n{Time}\n  indented\n{Json}");

        Assert.Equal([Time, Json, Json, "free text", $"{Time}\n  indented", Json], records);
    }

    [Fact]
    public void Classify_JsonOverSeveralLinesBelowTheLineOfALogger_BelongsToIt()
    {
        Learn("2026-01-02T15:04:05Z INFO order {0} closed");
        const string Record = "2026-01-02T15:04:06Z INFO response: {\n\"id\": 17,\n\"items\": [\n]\n}";

        List<string> records = _sut.Add(Record);

        Assert.Equal([Record], records);
    }

    [Fact]
    public void Classify_OnlyJson_LearnsNothing()
    {
        List<string> records = _sut.Add(string.Join('\n', Enumerable.Repeat(Json, 50)) + "\nfree text\nmore text");

        Assert.Equal(52, records.Count);
        Assert.Equal(0UL, _sut.Memory.Learned >> 8);
    }

    [Fact]
    public void Classify_LogThatChangesToFreeText_IsUnlearned()
    {
        Learn("2026-01-02T15:04:05Z INFO order {0} closed", 1000);

        List<string> records = _sut.Add("2026-01-02T15:04:06Z INFO last\n" + string.Join('\n', Enumerable.Repeat("free text", 200)));

        Assert.InRange(records[0].Split('\n').Length, 2, 40);
        Assert.All(records.Skip(1), record => Assert.Equal("free text", record));
    }

    [Fact]
    public void Classify_LogThatChangesBack_IsLearnedAgain()
    {
        Learn("2026-01-02T15:04:05Z INFO order {0} closed", 100);
        _sut.Add(string.Join('\n', Enumerable.Repeat("free text", 200)));
        Learn("2026-01-02T15:04:05Z INFO order {0} closed", 200);

        List<string> records = _sut.Add("2026-01-02T15:04:06Z ERROR failed\nno order");

        Assert.Single(records);
    }

    [Fact]
    public void Classify_TwoKindsOfLinesInOneLog_AreRecords()
    {
        const string Access = "10.42.0.1 - - [02/Jan/2026:15:04:05 +0000] \"GET / HTTP/1.1\" 200 12";
        Learn("2026/01/02 15:04:05 [notice] 1#1: start worker process {0}");

        List<string> records = _sut.Add($"{Access}\n{Access}");

        Assert.Equal([Access, Access], records);
    }

    [Fact]
    public void Classify_LevelsAndTimes_BothBeginRecords()
    {
        Learn("2026-01-02T15:04:05Z started {0}\nINFO: order closed");

        List<string> records = _sut.Add("2026-01-02T15:04:05Z started\nINFO: order closed\ntext\nINFO: next");

        Assert.Equal(["2026-01-02T15:04:05Z started", "INFO: order closed\ntext", "INFO: next"], records);
    }

    [Fact]
    public void Classify_JavaUtilLogging_JoinsTheLevel()
    {
        const string Record = "Jan 02, 2026 3:04:05 PM com.example.Shop run\nINFO: order closed";
        Learn(Record + " {0}");

        List<string> records = _sut.Add($"{Record}\nsecond line\n{Record}");

        Assert.Equal([$"{Record}\nsecond line", Record], records);
    }

    [Fact]
    public void Classify_NothingLearned_MakesTheRecordsOfTraces()
    {
        foreach (TraceCase item in TraceCase.All)
        {
            var sut = new GroupDriver(GroupRules.Create(new MultilineOptions(MultilineMode.Auto))!);

            Assert.Equal(item.Records, sut.Add(item.Text));
        }
    }

    [Fact]
    public void Classify_ManyLines_AllocatesNothing()
    {
        byte[][] lines =
        [
            .. Enumerable.Repeat("2026-01-02T15:04:05Z INFO order closed"u8.ToArray(), 20),
            .. TraceCase.All.SelectMany(item => item.Text.Split('\n')).Select(Encoding.UTF8.GetBytes),
        ];
        var rule = new AutoRule();
        TraceRuleTests.ClassifyAll(rule, lines);

        Assert.Equal(0, Allocation.Least(() => TraceRuleTests.ClassifyAll(rule, lines)));
    }

    private void Learn(string format, int records = Learned) =>
        _sut.Add(string.Join('\n', Enumerable.Range(1, records).Select(i => string.Format(CultureInfo.InvariantCulture, format, i))));
}
