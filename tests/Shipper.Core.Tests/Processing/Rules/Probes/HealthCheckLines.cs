namespace Shipper.Core.Tests.Processing.Rules.Probes;

/// <summary>Lines as today's products write them.</summary>
internal static class HealthCheckLines
{
    /// <summary>Health checks that succeeded.</summary>
    public static string[] Checks { get; } =
    [
        // nginx, ingress-nginx
        """10.244.0.1 - - [12/Mar/2026:10:15:32 +0000] "GET /healthz HTTP/1.1" 200 2 "-" "kube-probe/1.33" """,
        """10.244.0.1 - - [12/Mar/2026:10:15:32 +0000] "GET / HTTP/1.1" 200 615 "-" "kube-probe/1.33" "-" """,
        """10.0.3.17 - - [12/Mar/2026:10:15:32 +0000] "GET /login HTTP/1.1" 200 5123 "-" "ELB-HealthChecker/2.0" """,
        """35.191.10.4 - - [12/Mar/2026:10:15:32 +0000] "GET /healthz HTTP/1.1" 200 0 "-" "GoogleHC/1.0" 101 0.001 [default-web-80] [] 10.4.0.7:8080 0 0.001 200 3f0c1a""",
        """{"time":"2026-03-12T10:15:32+00:00","remote_addr":"10.244.0.1","request":"GET /healthz HTTP/1.1","status":"200","body_bytes_sent":"2","http_user_agent":"kube-probe/1.33"}""",
        """{"msec":"1773310532.113","request_method":"GET","request_uri":"\/health?full=1","server_protocol":"HTTP\/1.1","status":"204","http_user_agent":"curl\/8.5.0"}""",

        // Apache
        """10.244.0.1 - - [12/Mar/2026:10:15:32 +0000] "HEAD /ping HTTP/1.0" 200 - "-" "-" """,
        """web:80 10.244.0.1 - - [12/Mar/2026:10:15:32 +0000] "GET /server/healthz?verbose HTTP/1.1" 200 196 "-" "Go-http-client/1.1" """,

        // Envoy, Istio
        """[2026-03-12T10:15:32.114Z] "GET /healthz/ready HTTP/1.1" 200 - via_upstream - "-" 0 0 1 1 "-" "kube-probe/1.33" "c1f6b7d0-6a5d-9c6e-8e2d-3d2a9f0b0f4e" "10.244.1.7:15021" "127.0.0.1:15020" """,
        """[2026-03-12T10:15:32.114Z] "GET /anything HTTP/2" 200 - 0 13 1 0 "-" "Envoy/HC" "3f0c1a" "service" "10.0.0.2:80" """,
        """[2026-03-12T10:15:32.114Z] "POST /grpc.health.v1.Health/Check HTTP/2" 200 - 5 7 1 0 "-" "grpc-go/1.71.0" "3f0c1a" "service" "10.0.0.2:80" """,
        """{"authority":"10.244.1.7:15021","bytes_sent":0,"duration":1,"method":"GET","path":"/healthz/ready","protocol":"HTTP/1.1","response_code":200,"response_flags":"-","start_time":"2026-03-12T10:15:32.114Z","user_agent":"kube-probe/1.33"}""",

        // Traefik
        """10.42.0.1 - - [12/Mar/2026:10:15:32 +0000] "GET /ping HTTP/1.1" 200 2 "-" "-" 14 "ping@internal" "-" 0ms""",
        """{"ClientHost":"10.42.0.1","DownstreamStatus":200,"Duration":40523,"OriginStatus":0,"RequestMethod":"GET","RequestPath":"/ping","RequestProtocol":"HTTP/1.1","entryPointName":"traefik","level":"info","msg":"","request_User-Agent":"kube-probe/1.33","time":"2026-03-12T10:15:32Z"}""",

        // Caddy
        """{"level":"info","ts":1773310532.11,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"10.244.0.1","proto":"HTTP/1.1","method":"GET","host":"10.244.1.9","uri":"/","headers":{"User-Agent":["kube-probe/1.33"],"Accept":["*/*"]}},"duration":0.00004,"size":0,"status":200,"resp_headers":{"Server":["Caddy"]}}""",
        """2026/03/12 10:15:32.113	INFO	http.log.access	handled request	{"request": {"remote_ip": "10.244.0.1", "method": "GET", "uri": "/healthz"}, "user_id": "", "duration": 0.00004, "status": 200}""",

        // Kong
        """{"request":{"uri":"/status","url":"http://10.0.0.1:8100/status","method":"GET","headers":{"user-agent":"kube-probe/1.33","host":"10.0.0.1"}},"response":{"status":200,"size":912},"latencies":{"request":3},"client_ip":"10.244.0.1"}""",

        // HAProxy
        """Mar 12 10:15:32 lb haproxy[1811]: 10.0.1.2:33317 [12/Mar/2026:10:15:32.655] http-in static/srv1 0/0/0/1/1 200 120 - - ---- 1/1/0/0/0 0/0 {10.0.0.1} {} "GET /health HTTP/1.1" """,

        // gin, Fiber, Echo, chi, zap, logrus, slog, klog
        """[GIN] 2026/03/12 - 10:15:32 | 200 |      39.542µs |      10.244.0.1 | GET      "/healthz" """,
        "[GIN] 2026/03/12 - 10:15:32 |\e[97;42m 200 \e[0m|      39.542µs |      10.244.0.1 |\e[97;44m GET     \e[0m \"/readyz\"",
        """10:15:32 | 200 |     0s | 10.244.0.1 | GET | /livez | -""",
        """{"time":"2026-03-12T10:15:32.11Z","id":"","remote_ip":"10.244.0.1","host":"10.244.1.9:8080","method":"GET","uri":"/health","user_agent":"kube-probe/1.33","status":200,"error":"","latency":20151,"latency_human":"20.151µs","bytes_in":0,"bytes_out":2}""",
        """2026/03/12 10:15:32 [web-7d4/9Zk-000012] "GET http://10.244.1.9:8080/healthz HTTP/1.1" from 10.244.0.1:51234 - 200 2B in 21.4µs""",
        """2026-03-12T10:15:32.113Z	INFO	http/server.go:87	request	{"method":"GET","path":"/readyz","status":200,"latency":"35µs"}""",
        """time="2026-03-12T10:15:32Z" level=info msg="request completed" method=GET path=/healthz status=200 duration=0.4ms""",
        """time=2026-03-12T10:15:32.113Z level=INFO msg=request http.method=GET http.path=/health/live http.status_code=200""",
        """I0312 10:15:32.113411       1 httplog.go:134] "HTTP" verb="GET" URI="/livez?exclude=etcd" latency="1.2ms" userAgent="kube-probe/1.33" audit-ID="8c1" srcIP="10.0.0.5:34567" resp=200""",
        """I0312 10:15:32.113411       1 httplog.go:90] GET /healthz: (1.2ms) 200 [kube-probe/1.16 10.0.0.5:34567]""",
        """level=debug ts=2026-03-12T10:15:32.113Z caller=logging.go:128 msg="GET /ready (200) 39.5µs" """,
        """{"ts":1773310532113.4,"caller":"httplog/httplog.go:134","msg":"HTTP","v":0,"verb":"GET","URI":"/readyz","latency":"1.2ms","userAgent":"kube-probe/1.33","resp":200}""",

        // Grafana, Loki, Prometheus
        """logger=context userId=0 orgId=0 uname= t=2026-03-12T10:15:32.11Z level=info msg="Request Completed" method=GET path=/api/health status=200 remote_addr=10.244.0.1 time_ms=1 duration=1.2ms size=101 referer= handler=/api/health""",
        """10.244.0.1 - - [12/Mar/2026:10:15:32 +0000] "GET /actuator/prometheus HTTP/1.1" 200 18321 "-" "Prometheus/3.2.1" """,
        """10.244.0.1 - - [12/Mar/2026:10:15:32 +0000] "GET /metrics HTTP/1.1" 200 18321 "-" "vm_promscrape" """,

        // Python: uvicorn, gunicorn, Werkzeug, Django, uWSGI, Tornado
        """INFO:     10.244.0.1:51234 - "GET /healthz HTTP/1.1" 200 OK""",
        "\e[32mINFO\e[0m:     10.244.0.1:51234 - \"\e[1mGET /healthz HTTP/1.1\e[0m\" \e[32m200 OK\e[0m",
        """10.244.0.1 - - [12/Mar/2026:10:15:32 +0000] "GET /readiness HTTP/1.1" 200 15 "-" "kube-probe/1.33" """,
        """10.244.0.1 - - [12/Mar/2026 10:15:32] "GET /health HTTP/1.1" 200 -""",
        """[12/Mar/2026 10:15:32] "GET /api/v1/health/ HTTP/1.1" 200 16""",
        """[pid: 11|app: 0|req: 7/21] 10.244.0.1 () {34 vars in 412 bytes} [Thu Mar 12 10:15:32 2026] GET /healthz => generated 2 bytes in 1 msecs (HTTP/1.1 200) 2 headers in 79 bytes (1 switches on core 0)""",
        """[I 260312 10:15:32 web:2348] 200 GET /healthz (10.244.0.1) 0.61ms""",
        """{"asctime": "2026-03-12 10:15:32", "levelname": "INFO", "name": "uvicorn.access", "message": "10.244.0.1:51234 - \"GET /healthz HTTP/1.1\" 200"}""",

        // Java: Tomcat, Spring Boot, Quarkus, Micronaut
        """10.244.0.1 - - [12/Mar/2026:10:15:32 +0000] "GET /actuator/health/readiness HTTP/1.1" 200 15""",
        """10.244.0.1 - - [12/Mar/2026:10:15:32 +0000] "GET /orders/actuator/health HTTP/1.1" 200 49 3""",
        """2026-03-12 10:15:32,113 INFO  [io.qua.htt.access-log] (executor-thread-1) 10.244.0.1 - - 12/Mar/2026:10:15:32 +0000 "GET /q/health/live HTTP/1.1" 200 46""",
        """{"@timestamp":"2026-03-12T10:15:32.113Z","log.level":"INFO","http.request.method":"GET","url.path":"/actuator/health","http.response.status_code":200,"user_agent.original":"kube-probe/1.33"}""",
        """{"@timestamp":"2026-03-12T10:15:32.113Z","http":{"request":{"method":"GET"},"response":{"status_code":200}},"url":{"path":"/health","original":"/health"},"user_agent":{"original":"kube-probe/1.33"}}""",

        // .NET: ASP.NET Core, Serilog
        """      Request finished HTTP/1.1 GET http://10.244.1.9:8080/healthz - 200 - text/plain 0.4567ms""",
        """      Request finished HTTP/1.1 GET http://10.244.1.9/health - - - 200 - text/plain 1.1234ms""",
        """{"EventId":2,"LogLevel":"Information","Category":"Microsoft.AspNetCore.Hosting.Diagnostics","Message":"Request finished HTTP/1.1 GET http://10.244.1.9:8080/healthz - 200 - text/plain 0.4567ms","State":{"ElapsedMilliseconds":0.4567,"StatusCode":200,"ContentType":"text/plain","Protocol":"HTTP/1.1","Method":"GET","Scheme":"http","Host":"10.244.1.9:8080","PathBase":"","Path":"/healthz","QueryString":""}}""",
        """[10:15:32 INF] HTTP GET /health/ready responded 200 in 0.4567 ms""",
        """{"@t":"2026-03-12T10:15:32.1134Z","@mt":"HTTP {RequestMethod} {RequestPath} responded {StatusCode} in {Elapsed:0.0000} ms","RequestMethod":"GET","RequestPath":"/health","StatusCode":200,"Elapsed":0.45,"SourceContext":"Serilog.AspNetCore.RequestLoggingMiddleware"}""",

        // Ruby: Puma, lograge
        """10.244.0.1 - - [12/Mar/2026:10:15:32 +0000] "GET /up HTTP/1.1" 200 - 0.0012""",
        """method=GET path=/up format=*/* controller=Rails::HealthController action=show status=200 duration=0.91 view=0.31 db=0.00""",

        // Node.js: morgan, pino-http, bunyan, Next.js, koa
        """GET /healthz 200 1.204 ms - 2""",
        "\e[0mGET /healthz \e[32m200\e[0m 1.204 ms - 2\e[0m",
        """::ffff:10.244.0.1 - GET /ping HTTP/1.1 200 4 - 0.512 ms""",
        """{"level":30,"time":1773310532113,"pid":1,"hostname":"web-7d4","req":{"id":1,"method":"GET","url":"/healthz","query":{},"headers":{"host":"10.244.1.9:3000","user-agent":"kube-probe/1.33"},"remoteAddress":"10.244.0.1"},"res":{"statusCode":200,"headers":{"content-length":"2"}},"responseTime":1,"msg":"request completed"}""",
        """ GET /api/health 200 in 12ms""",

        // Rust: actix-web, tower-http
        """[2026-03-12T10:15:32Z INFO  actix_web::middleware::logger] 10.244.0.1 "GET /healthz HTTP/1.1" 200 2 "-" "kube-probe/1.33" 0.000112""",
        """2026-03-12T10:15:32.113Z DEBUG request{method=GET uri=/healthz version=HTTP/1.1}: tower_http::trace::on_response: finished processing request latency=0 ms status=200""",

        // Google Cloud, GitLab, Consul
        """{"severity":"INFO","httpRequest":{"requestMethod":"GET","requestUrl":"http://10.4.0.7/anything","status":200,"userAgent":"GoogleHC/1.0","latency":"0.001s"},"time":"2026-03-12T10:15:32Z"}""",
        """{"method":"GET","path":"/-/readiness","format":"html","controller":"HealthController","action":"readiness","status":200,"time":"2026-03-12T10:15:32.113Z","ua":"kube-probe/1.33"}""",
        """10.0.0.3 - - [12/Mar/2026:10:15:32 +0000] "GET /v1/info HTTP/1.1" 204 0 "-" "Consul Health Check" """,
    ];

