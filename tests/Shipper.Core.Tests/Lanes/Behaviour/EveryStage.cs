using System.Globalization;
using Shipper.Processing;
using Shipper.Processing.Levels;
using Shipper.Processing.Limits;
using Shipper.Processing.Multiline;
using Shipper.Processing.Redaction;
using Shipper.Processing.Rules;

namespace Shipper.Core.Tests.Lanes.Behaviour;

/// <summary>A configuration with every stage, and a log that gives each of them work.</summary>
internal static class EveryStage
{
    private static readonly string[] Texts =
    [
        """{"level":"info","ts":"2026-11-30T01:02:03Z","msg":"order placed","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","user":{"id":"u-1"},"took_ms":12}""",
        """{"level":30,"time":1764464523000,"msg":"caf\u00e9 \"Nord\"","user":{"id":"u-\u00e9"},"password":"hunter2hunter2"}""",
        """time=2026-11-30T01:02:03Z level=debug msg="heartbeat sent" component=queue user.id=u-2 took_ms=3""",
        """time=2026-11-30T01:02:03Z level=info msg="request completed" component=reconciler traceparent=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01""",
        """10.0.3.17 - - [30/Nov/2026:01:02:03 +0000] "GET /healthz HTTP/1.1" 200 2 "-" "kube-probe/1.34" 0.002""",
        """10.0.3.17 - - [30/Nov/2026:01:02:03 +0000] "GET /orders?token=c2VjcmV0LXRva2Vu HTTP/1.1" 404 153 "-" "Mozilla/5.0 (X11; Linux x86_64) Firefox/132.0" 0.011""",
        "\u001b[32m2026-11-30 01:02:03.004\u001b[0m \u001b[1mINFO\u001b[0m mail to anna@example.com, card 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00",
        "2026-11-30 01:02:03.004  WARN 1 --- [main] c.e.shop.Db : postgres://shop:hunter2hunter2@db:5432/shop is slow",
        "2026-11-30 01:02:03.004 ERROR 1 --- [main] c.e.shop.Orders : Servlet.service() threw exception",
    ];

    private static readonly string[] Trace =
    [
        "java.lang.IllegalStateException: Order 17 could not be saved, Authorization: Bearer c2VjcmV0LXRva2VuLXNlY3JldA==",
        .. Enumerable.Range(0, 10).Select(line => $"\tat com.example.shop.orders.OrderService.save(OrderService.java:{line})"),
        "Caused by: org.postgresql.util.PSQLException: ERROR: deadlock detected",
        .. Enumerable.Range(0, 8).Select(line => $"\tat org.postgresql.core.v3.QueryExecutorImpl.execute(QueryExecutorImpl.java:{line})"),
    ];

    public static ProcessingOptions Options() => new()
    {
        Multiline = new MultilineOptions(MultilineMode.Auto),
        Ansi = AnsiAction.Strip,
        Trace = DetectMode.Detect,
        Fields = new(StringComparer.Ordinal) { ["user"] = "user.id", ["took"] = "took_ms", ["msg"] = "msg" },
        Rules =
        [
            new RuleOptions { Name = "probes", Preset = RuleOptions.HealthChecksPreset },
            new RuleOptions { Name = "chatter", When = new WhenOptions { Level = [RecordLevel.Debug], Text = new TextOptions { Contains = ["heartbeat", "keep-alive"] } } },
            new RuleOptions
            {
                Name = "idle", When = new WhenOptions { Field = new(StringComparer.Ordinal) { ["component"] = "reconcil*" } }, Do = new RuleAction(RuleActionKind.Sample, 2),
            },
        ],
        Limits =
        [
            new LimitOptions { Name = "info", When = new WhenOptions { Level = [RecordLevel.Info] }, Lines = 200, Burst = TimeSpan.FromSeconds(1), Over = OverLimit.Sample },
            new LimitOptions { Name = "all", Bytes = 1 << 30 },
        ],
        Redact = new RedactOptions { Secrets = true, Personal = PersonalData.Cards | PersonalData.Emails | PersonalData.Ips | PersonalData.Ibans },
    };

    public static void WriteLog(string path, int lines)
    {
        using var file = new StreamWriter(path);
        for (int n = 0, line = 0; n < lines; n++)
        {
            // After each round of texts, the last of which is an error, comes its stack trace.
            string text = line < Texts.Length ? Texts[line] : Trace[line - Texts.Length];
            line = (line + 1) % (Texts.Length + Trace.Length);
            file.Write(string.Create(CultureInfo.InvariantCulture, $"2026-11-23T01:{n / 1_000 % 60:D2}:{n / 20 % 50:D2}.{n % 1_000:D3}000001Z stdout F {text}\n"));
        }
    }
}
