using System.Globalization;

namespace Shipper.Core.Tests.Processing.Redaction;

/// <summary>
/// Invents lines as today's programs write them, without secrets or personal data other than addresses, but full of things that look similar: UUIDs, hashes,
/// base64, long numbers, versions, times, trace ids.
/// </summary>
internal sealed class OrdinaryLines(int seed)
{
    private const string Base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string Names = "bcdfghjklmnpqrstvwxz2456789";

    private static readonly string[] Paths =
        ["/api/v1/orders", "/api/v2/customers", "/healthz", "/metrics", "/static/app.3f2a1b9c.js", "/login", "/oauth2/token", "/reset-password", "/secrets/list", "/v1/tokens"];

    private static readonly string[] Agents =
    [
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.91", "kube-probe/1.34", "curl/8.5.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148", "Go-http-client/2.0", "Prometheus/3.1.0",
        "okhttp/4.12.0", "python-requests/2.32.3", "ELB-HealthChecker/2.0",
    ];

    private static readonly string[] Messages =
    [
        "order created", "cache miss", "retrying the request", "token refreshed", "password changed", "secret rotated", "user logged in", "basic auth is disabled",
        "bearer scheme expected", "api key validated", "no access key configured", "connection reset by peer", "slow query", "message acknowledged",
        "unexpected token '}' in JSON at position 12", "passwd file reloaded", "private key loaded from /etc/tls/tls.key", "public access_key rotation is due",
    ];

    private static readonly string[] Classes =
        ["c.s.orders.web.OrderController", "o.s.web.servlet.DispatcherServlet", "org.apache.kafka.clients.NetworkClient", "c.z.hikari.pool.HikariPool", "o.s.s.o.TokenEndpoint", "c.s.a.PasswordEncoder"];

    private static readonly string[] Kinds = ["ReplicaSet", "Deployment", "Secret", "ServiceAccountToken", "Pod", "EndpointSlice", "ConfigMap"];

    // Similar to the forms of secrets.
    private static readonly string[] Similar =
    [
        "SELECT id, password, token FROM users WHERE password IS NOT NULL AND id =", "SELECT * FROM users WHERE password = $1 AND token = ? LIMIT", "UPDATE users SET password = ?, token = :token WHERE id =",
        "ALTER TABLE users ADD COLUMN password VARCHAR(255) NOT NULL; ADD secret_key TEXT;", "      --password string  the password of the user (default \"\")", "  --token TOKEN    a token, see --token-file; limit",
        "usage: login [--user USER] [--password PASSWORD] [--api-key KEY] ID", "Warning: use --password-stdin instead of --password ;", "--password is deprecated since", "--password sha-1 is no hash",
        "<password></password><token/><secret> </secret><xs:element name=\"password\" type=\"xs:string\"/>", "<label for=\"password\">Password</label><input type=\"password\" name=\"password\">",
        "Map<String, Token> tokens, List<Secret>", "cookie=12 cookies=3 cookie_count=4", "Set-Cookie is missing, cookie: none, cookie=", "cookie: path=/; secure=true; max-age=3600",
        "{\"cookie\":{\"originalMaxAge\":null,\"httpOnly\":true},\"cookies\":[],\"n\":1}", "authorization: denied, authorization=granted, authorization:", "{\"authorization\":\"required\",\"authorization_id\":\"8f14e45f\"}",
        "RBAC authorization for user jane: allowed", "SG.sales hf_model dapi.v1 hvs.0 dckr_pat pypi-server dop_v1", "[\"--password\",\"--token\"] [\"password\",\"token\"]", "Server=db;Database=orders;Encrypt=true; password missing;",
        "{\"name\":\"password\",\"type\":\"password\",\"value\":\"\"} input('Password: ', 'Token: ')", "Password: incorrect, wrong password: \"try again\", attempts:",
        "EnvVar{Name:DB_PASSWORD,Value:,ValueFrom:&EnvVarSource{SecretKeyRef:db,}}", "private_key=/etc/tls/private/ServiceKey2 token=/run/secrets/Token1 in",
        "\u001b[36mtoken\u001b[0m=12 \u001b[36mpassword\u001b[0m= \u001b[36mn\u001b[0m=1", "https://registry.npmjs.org:443/@babel/core@7 postgres://db:5432/shop@",
        "{\"required\":[\"password\",\"token\",\"secret\"],\"errors\":{\"password\":[\"is too short\",\"is required\"]}}",
    ];

