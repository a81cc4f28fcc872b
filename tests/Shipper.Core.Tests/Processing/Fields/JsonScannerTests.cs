using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Processing.Fields;

namespace Shipper.Core.Tests.Processing.Fields;

public class JsonScannerTests
{
    [Fact]
    public void Read_ValidObject_FindsWhatDotNetFinds()
    {
        var random = new Random(1);
        for (int i = 0; i < 3000; i++)
        {
            byte[] text = Encoding.UTF8.GetBytes(RandomJson.Object(random, depth: 4));

            List<string> members = JsonMembers.Scan(text, out bool isComplete);

            Assert.Equal(JsonMembers.Read(text, out _), members);
            Assert.True(isComplete);
        }
    }

    [Fact]
    public void Read_CutObject_FindsTheMembersBeforeTheCut()
    {
        var random = new Random(2);
        for (int i = 0; i < 300; i++)
        {
            byte[] text = Encoding.UTF8.GetBytes(RandomJson.Object(random, depth: 3));
            for (int length = 0; length < text.Length; length++)
            {
                List<string> members = JsonMembers.Scan(text.AsSpan(0, length), out bool isComplete);

                Assert.Equal(JsonMembers.Read(text.AsSpan(0, length), out _), members);
                Assert.False(isComplete);
            }
        }
    }

    [Fact]
    public void Read_ChangedBytes_FindsAtLeastWhatDotNetFindsBeforeTheError()
    {
        var random = new Random(3);
        byte[] bytes = [.. "\"\\{}[]:, \0\n-1etfnIN"u8, 0xFF];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] text = Encoding.UTF8.GetBytes(RandomJson.Object(random, depth: 3));
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                text[random.Next(text.Length)] = bytes[random.Next(bytes.Length)];
            }

            List<string> members = JsonMembers.Scan(text, out _);

            List<string> expected = JsonMembers.Read(text, out _);
            Assert.Equal(expected, members.Take(expected.Count));
        }
    }

    [Theory]
    [InlineData("""{"a":1,}""", "1 a Number 1")]
    [InlineData("""{"a":1 "b":2}""", "1 a Number 1")]
    [InlineData("""{"a":1,"b":[1}],"c":3}""", "1 a Number 1", "1 b Array ")]
    [InlineData("""{"a":NaN,"b":-Infinity,"c":Infinity}""", "1 a Number NaN", "1 b Number -Infinity", "1 c Number Infinity")]
    [InlineData("""{"a":1} trailing {"b":2}""", "1 a Number 1")]
    [InlineData("""{"a":"x","b":12""", "1 a String x")]
    [InlineData("""["a"]""")]
    [InlineData("""{"a"}""")]
    [InlineData("""{"a":nul}""")]
    [InlineData("{")]
    [InlineData("")]
    public void Read_InvalidText_StopsAtTheError(string text, params string[] expected) =>
        Assert.Equal(expected, JsonMembers.Scan(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Read_ObjectNotEntered_SkipsIt()
    {
        var sut = new JsonScanner("""{"a":{"b":"}","c":[{"d":"]\""}]},"e":1}"""u8);

        Assert.True(sut.Read());
        Assert.Equal(JsonKind.Object, sut.Kind);
        Assert.Equal(0, sut.Value.Length);
        Assert.True(sut.Read());
        Assert.True(sut.KeyEquals("e"u8));
        Assert.Equal(1, sut.Depth);
        Assert.False(sut.Read());
        Assert.True(sut.IsComplete);
    }

    [Fact]
    public void Skip_Object_GivesItsText()
    {
        var sut = new JsonScanner("""{"a": {"b":["x"]} ,"c":1}"""u8);
        sut.Read();

        Assert.True(sut.Skip());

        Assert.Equal("""{"b":["x"]}"""u8, sut.Value);
        sut.Enter();
        Assert.True(sut.Read());
        Assert.True(sut.KeyEquals("c"u8));
    }

    [Fact]
    public void Skip_NoEnd_ReturnsFalse()
    {
        var sut = new JsonScanner("""{"a": {"b":["x"], "c":1"""u8);
        sut.Read();

        Assert.False(sut.Skip());

        Assert.Equal(0, sut.Value.Length);
        Assert.False(sut.Read());
    }

    [Theory]
    [InlineData("trace_id", "trace_id", true)]
    [InlineData("trace\\u005fid", "trace_id", true)]
    [InlineData("\\u00E4\\ud83d\\ude00", "ä😀", true)]
    [InlineData("trace\\u005fid", "trace_i", false)]
    [InlineData("trace\\u005fid", "trace_id2", false)]
    [InlineData("trace_id", "trace_iD", false)]
    [InlineData("\\ud83d", "\uFFFD", true)]
    public void KeyEquals_Escaped_ComparesTheDecodedKey(string key, string name, bool expected)
    {
        var sut = new JsonScanner(Encoding.UTF8.GetBytes($$"""{"{{key}}":1}"""));
        sut.Read();

        Assert.Equal(expected, sut.KeyEquals(Encoding.UTF8.GetBytes(name)));
    }

    [Theory]
    [InlineData(JsonScanner.MaxDepth, true)]
    [InlineData(JsonScanner.MaxDepth + 1, false)]
    public void Read_Deep_StopsAtTheMaximumDepth(int depth, bool expected)
    {
        string inner = string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "{}" + new string('}', depth - 1);

        JsonMembers.Scan(Encoding.UTF8.GetBytes(inner), out bool isEntered);
        var skipping = new JsonScanner(Encoding.UTF8.GetBytes(inner));
        while (skipping.Read())
        {
        }

        Assert.Equal(expected, isEntered);
        Assert.Equal(expected, skipping.IsComplete);
    }

    [Fact]
    public void Read_ManyLines_AllocatesNothing()
    {
        byte[] line = """{"level":30,"time":1767225600123,"req":{"method":"GET","tags":["a"]},"msg":"a \"quoted\" text","ok":true}"""u8.ToArray();
        Assert.Equal(100 * 7, Walk(line, times: 100));

        Assert.Equal(0, Allocation.Least(() => Walk(line, times: 1000)));
    }

    private static int Walk(byte[] line, int times)
    {
        int count = 0;
        for (int i = 0; i < times; i++)
        {
            var sut = new JsonScanner(line);
            while (sut.Read())
            {
                count++;
                sut.Enter();
            }
        }

        return count;
    }
}
