using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Shipper.Browser.Tests;

/// <summary>Answers of an agent, as they could come from a cluster.</summary>
internal static class Samples
{
    private static readonly (string Namespace, string Workload, string Container)[] Workloads =
    [
        ("shop", "web-6c8d9f7b5", "nginx"), ("shop", "checkout-api-7f9c54d8b", "app"), ("shop", "cart-5b7d8c9f6", "app"),
        ("payments", "ledger-0", "ledger"), ("payments", "card-gateway-84d5c7b99", "gateway"), ("payments", "fraud-scorer-6d4b8f7c", "model"),
        ("ingress-nginx", "ingress-nginx-controller-7d5f", "controller"), ("kube-system", "coredns-76f75df574", "coredns"),
        ("monitoring", "prometheus-k8s-0", "prometheus"), ("search", "indexer-559c7d6b8", "indexer"), ("mail", "postfix-0", "postfix"),
        ("auth", "keycloak-1", "keycloak"),
    ];

    /// <summary>A time some seconds from now.</summary>
    public static string Time(double secondsFromNow) =>
        TimeProvider.System.GetUtcNow().AddSeconds(secondsFromNow).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>An agent that ships the given rows.</summary>
    public static JsonObject Status(params JsonObject[] rows)
    {
        JsonObject status = ToObject(new
        {
            time = Time(0),
            version = "0.1.0",
            commit = "f10a3a0",
            cluster = "prod-1",
            environment = "production",
            node = "worker-1",
            startedAt = Time(-187_440),
            uptimeSeconds = 187_440.0,
            stalled = false,
            verdict = new { state = "shipping", severity = "ok", text = "All logs are in Loki up to 0.4 s ago.", remedy = "", since = Time(-11_520) },
            rates = new { readBytesPerSecond = 0.0, readRecordsPerSecond = 0.0, sentRecordsPerSecond = 0.0, sentBytesPerSecond = 0.0 },
            history = new { stepSeconds = 10, readBytesPerSecond = Array.Empty<double>(), sentRecordsPerSecond = Array.Empty<double>(), lagBytes = Array.Empty<double>() },
            lag = new { bytes = 0, seconds = 0.0, lossInSeconds = (double?)null },
            records = new { read = 0, sent = 0, possibleDuplicates = 0 },
            lost = Array.Empty<object>(),
            dropped = Array.Empty<object>(),
            processed = Array.Empty<object>(),
            levels = new { },
            loki = new
            {
                url = "http://loki-gateway.monitoring.svc/loki/api/v1/push",
                tenant = "",
                lastSuccess = Time(-1),
                lastResponse = "204 No Content",
                failing = (object?)null,
                latencySeconds = new { p50 = 0.011, p99 = 0.086 },
                retries = 0,
                responses = new[] { new { status = "204", requests = 81_204 } },
            },
            buffer = new { bytes = 0, limitBytes = 33_554_432 },
            held = new { bytes = 0L, limitBytes = 2_147_483_648 },
            files = new { open = rows.Length, limit = 1_048_576 },
            process = new { cpuPercent = 0.3, residentBytes = 41_943_040 },
            kubernetes = new { state = "connected", text = "connected, 42 pods" },
            journal = new { state = "reading", lagBytes = 0, directories = new[] { new { path = "/var/log/journal", isReading = true } }, problems = Array.Empty<object>() },
            unreadable = Array.Empty<object>(),
            excludedLogs = 3,
            configuration = new { path = "/etc/shipper/shipper.yaml", loadedAt = Time(-7_300), needsRestart = Array.Empty<string>(), refused = (object?)null },
            warnings = Array.Empty<object>(),
            grafana = "https://grafana.example.com",
        });
        status["streams"] = new JsonArray([.. rows.Select(row => row.DeepClone())]);
        return status;
    }

