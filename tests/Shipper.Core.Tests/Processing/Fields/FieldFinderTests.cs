using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Processing.Fields;

namespace Shipper.Core.Tests.Processing.Fields;

public class FieldFinderTests
{
    [Theory]
    [InlineData("""{"user":{"id":1}}""", "user.id", "1")]
    [InlineData("""{"user.id":1}""", "user.id", "1")]
    [InlineData("""{"a.b":{"c.d":{"e":true}}}""", "a.b.c.d.e", "true")]
    [InlineData("""{"a":{"b.c":{"d":{"e":false}}}}""", "a.b.c.d.e", "false")]
    [InlineData("""{"user":{"name":"x"},"user":{"id":"y"},"user.id":"z"}""", "user.id", "y")]
    [InlineData("""{"user":[{"id":1}],"x":1}""", "user.id", null)]
    [InlineData("""{"user":{"id":null}}""", "user.id", null)]
    [InlineData("""{"user":{"id":{}}}""", "user.id", null)]
    [InlineData("""{"user":{"id":null},"user":{"id":2}}""", "user.id", "2")]
    [InlineData("""{"user":"x"}""", "user.id", null)]
    [InlineData("""{"use":{"r.id":1},"userid":2,"user_id":3}""", "user.id", null)]
    [InlineData("""{"us\u0065r":{"i\u0064":"a\n\"b\" \u00e4"}}""", "user.id", "a\n\"b\" ä")]
    [InlineData("""{"user":{"id":""}}""", "user.id", "")]
    [InlineData("""  {"user":{"id":1},""", "user.id", "1")]
    [InlineData("\u001b[32m {\"user\":{\"id\":1}}\u001b[0m", "user.id", "1")]
    [InlineData("""INFO {"user":{"id":1}}""", "user.id", null)]
    [InlineData("level=info user.id=7 user.id=8", "user.id", "7")]
    [InlineData("level=info user.id=\"a \\\"b\\\"\"", "user.id", "a \"b\"")]
    [InlineData("level=info user=7 id=8", "user.id", null)]
    [InlineData("Exception: failed\n at x user.id=7", "user.id", null)]
    [InlineData("", "user.id", null)]
    [InlineData("{", "user.id", null)]
    public void Find_OnePath_ReturnsTheFirstValue(string line, string path, string? expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        var sut = new FieldFinder(FieldPath.Parse(path));
        Span<FieldValue> values = [new(JsonKind.Number, 1, 2, false)];

        int count = sut.Find(bytes, values);

        Assert.Equal(expected is null ? 0 : 1, count);
        Assert.Equal(expected is not null, values[0].IsFound);
        Assert.Equal(expected, values[0].IsFound ? Encoding.UTF8.GetString(values[0].Read(bytes, new byte[100])) : null);
    }

    [Fact]
    public void Find_ManyPaths_FindsEach()
    {
        string[] paths = [.. Enumerable.Range(0, FieldFinder.MaxPaths).Select(i => i % 2 == 0 ? $"f{i}" : $"n.f{i}")];
        var sut = new FieldFinder([.. paths.Select(FieldPath.Parse)]);
        byte[] line = Encoding.UTF8.GetBytes($$"""{"n":{{{string.Join(',', paths.Where(p => p[0] == 'n').Select(p => $"\"{p[2..]}\":\"{p}\""))}}},{{string.Join(',', paths.Where(p => p[0] != 'n').Select(p => $"\"{p}\":\"{p}\""))}}}""");
        var values = new FieldValue[FieldFinder.MaxPaths];

        int count = sut.Find(line, values);

        Assert.Equal(FieldFinder.MaxPaths, count);
        Assert.Equal(paths, values.Select(value => Encoding.UTF8.GetString(value.Read(line, []))));
    }

    [Fact]
    public void Find_PathWithinAnother_FindsBoth()
    {
        var sut = new FieldFinder(FieldPath.Parse("user"), FieldPath.Parse("user.id"), FieldPath.Parse("user.id"));
        var values = new FieldValue[3];
        byte[] line = """{"user":{"id":1},"user":"x"}"""u8.ToArray();

        Assert.Equal(3, sut.Find(line, values));

        Assert.Equal(["x", "1", "1"], values.Select(value => Encoding.UTF8.GetString(value.Read(line, []))));
    }

    [Fact]
    public void Find_ManyLines_AllocatesNothing()
    {
        byte[][] lines =
        [
            """{"level":30,"user":{"id":"u\n1"},"res":{"statusCode":200},"msg":"done"}"""u8.ToArray(),
            "level=info user.id=\"a \\\"b\\\"\" res.statusCode=200"u8.ToArray(),
            "10.1.2.3 - - \"GET /?a=b HTTP/1.1\" 200"u8.ToArray(),
        ];
        var sut = new FieldFinder(FieldPath.Parse("user.id"), FieldPath.Parse("res.statusCode"));
        Assert.Equal(100 * 4, Find(sut, lines, times: 100));

        Assert.Equal(0, Allocation.Least(() => Find(sut, lines, times: 1000)));
    }

    private static int Find(FieldFinder sut, byte[][] lines, int times)
    {
        Span<FieldValue> values = stackalloc FieldValue[2];
        Span<byte> scratch = stackalloc byte[32];
        int count = 0;
        for (int i = 0; i < times; i++)
        {
            foreach (byte[] line in lines)
            {
                count += sut.Find(line, values);
                values[0].Read(line, scratch);
            }
        }

        return count;
    }
}
