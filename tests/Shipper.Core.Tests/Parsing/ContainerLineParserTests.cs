using System.Text;
using Shipper.Parsing;
using Shipper.Records;

namespace Shipper.Core.Tests.Parsing;

public class ContainerLineParserTests
{
    private const long Time = 1795396886106267835;
    private const string TimeText = "2026-11-23T01:21:26.106267835Z";

    private readonly ContainerLineParser _sut = new(64 * 1024);

    [Theory]
    [InlineData("stdout F hello", "stdout", false, "hello")]
    [InlineData("stderr P hel", "stderr", true, "hel")]
    [InlineData("stdout F ", "stdout", false, "")]
    [InlineData("stdout F", "stdout", false, "")]
    [InlineData("stdout F  leading and trailing ", "stdout", false, " leading and trailing ")]
    [InlineData("stdout F F ", "stdout", false, "F ")]
    [InlineData("stdout P:tag:other text", "stdout", true, "text")]
    [InlineData("stdout F:tag", "stdout", false, "")]
    [InlineData("stdout F 2026-01-01T00:00:00Z stdout F looks like CRI", "stdout", false, "2026-01-01T00:00:00Z stdout F looks like CRI")]
    [InlineData("stdout F {\"log\":\"looks like docker\\n\"}", "stdout", false, "{\"log\":\"looks like docker\\n\"}")]
    public void TryParse_CriLine_ParsesIt(string rest, string output, bool isPartial, string content) =>
        AssertParsed($"{TimeText} {rest}", output, isPartial, content);

    [Theory]
    [InlineData("{\"log\":\"hello\\n\",\"stream\":\"stdout\",\"time\":\"" + TimeText + "\"}", "stdout", false, "hello")]
    [InlineData("{\"log\":\"hel\",\"stream\":\"stderr\",\"time\":\"" + TimeText + "\"}", "stderr", true, "hel")]
    [InlineData("{\"log\":\"\\n\",\"stream\":\"stdout\",\"time\":\"" + TimeText + "\"}", "stdout", false, "")]
    [InlineData("{\"log\":\"a\\r\\n\",\"stream\":\"stdout\",\"time\":\"" + TimeText + "\"}", "stdout", false, "a\r")]
    [InlineData("{\"log\":\"\\u003ctag\\u003e \\\"q\\\" \\\\ \\u00e4 \\ud83d\\ude00\\n\",\"stream\":\"stdout\",\"time\":\"" + TimeText + "\"}", "stdout", false, "<tag> \"q\" \\ ä 😀")]
    [InlineData("{\"attrs\":{\"tag\":[1,{\"log\":2}]},\"time\":\"" + TimeText + "\",\"stream\":\"stderr\",\"log\":\"order\\n\"}", "stderr", false, "order")]
    public void TryParse_DockerLine_ParsesIt(string text, string output, bool isPartial, string content) =>
        AssertParsed(text, output, isPartial, content);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("hello")]
    [InlineData(TimeText)]
    [InlineData(TimeText + " ")]
    [InlineData(TimeText + " stdout")]
    [InlineData(TimeText + " stdout ")]
    [InlineData(TimeText + " stdout X text")]
    [InlineData(TimeText + " stdout Ftext")]
    [InlineData(TimeText + " stdout F\0\0")]
    [InlineData(TimeText + " stdout F:ta\0g text")]
    [InlineData(TimeText + " stdin F text")]
    [InlineData(TimeText + "  stdout F text")]
    [InlineData(TimeText + "\tstdout F text")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("{\"log\":1,\"stream\":\"stdout\",\"time\":\"" + TimeText + "\"}")]
    [InlineData("{\"log\":\"x\\n\",\"stream\":\"other\",\"time\":\"" + TimeText + "\"}")]
    [InlineData("{\"log\":\"x\\n\",\"stream\":2,\"time\":\"" + TimeText + "\"}")]
    [InlineData("{\"log\":\"x\\n\",\"stream\":\"stdout\",\"time\":\"yesterday\"}")]
    [InlineData("{\"log\":\"x\\n\",\"stream\":\"stdout\",\"time\":null}")]
    [InlineData("{\"log\":\"x\\n\",\"stream\":\"stdout\"}")]
    [InlineData("{\"log\":\"\\ud800\\n\",\"stream\":\"stdout\",\"time\":\"" + TimeText + "\"}")]
    [InlineData("{\"log\":\"x")]
    [InlineData("{\"log\":\"x\\n\",\"stream\":\"stdout\",\"time\":\"" + TimeText + "\"}{\"log\":\"y\\n\",\"stream\":\"stdout\",\"time\":\"" + TimeText + "\"}")]
    public void TryParse_NeitherFormat_ReturnsFalse(string text) =>
        Assert.False(_sut.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void TryParse_AnyBytes_DoesNotThrow()
    {
        var random = new Random(2);
        byte[][] seeds =
        [
            Encoding.UTF8.GetBytes(TimeText + " stdout F hello"),
            Encoding.UTF8.GetBytes("{\"log\":\"hello\\n\",\"stream\":\"stdout\",\"time\":\"" + TimeText + "\"}"),
        ];
        for (int i = 0; i < 50_000; i++)
        {
            byte[] line = [.. seeds[i % 2]];
            for (int j = random.Next(4); j >= 0; j--)
            {
                line[random.Next(line.Length)] = (byte)random.Next(256);
            }

            _ = _sut.TryParse(line.AsSpan(0, random.Next(line.Length + 1)), out _);
        }
    }

    private void AssertParsed(string text, string output, bool isPartial, string content)
    {
        Assert.True(_sut.TryParse(Encoding.UTF8.GetBytes(text), out LogLine line), text);
        Assert.Equal(Time, line.TimestampNs);
        Assert.Equal(output, line.Output == LogOutput.Stdout ? "stdout" : "stderr");
        Assert.Equal(isPartial, line.IsPartial);
        Assert.Equal(content, Encoding.UTF8.GetString(line.Content));
    }
}
