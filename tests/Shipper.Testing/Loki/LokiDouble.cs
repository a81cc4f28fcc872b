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

/// <summary>A Loki on loopback that answers pushes and queries as Loki 3.7.6 does, or as a test tells it to.</summary>
public sealed class LokiDouble : IDisposable
{
    private const int MaxTenantLength = 150;
    private const string TenantChars = "!-_.*'()";

    private readonly MiniServer _server;
    private readonly Lock _lock = new();
    private readonly LokiStore _store;
    private readonly Dictionary<(string Tenant, string Labels), IReadOnlyList<string>> _lastPushed = [];

    public LokiDouble(LokiLimits? limits = null, TimeProvider? time = null, int port = 0, Action<ListenOptions>? configure = null)
    {
        Limits = limits ?? new LokiLimits();
        _store = new LokiStore(Limits, time ?? TimeProvider.System);
        _server = new MiniServer(HandleAsync, port, configure);
    }

    public LokiLimits Limits { get; }

    public Uri Address => _server.Address;

    /// <summary>While true every push is answered with 503.</summary>
    public bool IsAway { get; set; }

    /// <summary>How long an answer takes after the push was stored.</summary>
    public TimeSpan AnswerDelay { get; set; }

    /// <summary>Answers to give to the next pushes instead of Loki's own. One that returns false lets Loki answer.</summary>
    public ConcurrentQueue<Func<HttpContext, Task<bool>>> Script { get; } = new();

    /// <summary>Headers of the pushes, in the order in which they came.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> Headers { get; } = new();

    /// <summary>Statuses of the answers to pushes, in their order.</summary>
    public ConcurrentQueue<int> Statuses { get; } = new();

    /// <summary>Starts a double.</summary>
    public static async Task<LokiDouble> StartAsync(LokiLimits? limits = null, int port = 0, Action<ListenOptions>? configure = null)
    {
        var loki = new LokiDouble(limits, null, port, configure);
        await loki._server.StartAsync();
        return loki;
    }

    /// <summary>An answer of a script.</summary>
    public static Func<HttpContext, Task<bool>> Answer(int status, string body) => async context =>
    {
        await AnswerAsync(context, status, body);
        return true;
    };

    /// <summary>Stores the push and cuts the connection instead of answering.</summary>
    public Func<HttpContext, Task<bool>> StoreAndReset() => async context =>
    {
        Push(await ReadBodyAsync(context), "");
        context.Abort();
        return true;
    };

    /// <summary>Cuts the connection without storing anything.</summary>
    public static Func<HttpContext, Task<bool>> Reset() => context =>
    {
        context.Abort();
        return Task.FromResult(true);
    };

    /// <summary>What is stored, by the labels of the streams; service_name, which Loki adds, is left out.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<StoredEntry>> Stored()
    {
        lock (_lock)
        {
            return _store.Streams.ToDictionary(
                stream => LabelSet.Format(stream.Labels.Where(label => label.Key != "service_name")),
                stream => (IReadOnlyList<StoredEntry>)[.. stream.Entries]);
        }
    }

    /// <summary>
    /// The lines of the last push of each stream, by the tenant and the labels that were sent: without multi-tenancy the tenant
    /// only tells whose push it was.
    /// </summary>
    public IReadOnlyDictionary<(string Tenant, string Labels), IReadOnlyList<string>> LastPushed()
    {
        lock (_lock)
        {
            return _lastPushed.ToDictionary();
        }
    }

    /// <summary>Entries stored in all streams together.</summary>
    public int Count()
    {
        lock (_lock)
        {
            return _store.Streams.Sum(stream => stream.Entries.Count);
        }
    }

    public async Task StopAsync() => await _server.StopAsync();

    public void Dispose() => _server.Dispose();

