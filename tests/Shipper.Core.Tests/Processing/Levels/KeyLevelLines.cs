namespace Shipper.Core.Tests.Processing.Levels;

/// <summary>Lines of JSON and logfmt as products write them, with their levels.</summary>
internal static class KeyLevelLines
{
    public static readonly (string Level, string Line)[] Json =
    [
        // zap, zerolog, logrus, slog: controllers, Loki, etcd, Caddy, MinIO.
        ("info", """{"level":"info","ts":1767323045.1234567,"logger":"controller-runtime.metrics","msg":"Starting metrics server"}"""),
        ("error", """{"level":"error","ts":"2026-01-02T03:04:05.678Z","logger":"controllers.Reconciler","msg":"Reconciler error","error":"not found","stacktrace":"main.main\n\t/app/main.go:10"}"""),
        ("fatal", """{"level":"dpanic","ts":1767323045.1,"msg":"odd number of arguments"}"""),
        ("fatal", """{"level":"panic","ts":1767323045.1,"msg":"nil map"}"""),
        ("warn", """{"level":"warn","ts":"2026-01-02T03:04:05.678Z","caller":"etcdserver/util.go:170","msg":"apply request took too long","took":"112.3ms"}"""),
        ("debug", """{"time":"2026-01-02T03:04:05.678901234Z","level":"DEBUG","msg":"cache hit","key":"user:17"}"""),
        ("info", """{"time":"2026-01-02T03:04:05.678901234Z","level":"INFO+2","msg":"between info and warn"}"""),
        ("error", """{"msg":"an error happened","time":"2026-01-02T03:04:05Z","level":"ERROR"}"""),
        ("info", """{"level":"info","ts":"2026-01-02T03:04:05.678Z","msg":"artifact up-to-date with remote revision: 'main@sha1:4ab5c1'","controller":"gitrepository","namespace":"flux-system"}"""),
        ("info", """{"component":"controller","level":"info","msg":"no error","error":null}"""),

        // pino and bunyan.
        ("trace", """{"level":10,"time":1767323045123,"pid":1,"hostname":"web-7f","msg":"enter"}"""),
        ("debug", """{"level":20,"time":1767323045123,"pid":1,"hostname":"web-7f","msg":"cache"}"""),
        ("info", """{"level":30,"time":1767323045123,"pid":1,"hostname":"web-7f","req":{"method":"GET","url":"/?level=error"},"err":null,"msg":"request completed"}"""),
        ("warn", """{"level":40,"time":1767323045123,"pid":1,"msg":"slow"}"""),
        ("error", """{"level":50,"time":1767323045123,"pid":1,"err":{"type":"Error","message":"boom","stack":"Error: boom\n    at /app/x.js:1:1"},"msg":"boom"}"""),
        ("fatal", """{"level":60,"time":1767323045123,"pid":1,"msg":"cannot start"}"""),
        ("info", """{"level":35,"time":1767323045123,"pid":1,"msg":"a custom level"}"""),
        ("error", """{"name":"myapp","hostname":"h","pid":1,"level":50,"msg":"bunyan","time":"2026-01-02T03:04:05.678Z","v":0}"""),
        ("warn", """{"level":"40","msg":"quoted digits"}"""),

        // winston, with its colors too.
        ("info", """{"level":"info","message":"Server listening","service":"user-service","timestamp":"2026-01-02T03:04:05.678Z"}"""),
        ("error", """{"level":"\u001b[31merror\u001b[39m","message":"colorize() before json()"}"""),
        ("trace", """{"level":"silly","message":"winston's lowest level"}"""),
        ("trace", """{"message":"Zone loaded","level":"verbose"}"""),
        ("info", """{"level":"http","message":"GET /users 200"}"""),

        // Google Cloud.
        ("info", """{"severity":"DEFAULT","message":"no severity","timestamp":"2026-01-02T03:04:05Z"}"""),
        ("info", """{"severity":"NOTICE","message":"certificate renewed"}"""),
        ("critical", """{"message":"disk lost","severity":"ALERT"}"""),
        ("critical", """{"severity":"EMERGENCY","message":"system unusable"}"""),
        ("warn", """{"timestamp":{"seconds":1767323045,"nanos":1},"severity":"WARNING","message":"x"}"""),

        // OpenTelemetry.
        ("error", """{"timeUnixNano":"1767323045000000000","severityNumber":17,"severityText":"Error","body":{"stringValue":"x"}}"""),
        ("info", """{"Timestamp":"2026-01-02T03:04:05Z","SeverityText":"INFO","Body":"x"}"""),
        ("warn", """{"severity_text":"WARN","body":"x"}"""),
        ("debug", """{"body":"only the number","severityNumber":5}"""),

        // .NET: Microsoft's JSON console, Serilog's two formats, NLog.
        ("info", """{"EventId":14,"LogLevel":"Information","Category":"Microsoft.Hosting.Lifetime","Message":"Now listening on: http://[::]:8080","State":{"address":"http://[::]:8080"}}"""),
        ("critical", """{"Timestamp":"2026-01-02T03:04:05Z","EventId":6,"LogLevel":"Critical","Category":"App","Message":"Failed"}"""),
        ("info", """{"@t":"2026-01-02T03:04:05.6789012Z","@mt":"User {User} logged in","User":"ann"}"""),
        ("error", """{"@t":"2026-01-02T03:04:05.6789012Z","@mt":"Failed {Id}","@l":"Error","@x":"System.InvalidOperationException: x\n   at A.B()","Id":7}"""),
        ("fatal", """{"@t":"2026-01-02T03:04:05.6789012Z","@m":"Host terminated","@i":"84d1d9","@l":"Fatal"}"""),
        ("info", """{"@t":"2026-01-02T03:04:05.6789012Z","@mt":"{Level} reached","Level":"Warning"}"""),
        ("debug", """{"Timestamp":"2026-01-02T03:04:05.67+00:00","Level":"Debug","MessageTemplate":"x","Properties":{"level":"Error"}}"""),
        ("trace", """{ "time": "2026-01-02 03:04:05.6789", "level": "Trace", "nested": { "message": "x" } }"""),

        // The JVM: logstash-logback-encoder, log4j2, ECS, Quarkus.
        ("info", """{"@timestamp":"2026-01-02T03:04:05.678Z","@version":"1","message":"Started","logger_name":"com.example.App","thread_name":"main","level":"INFO","level_value":20000}"""),
        ("error", """{"@timestamp":"2026-01-02T03:04:05.678Z","message":"Failed","level_value":40000}"""),
        ("warn", """{"@timestamp":"2026-01-02T03:04:05.678Z", "log.level": "WARN", "message":"this action is deprecated", "ecs.version": "1.2.0"}"""),
        ("error", """{"@timestamp":"2026-01-02T03:04:05.678Z","log":{"logger":"app","level":"error"},"message":"x"}"""),
        ("info", """{"type": "server", "timestamp": "2026-01-02T03:04:05,678Z", "level": "INFO", "component": "o.e.n.Node", "message": "started"}"""),
        ("debug", """{"timestamp":"2026-01-02T03:04:05.678Z","sequence":1,"loggerClassName":"org.jboss.logging.Logger","loggerName":"io.quarkus","level":"DEBUG","message":"x"}"""),

        // Python, PHP, Ruby, Go's hclog, Falco, the journal.
        ("error", """{"asctime": "2026-01-02 03:04:05,678", "name": "app", "levelname": "ERROR", "message": "x"}"""),
        ("critical", """{"event": "x", "logger": "a", "level": "critical", "timestamp": "2026-01-02T03:04:05Z"}"""),
        ("warn", """{"message":"x","context":{},"level":300,"level_name":"WARNING","channel":"app","datetime":"2026-01-02T03:04:05.678+00:00","extra":{}}"""),
        ("info", """{"message":"x","context":{},"level":250,"level_name":"NOTICE","channel":"app"}"""),
        ("info", """{"severity":"INFO","time":"2026-01-02T03:04:05.678Z","correlation_id":"01J","class":"PostReceive","job_status":"done"}"""),
        ("warn", """{"@level":"warn","@message":"heartbeat missed","@module":"core.raft","@timestamp":"2026-01-02T03:04:05.678Z"}"""),
        ("info", """{"hostname":"n1","output":"03:04:05.678: Notice A shell was spawned","priority":"Notice","rule":"Terminal shell in container"}"""),
        ("error", """{"__REALTIME_TIMESTAMP":"1767323045000000","PRIORITY":"3","MESSAGE":"Failed to start x"}"""),
        ("debug", """{"host":"h","priority":7,"msg":"x"}"""),
        ("info", """{"priority":1,"level":"info","msg":"a job with a priority"}"""),
        ("critical", """{"syslog":{"severity":2,"facility":3},"msg":"x"}"""),
        ("warn", """{"log_level":"warning","msg":"x"}"""),
        ("error", """{"logLevel":"ERROR","msg":"x"}"""),
        ("info", """{"lvl":"info","msg":"x"}"""),
        ("error", """{"LVL":"eror","msg":"x"}"""),

        // MongoDB.
        ("info", """{"t":{"$date":"2026-01-02T03:04:05.678+00:00"},"s":"I",  "c":"NETWORK",  "id":22943,   "ctx":"listener","msg":"Connection accepted","attr":{"remote":"10.1.2.3:4567"}}"""),
        ("error", """{"t":{"$date":"2026-01-02T03:04:05.678+00:00"},"s":"E",  "c":"STORAGE",  "id":22435,   "ctx":"initandlisten","msg":"WiredTiger error"}"""),
        ("debug", """{"t":{"$date":"2026-01-02T03:04:05.678+00:00"},"s":"D2", "c":"QUERY",    "id":20914,   "ctx":"conn5","msg":"x"}"""),

        // Behind a time, over several lines, cut off, and with a nested message that says otherwise.
        ("error", """2026/01/02 03:04:05 {"level":"error","msg":"log.Println of a JSON text"}"""),
        ("warn", "{\n  \"message\": \"pretty-printed\",\n  \"level\": \"warn\"\n}"),
        ("info", """{"level":"info","msg":"a line that was cut off, and so on and so"""),
        ("debug", """{"message":"{\"level\":\"error\",\"msg\":\"nested\"}","level":"debug"}"""),
        ("info", """{"req":{"headers":{"level":"error","x":["]","}"]}},"tags":[{"level":"fatal"}],"level":"info"}"""),
    ];