    /// <summary>A busy agent with a bit of everything, for the images in the documentation.</summary>
    public static JsonObject BusyStatus()
    {
        JsonObject[] rows = [.. Enumerable.Range(0, 46).Select(BusyRow)];
        Set(rows[5], new { state = "catching up", lagBytes = 18_320_400, lagSeconds = 41.2, lossDeadlineSeconds = 5_460.0, recordsPerSecond = 8_420.0, bytesPerSecond = 1_740_000.0 });
        Set(rows[16], new { state = "limited", limitedRecords = 18_220, recordsPerSecond = 500.0, bytesPerSecond = 96_000.0, lagSeconds = 0.6, lagBytes = 12_100 });
        JsonObject status = Status(rows);
        Set(status, new
        {
            verdict = new
            {
                state = "catching up",
                severity = "notice",
                text = "1 of 46 logs is behind: payments/fraud-scorer-6d4b8f7c-k2xq7/model by 41 s. At this rate it has caught up in 2 min.",
                remedy = "",
                since = Time(-134),
            },
            rates = new { readBytesPerSecond = 2_830_000.0, readRecordsPerSecond = 13_480.0, sentRecordsPerSecond = 13_120.0, sentBytesPerSecond = 418_000.0 },
            history = new
            {
                stepSeconds = 10,
                readBytesPerSecond = Wave(90, 1_100_000, 200_000, 1_800_000),
                sentRecordsPerSecond = Wave(90, 5_200, 900, 8_300),
                lagBytes = Wave(90, 90_000, 60_000, 17_000_000),
            },
            lag = new { bytes = 18_344_100, seconds = 41.2, lossInSeconds = 5_460.0 },
            records = new { read = 812_402_115, sent = 811_930_004, possibleDuplicates = 0 },
            lost = new object[] { new { reason = "deleted", bytes = 4_096 } },
            dropped = new object[] { new { reason = "probes", records = 1_204_511 }, new { reason = "limit: noisy", records = 18_220 } },
            processed = new object[]
            {
                new { stage = "redact", rule = "password", records = 3_204 }, new { stage = "redact", rule = "card number", records = 118 },
                new { stage = "level", rule = "json", records = 640_118_002 }, new { stage = "drop", rule = "probes", records = 1_204_511 },
            },
            levels = new { info = 701_223_118, warn = 2_310_772, error = 402_115, debug = 96_230_008, none = 11_764_000 },
            buffer = new { bytes = 9_730_000, limitBytes = 33_554_432 },
            held = new { bytes = 52_428_800L, limitBytes = 2_147_483_648 },
            process = new { cpuPercent = 7.4, residentBytes = 61_341_696 },
            warnings = new object[]
            {
                new { time = Time(-86_500), level = "warn", stage = "Kubernetes", message = "The watch of pods ended after 1 h. Connecting again.", suppressed = 0 },
                new { time = Time(-5_220), level = "error", stage = "Tailing", message = "payments/ledger-0/ledger: the file was deleted before it was read to its end. 4,096 bytes are lost.", suppressed = 0 },
                new { time = Time(-134), level = "warn", stage = "Delivery", message = "payments/fraud-scorer-6d4b8f7c-k2xq7/model is 12 s behind.", suppressed = 3 },
            },
        });
        return status;
    }

    /// <summary>An agent whose Loki does not answer.</summary>
    public static JsonObject UnavailableStatus()
    {
        JsonObject[] rows = [.. Enumerable.Range(0, 24).Select(BusyRow)];
        for (int i = 0; i < rows.Length; i++)
        {
            Set(rows[i], new { state = i % 5 == 4 ? "idle" : "paused", lagBytes = i % 5 == 4 ? 0 : 240_000 * (i + 3), lagSeconds = i % 5 == 4 ? 0.0 : 192.0 - i, recordsPerSecond = 0.0, bytesPerSecond = 0.0 });
        }

        Set(rows[3], new { lostBytes = 0, lossDeadlineSeconds = 2_940.0, lastResponse = "connection refused (10.43.12.7:80)" });
        JsonObject status = Status(rows);
        Set(status, new
        {
            verdict = new
            {
                state = "Loki unavailable",
                severity = "problem",
                text = "Loki can't be reached since 3 min: connection refused (10.43.12.7:80). 1,350 records wait, nothing is lost.",
                remedy = "Check that Loki runs: kubectl -n monitoring get pods -l app=loki",
                since = Time(-192),
            },
            history = new
            {
                stepSeconds = 10,
                readBytesPerSecond = Wave(90, 900_000, 200_000, -870_000),
                sentRecordsPerSecond = Wave(90, 4_200, 900, -4_200),
                lagBytes = Wave(90, 20_000, 20_000, 61_000_000),
            },
            lag = new { bytes = 61_300_000, seconds = 192.0, lossInSeconds = 2_940.0 },
        });
        Set(status["loki"]!.AsObject(), new
        {
            lastSuccess = Time(-192),
            lastResponse = (string?)null,
            failing = new { since = Time(-192), kind = "unavailable", response = "connection refused (10.43.12.7:80)", nextRetry = Time(21), waitingRecords = 1_350 },
            retries = 9,
            responses = new object[] { new { status = "204", requests = 81_204 }, new { status = "no answer", requests = 9 } },
        });
        return status;
    }