    private readonly Random _random = new(seed);
    private readonly Dictionary<string, string[]> _times = [];

    /// <summary>Number of formats.</summary>
    public static int Formats => 14;

    /// <summary>Returns true if lines of the format have IP addresses.</summary>
    public static bool HasAddresses(int format) => format is 0 or 1 or 2;

    public string Next(int format) => format switch
    {
        0 => $"{Ip()} - - [{Time("dd/MMM/yyyy:HH:mm:ss")} +0000] \"{Pick("GET", "POST", "PUT")} {Pick(Paths)}/{Uuid()}?page={Number(99)}&tokens={Number(99)} HTTP/1.1\" {Pick("200", "204", "404", "500")} {Number(99_999)} \"https://shop.example.com{Pick(Paths)}?q={Text(Base64, 8)}\" \"{Pick(Agents)}\" {Number(9)}.{Number(999):D3}",
        1 => $"[{Time("yyyy-MM-ddTHH:mm:ss.fff")}Z] \"GET {Pick(Paths)} HTTP/2\" 200 - via_upstream - \"-\" 0 {Number(9999)} {Number(99)} {Number(99)} \"-\" \"{Pick(Agents)}\" \"{Uuid()}\" \"orders.shop.svc.cluster.local:8080\" \"{Ip()}:8080\" outbound|8080||orders.shop.svc.cluster.local {Ip()}:{Number(65_535)} - default",
        2 => $"{Time("yyyy/MM/dd HH:mm:ss")} [error] {Number(99)}#{Number(99)}: *{Number(99_999)} connect() failed (111: Connection refused) while connecting to upstream, client: {Ip()}, server: _, request: \"GET {Pick(Paths)} HTTP/1.1\", upstream: \"http://{Ip()}:8080{Pick(Paths)}\"",
        3 => $"{{\"time\":\"{Time("yyyy-MM-ddTHH:mm:ss.ffffff")}Z\",\"level\":\"info\",\"msg\":\"{Pick(Messages)}\",\"trace_id\":\"{Hex(32)}\",\"span_id\":\"{Hex(16)}\",\"order_id\":{Digits(16)},\"request_id\":\"{Uuid()}\",\"etag\":\"{Text(Base64, 24)}\",\"tokens\":{Number(4096)},\"ns\":{Epoch(1_000_000_000)},\"ms\":{Number(999)}}}",
        4 => $"{{\"@timestamp\":\"{Time("yyyy-MM-ddTHH:mm:ss.fff")}Z\",\"@version\":\"1\",\"message\":\"{Pick(Messages)}\",\"logger_name\":\"{Pick(Classes)}\",\"token_type\":\"bearer\",\"password_reset\":false,\"secretName\":\"{Name()}\",\"usage\":{{\"prompt_tokens\":{Number(9999)},\"total_tokens\":{Number(9999)}}},\"sha\":\"{Hex(40)}\",\"offset\":{Digits(15)}}}",
        5 => $"{Time("yyyy-MM-dd HH:mm:ss.fff")}  INFO 1 --- [nio-8080-exec-{Number(99)}] {Pick(Classes),-40} : {Pick(Messages)} Order@{Hex(8)} version {Version()} in {Number(999)} ms, checksum {Hex(64)}",
        6 => $"I{Time("MMdd HH:mm:ss.ffffff")} {Number(99),7} controller.go:{Number(999)}] \"{Pick("Successfully synced", "Couldn't get secret", "Token expired")}\" logger=\"{Name()}\" kind=\"{Pick(Kinds)}\" secret=\"kube-system/{Name()}\" token=\"{Name()}\" key=\"shop/{Name()}\" duration=\"{Number(99)}.{Number(999)}ms\"",
        7 => $"E{Time("MMdd HH:mm:ss.ffffff")} {Number(99),7} kubelet.go:{Number(999)}] \"MountVolume.SetUp failed\" err=\"secret \\\"{Name()}\\\" not found\" pod=\"shop/{Name()}\" podUID=\"{Uuid()}\" containerID=\"containerd://{Hex(64)}\" image=\"registry.example.com/shop/orders:{Version()}@sha256:{Hex(64)}\"",
        8 => $"level=info ts={Time("yyyy-MM-ddTHH:mm:ss.fff")}Z caller=compact.go:{Number(999)} component=tsdb msg=\"{Pick(Messages)}\" ulid=01{Text(Base32, 24)} mint={Epoch(1000)} maxt={Epoch(1000)} duration={Number(99)}.{Number(999)}s token={Number(99)} nextPageToken={Text(Base64, 20)}",
        9 => $"{Time("yyyy-MM-dd HH:mm:ss.fff")} UTC [{Number(9999)}] LOG:  duration: {Number(99)}.{Number(999)} ms  statement: SELECT id, total FROM orders WHERE customer = $1 AND created > '{Time("yyyy-MM-dd HH:mm:ss")}' AND code IN ('{Text(Base32, 8)}', '{Text(Base32, 22)}')",
        10 => $"npm warn deprecated @babel/plugin-{Name()}@{Version()}: use {Name()}@{Version()}; integrity sha512-{Text(Base64, 86)}== registry https://registry.npmjs.org/{Name()}/-/{Name()}-{Version()}.tgz",
        11 => $"{Time("HH:mm:ss.fff")} {Pick("DEBUG", "TRACE")} blob {Text(Base64, Number(80))} id={Text(Base64, 22)} ref={Text(Base32, 26)} crc={Hex(8)} seq={Digits(19)} mac={Hex(2)}:{Hex(2)}:{Hex(2)}:{Hex(2)}:{Hex(2)}:{Hex(2)} range={Number(9999)}-{Number(9999)} v{Version()}",
        12 => Pick(Similar) + $" {Number(999)} {Name()} {Version()}",
        _ => $"thread 'main' panicked at src/{Name()}.rs:{Number(999)}:{Number(99)}: called `Option::unwrap()` on a `None` value: core::option::Option<{Name()}> at {Time("HH:mm:ss")} +0x{Hex(12)} {Number(9999)} {Number(9999)} {Number(9999)} / {Digits(10)} {Epoch(1_000_000)}",
    };

