using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Shipper.Status;
using Shipper.Status.Explaining;
using Shipper.Taps;
using Shipper.Telemetry;

namespace Shipper.Http;

/// <summary>
/// The HTTP endpoints of a running agent. <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c> answer every client that reaches the port. The status page
/// <c>/</c> and <c>/api/</c> answer only clients on the same machine (<see cref="LocalAccess"/>). No request changes anything.
/// </summary>
internal sealed class Endpoints(IAgentView agent, TapRegistry taps, AgentMetrics metrics, Heartbeat heartbeat, TimeProvider time) : IDisposable
{
    private const string ApiPrefix = "/api/";
    private const string ExplainPrefix = "/api/explain/";

    /// <summary>Maximum number of clients that watch the agent at the same time. Each keeps a connection.</summary>
    private const int MaxWatchers = 16;

    /// <summary>Width of the page as text.</summary>
    private const int TextColumns = 120;

    private readonly StatusEvents _events = new(agent.GetUnorderedStatusAsync, time);
    private int _watchers;

    /// <summary>Answers a request.</summary>
    public Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return Responses.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "Only GET and HEAD are supported.\n");
        }

        string path = context.Request.Path.Value ?? "";
        return path switch
        {
            "/metrics" => Responses.WriteAsync(context, StatusCodes.Status200OK, metrics.ToPrometheusText(), PrometheusText.ContentType),
            "/healthz" => AnswerHealthAsync(context),
            "/readyz" => agent.NotReadyReason is { } reason
                ? Responses.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, $"not ready: {reason}\n")
                : Responses.WriteAsync(context, StatusCodes.Status200OK, "ready\n"),
            _ when (path is "/" or "/page.css" or "/page.js" || path.StartsWith(ApiPrefix, StringComparison.Ordinal)) && LocalAccess.FindRefusal(context) is { } refusal =>
                Responses.WriteAsync(context, StatusCodes.Status403Forbidden, refusal),
            "/" => AnswerPageAsync(context),
            "/page.css" => PageFiles.WriteAsync(context, "page.css", "text/css; charset=utf-8"),
            "/page.js" => PageFiles.WriteAsync(context, "page.js", "text/javascript; charset=utf-8"),
            "/api/status" => AnswerStatusAsync(context),
            "/api/events" => WatchAsync(context, () => _events.WriteAsync(context.Response.Body, context.RequestAborted)),
            "/api/tap" => TapAsync(context),
            "/api/config" => Responses.WriteAsync(context, StatusCodes.Status200OK, agent.EffectiveConfig),
            _ when path.StartsWith(ExplainPrefix, StringComparison.Ordinal) => ExplainAsync(context, path[ExplainPrefix.Length..]),
            _ => Responses.WriteAsync(
                context, StatusCodes.Status404NotFound,
                "Not found. The paths are /, /metrics, /healthz, /readyz, /api/status, /api/explain/NAMESPACE/POD, /api/tap, /api/config and /api/events.\n"),
        };
    }

    public void Dispose() => _events.Dispose();

    /// <summary>Answers a browser with the page, and other clients with text.</summary>
    private async Task AnswerPageAsync(HttpContext context)
    {
        context.Response.Headers.Vary = "Accept";
        if (context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            await PageFiles.WriteAsync(context, "index.html", "text/html; charset=utf-8");
            return;
        }

        await Responses.WriteAsync(context, StatusCodes.Status200OK, Render(await agent.GetStatusAsync(context.RequestAborted)));
    }

    /// <summary>Writes the same as <c>shipper status</c> in a pipe.</summary>
    private static string Render(AgentStatus status) => Views.StatusView.ToText(JsonSerializer.Serialize(status, StatusJson.Readable.AgentStatus), TextColumns);

    private async Task AnswerStatusAsync(HttpContext context)
    {
        AgentStatus status = await agent.GetStatusAsync(context.RequestAborted);
        await Responses.WriteAsync(context, StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(status, StatusJson.Readable.AgentStatus), Responses.Json);
    }

    private async Task ExplainAsync(HttpContext context, string target)
    {
        if (target.Split('/') is not { Length: 2 or 3 } names || names.Any(name => name.Length == 0))
        {
            await Responses.WriteAsync(context, StatusCodes.Status400BadRequest, "Write /api/explain/NAMESPACE/POD or /api/explain/NAMESPACE/POD/CONTAINER.\n");
            return;
        }

        Explanation explanation = await agent.ExplainAsync(names[0], names[1], names.Length == 3 ? names[2] : null, context.RequestAborted);
        await Responses.WriteAsync(
            context, explanation.Logs.Count == 0 ? StatusCodes.Status404NotFound : StatusCodes.Status200OK,
            JsonSerializer.SerializeToUtf8Bytes(explanation, StatusJson.Readable.Explanation), Responses.Json);
    }

    private async Task TapAsync(HttpContext context)
    {
        string stage = context.Request.Query["stage"].ToString();
        if (!TapQuery.TryParse(context.Request.Query["query"].ToString(), out TapQuery? query, out string? error))
        {
            await Responses.WriteAsync(context, StatusCodes.Status400BadRequest, $"query, {error}\n");
        }
        else if (ParseStage(stage) is not { } at)
        {
            await Responses.WriteAsync(context, StatusCodes.Status400BadRequest, $"stage \"{stage}\": the stages are read, processed and dropped\n");
        }
        else if (!taps.TryOpen(query, at, out Tap? tap))
        {
            await Responses.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, $"Too many taps are open: the limit is {TapRegistry.MaxTaps}. Close another one.\n");
        }
        else
        {
            using (tap)
            {
                await WatchAsync(context, () => new TapEvents(time).WriteAsync(tap, context.Response.Body, context.RequestAborted));
            }
        }
    }

    private static TapStage? ParseStage(string stage) => stage switch
    {
        "read" => TapStage.Read,
        "" or "processed" => TapStage.Processed,
        "dropped" => TapStage.Dropped,
        _ => null,
    };

    /// <summary>Answers with a stream of events, if there are not too many already.</summary>
    private async Task WatchAsync(HttpContext context, Func<Task> write)
    {
        if (Interlocked.Increment(ref _watchers) > MaxWatchers)
        {
            Interlocked.Decrement(ref _watchers);
            await Responses.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, $"Too many clients watch this agent: the limit is {MaxWatchers}. Close another page or tap.\n");
            return;
        }

        try
        {
            if (Responses.TryBeginEvents(context))
            {
                await write();
            }
        }
        catch (OperationCanceledException)
        {
            // The client has gone, or the program stops.
        }
        finally
        {
            Interlocked.Decrement(ref _watchers);
        }
    }

    private Task AnswerHealthAsync(HttpContext context)
    {
        IReadOnlyList<string> stuck = heartbeat.FindStuck();
        return stuck.Count == 0
            ? Responses.WriteAsync(context, StatusCodes.Status200OK, "ok\n")
            : Responses.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, $"stuck: {string.Join(", ", stuck)}\n");
    }
}