    /// <summary>Lines that must be kept.</summary>
    public static string[] Others { get; } =
    [
        // Not a success
        """10.244.0.1 - - [12/Mar/2026:10:15:32 +0000] "GET /healthz HTTP/1.1" 503 19 "-" "kube-probe/1.33" """,
        """10.244.0.1 - - [12/Mar/2026:10:15:32 +0000] "GET /healthz HTTP/1.1" 404 19 "-" "kube-probe/1.33" """,
        """10.244.0.1 - - [12/Mar/2026:10:15:32 +0000] "GET /health HTTP/1.1" 301 0 "-" "ELB-HealthChecker/2.0" """,
        """10.244.0.1 - - [12/Mar/2026:10:15:32 +0000] "GET /ready HTTP/1.1" 500 200 "-" "kube-probe/1.33" """,
        """[GIN] 2026/03/12 - 10:15:32 | 503 |      39.542µs |      10.244.0.1 | GET      "/healthz" """,
        """INFO:     10.244.0.1:51234 - "GET /healthz HTTP/1.1" 503 Service Unavailable""",
        """      Request finished HTTP/1.1 GET http://10.244.1.9:8080/healthz - 503 - text/plain 0.4567ms""",
        """[10:15:32 ERR] HTTP GET /health/ready responded 503 in 0.4567 ms""",
        """GET /healthz 500 1.204 ms - 2""",
        """GET /healthz - - ms - -""",
        """{"method":"GET","uri":"/health","user_agent":"kube-probe/1.33","status":503}""",
        """{"ClientHost":"10.42.0.1","DownstreamStatus":502,"OriginStatus":200,"RequestMethod":"GET","RequestPath":"/ping"}""",
        """{"time":"2026-03-12T10:15:32.11Z","method":"GET","uri":"/health","status":200,"error":"write tcp 10.0.0.1:80: broken pipe"}""",
        """level=info msg="request completed" method=GET path=/healthz status=200 err="context deadline exceeded" """,
        """method=GET path=/healthz status=429 duration=0.4ms""",
        """I0312 10:15:32.113411       1 httplog.go:134] "HTTP" verb="GET" URI="/livez" latency="1.2ms" userAgent="kube-probe/1.33" resp=500""",
        """[I 260312 10:15:32 web:2348] 404 GET /healthz (10.244.0.1) 0.61ms""",
        """Mar 12 10:15:32 lb haproxy[1811]: 10.0.1.2:33317 [12/Mar/2026:10:15:32.655] http-in static/<NOSRV> 0/-1/-1/-1/1 503 120 - - SC-- 1/1/0/0/0 0/0 "GET /health HTTP/1.1" """,
        """[2026-03-12T10:15:32.114Z] "GET /healthz HTTP/1.1" 0 DC - "-" 0 0 1 - "-" "kube-probe/1.33" "3f0c1a" "service" "-" """,

        // No status
        """Started GET "/up" for 10.244.0.1 at 2026-03-12 10:15:32 +0000""",
        """      Request starting HTTP/1.1 GET http://10.244.1.9:8080/healthz - - -""",
        """Registered route GET /healthz""",
        """[GIN-debug] GET    /healthz                  --> main.main.func1 (3 handlers)""",
        """Listening on :8080, probes under /healthz and /readyz""",
        """level=info msg="probe /healthz is slow" duration=200ms""",
        """GET /healthz took 200 ms""",
        """GET /healthz 200ms""",
        """Warning  Unhealthy  kubelet  Readiness probe failed: Get "http://10.244.1.9:8080/healthz": context deadline exceeded""",
        """2026/03/12 10:15:32 [error] 31#31: *1 upstream timed out, client: 10.244.0.1, server: _, request: "GET /healthz HTTP/1.1", upstream: "http://10.0.0.9:80/healthz" """,
        """{"level":"info","msg":"starting","healthPath":"/healthz","port":8080}""",
        """{"status":"ok","path":"/healthz"}""",

        // The path only looks like it
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "GET /api/healthcare HTTP/1.1" 200 512 "-" "okhttp/4.12.0" """,
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "GET /users/health-plan HTTP/1.1" 200 512 "-" "okhttp/4.12.0" """,
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "GET /search?next=/healthz HTTP/1.1" 200 512 "-" "okhttp/4.12.0" """,
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "GET /search?q=kube-probe/1.33 HTTP/1.1" 200 512 "-" "okhttp/4.12.0" """,
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "GET /search?q=%22&path=/healthz&status=200 HTTP/1.1" 200 512 "-" "okhttp/4.12.0" """,
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "GET /orders/42/status HTTP/1.1" 200 512 "-" "okhttp/4.12.0" """,
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "GET /health/patients/17 HTTP/1.1" 200 512 "-" "okhttp/4.12.0" """,
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "GET /livestream HTTP/1.1" 200 512 "-" "okhttp/4.12.0" """,
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "GET /uploads HTTP/1.1" 200 512 "https://example.com/healthz" "okhttp/4.12.0" """,
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "GET /statuses HTTP/1.1" 200 512 "-" "okhttp/4.12.0" """,
        """{"method":"GET","path":"/api/v1/healthcare/plans","status":200,"referer":"/healthz"}""",
        """{"method":"GET","url":"/orders?health=/healthz","status":200}""",
        """method=GET path=/ping-pong/scores status=200 duration=2ms""",
        """GET /metrics-dashboard 200 12.1 ms - 512""",
        """GET /team/metrics 200 12.1 ms - 512""",
        """{"method":"GET","path":"/orders","status":200,"user_agent":"Go-http-client/1.1","upstream":"/status"}""",

        // People, and requests that change something
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "GET /status HTTP/1.1" 200 512 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0" """,
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "GET /live HTTP/2.0" 200 51200 "https://example.com/" "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X)" """,
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "POST /status HTTP/1.1" 201 12 "-" "okhttp/4.12.0" """,
        """{"method":"PUT","path":"/heartbeat","status":204}""",
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "GET /orders HTTP/1.1" 200 512 "-" "Prometheus/3.2.1" """,

        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "POST /transfer HTTP/1.1" 200 512 "-" "kube-probe/1.31" """,
        """{"method":"DELETE","path":"/orders/17","status":204,"user_agent":"kube-probe/1.31"}""",
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "POST /healthz HTTP/1.1" 200 2 "-" "kube-probe/1.31" """,
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "GET /ping?user=admin HTTP/1.1" 200 2 "-" "-" """,
        """method=GET path=/up?token=1 status=200 duration=2ms""",
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "GET /ping HTTP/1.1" 200 2 "-" "okhttp/4.12.0" """,
        """{"method":"GET","path":"/status","status":200,"user_agent":"curl/8.5.0"}""",
        """10.1.2.3 - - [12/Mar/2026:10:15:32 +0000] "GET /metrics HTTP/1.1" 200 18321 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0" """,
        """GET /metrics 200 12.1 ms - 512""",

        // Something else
        """{"level":"info","msg":"pushed","url":"http://loki:3100/ready","path":"/var/log/pods","status":200}""",
        """INFO health check of postgres succeeded in 200 ms (/health)""",
        """level=info msg="GET /healthz HTTP/1.1 200" status=500""",
        "GET /healthz 200 1.204 ms - 2\nTypeError: Cannot read properties of undefined (reading 'id')\n    at /app/server.js:12:3",
        """{"req":{"method":"GET","url":"/healthz"},"res":{"statusCode":200},"err":{"type":"Error","message":"socket hang up"}}""",
    ];
}
