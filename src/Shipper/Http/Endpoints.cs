using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Shipper.Agents;
using Shipper.Telemetry;

namespace Shipper.Http;

/// <summary>
/// The HTTP endpoints of a running agent. <c>/metrics</c>, <c>/healthz</c> and <c>/readyz</c> answer every client that reaches the port. The status page
/// <c>/</c> and <c>/api/</c> answer only clients on the same machine, because they show file names.
/// </summary>
internal sealed class Endpoints(
    Func<string?> getNotReadyReason, Func<string> describe, Func<CancellationToken, Task<AgentStatus>> getStatus, AgentMetrics metrics, Heartbeat heartbeat)
{
    private const string PlainText = "text/plain; charset=utf-8";
    private const string Json = "application/json; charset=utf-8";

    /// <summary>Answers a request.</summary>
    public Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return AnswerAsync(context, StatusCodes.Status405MethodNotAllowed, "Only GET and HEAD are supported.\n");
        }

        string? path = context.Request.Path.Value;
        if ((path == "/" || path?.StartsWith("/api/", StringComparison.Ordinal) == true) && !IsLocal(context))
        {
            return AnswerAsync(context, StatusCodes.Status403Forbidden, "The status page and /api/ answer only clients on the same machine. Use kubectl port-forward.\n");
        }

        return path switch
        {
            "/metrics" => AnswerAsync(context, StatusCodes.Status200OK, metrics.ToPrometheusText(), PrometheusText.ContentType),
            "/healthz" => AnswerHealthAsync(context),
            "/readyz" => getNotReadyReason() is { } reason
                ? AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, $"not ready: {reason}\n")
                : AnswerAsync(context, StatusCodes.Status200OK, "ready\n"),
            "/" => AnswerAsync(context, StatusCodes.Status200OK, describe()),
            "/api/status" => AnswerStatusAsync(context),
            _ => AnswerAsync(context, StatusCodes.Status404NotFound, "Not found. The paths are /, /api/status, /metrics, /healthz and /readyz.\n"),
        };
    }

    /// <summary>
    /// Returns true for a client on the same machine. A dual-stack socket shows IPv4 clients as mapped addresses, and of these .NET treats only
    /// ::ffff:127.0.0.1 as loopback.
    /// </summary>
    private static bool IsLocal(HttpContext context) => context.Connection.RemoteIpAddress is { } address
        && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static Task AnswerAsync(HttpContext context, int status, string body, string contentType = PlainText) =>
        AnswerAsync(context, status, Encoding.UTF8.GetBytes(body), contentType);

    private static Task AnswerAsync(HttpContext context, int status, byte[] bytes, string contentType)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(bytes).AsTask();
    }

    private async Task AnswerStatusAsync(HttpContext context)
    {
        AgentStatus status = await getStatus(context.RequestAborted);
        await AnswerAsync(context, StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(status, StatusJson.Default.AgentStatus), Json);
    }

    private Task AnswerHealthAsync(HttpContext context)
    {
        IReadOnlyList<string> stuck = heartbeat.FindStuck();
        return stuck.Count == 0
            ? AnswerAsync(context, StatusCodes.Status200OK, "ok\n")
            : AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, $"stuck: {string.Join(", ", stuck)}\n");
    }
}
