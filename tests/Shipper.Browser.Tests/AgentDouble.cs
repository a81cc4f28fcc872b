using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Shipper.Testing;

namespace Shipper.Browser.Tests;

/// <summary>Answers as the agent's HTTP interface does, from a script, with the page of the sources and the agent's content security policy.</summary>
internal sealed class AgentDouble : IAsyncDisposable
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly ConcurrentDictionary<Channel<string>, bool> _eventClients = new();
    private readonly ConcurrentDictionary<Channel<string>, bool> _tapClients = new();
    private readonly Lock _lock = new();
    private LoopbackServer _server;
    private JsonObject _status;

    private AgentDouble(JsonObject status)
    {
        _status = status;
        _server = new LoopbackServer(HandleAsync);
    }

    public Uri Address { get; private set; } = new("http://localhost/");

    /// <summary>If set, events are refused with status 503 and this text.</summary>
    public string? Refusal { get; set; }

    public string Configuration { get; set; } = "";

    /// <summary>How often the configuration was asked for.</summary>
    public int ConfigurationRequests { get; private set; }

    /// <summary>Answers to explain, by NAMESPACE/POD[/CONTAINER]. Everything else is unknown: 404.</summary>
    public ConcurrentDictionary<string, JsonObject> Explanations { get; } = new();

    /// <summary>If set, a tap is refused with status 400 and this text.</summary>
    public string? QueryError { get; set; }

    /// <summary>Query string of the last tap, decoded.</summary>
    public (string? Query, string? Stage) LastTap { get; private set; }

    public int TapClients => _tapClients.Count;

    public static async Task<AgentDouble> StartAsync(JsonObject status)
    {
        var agent = new AgentDouble(status);
        await agent._server.StartAsync();
        agent.Address = agent._server.Address;
        return agent;
    }

    /// <summary>Changes the status and sends it to all pages.</summary>
    /// <param name="change">Changes everything but the rows.</param>
    /// <param name="rows">Rows that changed or are new.</param>
    /// <param name="gone">Keys of rows that disappeared.</param>
    public void Send(Action<JsonObject>? change = null, JsonObject[]? rows = null, string[]? gone = null)
    {
        string message;
        lock (_lock)
        {
            change?.Invoke(_status);
            _status["time"] = Samples.Time(0);
            JsonArray all = _status["streams"]!.AsArray();
            foreach (string key in (rows ?? []).Select(row => (string)row["key"]!).Concat(gone ?? []))
            {
                JsonNode? old = all.FirstOrDefault(row => (string)row!["key"]! == key);
                all.Remove(old);
            }

            foreach (JsonObject row in rows ?? [])
            {
                all.Add(row.DeepClone());
            }

            JsonObject delta = [];
            foreach ((string name, JsonNode? value) in _status)
            {
                delta[name] = name == "streams" ? new JsonArray([.. (rows ?? []).Select(row => row.DeepClone())]) : value?.DeepClone();
            }

            delta["gone"] = new JsonArray([.. (gone ?? []).Select(key => JsonValue.Create(key))]);
            message = Event("status", delta);
        }

        foreach (Channel<string> client in _eventClients.Keys)
        {
            client.Writer.TryWrite(message);
        }
    }

    /// <summary>Sends an event to all taps.</summary>
    public void SendTap(string name, JsonObject data)
    {
        string message = Event(name, data);
        foreach (Channel<string> client in _tapClients.Keys)
        {
            client.Writer.TryWrite(message);
        }
    }

    public Task StopAsync() => _server.StopAsync();

    /// <summary>Starts again at the same address, with another status.</summary>
    public async Task RestartAsync(JsonObject status)
    {
        _server.Dispose();
        _status = status;
        _server = new LoopbackServer(HandleAsync, Address.Port);
        await _server.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        _server.Dispose();
    }

    private static string Event(string name, JsonObject data) => $"event: {name}\ndata: {data.ToJsonString()}\n\n";

    private async Task HandleAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        context.Response.Headers.ContentSecurityPolicy = Policy;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        switch (path)
        {
            case "/":
                await SendFileAsync(context, "index.html", "text/html; charset=utf-8");
                break;
            case "/page.css":
                await SendFileAsync(context, "page.css", "text/css; charset=utf-8");
                break;
            case "/page.js":
                await SendFileAsync(context, "page.js", "text/javascript; charset=utf-8");
                break;
            case "/api/config":
                ConfigurationRequests++;
                await SendTextAsync(context, 200, Configuration);
                break;
            case "/api/events" when Refusal is { } refusal:
                await SendTextAsync(context, 503, refusal);
                break;
            case "/api/events":
                await StreamAsync(context, _eventClients, FirstStatus());
                break;
            case "/api/tap":
                LastTap = (context.Request.Query["query"], context.Request.Query["stage"]);
                await (QueryError is { } error ? SendTextAsync(context, 400, error) : StreamAsync(context, _tapClients, ": keep-alive\n\n"));
                break;
            default:
                await ExplainAsync(context, path);
                break;
        }
    }

    private string FirstStatus()
    {
        lock (_lock)
        {
            _status["time"] = Samples.Time(0);
            JsonObject full = _status.DeepClone().AsObject();
            full["isFull"] = true;
            return Event("status", full);
        }
    }

    private async Task ExplainAsync(HttpContext context, string path)
    {
        const string Prefix = "/api/explain/";
        if (!path.StartsWith(Prefix, StringComparison.Ordinal))
        {
            await SendTextAsync(context, 404, "Not found");
            return;
        }

        string target = path[Prefix.Length..];
        bool isKnown = Explanations.TryGetValue(target, out JsonObject? answer);
        context.Response.StatusCode = isKnown ? 200 : 404;
        context.Response.ContentType = "application/json";
        answer ??= Samples.Unknown(target, Explanations.Keys);
        await context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }

    private static async Task SendFileAsync(HttpContext context, string name, string type)
    {
        context.Response.ContentType = type;
        await context.Response.SendFileAsync(Path.Combine(AppContext.BaseDirectory, "Page", name), context.RequestAborted);
    }

    private static async Task SendTextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static async Task StreamAsync(HttpContext context, ConcurrentDictionary<Channel<string>, bool> clients, string first)
    {
        var channel = Channel.CreateUnbounded<string>();
        clients[channel] = true;
        try
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(first), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await foreach (string message in channel.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(message), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The page went away.
        }
        finally
        {
            clients.TryRemove(channel, out _);
        }
    }
}
