using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Shipper.Protocol;

namespace Shipper.Testing.Loki;

/// <summary>A Loki on loopback that responds to pushes and queries as Loki 3.7.6 does, or as a test scripts it.</summary>
public sealed class LokiDouble : IDisposable
{
    private const int MaxTenantLength = 150;
    private const string TenantChars = "!-_.*'()";

    private readonly Lock _lock = new();
    private readonly LokiStore _store;
    private readonly LokiFreeze _freeze;
    private readonly Action<ListenOptions>? _configure;
    private readonly Dictionary<(string Tenant, string Labels), IReadOnlyList<string>> _lastPushed = [];
    private readonly List<Task> _late = [];
    private LoopbackServer _server;
    private Uri? _address;

    public LokiDouble(LokiLimits? limits = null, TimeProvider? time = null, int port = 0, Action<ListenOptions>? configure = null)
    {
        Limits = limits ?? new LokiLimits();
        Time = time ?? TimeProvider.System;
        _configure = configure;
        _store = new LokiStore(Limits, Time);
        _freeze = new LokiFreeze(Time);
        _server = new LoopbackServer(HandleAsync, port, configure);
    }

    public LokiLimits Limits { get; }

    /// <summary>The clock of Loki.</summary>
    public TimeProvider Time { get; }

    /// <summary>The clock of the server that responds in Loki's place, such as a gateway; null if Loki responds itself.</summary>
    public TimeProvider? GatewayTime { get; set; }

    /// <summary>The address that Loki listens on, or listened on before it was stopped.</summary>
    public Uri Address => _address ??= _server.Address;

    /// <summary>True to respond to every push and every query with 503.</summary>
    public bool IsUnavailable { get; set; }

    /// <summary>The delay between storing a push and responding.</summary>
    public TimeSpan AnswerDelay { get; set; }

    /// <summary>Responses to the next pushes, each used once, instead of Loki's own. A response that returns false lets Loki respond.</summary>
    public ConcurrentQueue<Func<HttpContext, Task<bool>>> Script { get; } = new();

    /// <summary>
    /// Returns the fault of a push that has no script. Null, or a fault that returns false, lets Loki respond. Called concurrently for
    /// the pushes of several lanes.
    /// </summary>
    public Func<Func<HttpContext, Task<bool>>?>? NextFault { get; set; }

    /// <summary>Responses to the next queries, each used once.</summary>
    public ConcurrentQueue<Func<HttpContext, Task<bool>>> QueryScript { get; } = new();

    /// <summary>Like <see cref="NextFault"/>, for queries.</summary>
    public Func<Func<HttpContext, Task<bool>>?>? NextQueryFault { get; set; }

    /// <summary>The queries, in order of arrival.</summary>
    public ConcurrentQueue<LokiQuery> Queries { get; } = new();

    /// <summary>The statuses of the responses to queries, in order.</summary>
    public ConcurrentQueue<int> QueryStatuses { get; } = new();

    /// <summary>The headers of the pushes, in order of arrival.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> Headers { get; } = new();

    /// <summary>The statuses of the responses to pushes, in order.</summary>
    public ConcurrentQueue<int> Statuses { get; } = new();

    /// <summary>Starts a double.</summary>
    public static async Task<LokiDouble> StartAsync(LokiLimits? limits = null, int port = 0, Action<ListenOptions>? configure = null, TimeProvider? time = null)
    {
        var loki = new LokiDouble(limits, time, port, configure);
        await loki._server.StartAsync();
        return loki;
    }

    /// <summary>Returns a scripted response with a status and a body.</summary>
    public static Func<HttpContext, Task<bool>> Answer(int status, string body) => async context =>
    {
        await WriteAsync(context, status, body);
        return true;
    };

    /// <summary>Stores the push and cuts the connection instead of responding.</summary>
    public Func<HttpContext, Task<bool>> StoreAndReset() => LokiFaults.StoreAndReset(this);

    /// <summary>Cuts the connection without storing anything.</summary>
    public static Func<HttpContext, Task<bool>> Reset() => LokiFaults.Reset();

    /// <summary>Returns the stored entries by the labels of their streams, without the label service_name, which Loki adds.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<StoredEntry>> GetStoredStreams()
    {
        lock (_lock)
        {
            return _store.Streams.ToDictionary(
                stream => LabelSet.Format(stream.Labels.Where(label => label.Key != "service_name")),
                stream => (IReadOnlyList<StoredEntry>)[.. stream.Entries]);
        }
    }

