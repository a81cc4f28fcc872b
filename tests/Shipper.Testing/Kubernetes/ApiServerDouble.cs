using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Shipper.Testing.Kubernetes;

/// <summary>
/// An API server on loopback. By default, a list of pods gets the recorded response, and a watch stays open and sends what a test pushes.
/// A script can respond differently, with or without a recording.
/// </summary>
public sealed class ApiServerDouble : IDisposable
{
    private readonly LoopbackServer _server;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<(string Verb, string Resource), ConcurrentQueue<Func<HttpContext, Task>>> _scripts = new();
    private readonly ConcurrentDictionary<string, Channel<byte[]>> _events = new();

    private ApiServerDouble(Action<ListenOptions>? configure) => _server = new LoopbackServer(HandleAsync, 0, configure);

    public Uri Address => _server.Address;

    /// <summary>The only accepted bearer token; null to accept every request.</summary>
    public string? Token { get; set; }

    /// <summary>All requests, in order of arrival.</summary>
    public ConcurrentQueue<ApiRequest> Requests { get; } = new();

    /// <summary>Number of open watches.</summary>
    public int OpenWatches => Volatile.Read(ref _openWatches);

    private int _openWatches;

    public static async Task<ApiServerDouble> StartAsync(Action<ListenOptions>? configure = null)
    {
        var server = new ApiServerDouble(configure);
        await server._server.StartAsync();
        return server;
    }

    /// <summary>Returns the number of requests of a kind.</summary>
    public int Count(string verb, string resource) => Requests.Count(request => request.Verb == verb && request.Resource == resource);

    /// <summary>Scripts the response to the next request of a kind. Scripts are used in order, each once.</summary>
    public void Script(string verb, string resource, Func<HttpContext, Task> answer) =>
        _scripts.GetOrAdd((verb, resource), _ => new()).Enqueue(answer);

    /// <summary>Responds to the next request of a kind with a recording.</summary>
    public void Script(string verb, string resource, string recording) => Script(verb, resource, Answer(recording));

    /// <summary>Sends text to the open watch of a resource, or to the next one if none is open.</summary>
    public void Push(string resource, ReadOnlySpan<byte> text) => Events(resource).Writer.TryWrite(text.ToArray());

    /// <summary>Ends the open watch of a resource, as an API server does after its timeout.</summary>
    public void EndWatch(string resource) => Events(resource).Writer.TryWrite([]);

    /// <summary>Responds with a recording, byte for byte, and ends the response.</summary>
    public static Func<HttpContext, Task> Answer(string recording) => context => WriteAsync(context, ApiRecording.Read(recording));

    /// <summary>Responds with the headers and the body of a recording, and stays open for pushed text.</summary>
    public Func<HttpContext, Task> AnswerAndStayOpen(string recording) => async context =>
    {
        ApiRecording read = ApiRecording.Read(recording);
        await WriteAsync(context, read);
        await WatchAsync(context);
    };

    /// <summary>Responds with the first bytes of a recording, and cuts the connection when the watch is ended.</summary>
    public Func<HttpContext, Task> AnswerPartlyAndReset(string recording, int bytes) => async context =>
    {
        ApiRecording read = ApiRecording.Read(recording);
        await WriteAsync(context, read with { Body = read.Body[..bytes] });
        await WatchAsync(context);
        context.Abort();
    };

    /// <summary>Cuts the connection without a response.</summary>
    public static Func<HttpContext, Task> Reset() => context =>
    {
        context.Abort();
        return Task.CompletedTask;
    };

    /// <summary>Sends only headers, for a list too, and then nothing until the client disconnects.</summary>
    public Func<HttpContext, Task> SendHeadersOnly() => WatchAsync;

    /// <summary>Responds with a status and a body, such as those of a proxy that is not an API server.</summary>
    public static Func<HttpContext, Task> Answer(int status, string body, string? retryAfter = null) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (retryAfter is not null)
        {
            context.Response.Headers.RetryAfter = retryAfter;
        }

        await context.Response.WriteAsync(body);
    };

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _server.StopAsync();
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _server.Dispose();
        _stopping.Dispose();
    }

    private static async Task WriteAsync(HttpContext context, ApiRecording recording)
    {
        context.Response.StatusCode = recording.Status;
        foreach ((string name, string value) in recording.Headers)
        {
            if (!name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                context.Response.Headers[name] = value;
            }
        }

        await context.Response.Body.WriteAsync(recording.Body);
        await context.Response.Body.FlushAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        string resource = (context.Request.Path.Value ?? "").Split('/')[^1];
        string verb = context.Request.Query["watch"] == "1" ? "watch" : "list";
        string authorization = context.Request.Headers.Authorization.ToString();
        Requests.Enqueue(new ApiRequest(
            verb, resource, context.Features.Get<IHttpRequestFeature>()!.RawTarget, context.Request.Headers.Accept.ToString(), authorization));
        if (Token is not null && authorization != $"Bearer {Token}")
        {
            await WriteAsync(context, ApiRecording.Read("error-401-bad-token"));
        }
        else if (_scripts.TryGetValue((verb, resource), out ConcurrentQueue<Func<HttpContext, Task>>? script)
            && script.TryDequeue(out Func<HttpContext, Task>? answer))
        {
            await answer(context);
        }
        else if (verb == "watch")
        {
            await WatchAsync(context);
        }
        else
        {
            await WriteAsync(context, ApiRecording.Read("pods-list-node"));
        }
    }

    private async Task WatchAsync(HttpContext context)
    {
        string resource = (context.Request.Path.Value ?? "").Split('/')[^1];
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, context.RequestAborted);
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.FlushAsync();
        }

        Interlocked.Increment(ref _openWatches);
        try
        {
            while (true)
            {
                byte[] text = await Events(resource).Reader.ReadAsync(either.Token);
                if (text.Length == 0)
                {
                    return;
                }

                await context.Response.Body.WriteAsync(text, either.Token);
                await context.Response.Body.FlushAsync(either.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The client has disconnected, or the double is being stopped.
        }
        finally
        {
            Interlocked.Decrement(ref _openWatches);
        }
    }

    private Channel<byte[]> Events(string resource) => _events.GetOrAdd(resource, _ => Channel.CreateUnbounded<byte[]>());
}