    public static JsonObject Row(string @namespace, string pod, string container, object? change = null)
    {
        string labels = $$"""{cluster="prod-1", namespace="{{@namespace}}", pod="{{pod}}", container="{{container}}"}""";
        JsonObject row = ToObject(new
        {
            lane = "lane-0",
            key = $"{@namespace}/{pod}/{container}",
            source = "container",
            @namespace,
            pod,
            container,
            labels,
            state = "shipping",
            lagBytes = 0,
            lagSeconds = 0.0,
            lossDeadlineSeconds = (double?)null,
            recordsPerSecond = 0.0,
            bytesPerSecond = 0.0,
            lastAcknowledged = Time(-2),
            records = 123,
            droppedRecords = 0,
            limitedRecords = 0,
            lostBytes = 0,
            levels = new { info = 120, error = 3 },
            lastResponse = (string?)null,
            grafana = "https://grafana.example.com/explore?left=" + Uri.EscapeDataString(labels),
        });
        if (change is not null)
        {
            Set(row, change);
        }

        return row;
    }

    /// <summary>Rows with different lags, rates and losses: pod-0007 is 7 s behind, ships 1,493 records a second, and lost nothing.</summary>
    public static JsonObject[] ManyRows(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => Row($"team-{i % 30:d2}", $"pod-{i:d4}", "app", new
        {
            lagSeconds = (double)i,
            lagBytes = i * 1000,
            recordsPerSecond = (double)(count - i),
            bytesPerSecond = (count - i) * 100.0,
            lostBytes = i == 40 ? 9_999 : 0,
        })),
    ];

    public static JsonObject Explanation(string target, string key, string state, bool isDelivered, string summary, string remedy, params (string Name, string State, string Text, string Remedy)[] steps) => ToObject(new
    {
        time = Time(0),
        target,
        state,
        isDelivered,
        summary,
        nearest = Array.Empty<string>(),
        logs = new[]
        {
            new
            {
                key,
                state,
                isDelivered,
                summary,
                remedy,
                steps = steps.Select(step => new { name = step.Name, state = step.State, text = step.Text, remedy = step.Remedy }),
                selector = $$"""{namespace="{{key.Split('/')[0]}}", pod="{{key.Split('/')[1]}}"}""",
                grafana = "https://grafana.example.com/explore?left=1",
            },
        },
    });

    public static JsonObject Unknown(string target, IEnumerable<string> known) => ToObject(new
    {
        time = Time(0),
        target,
        state = "unknown",
        isDelivered = false,
        summary = $"The agent knows nothing of {target}.",
        nearest = known,
        logs = Array.Empty<object>(),
    });

    public static JsonObject Record(string line, object? change = null)
    {
        JsonObject record = ToObject(new
        {
            time = "2026-12-01T13:40:00.123456789Z",
            stage = "processed",
            labels = new { cluster = "prod-1", @namespace = "shop", pod = "web-6c8d9f7b5-x2v4p", container = "nginx" },
            metadata = new { stream = "stdout", detected_level = "info" },
            line,
            lineBytes = line.Length,
            rule = (string?)null,
            limit = (string?)null,
            reason = (string?)null,
            changes = Array.Empty<object>(),
        });
        if (change is not null)
        {
            Set(record, change);
        }

        return record;
    }

    /// <summary>Sets members of an object.</summary>
    public static void Set(JsonObject target, object members)
    {
        foreach ((string name, JsonNode? value) in ToObject(members))
        {
            target[name] = value?.DeepClone();
        }
    }

    public static JsonObject ToObject(object members) => JsonSerializer.SerializeToNode(members)!.AsObject();

    private static JsonObject BusyRow(int i)
    {
        (string @namespace, string workload, string container) = Workloads[i % Workloads.Length];
        bool isNumbered = char.IsDigit(workload[^1]) && workload[^2] == '-';
        string pod = isNumbered ? $"{workload[..^1]}{i / Workloads.Length}" : $"{workload}-{"k2xq7 x2v4p 9wz6t bn5hd"[(i / 12 * 6)..][..5]}";
        double rate = i % 6 == 5 ? 0 : Math.Round(420.0 / (1 + (i * 7 % 23)), 1);
        return Row(@namespace, pod, container, new
        {
            state = rate > 0 ? "shipping" : "idle",
            recordsPerSecond = rate,
            bytesPerSecond = rate * 208,
            lagBytes = rate > 0 ? (int)(rate * 90) : 0,
            lagSeconds = rate > 0 ? 0.3 + (i % 4 * 0.1) : 0,
            records = 40_000 + (i * 137_911),
            droppedRecords = i % 12 == 0 ? 301_002 : 0,
            lostBytes = i == 3 ? 4_096 : 0,
        });
    }

    private static double[] Wave(int count, double middle, double swing, double end) =>
        [.. Enumerable.Range(0, count).Select(i => Math.Max(0, middle + (swing * Math.Sin(i / 4.0) * Math.Cos(i / 11.0)) + (i < 72 ? 0 : end * Math.Min(1, (i - 71) / 12.0))))];
}