    /// <summary>Returns the entries of the stream with these labels, without service_name.</summary>
    public IReadOnlyList<StoredEntry> GetStoredEntries(string labels)
    {
        string key = LabelSet.Format(LabelSet.Normalise(LabelSet.Parse(labels)));
        lock (_lock)
        {
            return _store.Streams.FirstOrDefault(stream => LabelSet.Format(stream.Labels) == key) is { } found ? [.. found.Entries] : [];
        }
    }

    /// <summary>
    /// Returns the lines of the last push of each stream, by the tenant and the labels that were sent. Without multi-tenancy the tenant
    /// only identifies the sender.
    /// </summary>
    public IReadOnlyDictionary<(string Tenant, string Labels), IReadOnlyList<string>> GetLastPushes()
    {
        lock (_lock)
        {
            return _lastPushed.ToDictionary();
        }
    }

    /// <summary>Returns the number of stored entries of all streams.</summary>
    public int Count()
    {
        lock (_lock)
        {
            return _store.Streams.Sum(stream => stream.Entries.Count);
        }
    }

    /// <summary>Stops the server: connections are cut, and new ones are refused. The stored entries remain.</summary>
    public async Task StopAsync()
    {
        _address = _server.Address;
        await _server.StopAsync();
    }

    /// <summary>Starts the server again, on the same port.</summary>
    public async Task RestartAsync()
    {
        _server.Dispose();
        _server = new LoopbackServer(HandleAsync, Address.Port, _configure);
        await _server.StartAsync();
    }

    /// <summary>Freezes Loki: connections are accepted, but requests get no response.</summary>
    public void Freeze() => _freeze.Begin();

    /// <summary>Ends the freeze. Loki then handles all requests that wait in its sockets.</summary>
    public void Thaw() => _freeze.End();

    /// <summary>Returns the number of the ingester that has a stream.</summary>
    /// <param name="labels">The labels, as sent.</param>
    public int FindIngester(string labels) => _store.FindIngester(labels);

    public void Dispose() => _server.Dispose();

