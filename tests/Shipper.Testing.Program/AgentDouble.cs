using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace Shipper.Testing.Program;

/// <summary>A running agent, as the commands that ask one see it.</summary>
internal sealed class AgentDouble : IAsyncDisposable
{
    private readonly LoopbackServer _server;
    private volatile string _status = "{}";

    private AgentDouble(int port) => _server = new LoopbackServer(HandleAsync, port);

    /// <summary>Answer of <c>/api/status</c>.</summary>
    public string Status
    {
        get => _status;
        set => _status = value;
    }

    /// <summary>Answer of <c>/api/explain</c>, and its status.</summary>
    public string Explanation { get; set; } = "{}";

    public int ExplanationStatus { get; set; } = 200;

    /// <summary>If set, the status of each answer, and its text.</summary>
    public (int Status, string Text)? Refusal { get; set; }

    /// <summary>What a tap gets; a connection ends with <see cref="Cut"/>.</summary>
    public Channel<string> Events { get; } = Channel.CreateUnbounded<string>();

    /// <summary>The paths that were asked for, with their queries decoded.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Requests { get; } = new();

    public string Address => _server.Address.ToString();

    /// <summary>Ends the connection of a tap.</summary>
    public const string Cut = "cut";

    public static async Task<AgentDouble> StartAsync(int port = 0)
    {
        var agent = new AgentDouble(port);
        await agent._server.StartAsync();
        return agent;
    }

    /// <summary>Returns a status with some logs: as JSON to change.</summary>
    public static JsonObject CreateStatus(int logs)
    {
        var status = (JsonObject)JsonNode.Parse("""
            {
              "time": "2026-12-01T13:40:00Z", "version": "0.1.0", "cluster": "prod-1", "environment": "production", "node": "worker-1", "uptimeSeconds": 93784,
              "verdict": {"state": "shipping", "severity": "ok", "text": "All logs are in Loki up to 0.4 s ago.", "remedy": "", "since": "2026-12-01T13:30:00Z"},
              "rates": {"readBytesPerSecond": 1200, "readRecordsPerSecond": 12, "sentRecordsPerSecond": 12, "sentBytesPerSecond": 300},
              "lag": {"bytes": 2048, "seconds": 0.4, "lossInSeconds": null}, "lost": [], "dropped": [{"reason": "excluded", "records": 3}],
              "loki": {"url": "http://loki:3100/loki/api/v1/push", "lastSuccess": "2026-12-01T13:39:59Z", "lastResponse": "204 No Content", "failing": null},
              "buffer": {"bytes": 1048576, "limitBytes": 33554432}, "process": {"cpuPercent": 1.2, "residentBytes": 41943040},
              "kubernetes": {"state": "connected", "text": "connected, 42 pods"}, "unreadable": [], "streams": []
            }
            """)!;
        for (int i = 0; i < logs; i++)
        {
            status["streams"]!.AsArray().Add(CreateLog($"web-{i}", lagBytes: 1024 * (logs - i)));
        }

        return status;
    }

    /// <summary>Returns the row of a log.</summary>
    public static JsonObject CreateLog(string pod, long lagBytes) => new()
    {
        ["key"] = $"shop/{pod}/nginx",
        ["namespace"] = "shop",
        ["pod"] = pod,
        ["container"] = "nginx",
        ["labels"] = "{cluster=\"prod-1\"}",
        ["state"] = "shipping",
        ["lagBytes"] = lagBytes,
        ["lagSeconds"] = 3.3,
        ["recordsPerSecond"] = 12.5,
        ["bytesPerSecond"] = 2048,
        ["levels"] = new JsonObject { ["info"] = 90, ["error"] = 10 },
    };

    /// <summary>Adds a record for a tap.</summary>
    public void AddRecord(string line, string pod = "web-1", string more = "") => Events.Writer.TryWrite(
        $"event: record\ndata: {{\"time\": \"2026-12-01T13:40:00.123456789Z\", \"labels\": {{\"namespace\": \"shop\", \"pod\": \"{pod}\", \"container\": \"nginx\"}}, \"line\": {JsonValue.Create(line)!.ToJsonString()}{more}}}\n\n");

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        _server.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        string path = context.Request.Path;
        Requests.Enqueue(path + Uri.UnescapeDataString(context.Request.QueryString.Value ?? ""));
        if (Refusal is { } refusal)
        {
            context.Response.StatusCode = refusal.Status;
            await context.Response.WriteAsync(refusal.Text);
        }
        else if (path == "/api/tap")
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync();
            while (await Events.Reader.ReadAsync(context.RequestAborted) is var text && text != Cut)
            {
                await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        else
        {
            bool isExplain = path.StartsWith("/api/explain/", StringComparison.Ordinal);
            context.Response.StatusCode = isExplain ? ExplanationStatus : 200;
            await context.Response.WriteAsync(isExplain ? Explanation : Status);
        }
    }
}
