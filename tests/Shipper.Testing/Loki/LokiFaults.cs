using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Shipper.Testing.Loki;

/// <summary>
/// Faults between an agent and Loki, for <see cref="LokiDouble.Script"/>, <see cref="LokiDouble.NextFault"/> and their counterparts for queries.
/// </summary>
public static class LokiFaults
{
    /// <summary>Cuts the connection with a reset before the body is read.</summary>
    public static Func<HttpContext, Task<bool>> Reset() => context =>
    {
        Abort(context);
        return Task.FromResult(true);
    };

    /// <summary>Cuts the connection in the middle of the body.</summary>
    /// <param name="bytes">Number of bytes of the body that are read.</param>
    public static Func<HttpContext, Task<bool>> ResetWithin(int bytes) => async context =>
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(bytes);
        await context.Request.Body.ReadAtLeastAsync(buffer.AsMemory(0, bytes), bytes, throwOnEndOfStream: false);
        ArrayPool<byte>.Shared.Return(buffer);
        Abort(context);
        return true;
    };

    /// <summary>Reads the whole body and cuts the connection. Stores nothing.</summary>
    public static Func<HttpContext, Task<bool>> ResetAfterBody() => async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        Abort(context);
        return true;
    };

    /// <summary>Handles the push as Loki does, and cuts the connection instead of responding.</summary>
    public static Func<HttpContext, Task<bool>> StoreAndReset(LokiDouble loki) => async context =>
    {
        await loki.StoreAsync(context);
        Abort(context);
        return true;
    };

    /// <summary>Stores the push and responds after a delay, too late for a client with a shorter timeout.</summary>
    public static Func<HttpContext, Task<bool>> StoreThenWait(LokiDouble loki, TimeSpan delay) => async context =>
    {
        (int status, string body) = await loki.StoreAsync(context);
        await WaitAsync(context, loki, delay);
        await LokiDouble.WriteAsync(context, status, body);
        return true;
    };

    /// <summary>Reads the body and stores the push after a delay, even if the client no longer waits for the response.</summary>
    public static Func<HttpContext, Task<bool>> WaitThenStore(LokiDouble loki, TimeSpan delay) => async context =>
    {
        byte[] body = await LokiDouble.ReadBodyAsync(context);
        await Task.Delay(delay, loki.Time);
        (int status, string text) = loki.Store(body, LokiDouble.TenantOf(context));
        await LokiDouble.WriteAsync(context, status, text);
        return true;
    };

    /// <summary>Reads the body and never responds. Stores nothing.</summary>
    public static Func<HttpContext, Task<bool>> NeverAnswer() => async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        await WaitAsync(context, null, Timeout.InfiniteTimeSpan);
        return true;
    };

    /// <summary>Cuts the connection in the middle of the response. Also for queries.</summary>
    public static Func<HttpContext, Task<bool>> ResetWithinAnswer(string start) => async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        await context.Response.WriteAsync(start);
        await context.Response.Body.FlushAsync();
        Abort(context);
        return true;
    };

    /// <summary>Responds as a gateway in front of Loki does, with its own page.</summary>
    /// <param name="status">502, 503 or 504.</param>
    /// <param name="stores">Set if Loki received and stored the push despite the error.</param>
    public static Func<HttpContext, Task<bool>> Gateway(int status, LokiDouble? stores = null) => async context =>
    {
        if (stores is null)
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
        }
        else
        {
            await stores.StoreAsync(context);
        }

        string reason = status switch { 502 => "Bad Gateway", 503 => "Service Temporarily Unavailable", _ => "Gateway Time-out" };
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html";
        await context.Response.WriteAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n<center><h1>{status} {reason}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"));
        return true;
    };

    /// <summary>Reads the body and responds in the form of Loki, without storing the push.</summary>
    public static Func<HttpContext, Task<bool>> Answer(int status, string body) => async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        await LokiDouble.WriteAsync(context, status, body);
        return true;
    };

    /// <summary>Handles the push as Loki does, and responds differently if the push is large enough.</summary>
    /// <param name="status">The false status.</param>
    /// <param name="body">The false body.</param>
    /// <param name="minEntries">A push with fewer entries gets its true response, because the false one could be plausible for it.</param>
    /// <param name="finished">Receives whether the false response was sent.</param>
    public static Func<HttpContext, Task<bool>> StoreAndAnswer(LokiDouble loki, int status, string body, int minEntries, Action<bool> finished) => async context =>
    {
        byte[] push = await LokiDouble.ReadBodyAsync(context);
        (int Status, string Body) answer = loki.Store(push, LokiDouble.TenantOf(context));
        bool isLarge = PushBody.Read(push).Streams.Sum(stream => stream.Entries.Count) >= minEntries;
        finished(isLarge);
        await LokiDouble.WriteAsync(context, isLarge ? status : answer.Status, isLarge ? body : answer.Body);
        return true;
    };

    private static void Abort(HttpContext context)
    {
        // Close without lingering: the sender sees a reset, as after a killed process.
        context.Features.Get<IConnectionSocketFeature>()?.Socket.LingerState = new LingerOption(true, 0);
        context.Abort();
    }

    private static async Task WaitAsync(HttpContext context, LokiDouble? loki, TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, loki?.Time ?? TimeProvider.System, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The client has disconnected.
        }
    }
}