    internal static async Task WriteAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        if (body.Length > 0)
        {
            context.Response.ContentType = "text/plain; charset=utf-8";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await context.Response.WriteAsync(body);
        }
    }

    internal static async Task<byte[]> ReadBodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        if (context.Request.Headers.ContentEncoding != "gzip")
        {
            return body.ToArray();
        }

        body.Position = 0;
        using var gzip = new GZipStream(body, CompressionMode.Decompress);
        using var inflated = new MemoryStream();
        await gzip.CopyToAsync(inflated);
        return inflated.ToArray();
    }

    internal static string TenantOf(HttpContext context) => context.Request.Headers["X-Scope-OrgID"].ToString();

    /// <summary>Reads the push of a request and handles it as Loki does.</summary>
    public async Task<(int Status, string Body)> StoreAsync(HttpContext context) => Store(await ReadBodyAsync(context), TenantOf(context));

    private async Task HandleAsync(HttpContext context)
    {
        if (!await _freeze.WaitForThawAsync(context))
        {
            return;
        }

        string path = context.Request.Path.Value ?? "";
        context.Response.Headers.Date = (GatewayTime ?? Time).GetUtcNow().ToString("r", CultureInfo.InvariantCulture);
        switch (path)
        {
            case "/loki/api/v1/push" or "/api/prom/push":
                await HandlePushAsync(context);
                Statuses.Enqueue(context.Response.StatusCode);
                break;
            case "/loki/api/v1/query_range" or "/loki/api/v1/query":
                await HandleQueryAsync(context, path);
                QueryStatuses.Enqueue(context.Response.StatusCode);
                break;
            case "/ready":
                await WriteAsync(context, 200, "ready\n");
                break;
            default:
                await WriteAsync(context, 404, "404 page not found\n");
                break;
        }
    }

    private async Task HandlePushAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = 405;
            return;
        }

        Headers.Enqueue(context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        if (IsUnavailable)
        {
            await WriteAsync(context, 503, "away\n");
            return;
        }

        if ((Script.TryDequeue(out Func<HttpContext, Task<bool>>? answer) || (answer = NextFault?.Invoke()) is not null) && await answer(context))
        {
            return;
        }

        if (Limits.AuthEnabled && CheckTenant(TenantOf(context)) is { } refusal)
        {
            await WriteAsync(context, refusal.Status, refusal.Body);
            return;
        }

        if (string.IsNullOrEmpty(context.Request.ContentType))
        {
            await WriteAsync(context, 400, "mime: no media type\n");
            return;
        }

        (int status, string text) = await StoreAsync(context);
        if (AnswerDelay > TimeSpan.Zero)
        {
            // A slow Loki, on the clock of the test.
            await Task.Delay(AnswerDelay, Time);
        }

        await WriteAsync(context, status, text);
    }

    /// <summary>Handles the body of a push as Loki does.</summary>
    internal (int Status, string Body) Store(byte[] body, string tenant)
    {
        PushRequest request;
        try
        {
            request = PushBody.Read(body);
        }
        catch (InvalidProtocolBufferException)
        {
            return (400, "proto: PushRequest: wiretype end group for non-group\n");
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            return (400, "snappy: corrupt input\n");
        }

        lock (_lock)
        {
            foreach (IGrouping<string, StreamAdapter> stream in request.Streams.GroupBy(stream => stream.Labels, StringComparer.Ordinal))
            {
                _lastPushed[(tenant, stream.Key)] = [.. stream.SelectMany(run => run.Entries).Select(entry => entry.Line)];
            }

            (int, string) answer = _store.Push(request, Limits.AuthEnabled ? tenant : "fake");
            if (_store.TakeDelayedWrites() is { Count: > 0 } late)
            {
                _late.Add(StoreLateAsync(late));
            }

            return answer;
        }
    }

    private async Task StoreLateAsync(IReadOnlyList<Action> late)
    {
        // The other ingesters store after the response was sent.
        await Task.Delay(Limits.OtherIngestersDelay, Time);
        lock (_lock)
        {
            foreach (Action store in late)
            {
                store();
            }
        }
    }

    private static (int Status, string Body)? CheckTenant(string tenant)
    {
        char unsupported = tenant.FirstOrDefault(c => !char.IsAsciiLetterOrDigit(c) && !TenantChars.Contains(c, StringComparison.Ordinal));
        return tenant.Length == 0 ? (401, "no org id\n")
            : tenant.Contains('|', StringComparison.Ordinal) ? (400, "multiple org IDs present\n")
            : tenant is "." or ".." ? (400, "tenant ID is '.' or '..'\n")
            : tenant.Length > MaxTenantLength ? (400, "tenant ID is too long: max 150 characters\n")
            : unsupported != '\0' ? (400, $"tenant ID '{tenant}' contains unsupported character '{unsupported}'\n")
            : null;
    }

    private async Task HandleQueryAsync(HttpContext context, string path)
    {
        var query = new LokiQuery(
            path,
            context.Request.Query.ToDictionary(parameter => parameter.Key, parameter => parameter.Value.ToString()),
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        Queries.Enqueue(query);
        if (IsUnavailable)
        {
            await WriteAsync(context, 503, "away\n");
            return;
        }

        if ((QueryScript.TryDequeue(out Func<HttpContext, Task<bool>>? answer) || (answer = NextQueryFault?.Invoke()) is not null) && await answer(context))
        {
            return;
        }

        if (Limits.AuthEnabled && CheckTenant(TenantOf(context)) is { } refusal)
        {
            await WriteAsync(context, refusal.Status, refusal.Body);
            return;
        }

        await (path.EndsWith("query_range", StringComparison.Ordinal) ? QueryRangeAsync(context, query) : QueryCountAsync(context, query));
    }

    private async Task QueryRangeAsync(HttpContext context, LokiQuery query)
    {
        int status;
        string body;
        IReadOnlyList<QueriedStream> page;
        lock (_lock)
        {
            (status, body) = _store.Query(query.Parameters, out page);
        }

        if (status != 200)
        {
            await WriteAsync(context, status, body);
            return;
        }

        var result = page.Select(stream => new { stream = stream.Labels, values = stream.Values });
        var stats = new { summary = new { totalLinesProcessed = page.Sum(stream => stream.Values.Count), execTime = 0.001 } };
        await WriteJsonAsync(context, new { status = "success", data = new { resultType = "streams", result, stats } });
    }

    private async Task QueryCountAsync(HttpContext context, LokiQuery query)
    {
        string text = query.Parameters["query"];
        StreamSelector selector = StreamSelector.Parse(text[text.IndexOf('{', StringComparison.Ordinal)..(text.LastIndexOf('}') + 1)]);
        int count;
        lock (_lock)
        {
            count = _store.Streams.Where(stream => selector.IsMatch(stream.Labels)).Sum(stream => stream.Entries.Count);
        }

        var result = new[] { new { metric = new { }, value = new object[] { 0, count.ToString(CultureInfo.InvariantCulture) } } };
        await WriteJsonAsync(context, new { status = "success", data = new { resultType = "vector", result } });
    }

    private static async Task WriteJsonAsync(HttpContext context, object body)
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(body)));
    }
}
