using System.Text;

namespace Shipper.Core.Tests.Processing.Fields;

public class LogfmtScannerTests
{
    [Theory]
    [InlineData("level=info msg=\"a b\" n=1", "level=info", "msg=a b", "n=1")]
    [InlineData("  a=1\tb=2 ", "a=1", "b=2")]
    [InlineData("a= b= c", "a=", "b=")]
    [InlineData("a=\"\" b=\"x \\\"y\\\" \\\\\" c=3", "a=", "b=x \\\"y\\\" \\\\", "c=3")]
    [InlineData("GET /x?user=5&y=6 200 ok=true", "/x?user=5&y=6", "ok=true")]
    [InlineData("10.0.0.1 \"GET /?a=b HTTP/1.1\" status=200", "status=200")]
    [InlineData("5\" disk=sda size=5\" x=1", "disk=sda", "size=5\"", "x=1")]
    [InlineData("=1 ==2 a==3", "a==3")]
    [InlineData("a=1 b=\"no end c=2", "a=1")]
    [InlineData("\"no end a=1")]
    [InlineData("\u001b[36muser=\u001b[0m17 \u001b[36mname\u001b[0m=\u001b[1m\"a b\"\u001b[0m", "user=17", "name=a b")]
    [InlineData("\u001b[31mERRO\u001b[0m[0001] failed \u001b[31merror\u001b[0m=timeout\u001b[0m", "error=timeout")]
    [InlineData("no pairs at all")]
    [InlineData("")]
    public void Read_Line_FindsThePairs(string line, params string[] expected) => Assert.Equal(expected, LogfmtPairs.Scan(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void Read_AnyText_FindsWhatTheGrammarFinds()
    {
        var random = new Random(1);
        string[] parts = ["a", "key", "=", "=", " ", " ", "\"", "\\\"", "\\", "\t", "x=y", "k=\"a b\"", "ä", "1.5"];
        for (int i = 0; i < 50_000; i++)
        {
            string line = string.Concat(Enumerable.Range(0, random.Next(15)).Select(_ => parts[random.Next(parts.Length)]));

            byte[] bytes = Encoding.UTF8.GetBytes(line);

            Assert.Equal(LogfmtPairs.Match(bytes), LogfmtPairs.Scan(bytes));
        }
    }
}