    private static async Task AnswerAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        if (body.Length > 0)
        {
            context.Response.ContentType = "text/plain; charset=utf-8";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await context.Response.WriteAsync(body);
        }
    }

    private static async Task<byte[]> ReadBodyAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    private async Task HandleAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        switch (path)
        {
            case "/loki/api/v1/push" or "/api/prom/push":
                await HandlePushAsync(context);
                Statuses.Enqueue(context.Response.StatusCode);
                break;
            case "/loki/api/v1/query_range":
                await QueryRangeAsync(context);
                break;
            case "/loki/api/v1/query":
                await QueryCountAsync(context);
                break;
            case "/ready":
                await AnswerAsync(context, 200, "ready\n");
                break;
            default:
                await AnswerAsync(context, 404, "404 page not found\n");
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
        if (IsAway)
        {
            await AnswerAsync(context, 503, "away\n");
            return;
        }

        if (Script.TryDequeue(out Func<HttpContext, Task<bool>>? answer) && await answer(context))
        {
            return;
        }

        string tenant = context.Request.Headers["X-Scope-OrgID"].ToString();
        if (Limits.AuthEnabled && CheckTenant(tenant) is { } refusal)
        {
            await AnswerAsync(context, refusal.Status, refusal.Body);
            return;
        }

        if (string.IsNullOrEmpty(context.Request.ContentType))
        {
            await AnswerAsync(context, 400, "mime: no media type\n");
            return;
        }

        byte[] body = await ReadBodyAsync(context);
        if (context.Request.Headers.ContentEncoding == "gzip")
        {
            using var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
            using var inflated = new MemoryStream();
            await gzip.CopyToAsync(inflated);
            body = inflated.ToArray();
        }

        (int status, string text) = Push(body, tenant);
        if (AnswerDelay > TimeSpan.Zero)
        {
            await Task.Delay(AnswerDelay, TimeProvider.System);
        }

        await AnswerAsync(context, status, text);
    }

    private (int Status, string Body) Push(byte[] body, string tenant)
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

            return _store.Push(request, Limits.AuthEnabled ? tenant : "fake");
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

    private async Task QueryRangeAsync(HttpContext context)
    {
        long start = long.Parse(context.Request.Query["start"].ToString(), CultureInfo.InvariantCulture);
        long end = long.Parse(context.Request.Query["end"].ToString(), CultureInfo.InvariantCulture);
        int limit = int.Parse(context.Request.Query["limit"].ToString(), CultureInfo.InvariantCulture);
        List<(StoredStream Stream, StoredEntry Entry)> entries;
        lock (_lock)
        {
            // A log query shows an entry that is stored twice once.
            entries = [.. Select(context.Request.Query["query"].ToString())
                .SelectMany(stream => stream.Entries.Distinct().Select(entry => (stream, entry)))
                .Where(found => found.entry.TimestampNs >= start && found.entry.TimestampNs < end)
                .OrderBy(found => found.entry.TimestampNs).Take(limit)];
        }

        var result = entries.GroupBy(found => found.Stream).Select(group => new
        {
            stream = group.Key.Labels.ToDictionary(),
            values = group.Select(found => new[] { found.Entry.TimestampNs.ToString(CultureInfo.InvariantCulture), found.Entry.Line }),
        });
        await WriteJsonAsync(context, new { status = "success", data = new { resultType = "streams", result } });
    }

    private async Task QueryCountAsync(HttpContext context)
    {
        string query = context.Request.Query["query"].ToString();
        string selector = query[query.IndexOf('{', StringComparison.Ordinal)..(query.IndexOf('}', StringComparison.Ordinal) + 1)];
        int count;
        lock (_lock)
        {
            count = Select(selector).Sum(stream => stream.Entries.Count);
        }

        var result = new[] { new { metric = new { }, value = new object[] { 0, count.ToString(CultureInfo.InvariantCulture) } } };
        await WriteJsonAsync(context, new { status = "success", data = new { resultType = "vector", result } });
    }

    private IEnumerable<StoredStream> Select(string selector)
    {
        List<KeyValuePair<string, string>> wanted = LabelSet.Parse(selector);
        return _store.Streams.Where(stream => wanted.TrueForAll(label => stream.Labels.Contains(label)));
    }

    private static async Task WriteJsonAsync(HttpContext context, object body)
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(body)));
    }
}
