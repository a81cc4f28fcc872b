using System.Text;
using Shipper.Core.Tests.Support;
using Shipper.Processing;
using Shipper.Processing.Fields;
using Shipper.Records;

namespace Shipper.Core.Tests.Processing.Fields;

public class FieldsStageTests
{
    [Theory]
    [InlineData(RealLines.Pino, "method=req.method", "method=GET")]
    [InlineData(RealLines.Pino, "status=res.statusCode", "status=200")]
    [InlineData(RealLines.Bunyan, "error=err.message", "error=connect ECONNREFUSED")]
    [InlineData(RealLines.Bunyan, "stack=err.stack", "stack=Error: connect ECONNREFUSED\n    at TCPConnectWrap.afterConnect (node:net:1555:16)")]
    [InlineData(RealLines.Zap, "user=user.id", "user=u-17")]
    [InlineData(RealLines.LogrusText, "user=user.id", "user=u-17")]
    [InlineData(RealLines.LogrusText, "message=msg", "message=order \"4711\" accepted")]
    [InlineData(RealLines.ZerologConsole, "user=user", "user=u-17")]
    [InlineData(RealLines.SerilogCompact, "template=@mt", "template=Order {OrderId} accepted")]
    [InlineData(RealLines.DotNetJsonScopes, "order=State.OrderId", "order=4711")]
    [InlineData(RealLines.SpringBootEcs, "thread=process.thread.name", "thread=http-nio-8080-exec-1")]
    [InlineData(RealLines.EcsDotted, "level=log.level", "level=INFO")]
    [InlineData(RealLines.Structlog, "user=user_id", "user=17")]
    [InlineData(RealLines.GoogleCloud, "sampled=logging.googleapis.com/trace_sampled", "sampled=true")]
    [InlineData(RealLines.Envoy, "request=x_request_id", "request=1b4e28ba-2fa1-11d2-883f-0016d3cca427")]
    [InlineData(RealLines.Envoy, "agent=user_agent")]
    [InlineData(RealLines.Caddy, "agent=request.headers.User-Agent")]
    [InlineData(RealLines.Caddy, "host=request.host", "host=shop")]
    [InlineData(RealLines.Traefik, "service=ServiceName", "service=shop@kubernetes")]
    [InlineData(RealLines.Traefik, "message=msg")]
    [InlineData(RealLines.SpringBoot, "user=user")]
    public void Apply_LineOfAProduct_AddsTheField(string line, string field, params string[] expected) => Assert.Equal(expected, Metadata.Of(Stage(field), line));

    [Fact]
    public void Apply_ManyFields_AddsThemInTheOrderOfTheConfiguration() =>
        Assert.Equal(["b=2", "a=1", "c=1"], Metadata.Of(Stage("b=y", "a=x", "z=z", "c=x"), """{"x":1,"y":2}"""));

    [Fact]
    public void Apply_LongValue_CutsItBetweenCharacters()
    {
        string text = new('x', FieldsStage.MaxValueBytes - 1);

        Assert.Equal([$"a={text}"], Metadata.Of(Stage("a=a"), $$"""{"a":"{{text}}äöü"}"""));
        Assert.Equal([$"a={text}"], Metadata.Of(Stage("a=a"), $$"""{"a":"{{text}}\u00e4"}"""));
    }

    [Fact]
    public void Apply_InvalidUtf8_ReplacesIt()
    {
        byte[] line = [.. "{\"a\":\"x"u8, 0xFF, .. "y\",\"b\":\"\\n"u8, 0xC3, .. "\"}"u8];

        Assert.Equal(["a=x\uFFFDy", "b=\n\uFFFD"], Metadata.Of(Stage("a=a", "b=b"), line));
    }

    [Fact]
    public void Apply_NameThatTheRecordHas_AddsNothing()
    {
        byte[] before = [.. EntryMetadata.Encode("pod_uid"u8, Encoding.UTF8.GetBytes(new string('x', 300))), .. EntryMetadata.Encode("stream"u8, "stdout"u8)];

        Assert.Equal([$"pod_uid={new string('x', 300)}", "stream=stdout", "other=2"], Metadata.Of(Stage("stream=a", "other=b"), """{"a":1,"b":2}""", before));
    }

    [Fact]
    public void Apply_RestOfALongLine_AddsNothing() => Assert.Empty(Metadata.Of(Stage("a=a"), "b=1 a=2"u8.ToArray(), isRemainder: true));

    [Fact]
    public void Apply_MoreThanFits_LeavesOutTheRest()
    {
        string text = new('x', FieldsStage.MaxValueBytes);
        string line = $$"""{"a":"{{text}}","b":"{{text}}","c":"{{text}}","d":"{{text}}","e":1}""";

        Assert.Equal(["a", "b", "c", "e"], Metadata.Of(Stage("a=a", "b=b", "c=c", "d=d", "e=e"), line).Select(pair => pair[..1]));
    }

    [Fact]
    public void Apply_ManyLines_AllocatesNothing()
    {
        ProcessingStage sut = Stage("user=user.id", "status=res.statusCode", "message=msg");
        var context = new StageContext(1024);
        byte[] line = """{"user":{"id":"ä"},"res":{"statusCode":200},"msg":"a \"quoted\" text"}"""u8.ToArray();
        Apply(sut, context, line, times: 100);

        Assert.Equal(0, Allocation.Least(() => Apply(sut, context, line, times: 1000)));
    }

    internal static void Apply(ProcessingStage sut, StageContext context, byte[] line, int times)
    {
        for (int i = 0; i < times; i++)
        {
            var draft = new RecordDraft { Line = line, Length = line.Length };
            sut.Apply(ref draft, context);
        }
    }

    private static FieldsStage Stage(params string[] fields) => new([.. fields.Select(field => field.Split('=')).Select(pair => KeyValuePair.Create(pair[0], pair[1]))]);
}
