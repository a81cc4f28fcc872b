using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Shipper.Testing.Loki;

/// <summary>What can go wrong between an agent and Loki: for <see cref="LokiDouble.Script"/>, <see cref="LokiDouble.NextFault"/> and the like.</summary>
public static class LokiFaults
{
    /// <summary>Cuts the connection with a reset before the body is read.</summary>
    public static Func<HttpContext, Task<bool>> Reset() => context =>
    {
        Abort(context);
        return Task.FromResult(true);
    };

    /// <summary>Cuts the connection in the middle of the body.</summary>
    /// <param name="bytes">How much of it is read.</param>
    public static Func<HttpContext, Task<bool>> ResetWithin(int bytes) => async context =>
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(bytes);
        await context.Request.Body.ReadAtLeastAsync(buffer.AsMemory(0, bytes), bytes, throwOnEndOfStream: false);
        ArrayPool<byte>.Shared.Return(buffer);
        Abort(context);
        return true;
    };

    /// <summary>Cuts the connection when the whole body was read, and stores nothing.</summary>
    public static Func<HttpContext, Task<bool>> ResetAfterBody() => async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        Abort(context);
        return true;
    };

    /// <summary>Does what Loki does with the push, and cuts the connection instead of answering.</summary>
    public static Func<HttpContext, Task<bool>> StoreAndReset(LokiDouble loki) => async context =>
    {
        await loki.StoreAsync(context);
        Abort(context);
        return true;
    };

    /// <summary>Stores, and answers later: too late for who does not wait so long.</summary>
    public static Func<HttpContext, Task<bool>> StoreThenWait(LokiDouble loki, TimeSpan delay) => async context =>
    {
        (int status, string body) = await loki.StoreAsync(context);
        await WaitAsync(context, loki, delay);
        await LokiDouble.WriteAsync(context, status, body);
        return true;
    };

    /// <summary>Takes the body, and stores it later, also when nobody waits for the answer any more.</summary>
    public static Func<HttpContext, Task<bool>> WaitThenStore(LokiDouble loki, TimeSpan delay) => async context =>
    {
        byte[] body = await LokiDouble.ReadBodyAsync(context);
        await Task.Delay(delay, loki.Time);
        (int status, string text) = loki.Store(body, LokiDouble.TenantOf(context));
        await LokiDouble.WriteAsync(context, status, text);
        return true;
    };

    /// <summary>Takes the body and never answers; nothing is stored.</summary>
    public static Func<HttpContext, Task<bool>> Never() => async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        await WaitAsync(context, null, Timeout.InfiniteTimeSpan);
        return true;
    };

    /// <summary>Loses the connection in the middle of the answer; for queries, too.</summary>
    public static Func<HttpContext, Task<bool>> ResetWithinAnswer(string start) => async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        await context.Response.WriteAsync(start);
        await context.Response.Body.FlushAsync();
        Abort(context);
        return true;
    };

    /// <summary>A gateway before Loki answers with its own page: 502, 503 or 504.</summary>
    /// <param name="status">The status.</param>
    /// <param name="stores">Where Loki got the push all the same.</param>
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

    /// <summary>An answer in Loki's form that is not Loki's; the body is read, nothing is stored.</summary>
    public static Func<HttpContext, Task<bool>> Answer(int status, string body) => async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        await LokiDouble.WriteAsync(context, status, body);
        return true;
    };

    /// <summary>Does what Loki does with the push, and answers something else if it is large enough.</summary>
    /// <param name="loki">The double.</param>
    /// <param name="status">The other status.</param>
    /// <param name="body">The other answer.</param>
    /// <param name="minEntries">A smaller push gets its true answer: it could take the other one for true.</param>
    /// <param name="finished">Is told whether the other answer was given.</param>
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
        // Without waiting for what is still under way: who sends sees a reset, as when a process is killed.
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
            // Nobody is there to answer to.
        }
    }
}
