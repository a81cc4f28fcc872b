namespace Shipper.Core.Tests.Processing.Fields;

/// <summary>Lines as today's products write them.</summary>
internal static class RealLines
{
    public const string Pino = """{"level":30,"time":1767225600123,"pid":1,"hostname":"checkout-6f7d9c5b8-x2x7k","reqId":"req-4f","req":{"method":"GET","url":"/api/orders/42","remoteAddress":"10.1.2.3","remotePort":51234},"res":{"statusCode":200},"responseTime":12.3,"msg":"request completed"}""";

    public const string PinoOpenTelemetry = """{"level":30,"time":1767225600123,"pid":1,"hostname":"checkout","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","trace_flags":"01","msg":"order accepted"}""";

    public const string PinoDatadog = """{"level":30,"time":1767225600123,"pid":1,"dd":{"trace_id":"5577006791947779410","span_id":"8674665223082153551","service":"checkout","version":"1.2","env":"prod"},"msg":"order accepted"}""";

    public const string Bunyan = """{"name":"shop","hostname":"shop-0","pid":7,"level":50,"err":{"message":"connect ECONNREFUSED","name":"Error","stack":"Error: connect ECONNREFUSED\n    at TCPConnectWrap.afterConnect (node:net:1555:16)"},"msg":"failed","time":"2026-01-01T00:00:00.123Z","v":0}""";

    public const string Zap = """{"level":"info","ts":1767225600.1234567,"logger":"orders","caller":"orders/service.go:42","msg":"order accepted","user":{"id":"u-17","tier":"gold"},"amount":12.34,"traceID":"4bf92f3577b34da6a3ce929d0e0e4736","spanID":"00f067aa0ba902b7"}""";

    public const string ZapConsole = "2026-01-01T00:00:00.123Z\tINFO\torders/service.go:42\torder accepted\t{\"trace_id\": \"4bf92f3577b34da6a3ce929d0e0e4736\", \"span_id\": \"00f067aa0ba902b7\"}";

    public const string LogrusText = "time=\"2026-01-01T00:00:00Z\" level=info msg=\"order \\\"4711\\\" accepted\" user.id=u-17 trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7";

    public const string LogrusDatadog = """{"dd.span_id":8674665223082153551,"dd.trace_id":5577006791947779410,"level":"info","msg":"order accepted","time":"2026-01-01T00:00:00Z"}""";

    public const string ZerologConsole = "\u001b[90m12:00AM\u001b[0m \u001b[32mINF\u001b[0m order accepted \u001b[36mtrace_id=\u001b[0m4bf92f3577b34da6a3ce929d0e0e4736 \u001b[36muser=\u001b[0mu-17";

    public const string SerilogCompact = """{"@t":"2026-01-01T00:00:00.1234567Z","@mt":"Order {OrderId} accepted","@tr":"4bf92f3577b34da6a3ce929d0e0e4736","@sp":"00f067aa0ba902b7","OrderId":4711,"SourceContext":"Shop.Orders"}""";

    public const string DotNetJsonScopes = """{"Timestamp":"2026-01-01T00:00:00.123Z","EventId":14,"LogLevel":"Information","Category":"Shop.Orders","Message":"Order 4711 accepted","State":{"Message":"Order 4711 accepted","OrderId":4711,"{OriginalFormat}":"Order {OrderId} accepted"},"Scopes":[{"Message":"SpanId:00f067aa0ba902b7, TraceId:4bf92f3577b34da6a3ce929d0e0e4736, ParentId:0000000000000000","SpanId":"00f067aa0ba902b7","TraceId":"4bf92f3577b34da6a3ce929d0e0e4736","ParentId":"0000000000000000"},{"Message":"ConnectionId:0HNI9","ConnectionId":"0HNI9"}]}""";

    public const string DotNetConsoleScopes = "info: Shop.Orders[14]\n      => SpanId:00f067aa0ba902b7, TraceId:4bf92f3577b34da6a3ce929d0e0e4736, ParentId:0000000000000000 => ConnectionId:0HNI9\n      Order 4711 accepted";

