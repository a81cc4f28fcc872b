using System.Text;
using Shipper.Processing.Fields;

namespace Shipper.Core.Tests.Processing.Fields;

public class TraceFinderTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Span = "00f067aa0ba902b7";
    private const string DatadogTrace = "00000000000000004d65822107fcfd52";
    private const string DatadogSpan = "78629a0f5f3f164f";

    [Theory]
    [InlineData(RealLines.PinoOpenTelemetry, Trace, Span)]
    [InlineData(RealLines.PinoDatadog, DatadogTrace, DatadogSpan)]
    [InlineData(RealLines.Zap, Trace, Span)]
    [InlineData(RealLines.ZapConsole, Trace, Span)]
    [InlineData(RealLines.LogrusText, Trace, Span)]
    [InlineData(RealLines.LogrusDatadog, DatadogTrace, DatadogSpan)]
    [InlineData(RealLines.ZerologConsole, Trace, "")]
    [InlineData(RealLines.SerilogCompact, Trace, Span)]
    [InlineData(RealLines.DotNetJsonScopes, Trace, Span)]
    [InlineData(RealLines.DotNetConsoleScopes, Trace, Span)]
    [InlineData(RealLines.SpringBootEcs, Trace, Span)]
    [InlineData(RealLines.EcsNested, Trace, Span)]
    [InlineData(RealLines.EcsDotted, Trace, Span)]
    [InlineData(RealLines.Structlog, Trace, Span)]
    [InlineData(RealLines.PythonOpenTelemetry, Trace, Span)]
    [InlineData(RealLines.PythonOpenTelemetryJson, Trace, Span)]
    [InlineData(RealLines.GoogleCloud, Trace, Span)]
    [InlineData(RealLines.Envoy, Trace, Span)]
    [InlineData(RealLines.Caddy, Trace, Span)]
    [InlineData(RealLines.Traefik, Trace, Span)]
    [InlineData(RealLines.SpringBoot, Trace, Span)]
    [InlineData(RealLines.Sleuth3, Trace, Span)]
    [InlineData(RealLines.Sleuth2, "0000000000000000a3ce929d0e0e4736", Span)]
    [InlineData(RealLines.DatadogJava, DatadogTrace, DatadogSpan)]
    [InlineData(RealLines.DatadogJava128, Trace, DatadogSpan)]
    [InlineData(RealLines.Pino, null, null)]
    [InlineData(RealLines.Bunyan, null, null)]
    public void TryFind_LineOfAProduct_FindsBothIds(string line, string? traceId, string? spanId) => AssertFinds(line, traceId, spanId);

    [Theory]
    [InlineData($$"""{"trace_id":"{{Trace}}"}""", Trace, "")]
    [InlineData($$"""{"TraceId":"4BF92F3577B34DA6A3CE929D0E0E4736","SpanId":"00F067AA0BA902B7"}""", Trace, Span)]
    [InlineData($$$"""{"headers":{"X-B3-TraceId":"a3ce929d0e0e4736","X-B3-ParentSpanId":"1111111111111111","X-B3-SpanId":"{{{Span}}}"}}""", "0000000000000000a3ce929d0e0e4736", Span)]
    [InlineData($$"""{"parentSpanId":"1111111111111111","traceId":"{{Trace}}"}""", Trace, "")]
    [InlineData($$"""{"trace_id":"00000000000000000000000000000000","traceId":"{{Trace}}"}""", Trace, "")]
    [InlineData($$"""{"trace_id":"n/a","trace_id":null,"trace_id":7,"traceId":"{{Trace}}"}""", Trace, "")]
    [InlineData($$"""{"TraceId":"00-{{Trace}}-{{Span}}-01"}""", Trace, Span)]
    [InlineData($$"""{"msg":"the upstream had trace_id={{Trace}}"}""", null, null)]
    [InlineData($$"""{"msg":"sent {\"trace_id\":\"{{Trace}}\"}"}""", null, null)]
    [InlineData($$$"""{"dd" : { "trace_id":"1234567890123456" , "span_id":"1234567890123457"}}""", "0000000000000000000462d53c8abac0", "000462d53c8abac1")]
    [InlineData($$$"""{"dd":{"trace_id":"0","span_id":"0"}}""", null, null)]
    [InlineData("""{"trace_id":"1234567890"}""", null, null)]
    [InlineData("""{"dd.trace_id":"18446744073709551616"}""", null, null)]
    [InlineData($$"""{"trace":"{{Trace}}"}""", null, null)]
    [InlineData($$$"""{"level":"trace","stacktrace":"x","tracer":{"id":"{{{Trace}}}"}}""", null, null)]
    [InlineData($$$"""{"trace":{"flags":1,"nested":{"id":"1"},"id":"{{{Trace}}}"},"span":{"kind":"x","id":"{{{Span}}}"}}""", Trace, Span)]
    [InlineData($$"""{"span_id":"{{Span}}"}""", null, null)]
    [InlineData($"traceparent: 00-{Trace}-{Span}-01", Trace, Span)]
    [InlineData($"traceparent=00-{Trace}-{Span}-01-x", null, null)]
    [InlineData($"traceparent=cc-{Trace}-{Span}-01-x", Trace, Span)]
    [InlineData($"traceparent=00-{Trace}-0000000000000000-01", null, null)]
    [InlineData($"INFO {{'trace_id': '{Trace}', 'span_id': '{Span}'}}", Trace, Span)]
    [InlineData($"order accepted (trace-id: {Trace}).", Trace, "")]
    [InlineData($"order accepted, trace_id={Trace}, done", Trace, "")]
    [InlineData($"\u001b[36mtrace_id\u001b[0m={Trace} \u001b[36mspan_id\u001b[0m={Span}", Trace, Span)]
    [InlineData($"mytrace_id={Trace}", null, null)]
    [InlineData($"trace_id={Trace}0", null, null)]
    [InlineData("trace_id=g0f92f3577b34da6a3ce929d0e0e4736", null, null)]
    [InlineData("trace_id", null, null)]
    [InlineData("trace_id=", null, null)]
    [InlineData("trace_id:\"", null, null)]
    [InlineData("race", null, null)]
    [InlineData($"[{Trace}-{Span}]", Trace, Span)]
    [InlineData($"[{Trace},{Span}]", Trace, Span)]
    [InlineData($"[,{Trace},{Span},false]", Trace, Span)]
    [InlineData($"[shop,{Trace}-{Span}]", null, null)]
    [InlineData($"[a3ce929d0e0e4736-{Span}]", null, null)]
    [InlineData("[shop,,]", null, null)]
    [InlineData("[shop,00000000000000000000000000000000,0000000000000000]", null, null)]
    [InlineData("]", null, null)]
    [InlineData("", null, null)]
    public void TryFind_Line_FindsValidIdsOnly(string line, string? traceId, string? spanId) => AssertFinds(line, traceId, spanId);

    /// <summary>The search looks at 16 places at a time, and the last of these steps may cover some places twice.</summary>
    [Theory]
    [InlineData("trace_id=" + Trace, "span_id=" + Span)]
    [InlineData("span_id=" + Span, "trace_id=" + Trace)]
    public void TryFind_KeysAtAnyPlace_FindsBothIds(string first, string second)
    {
        for (int before = 0; before < 20; before++)
        {
            for (int between = 0; between < 20; between++)
            {
                for (int behind = 0; behind < 20; behind++)
                {
                    string line = $"{Words(before)}{first} {Words(between)}{second} {Words(behind)}";
                    AssertFinds(line, Trace, Span);
                }
            }
        }

        // Ends with a space, as keys do, and has words that look like a part of a key.
        static string Words(int length) => length == 0 ? "" : string.Concat(Enumerable.Repeat("race pan ran, ", 2)).AsSpan(0, length - 1).ToString() + " ";
    }

    [Theory]
    [InlineData($"order accepted trace_id={Trace}")]
    [InlineData("order accepted trace_id=a3ce929d0e0e4736")]
    [InlineData($$"""{"trace_id":"{{Trace}}""")]
    public void TryFind_IdAtTheEndOfACutLine_IsNotTrusted(string line) =>
        Assert.False(TraceFinder.TryFind(Encoding.UTF8.GetBytes(line), isCut: true, out _));

    [Fact]
    public void TryFind_AnyBytes_FindsIdsThatAreInTheLine()
    {
        var random = new Random(1);
        string[] parts = ["trace_id", "\"traceId\"", "dd.trace_id", "\"dd\":{", "span_id", "\"@tr\":\"", "{\"@t\":1,", "traceparent", "=", ":", "\"", "'", "[", "]", "{", "}", ",", "-", " ", "\u001b[36m", "\u001b", Trace, Span, "00-", "17", "logging.googleapis.com/trace", "\"trace\":{\"id\":", "\\", "ä"];
        for (int i = 0; i < 100_000; i++)
        {
            string line = string.Concat(Enumerable.Range(0, random.Next(14)).Select(_ => parts[random.Next(parts.Length)]));
            bool isFound = TraceFinder.TryFind(Encoding.UTF8.GetBytes(line), isCut: random.Next(2) == 0, out TraceContext context);

            Assert.Equal(isFound, context != default);
            Assert.True(!isFound || line.Contains(Trace, StringComparison.Ordinal) || line.Contains(Span, StringComparison.Ordinal) || line.Contains("17", StringComparison.Ordinal));
        }
    }

    private static void AssertFinds(string line, string? traceId, string? spanId)
    {
        bool isFound = TraceFinder.TryFind(Encoding.UTF8.GetBytes(line), isCut: false, out TraceContext context);

        Assert.Equal(traceId is not null, isFound);
        Assert.Equal(traceId, isFound ? $"{context.TraceId:x32}" : null);
        Assert.Equal(spanId, isFound ? (context.SpanId == 0 ? "" : $"{context.SpanId:x16}") : null);
    }
}
