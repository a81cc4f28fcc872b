using System.Text;
using Microsoft.AspNetCore.Http;

namespace Shipper.Http;

/// <summary>Writes responses.</summary>
internal static class Responses
{
    public const string PlainText = "text/plain; charset=utf-8";
    public const string Json = "application/json; charset=utf-8";

    public static Task WriteAsync(HttpContext context, int status, string body, string contentType = PlainText) => WriteAsync(context, status, Encoding.UTF8.GetBytes(body), contentType);

    public static Task WriteAsync(HttpContext context, int status, byte[] body, string contentType)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body).AsTask();
    }

    /// <summary>Begins a stream of server-sent events. Source of the format: https://html.spec.whatwg.org/multipage/server-sent-events.html.</summary>
    /// <returns>False if the client only wants the headers.</returns>
    public static bool TryBeginEvents(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return !HttpMethods.IsHead(context.Request.Method);
    }
}
