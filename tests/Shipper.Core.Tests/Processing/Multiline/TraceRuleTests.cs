using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Processing;
using Shipper.Processing.Multiline;

namespace Shipper.Core.Tests.Processing.Multiline;

public class TraceRuleTests
{
    private readonly TraceRule _sut = new(TraceLanguages.All);

    public static TheoryData<string, string> Cases => new(TraceCase.All.Select(item => (item.Language, item.Name)));

    /// <summary>A group may be sent, and the agent may start again, before the line that begins the next one: reading it again must give the same records.</summary>
    [Fact]
    public void Classify_LineThatBeginsAGroup_DoesSoAfterAnyGroup()
    {
        string[] texts = [.. TraceCase.All.SelectMany(item => item.Text.Split('\n')).Distinct(StringComparer.Ordinal)];
        byte[][] lines = [.. texts.Concat(texts.Where(text => text.Length > 3).Select(text => text.Insert(text.Length / 2, "\e[0m"))).Select(Encoding.UTF8.GetBytes)];
        GroupState[] open = [.. lines.Select(Begin).Where(state => state.Automata != 0).DistinctBy(Describe)];
        foreach (byte[] line in lines)
        {
            GroupState alone = Begin(line);
            foreach (GroupState before in open)
            {
                GroupState state = before;
                if (_sut.Classify(line, ref state) == LineRole.Begin)
                {
                    Assert.Equal(Describe(alone), Describe(state));
                }
            }
        }

        GroupState Begin(byte[] line)
        {
            GroupState state = default;
            return _sut.Classify(line, ref state) == LineRole.Begin ? state : default;
        }

        static (int Automata, string States, int Count) Describe(GroupState state) => (state.Automata, Convert.ToHexString(state.States), state.Count);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Classify_LinesOfACase_MakeItsRecords(string language, string name)
    {
        TraceCase expected = TraceCase.All.Single(item => (item.Language, item.Name) == (language, name));

        List<string> records = GroupDriver.Join(_sut, expected.Text);

        Assert.Equal(expected.Records, records);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Classify_OnlyTheLanguageOfACase_MakesTheSameRecords(string language, string name)
    {
        var sut = new TraceRule(Enum.Parse<TraceLanguages>(language, ignoreCase: true));
        TraceCase expected = TraceCase.All.Single(item => (item.Language, item.Name) == (language, name));

        List<string> records = GroupDriver.Join(sut, expected.Text);

        Assert.Equal(expected.Records, records);
    }

    /// <summary>Colors and spaces alone, and other fragments of traces, are lines like any other: alone, and behind the beginning of each trace.</summary>
    [Fact]
    public void Classify_AnyShortLine_DoesNotFail()
    {
        string[] parts = ["", " ", "\t", "\r", "\e[0m", "\e]0;Exception\a", "{", "[", "}", "]", "\"", "#", "0", ":", ")", "'", "at ", "/", "Error", "Error: ", " {"];
        byte[][] lines = [.. from first in parts from second in parts from third in parts select Encoding.UTF8.GetBytes(first + second + third)];
        var auto = new AutoRule();
        foreach (byte[] line in lines)
        {
            GroupState state = default;
            Assert.True(_sut.Classify(line, ref state) is LineRole.Single or LineRole.Begin);
            state = default;
            auto.Classify(line, ref state, new OutputMemory());
        }

        byte[][] beginnings = [.. TraceCase.All.SelectMany(item => item.Text.Split('\n').Take(2)).Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes)];
        foreach (byte[] beginning in beginnings)
        {
            GroupState begun = default;
            if (_sut.Classify(beginning, ref begun) == LineRole.Begin)
            {
                foreach (byte[] line in lines)
                {
                    GroupState state = begun;
                    _sut.Classify(line, ref state);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Classify_LinesOfALoggerAroundACase_AreRecordsOfTheirOwn(string language, string name)
    {
        const string Line = "2026-01-02T15:04:05.123Z INFO order 17 closed";
        TraceCase expected = TraceCase.All.Single(item => (item.Language, item.Name) == (language, name));

        List<string> records = GroupDriver.Join(_sut, $"{Line}\n{expected.Text}\n{Line}\n{expected.Text}\n{Line}");

        Assert.Equal([Line, .. expected.Records, Line, .. expected.Records, Line], records);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Classify_CaseInColor_HasTheSameRecords(string language, string name)
    {
        TraceCase expected = TraceCase.All.Single(item => (item.Language, item.Name) == (language, name));

        List<string> records = GroupDriver.Join(_sut, string.Join('\n', expected.Text.Split('\n').Select(line => line.Length == 0 ? line : $"\e[7m{line}\e[27m")));

        Assert.Equal(expected.Records, records.Select(record => record.Replace("\e[7m", "", StringComparison.Ordinal).Replace("\e[27m", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("2026-01-02 15:04:05,123 ERROR [main] c.e.Shop - failed")]
    [InlineData("2026-01-02 15:04:05 INFO Errors: 0, Exceptions: 0")]
    [InlineData("2026-01-02 15:04:05 INFO ErrorHandler: installed")]
    [InlineData("10.42.0.1 - - [02/Jan/2026:15:04:05 +0000] \"GET / HTTP/1.1\" 500 Internal Server Error")]
    [InlineData("time=\"2026-01-02T15:04:05Z\" level=error msg=\"failed with FooException: no order\" err=\"rpc Error: code = 7\"")]
    [InlineData("{\"level\":\"error\",\"error\":\"java.lang.IllegalStateException: closed\",\"stack\":\"\\tat com.example.Shop.run(Shop.java:7)\"}")]
    [InlineData("{\"level\":\"error\",\"msg\":\"panic: boom\\n\\ngoroutine 1 [running]:\"}\r")]
    [InlineData("E0102 15:04:05.123456       1 reflector.go:158] \"Unhandled Error\" err=\"failed to list *v1.Pod: pods is forbidden\"")]
    [InlineData("ERROR: relation \"orders\" does not exist at character 15")]
    [InlineData("someError: no class begins like this")]
    [InlineData("Traceback (most recent call last): is not at the end")]
    [InlineData("panic in the streets")]
    [InlineData("2026/01/02 15:04:05 worker: panic recovered: order is closed, and more text")]
    [InlineData("[02-Jan-2026 15:04:05] WARNING: [pool www] child 12 said into stderr: \"PHP message: PHP Warning:  Undefined variable $a in /app/a.php on line 3\"")]
    [InlineData("[02-Jan-2026 15:04:05] NOTICE: [pool www] child 12 started: \"www\"")]
    [InlineData("\"GET /orders HTTP/1.1\" 200 tid=7 nid=8")]
    [InlineData("Coroutine scope cancelled, state: closed without a name")]
    [InlineData("[main] starting")]
    [InlineData("[ERROR] the list [1, 2, 3]")]
    [InlineData("an ordinary sentence at the end (of the day)")]
    [InlineData("    - an item of a list")]
    [InlineData("  key: value")]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\e[32mINFO\e[0m[0001] listening")]
    public void Classify_OrdinaryLine_NeverWaits(string line)
    {
        GroupState state = default;

        LineRole role = _sut.Classify(Encoding.UTF8.GetBytes(line), ref state, new OutputMemory());

        Assert.Equal(LineRole.Single, role);
        Assert.Equal((0, 0), (state.Automata, state.Count));
        Assert.False(((ReadOnlySpan<byte>)state.States).ContainsAnyExcept((byte)0));
    }

    [Theory]
    [InlineData("java.lang.IllegalStateException")]
    [InlineData("java.lang.IllegalStateException: closed")]
    [InlineData("com.example.Shop$ClosedException: closed")]
    [InlineData("java.lang.Throwable")]
    [InlineData("2026-01-02 15:04:05,123 ERROR [main] c.e.Shop - failed com.example.ClosedException: closed")]
    [InlineData("2026-01-02 15:04:05,123 ERROR [main] c.e.Shop - failed com.example.ClosedException")]
    [InlineData("request failed Error: boom")]
    [InlineData("(node:1) UnhandledPromiseRejectionWarning: TypeError: x is not a function")]
    [InlineData("Error [ERR_HTTP_HEADERS_SENT]: Cannot set headers after they are sent to the client")]
    [InlineData("System.Net.Sockets.SocketException (111): Connection refused")]
    [InlineData("\e[31mjava.lang.IllegalStateException\e[0m: closed")]
    [InlineData("ActionController::RoutingError (No route matches [GET] \"/x\"):")]
    [InlineData("[worker 3] Traceback (most recent call last):")]
    [InlineData("\e[31mTraceback (most recent call last):\e[0m")]
    [InlineData("Traceback (most recent call last):\e[39m \e[0m\e[K\r")]
    public void Classify_LineThatMayBeginATrace_BeginsAGroup(string line)
    {
        GroupState state = default;

        LineRole role = _sut.Classify(Encoding.UTF8.GetBytes(line), ref state, new OutputMemory());

        Assert.Equal(LineRole.Begin, role);
        Assert.NotEqual(0, state.Automata);
    }

    [Fact]
    public void Classify_CauseOfAnException_IsMarked()
    {
        TraceCase trace = TraceCase.All.Single(item => item.Name.StartsWith("logback", StringComparison.Ordinal));
        var driver = new GroupDriver(_sut);

        driver.Add(trace.Text);

        Assert.Single(driver.Roles, LineRole.JoinCause);
    }

    [Fact]
    public void Classify_ManyLines_AllocatesNothing()
    {
        byte[][] lines = [.. TraceCase.All.SelectMany(item => item.Text.Split('\n')).Select(Encoding.UTF8.GetBytes)];
        Assert.True(lines.Length > 1000);
        ClassifyAll(_sut, lines);

        Assert.Equal(0, Allocation.Least(() => ClassifyAll(_sut, lines)));
    }

    /// <summary>Classifies lines as if all of them were in one group.</summary>
    internal static void ClassifyAll(GroupRule rule, byte[][] lines)
    {
        var memory = new OutputMemory();
        GroupState state = default;
        foreach (byte[] line in lines)
        {
            if (rule.Classify(line, ref state, in memory) is LineRole.Single or LineRole.Begin)
            {
                rule.Learn(in state, 1, ref memory);
            }
        }
    }
}
