using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Shipper.Telemetry;

namespace Shipper.Http;

/// <summary>
/// What a running agent answers: <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c> to everyone who reaches the port, the status page
/// <c>/</c> only to those on the same machine, because names of files stand in it.
/// </summary>
internal sealed class Endpoints(Func<bool> isReady, Func<string> describe, AgentMetrics metrics, Heartbeat heartbeat)
{
    private const string PlainText = "text/plain; charset=utf-8";

    /// <summary>Answers a request.</summary>
    public Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return AnswerAsync(context, StatusCodes.Status405MethodNotAllowed, "Only GET is answered here.\n");
        }

        return context.Request.Path.Value switch
        {
            "/metrics" => AnswerAsync(context, StatusCodes.Status200OK, metrics.Write(), PrometheusText.ContentType),
            "/healthz" => AnswerHealthAsync(context),
            "/readyz" => isReady()
                ? AnswerAsync(context, StatusCodes.Status200OK, "ready\n")
                : AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, "not ready: the sources are not read yet; the log says why\n"),
            "/" => IsLocal(context)
                ? AnswerAsync(context, StatusCodes.Status200OK, describe())
                : AnswerAsync(context, StatusCodes.Status403Forbidden, "The status page answers the same machine only: use kubectl port-forward.\n"),
            _ => AnswerAsync(context, StatusCodes.Status404NotFound, "Known are /, /metrics, /healthz and /readyz.\n"),
        };
    }

    private static bool IsLocal(HttpContext context) => context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address);

    private static Task AnswerAsync(HttpContext context, int status, string body, string contentType = PlainText)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(bytes).AsTask();
    }

    private Task AnswerHealthAsync(HttpContext context)
    {
        IReadOnlyList<string> stuck = heartbeat.FindStuck();
        return stuck.Count == 0
            ? AnswerAsync(context, StatusCodes.Status200OK, "ok\n")
            : AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, $"stuck: {string.Join(", ", stuck)}\n");
    }
}