    public static readonly (string Level, string Line)[] Logfmt =
    [
        ("info", """time="2026-01-02T03:04:05.678901234Z" level=info msg="loading plugin" id=io.containerd.snapshotter.v1.overlayfs type=io.containerd.snapshotter.v1"""),
        ("error", """time="2026-01-02T03:04:05Z" level=error msg="Handler for POST /v1.45/containers/create returned error: No such image: a:b" """),
        ("warn", """ts=2026-01-02T03:04:05.678Z caller=main.go:1234 level=warn component=tsdb msg="Head GC completed" duration=1.2ms"""),
        ("info", """time=2026-01-02T03:04:05.678Z level=INFO source=main.go:630 msg="No time or size retention was set so using the default time retention" duration=15d"""),
        ("info", """logger=context userId=0 orgId=1 uname= t=2026-01-02T03:04:05.678901234Z level=info msg="Request Completed" method=GET path=/api/live/ws status=-1 handler=/api/live/ws"""),
        ("error", """t=2026-01-02T03:04:05+0000 lvl=eror msg="Failed to look up user" logger=context error="user not found" """),
        ("debug", """t=2026-01-02T03:04:05+0000 lvl=dbug msg="x" logger=ngalert"""),
        ("info", """level=info ts=2026-01-02T03:04:05.678901234Z caller=metrics.go:237 component=frontend org_id=fake latency=fast query="{app=\"x\"} |= \"level=error\"" """),
        ("info", """time="2026-01-02T03:04:05Z" level=info msg="Comparing app state (cluster: https://kubernetes.default.svc, namespace: default)" application=argocd/guestbook"""),
        ("warn", """level=warning msg="Unable to find identity of previously used CIDR" cidr=10.0.0.0/8 subsys=ipcache"""),
        ("info", """time="2026-01-02T03:04:05Z" level="info" msg="quoted level" """),
        ("fatal", """time="2026-01-02T03:04:05Z" level=fatal msg="listen tcp :80: bind: address already in use" """),
        ("info", """level=info err="<nil>" error=null msg=done"""),
        ("info", """msg="said level=error loudly" level=info"""),
        ("debug", """2026-01-02T03:04:05Z LEVEL=debug msg=x"""),
        ("error", """ts=2026-01-02T03:04:05Z severity=error msg=x"""),
        ("error", """PRIORITY=3 MESSAGE=x"""),
        ("error", """ts=1 priority=1 level=error"""),
        ("info", """ts=2026-01-02T03:04:05Z lvl=info msg="Storing engine" service=store"""),
        ("warn", "\u001b[36mts\u001b[0m=2026-01-02T03:04:05Z \u001b[36mlevel\u001b[0m=\u001b[33mwarn\u001b[0m msg=x"),
        ("info", """at=info method=GET path="/" host=example.com level=info"""),
    ];
}