    public const string SpringBootEcs = """{"@timestamp":"2026-01-01T00:00:00.123Z","log":{"level":"INFO","logger":"shop.Orders"},"process":{"pid":1,"thread":{"name":"http-nio-8080-exec-1"}},"service":{"name":"shop","node":{}},"message":"order accepted","traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7","ecs":{"version":"8.11"}}""";

    public const string EcsNested = """{"@timestamp":"2026-01-01T00:00:00.123Z","log.level":"info","message":"order accepted","trace": {"id":"4bf92f3577b34da6a3ce929d0e0e4736"},"transaction":{"id":"1111111111111111"},"span": {"id":"00f067aa0ba902b7"}}""";

    public const string EcsDotted = """{"@timestamp":"2026-01-01T00:00:00.123Z","log.level":"INFO","message":"order accepted","trace.id":"4bf92f3577b34da6a3ce929d0e0e4736","transaction.id":"1111111111111111","span.id":"00f067aa0ba902b7"}""";

    public const string Structlog = """{"user_id": 17, "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7", "event": "order accepted", "level": "info", "timestamp": "2026-01-01T00:00:00.123456Z"}""";

    public const string PythonOpenTelemetry = "2026-01-01 00:00:00,123 INFO [shop.orders] [orders.py:42] [trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7 resource.service.name=shop trace_sampled=True] - order accepted";

    public const string PythonOpenTelemetryJson = """{"message": "order accepted", "otelSpanID": "00f067aa0ba902b7", "otelTraceID": "4bf92f3577b34da6a3ce929d0e0e4736", "otelTraceSampled": true, "otelServiceName": "shop"}""";

    public const string GoogleCloud = """{"severity":"INFO","message":"order accepted","logging.googleapis.com/trace":"projects/shop-prod/traces/4bf92f3577b34da6a3ce929d0e0e4736","logging.googleapis.com/spanId":"00f067aa0ba902b7","logging.googleapis.com/trace_sampled":true,"httpRequest":{"requestMethod":"GET","status":200}}""";

    public const string Envoy = """{"authority":"shop","bytes_received":0,"duration":12,"method":"GET","path":"/api/orders/42","protocol":"HTTP/1.1","response_code":200,"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","x_request_id":"1b4e28ba-2fa1-11d2-883f-0016d3cca427","user_agent":null}""";

    public const string Caddy = """{"level":"info","ts":1767225600.123,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"10.1.2.3","method":"GET","host":"shop","uri":"/","headers":{"User-Agent":["curl/8.9"],"Traceparent":["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]}},"bytes_read":0,"duration":0.0012,"status":200}""";

    public const string Traefik = """{"ClientAddr":"10.1.2.3:51234","DownstreamStatus":200,"Duration":1234567,"RequestMethod":"GET","RequestPath":"/api/orders/42","ServiceName":"shop@kubernetes","SpanId":"00f067aa0ba902b7","TraceId":"4bf92f3577b34da6a3ce929d0e0e4736","level":"info","msg":"","time":"2026-01-01T00:00:00Z"}""";

    public const string SpringBoot = "2026-01-01T00:00:00.123Z  INFO 1 --- [shop] [nio-8080-exec-1] [4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7] shop.Orders : order accepted";

    public const string Sleuth3 = "2026-01-01 00:00:00.123  INFO [shop,4bf92f3577b34da6a3ce929d0e0e4736,00f067aa0ba902b7] 1 --- [nio-8080-exec-1] shop.Orders : order accepted";

    public const string Sleuth2 = "2026-01-01 00:00:00.123  INFO [shop,a3ce929d0e0e4736,00f067aa0ba902b7,true] 1 --- [nio-8080-exec-1] shop.Orders : order accepted";

    public const string DatadogJava = "2026-01-01 00:00:00 [main] INFO shop.Orders - dd.service=shop dd.env=prod dd.trace_id=5577006791947779410 dd.span_id=8674665223082153551 - order accepted";

    public const string DatadogJava128 = "2026-01-01 00:00:00 [main] INFO shop.Orders - dd.trace_id=4bf92f3577b34da6a3ce929d0e0e4736 dd.span_id=8674665223082153551 - order accepted";
}