    private string Pick(params string[] values) => values[_random.Next(values.Length)];

    private int Number(int max) => _random.Next(max + 1);

    private string Time(string format)
    {
        if (!_times.TryGetValue(format, out string[]? times))
        {
            // Formatting a time takes longer than the rest of the line.
            var first = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
            times = [.. Enumerable.Range(0, 1000).Select(_ => first.AddTicks(_random.NextInt64(TimeSpan.TicksPerDay * 365)).ToString(format, CultureInfo.InvariantCulture))];
            _times.Add(format, times);
        }

        return Pick(times);
    }

    private long Epoch(long unitsPerSecond) => (1_767_225_600L * unitsPerSecond) + _random.NextInt64(31_536_000L * unitsPerSecond);

    private string Version() => $"{Number(20)}.{Number(99)}.{Number(999)}";

    private string Ip() => $"10.{Number(255)}.{Number(255)}.{Number(255)}";

    private string Digits(int length) => Text("0123456789", length);

    private string Hex(int length) => Text("0123456789abcdef", length);

    private string Uuid() => $"{Hex(8)}-{Hex(4)}-4{Hex(3)}-a{Hex(3)}-{Hex(12)}";

    private string Name() => $"{Pick("orders", "cart", "bootstrap-token", "default-token", "db-credentials")}-{Text("abcdefghijklmnop", 5)}-{Text(Names, 5)}";

    private string Text(string alphabet, int length)
    {
        Span<char> text = stackalloc char[length];
        _random.GetItems(alphabet, text);
        return text.ToString();
    }
}
